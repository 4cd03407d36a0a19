//! What the switch calls when it loads the module.

use std::ffi::CStr;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use crate::abi::{self, ApiInterface, ApplicationInterface, FunctionTable, MemoryPool, ModuleInterface, Status};
use crate::callback::BYPASS;
use crate::guard::guarded;
use crate::pump::{self, Shared};
use crate::switch::{Level, event, log, xml};
use crate::{api, app};

/// What `FreeSWITCH` looks up in `mod_sidetone.so`.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static mod_sidetone_module_interface: FunctionTable = FunctionTable {
    api_version: abi::API_VERSION,
    load: Some(on_load),
    shutdown: None,
    runtime: None,
    flags: 0,
};

static SHARED: OnceLock<Shared> = OnceLock::new();

/// The module's state; `None` until it is loaded.
pub(crate) fn shared() -> Option<&'static Shared> {
    SHARED.get()
}

/// # Safety
/// The switch calls it once, with its pool and a place for the module's interface.
unsafe extern "C" fn on_load(module: *mut *mut ModuleInterface, pool: *mut MemoryPool) -> Status {
    // SAFETY: as the switch calls it.
    guarded(abi::FALSE, || unsafe { load(module, pool) })
}

/// # Safety
/// As [`on_load`].
unsafe fn load(module: *mut *mut ModuleInterface, pool: *mut MemoryPool) -> Status {
    let config = xml::read_config();
    BYPASS.store(config.bypass, Ordering::Relaxed);
    let shared = SHARED.get_or_init(|| Shared::new(config));
    event::reserve();
    // SAFETY: the pool is the switch's; the name lives for ever; `module` is where the switch wants it.
    unsafe {
        let interface = abi::switch_loadable_module_create_module_interface(pool, c"mod_sidetone".as_ptr());
        if interface.is_null() {
            return abi::FALSE;
        }
        *module = interface;
        if !add_application(interface)
            || !add_api(
                interface,
                c"uuid_sidetone",
                c"Tap a leg for Sidetone",
                api::UUID_SYNTAX,
                api::on_uuid_sidetone,
            )
            || !add_api(
                interface,
                c"sidetone",
                c"State of mod_sidetone",
                api::SYNTAX,
                api::on_sidetone,
            )
        {
            return abi::FALSE;
        }
    }
    if let Err(error) = pump::spawn(shared) {
        log(Level::Error, &format!("no thread for the pump: {error}"));
        return abi::FALSE;
    }
    abi::NOUNLOAD
}

/// # Safety
/// `module` is the interface that the switch made for us.
unsafe fn add_application(module: *mut ModuleInterface) -> bool {
    // SAFETY: what comes back is an application interface in the switch's memory, or null.
    let slot = unsafe { abi::switch_loadable_module_create_interface(module, abi::APPLICATION_INTERFACE) };
    // SAFETY: as above; nobody else knows of it yet.
    let Some(slot) = (unsafe { slot.cast::<ApplicationInterface>().as_mut() }) else {
        return false;
    };
    slot.name = c"sidetone".as_ptr();
    slot.function = Some(app::on_application);
    slot.long_desc = c"Real-time assistance: taps this leg for Sidetone, or waits for what the caller says".as_ptr();
    slot.short_desc = c"Tap this leg for Sidetone".as_ptr();
    slot.syntax = app::SYNTAX.as_ptr();
    slot.flags = abi::SAF_SUPPORT_NOMEDIA;
    true
}

/// # Safety
/// `module` is the interface that the switch made for us.
unsafe fn add_api(
    module: *mut ModuleInterface,
    name: &'static CStr,
    desc: &'static CStr,
    syntax: &'static CStr,
    function: abi::ApiFunction,
) -> bool {
    // SAFETY: what comes back is an API interface in the switch's memory, or null.
    let slot = unsafe { abi::switch_loadable_module_create_interface(module, abi::API_INTERFACE) };
    // SAFETY: as above; nobody else knows of it yet.
    let Some(slot) = (unsafe { slot.cast::<ApiInterface>().as_mut() }) else {
        return false;
    };
    slot.name = name.as_ptr();
    slot.desc = desc.as_ptr();
    slot.function = Some(function);
    slot.syntax = syntax.as_ptr();
    true
}
