//! The part of the switch's XML that the module reads, made from the settings of [`crate::switch::World`].

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

use crate::switch::world;

/// Children are boxed: the module holds pointers to them.
#[allow(clippy::vec_box)]
#[repr(C)]
pub struct Node {
    head: [u8; 40],
    next: *mut Self,
    name: CString,
    attributes: Vec<(CString, CString)>,
    children: Vec<Box<Self>>,
}

#[allow(clippy::vec_box)]
fn node(name: &str, attributes: &[(&str, &str)], children: Vec<Box<Node>>) -> Box<Node> {
    let c = |text: &str| CString::new(text).unwrap();
    let mut node = Box::new(Node {
        head: [0; 40],
        next: ptr::null_mut(),
        name: c(name),
        attributes: attributes.iter().map(|(name, value)| (c(name), c(value))).collect(),
        children,
    });
    // `next` is the next one of the same name.
    for i in 1..node.children.len() {
        let (before, after) = node.children.split_at_mut(i);
        before[i - 1].next = &raw mut *after[0];
    }
    node
}

#[allow(clippy::vec_box)]
fn params(settings: &[(String, String)]) -> Vec<Box<Node>> {
    settings
        .iter()
        .map(|(name, value)| node("param", &[("name", name), ("value", value)], Vec::new()))
        .collect()
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_xml_open_cfg(file: *const c_char, out: *mut *mut Node, _: *mut c_void) -> *mut Node {
    assert_eq!(unsafe { CStr::from_ptr(file) }, c"sidetone.conf");
    let (settings, profiles) = world(|world| (params(&world.settings), world.profiles.clone()));
    let profiles = profiles
        .iter()
        .map(|(name, settings)| node("profile", &[("name", name)], params(settings)));
    let mut root = node(
        "configuration",
        &[("name", "sidetone.conf")],
        vec![
            node("settings", &[], settings),
            node("profiles", &[], profiles.collect()),
        ],
    );
    root.children[0].next = ptr::null_mut();
    let root = Box::into_raw(root);
    unsafe { out.write(root) };
    root
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_xml_child(parent: *mut Node, name: *const c_char) -> *mut Node {
    let (parent, name) = unsafe { (&mut *parent, CStr::from_ptr(name)) };
    parent
        .children
        .iter_mut()
        .find(|child| child.name.as_c_str() == name)
        .map_or(ptr::null_mut(), |child| &raw mut **child)
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_xml_attr_soft(node: *mut Node, name: *const c_char) -> *const c_char {
    let (node, name) = unsafe { (&*node, CStr::from_ptr(name)) };
    let found = node.attributes.iter().find(|(key, _)| key.as_c_str() == name);
    found.map_or(c"".as_ptr(), |(_, value)| value.as_ptr())
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_xml_free(root: *mut Node) {
    drop(unsafe { Box::from_raw(root) });
}
