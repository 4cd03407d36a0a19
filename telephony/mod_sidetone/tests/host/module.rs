//! Loads the built module with `dlopen` and calls what it registered, as the switch would.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::OnceLock;

use crate::switch::{Session, world};

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
    fn signal(number: c_int, handler: usize) -> usize;
}

const RTLD_NOW: c_int = 2;
const SIGPIPE: c_int = 13;
const SIG_DFL: usize = 0;
const NOUNLOAD: c_int = 16;

/// What the switch knows of the module once it is loaded.
pub struct Module {
    application: unsafe extern "C" fn(*mut c_void, *const c_char),
    uuid_sidetone: ApiFunction,
    sidetone: ApiFunction,
    /// Where its daemon must listen.
    pub socket: PathBuf,
}

type ApiFunction = unsafe extern "C" fn(*const c_char, *mut c_void, *mut Stream) -> c_int;

#[repr(C)]
struct Table {
    version: c_int,
    load: unsafe extern "C" fn(*mut *mut c_void, *mut c_void) -> c_int,
}

#[repr(C)]
struct Stream {
    read: *const c_void,
    write: extern "C" fn(*mut Stream, *const c_char, *const c_char) -> c_int,
    text: String,
}

extern "C" fn write(stream: *mut Stream, format: *const c_char, text: *const c_char) -> c_int {
    assert_eq!(unsafe { CStr::from_ptr(format) }, c"%s");
    let text = unsafe { CStr::from_ptr(text) };
    unsafe { &mut *stream }
        .text
        .push_str(text.to_str().expect("the module speaks UTF-8"));
    0
}

/// The shared library that was built with this program.
fn library() -> PathBuf {
    let exe = std::env::current_exe().expect("this program's path");
    let folder = exe.parent().expect("this program's folder");
    // Cargo puts one beside the other; the older of two is a leftover.
    [
        folder.join("libmod_sidetone.so"),
        folder.join("deps/libmod_sidetone.so"),
    ]
    .into_iter()
    .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
    .max()
    .map(|(_, path)| path)
    .expect("libmod_sidetone.so is built beside this program: cargo build -p mod_sidetone")
}

/// The module; loaded once, as it can never be unloaded.
pub fn module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(load)
}

fn load() -> Module {
    let socket = std::env::temp_dir().join(format!("sidetone-mod-{}.sock", std::process::id()));
    world(|world| {
        world.settings = vec![
            ("socket".to_owned(), socket.display().to_string()),
            ("ring-ms".to_owned(), "1000".to_owned()),
            ("max-legs".to_owned(), "500".to_owned()),
            ("colour".to_owned(), "red".to_owned()),
        ];
        let settings = vec![("listen-timeout-ms".to_owned(), "300".to_owned())];
        world.profiles = vec![("12333".to_owned(), settings), ("other".to_owned(), Vec::new())];
    });
    let path = CString::new(library().display().to_string()).expect("a path");
    let (mut interface, mut pool) = (ptr::null_mut(), 0u64);
    unsafe {
        // A switch may leave `SIGPIPE` deadly: writing to a daemon that died must not end it.
        signal(SIGPIPE, SIG_DFL);
        let handle = dlopen(path.as_ptr(), RTLD_NOW);
        assert!(!handle.is_null(), "{:?}", CStr::from_ptr(dlerror()));
        let table = dlsym(handle, c"mod_sidetone_module_interface".as_ptr()).cast::<Table>();
        assert_eq!((*table).version, 5);
        assert_eq!(((*table).load)(&raw mut interface, (&raw mut pool).cast()), NOUNLOAD);
    }
    assert!(!interface.is_null());
    let slots = world(|world| world.interfaces.clone());
    let word = |slot: usize, index: usize| unsafe { *(slot as *const usize).add(index) };
    let name = |slot: usize| {
        unsafe { CStr::from_ptr(word(slot, 0) as *const c_char) }
            .to_str()
            .expect("a name")
    };
    assert_eq!(
        slots.iter().map(|slot| name(*slot)).collect::<Vec<_>>(),
        ["sidetone", "uuid_sidetone", "sidetone"]
    );
    unsafe {
        Module {
            application: std::mem::transmute::<usize, unsafe extern "C" fn(*mut c_void, *const c_char)>(word(
                slots[0], 1,
            )),
            uuid_sidetone: std::mem::transmute::<usize, ApiFunction>(word(slots[1], 2)),
            sidetone: std::mem::transmute::<usize, ApiFunction>(word(slots[2], 2)),
            socket,
        }
    }
}

impl Module {
    /// `<action application="sidetone" data="…"/>`; the status that it set.
    pub fn application(&self, session: &Session, data: &str) -> String {
        let data = CString::new(data).expect("no NUL");
        unsafe { (self.application)(session.raw(), data.as_ptr()) };
        session.variable("sidetone_status")
    }

    /// `uuid_sidetone …`
    pub fn uuid_api(&self, command: &str) -> String {
        Self::api(self.uuid_sidetone, command)
    }

    /// `sidetone …`
    pub fn module_api(&self, command: &str) -> String {
        Self::api(self.sidetone, command)
    }

    fn api(function: ApiFunction, command: &str) -> String {
        let command = CString::new(command).expect("no NUL");
        let mut stream = Stream {
            read: ptr::null(),
            write,
            text: String::new(),
        };
        unsafe { function(command.as_ptr(), ptr::null_mut(), &raw mut stream) };
        stream.text
    }

    /// One line of `sidetone status`.
    pub fn status(&self, name: &str) -> String {
        let status = self.module_api("status");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name} in {status}")).to_owned()
    }

    pub fn count(&self, name: &str) -> u64 {
        self.status(name).parse().expect("a number")
    }
}
