//! The switch's binary interface, x86-64: prefixes that are the same in 1.6.20, 1.8.7, 1.10.12 and 1.11.2.
//!
//! Structures that the switch fills are larger here than in any of these: newer versions append.

use std::ffi::{c_char, c_int, c_uint, c_void};

macro_rules! opaque {
    ($($name:ident),*) => { $(
        /// The switch's own; only ever behind a pointer.
        #[repr(C)]
        pub(crate) struct $name { _opaque: [u8; 0] }
    )* };
}
opaque!(Session, Channel, MediaBug, Event, MemoryPool, ModuleInterface);

pub(crate) type Status = c_int;
pub(crate) const SUCCESS: Status = 0;
pub(crate) const FALSE: Status = 1;
/// Loaded, and never to be unloaded.
pub(crate) const NOUNLOAD: Status = 16;

pub(crate) const API_VERSION: c_int = 5;

/// `switch_bool_t`.
pub(crate) type Bool = c_int;
pub(crate) const NO: Bool = 0;
pub(crate) const YES: Bool = 1;

/// `switch_module_interface_name_t`.
pub(crate) const APPLICATION_INTERFACE: c_int = 4;
pub(crate) const API_INTERFACE: c_int = 5;

/// The application may run before the channel has media: the switch must not answer early for us.
pub(crate) const SAF_SUPPORT_NOMEDIA: u32 = 1;

/// `switch_abc_type_t`.
pub(crate) const ABC_READ: c_int = 1;
pub(crate) const ABC_CLOSE: c_int = 8;

/// `switch_media_bug_flag_t`.
pub(crate) const SMBF_READ_STREAM: c_uint = 1;
pub(crate) const SMBF_ONE_ONLY: c_uint = 1 << 15;

pub(crate) const EVENT_CUSTOM: c_int = 0;
pub(crate) const STACK_BOTTOM: c_int = 1;
pub(crate) const CHANNEL_ID_LOG: c_int = 0;

/// Of `switch_core_flags`.
pub(crate) const SCF_SHUTTING_DOWN: u32 = 1 << 3;

/// What the switch looks up as `<file>_module_interface`.
#[repr(C)]
#[derive(Debug)]
pub struct FunctionTable {
    pub(crate) api_version: c_int,
    pub(crate) load: Option<unsafe extern "C" fn(*mut *mut ModuleInterface, *mut MemoryPool) -> Status>,
    pub(crate) shutdown: Option<unsafe extern "C" fn() -> Status>,
    pub(crate) runtime: Option<unsafe extern "C" fn() -> Status>,
    pub(crate) flags: u32,
}

pub(crate) type ApplicationFunction = unsafe extern "C" fn(*mut Session, *const c_char);
pub(crate) type ApiFunction = unsafe extern "C" fn(*const c_char, *mut Session, *mut Stream) -> Status;
pub(crate) type BugCallback = unsafe extern "C" fn(*mut MediaBug, *mut c_void, c_int) -> Bool;

#[repr(C)]
pub(crate) struct ApplicationInterface {
    pub(crate) name: *const c_char,
    pub(crate) function: Option<ApplicationFunction>,
    pub(crate) long_desc: *const c_char,
    pub(crate) short_desc: *const c_char,
    pub(crate) syntax: *const c_char,
    pub(crate) flags: u32,
}

#[repr(C)]
pub(crate) struct ApiInterface {
    pub(crate) name: *const c_char,
    pub(crate) desc: *const c_char,
    pub(crate) function: Option<ApiFunction>,
    pub(crate) syntax: *const c_char,
}

/// Where an API command writes its answer.
#[repr(C)]
pub(crate) struct Stream {
    pub(crate) read: *const c_void,
    pub(crate) write: Option<unsafe extern "C" fn(*mut Self, *const c_char, ...) -> Status>,
}

/// `switch_frame_t`: 152 bytes, and room.
#[repr(C, align(8))]
pub(crate) struct Frame {
    pub(crate) head: [u8; 40],
    pub(crate) data: *mut c_void,
    pub(crate) datalen: u32,
    pub(crate) buflen: u32,
    pub(crate) samples: u32,
    pub(crate) rate: u32,
    pub(crate) channels: u32,
    pub(crate) tail: [u8; 188],
}

/// `switch_codec_implementation_t`: 144 bytes, and room.
#[repr(C, align(8))]
pub(crate) struct CodecImplementation {
    pub(crate) head: [u8; 28],
    pub(crate) actual_samples_per_second: u32,
    pub(crate) bits_per_second: c_int,
    pub(crate) microseconds_per_packet: c_int,
    pub(crate) samples_per_packet: u32,
    pub(crate) decoded_bytes_per_packet: u32,
    pub(crate) encoded_bytes_per_packet: u32,
    pub(crate) channels: u8,
    pub(crate) tail: [u8; 203],
}

/// `switch_xml`: only what it takes to walk siblings of one name.
#[repr(C)]
pub(crate) struct Xml {
    pub(crate) head: [u8; 40],
    pub(crate) next: *mut Self,
}

