//! `sidetone.conf.xml`, through the switch's own parser.

use std::ffi::CStr;
use std::ptr;

use super::{Level, log, rust_text};
use crate::abi;
use crate::config::Config;

/// Reads the configuration; what is missing or wrong is logged and stays as the module has it.
pub(crate) fn read_config() -> Config {
    let mut config = Config::default();
    let mut node = ptr::null_mut();
    // SAFETY: the name lives during the call; `node` belongs to the document, which is freed below.
    let document = unsafe { abi::switch_xml_open_cfg(c"sidetone.conf".as_ptr(), &raw mut node, ptr::null_mut()) };
    if document.is_null() {
        log(Level::Warning, "no sidetone.conf: the defaults are used");
        return config;
    }
    // SAFETY: nodes live until the document is freed, and none is used after.
    unsafe {
        for (name, value) in params(child(node, c"settings")) {
            if let Err(fault) = config.set(&name, &value) {
                log(Level::Error, &format!("sidetone.conf: {fault}"));
            }
        }
        let mut profile = child(child(node, c"profiles"), c"profile");
        while !profile.is_null() {
            for fault in config.add_profile(&attribute(profile, c"name"), &params(profile)) {
                log(Level::Error, &format!("sidetone.conf: {fault}"));
            }
            profile = (*profile).next;
        }
        abi::switch_xml_free(document);
    }
    config
}

/// # Safety
/// `node` is null or a node of a live document.
unsafe fn child(node: *mut abi::Xml, name: &CStr) -> *mut abi::Xml {
    if node.is_null() {
        return node;
    }
    // SAFETY: as the caller says.
    unsafe { abi::switch_xml_child(node, name.as_ptr()) }
}

/// # Safety
/// `node` is a node of a live document.
unsafe fn attribute(node: *mut abi::Xml, name: &CStr) -> String {
    // SAFETY: as the caller says; the text is part of the document, or the empty text.
    unsafe { rust_text(abi::switch_xml_attr_soft(node, name.as_ptr())) }
}

/// Name and value of each `<param>` below.
///
/// # Safety
/// `node` is null or a node of a live document.
unsafe fn params(node: *mut abi::Xml) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // SAFETY: as the caller says; siblings are of the same document.
    unsafe {
        let mut param = child(node, c"param");
        while !param.is_null() {
            found.push((attribute(param, c"name"), attribute(param, c"value")));
            param = (*param).next;
        }
    }
    found
}