const _: () = {
    use std::mem::{offset_of, size_of};
    assert!(size_of::<FunctionTable>() == 40);
    assert!(offset_of!(FunctionTable, load) == 8 && offset_of!(FunctionTable, flags) == 32);
    assert!(offset_of!(ApplicationInterface, function) == 8 && offset_of!(ApplicationInterface, flags) == 40);
    assert!(offset_of!(ApiInterface, function) == 16 && offset_of!(ApiInterface, syntax) == 24);
    assert!(offset_of!(Stream, write) == 8);
    assert!(offset_of!(Frame, data) == 40 && offset_of!(Frame, datalen) == 48 && offset_of!(Frame, buflen) == 52);
    assert!(offset_of!(Frame, rate) == 60 && offset_of!(Frame, channels) == 64 && size_of::<Frame>() == 256);
    assert!(offset_of!(CodecImplementation, actual_samples_per_second) == 28);
    assert!(offset_of!(CodecImplementation, microseconds_per_packet) == 36);
    assert!(offset_of!(CodecImplementation, decoded_bytes_per_packet) == 44);
    assert!(offset_of!(CodecImplementation, channels) == 52 && size_of::<CodecImplementation>() == 256);
    assert!(offset_of!(Xml, next) == 40);
};

unsafe extern "C" {
    pub(crate) fn switch_loadable_module_create_module_interface(
        pool: *mut MemoryPool,
        name: *const c_char,
    ) -> *mut ModuleInterface;
    pub(crate) fn switch_loadable_module_create_interface(module: *mut ModuleInterface, kind: c_int) -> *mut c_void;

    pub(crate) fn switch_core_flags() -> u32;
    pub(crate) fn switch_core_get_uuid() -> *const c_char;
    pub(crate) fn switch_core_get_switchname() -> *const c_char;
    pub(crate) fn switch_log_printf(
        channel: c_int,
        file: *const c_char,
        func: *const c_char,
        line: c_int,
        userdata: *const c_char,
        level: c_int,
        fmt: *const c_char,
        ...
    );

    pub(crate) fn switch_core_session_perform_locate(
        uuid: *const c_char,
        file: *const c_char,
        func: *const c_char,
        line: c_int,
    ) -> *mut Session;
    pub(crate) fn switch_core_session_rwunlock(session: *mut Session);
    pub(crate) fn switch_core_session_get_uuid(session: *mut Session) -> *const c_char;
    pub(crate) fn switch_core_session_get_channel(session: *mut Session) -> *mut Channel;
    pub(crate) fn switch_core_session_get_read_impl(session: *mut Session, out: *mut CodecImplementation) -> Status;
    pub(crate) fn switch_ivr_sleep(session: *mut Session, ms: u32, sync: Bool, args: *mut c_void) -> Status;

    pub(crate) fn switch_channel_test_ready(channel: *mut Channel, check_ready: Bool, check_media: Bool) -> c_int;
    pub(crate) fn switch_channel_get_partner_uuid(channel: *mut Channel) -> *const c_char;
    pub(crate) fn switch_channel_get_variable_dup(
        channel: *mut Channel,
        name: *const c_char,
        dup: Bool,
        index: c_int,
    ) -> *const c_char;
    pub(crate) fn switch_channel_set_variable_var_check(
        channel: *mut Channel,
        name: *const c_char,
        value: *const c_char,
        check: Bool,
    ) -> Status;

    pub(crate) fn switch_core_media_bug_add(
        session: *mut Session,
        function: *const c_char,
        target: *const c_char,
        callback: BugCallback,
        user_data: *mut c_void,
        stop: i64,
        flags: c_uint,
        bug: *mut *mut MediaBug,
    ) -> Status;
    pub(crate) fn switch_core_media_bug_remove_callback(session: *mut Session, callback: BugCallback) -> Status;
    pub(crate) fn switch_core_media_bug_read(bug: *mut MediaBug, frame: *mut Frame, fill: Bool) -> Status;
    pub(crate) fn switch_core_media_bug_flush(bug: *mut MediaBug);

    pub(crate) fn switch_event_reserve_subclass_detailed(owner: *const c_char, subclass: *const c_char) -> Status;
    pub(crate) fn switch_event_create_subclass_detailed(
        file: *const c_char,
        func: *const c_char,
        line: c_int,
        event: *mut *mut Event,
        id: c_int,
        subclass: *const c_char,
    ) -> Status;
    pub(crate) fn switch_event_add_header_string(
        event: *mut Event,
        stack: c_int,
        name: *const c_char,
        value: *const c_char,
    ) -> Status;
    pub(crate) fn switch_event_set_body(event: *mut Event, body: *const c_char) -> Status;
    pub(crate) fn switch_event_fire_detailed(
        file: *const c_char,
        func: *const c_char,
        line: c_int,
        event: *mut *mut Event,
        user_data: *mut c_void,
    ) -> Status;

    pub(crate) fn switch_xml_open_cfg(file: *const c_char, node: *mut *mut Xml, params: *mut Event) -> *mut Xml;
    pub(crate) fn switch_xml_child(xml: *mut Xml, name: *const c_char) -> *mut Xml;
    pub(crate) fn switch_xml_attr_soft(xml: *mut Xml, name: *const c_char) -> *const c_char;
    pub(crate) fn switch_xml_free(xml: *mut Xml);
}
