//! A switch of our own: exports the `switch_*` functions that the module needs, with the locks and the order of
//! callbacks of the real one. Sessions play a sample counter, so that what arrives can be checked.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

pub type BugCallback = unsafe extern "C" fn(*mut c_void, *mut c_void, c_int) -> c_int;

const INIT: c_int = 0;
const READ: c_int = 1;
const CLOSE: c_int = 8;

/// How long one callback took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// By the clock on the wall: a lock or a wait would show, and so does a machine that is busy with others.
    pub wall: Duration,
    /// Of the thread's own processor time.
    pub cpu: Duration,
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanos: i64,
}

unsafe extern "C" {
    fn clock_gettime(clock: c_int, out: *mut Timespec) -> c_int;
}

fn thread_time() -> Duration {
    const THREAD_CPUTIME: c_int = 3;
    let mut now = Timespec { seconds: 0, nanos: 0 };
    unsafe { clock_gettime(THREAD_CPUTIME, &raw mut now) };
    Duration::new(now.seconds as u64, now.nanos as u32)
}

/// One channel. Its pointer is the session's and the channel's at once.
pub struct Session {
    pub uuid: String,
    c_uuid: CString,
    pub rate: u32,
    pub channels: u32,
    pub media: AtomicBool,
    gone: AtomicBool,
    variables: Mutex<HashMap<String, CString>>,
    /// What `get_variable` handed out lives as long as the session.
    pool: Mutex<Vec<CString>>,
    bugs: RwLock<Vec<Arc<Bug>>>,
    /// Widens the moment between the bug's making and its listing.
    pub slow_attach: Duration,
}

struct Bug {
    callback: BugCallback,
    /// A leg of the module.
    user_data: usize,
    session: usize,
    buffer: Mutex<VecDeque<i16>>,
    /// As the real read mutex: one callback at a time.
    calling: Mutex<()>,
    closed: AtomicBool,
}

#[derive(Clone, Debug, Default)]
pub struct Event {
    pub subclass: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

#[derive(Default)]
pub struct World {
    sessions: HashMap<String, Arc<Session>>,
    pub events: Vec<Event>,
    pub log: Vec<String>,
    pub interfaces: Vec<usize>,
    pub settings: Vec<(String, String)>,
    pub profiles: Vec<(String, Vec<(String, String)>)>,
}

static WORLD: Mutex<Option<World>> = Mutex::new(None);

/// Calls after `CLOSE`, doubled `CLOSE`s: must stay zero.
pub static VIOLATIONS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn world<T>(look: impl FnOnce(&mut World) -> T) -> T {
    look(lock(&WORLD).get_or_insert_default())
}

impl Session {
    pub fn create(uuid: &str, rate: u32, channels: u32) -> Arc<Self> {
        Self::create_with(uuid, rate, channels, Duration::ZERO)
    }

    pub fn create_with(uuid: &str, rate: u32, channels: u32, slow_attach: Duration) -> Arc<Self> {
        let session = Arc::new(Self {
            uuid: uuid.to_owned(),
            c_uuid: CString::new(uuid).unwrap(),
            rate,
            channels,
            media: AtomicBool::new(true),
            gone: AtomicBool::new(false),
            variables: Mutex::default(),
            pool: Mutex::default(),
            bugs: RwLock::default(),
            slow_attach,
        });
        world(|world| world.sessions.insert(uuid.to_owned(), Arc::clone(&session)));
        session
    }

    pub fn raw(&self) -> *mut c_void {
        ptr::from_ref(self).cast_mut().cast()
    }

    pub fn variable(&self, name: &str) -> String {
        lock(&self.variables)
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    pub fn set_variable(&self, name: &str, value: &str) {
        lock(&self.variables).insert(name.to_owned(), CString::new(value).unwrap());
    }

    pub fn bugs(&self) -> usize {
        self.bugs.read().unwrap().len()
    }

    /// One frame of 20 ms reaches the switch; how long each callback took.
    pub fn play(&self, samples: &[i16]) -> Vec<Took> {
        let mut took = Vec::new();
        let mut prune = Vec::new();
        for bug in self.bugs.read().unwrap().iter() {
            bug.buffer.lock().unwrap().extend(samples);
            let calling = bug.calling.lock().unwrap();
            READS.set(0);
            let (cpu, wall) = (thread_time(), Instant::now());
            let keep = bug.call(READ);
            let wall = wall.elapsed();
            took.push(Took {
                wall,
                cpu: thread_time() - cpu,
            });
            drop(calling);
            if READS.get() > 1 {
                VIOLATIONS.fetch_add(1, Ordering::Relaxed);
            }
            if keep == 0 {
                prune.push(Arc::clone(bug));
            }
        }
        self.remove(|bug| prune.iter().any(|other| Arc::ptr_eq(bug, other)));
        took
    }

    /// The channel ends, as in the switch: not ready any more, bugs closed, and closed again once nobody
    /// holds the session (a bug that was added meanwhile).
    pub fn hang_up(self: Arc<Self>) {
        self.gone.store(true, Ordering::SeqCst);
        self.remove(|_| true);
        world(|world| world.sessions.remove(&self.uuid));
        let mut session = self;
        loop {
            match Arc::try_unwrap(session) {
                Ok(session) => return session.remove(|_| true),
                Err(held) => session = held,
            }
            std::thread::yield_now();
        }
    }

    fn remove(&self, which: impl Fn(&Arc<Bug>) -> bool) {
        let mut bugs = self.bugs.write().unwrap();
        bugs.retain(|bug| {
            let remove = which(bug);
            if remove {
                bug.call(CLOSE);
            }
            !remove
        });
    }

    fn is_ready(&self) -> bool {
        self.media.load(Ordering::SeqCst) && !self.gone.load(Ordering::SeqCst)
    }
}

impl Bug {
    fn call(self: &Arc<Self>, kind: c_int) -> c_int {
        if self.closed.load(Ordering::SeqCst) {
            VIOLATIONS.fetch_add(1, Ordering::Relaxed);
            return 1;
        }
        if kind == CLOSE {
            self.closed.store(true, Ordering::SeqCst);
        }
        let bug = Arc::as_ptr(self).cast_mut().cast();
        unsafe { (self.callback)(bug, self.user_data as *mut c_void, kind) }
    }
}

fn text(raw: *const c_char) -> String {
    if raw.is_null() {
        return String::new();
    }
    unsafe { CStr::from_ptr(raw) }
        .to_str()
        .expect("the module speaks UTF-8")
        .to_owned()
}

unsafe fn session<'a>(raw: *mut c_void) -> &'a Session {
    unsafe { &*raw.cast::<Session>() }
}

#[repr(C)]
pub struct Frame {
    head: [u8; 40],
    data: *mut i16,
    datalen: u32,
    buflen: u32,
    samples: u32,
    rate: u32,
    channels: u32,
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_loadable_module_create_module_interface(_: *mut c_void, _: *const c_char) -> *mut c_void {
    static INTERFACE: AtomicU64 = AtomicU64::new(0);
    (&raw const INTERFACE).cast_mut().cast()
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_loadable_module_create_interface(_: *mut c_void, _: c_int) -> *mut c_void {
    let slot: &'static mut [u64; 16] = Box::leak(Box::new([0; 16]));
    let slot = slot.as_mut_ptr();
    world(|world| world.interfaces.push(slot as usize));
    slot.cast()
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_flags() -> u32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_get_uuid() -> *const c_char {
    c"00000000-0000-0000-0000-000000000001".as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_get_switchname() -> *const c_char {
    c"host".as_ptr()
}

/// Variadic in the switch; on x86-64 a callee that knows its arguments takes them the same way.
#[unsafe(no_mangle)]
pub extern "C" fn switch_log_printf(
    _: c_int,
    _: *const c_char,
    _: *const c_char,
    _: c_int,
    _: *const c_char,
    _: c_int,
    _: *const c_char,
    line: *const c_char,
) {
    let line = text(line);
    world(|world| world.log.push(line));
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_session_perform_locate(
    uuid: *const c_char,
    _: *const c_char,
    _: *const c_char,
    _: c_int,
) -> *mut c_void {
    let uuid = text(uuid);
    match world(|world| world.sessions.get(&uuid).cloned()) {
        Some(session) => Arc::into_raw(session).cast_mut().cast(),
        None => ptr::null_mut(),
    }
}

/// # Safety
/// `raw` comes from `switch_core_session_perform_locate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn switch_core_session_rwunlock(raw: *mut c_void) {
    drop(unsafe { Arc::from_raw(raw.cast_const().cast::<Session>()) });
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_session_get_uuid(raw: *mut c_void) -> *const c_char {
    unsafe { session(raw) }.c_uuid.as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_session_get_channel(raw: *mut c_void) -> *mut c_void {
    raw
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_session_get_read_impl(raw: *mut c_void, out: *mut u8) -> c_int {
    let session = unsafe { session(raw) };
    let put = |offset: usize, value: u32| unsafe { out.add(offset).cast::<u32>().write_unaligned(value) };
    put(28, session.rate);
    put(36, 20_000);
    put(44, session.rate / 50 * 2 * session.channels);
    unsafe { out.add(52).write(session.channels as u8) };
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_ivr_sleep(raw: *mut c_void, ms: u32, _: c_int, _: *mut c_void) -> c_int {
    std::thread::sleep(Duration::from_millis(ms.into()));
    c_int::from(!unsafe { session(raw) }.is_ready())
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_channel_test_ready(raw: *mut c_void, _: c_int, _: c_int) -> c_int {
    unsafe { session(raw) }.is_ready().into()
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_channel_get_partner_uuid(raw: *mut c_void) -> *const c_char {
    switch_channel_get_variable_dup(raw, c"signal_bond".as_ptr(), 1, -1)
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_channel_get_variable_dup(
    raw: *mut c_void,
    name: *const c_char,
    _: c_int,
    _: c_int,
) -> *const c_char {
    let session = unsafe { session(raw) };
    let Some(value) = lock(&session.variables).get(&text(name)).cloned() else {
        return ptr::null();
    };
    let raw = value.as_ptr();
    lock(&session.pool).push(value);
    raw
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_channel_set_variable_var_check(
    raw: *mut c_void,
    name: *const c_char,
    value: *const c_char,
    _: c_int,
) -> c_int {
    let session = unsafe { session(raw) };
    let (name, value) = (text(name), text(value));
    let mut variables = lock(&session.variables);
    if value.is_empty() {
        variables.remove(&name);
    } else if !value.contains("${") {
        variables.insert(name, CString::new(value).unwrap());
    }
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_media_bug_add(
    raw: *mut c_void,
    _: *const c_char,
    _: *const c_char,
    callback: BugCallback,
    user_data: *mut c_void,
    _: i64,
    _: c_uint,
    out: *mut *mut c_void,
) -> c_int {
    let session = unsafe { session(raw) };
    if !session.is_ready() {
        return 1;
    }
    let bug = Arc::new(Bug {
        callback,
        user_data: user_data as usize,
        session: raw as usize,
        buffer: Mutex::default(),
        calling: Mutex::default(),
        closed: AtomicBool::new(false),
    });
    if bug.call(INIT) == 0 {
        return 4;
    }
    std::thread::sleep(session.slow_attach);
    unsafe { out.write(Arc::as_ptr(&bug).cast_mut().cast()) };
    session.bugs.write().unwrap().push(bug);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_media_bug_remove_callback(raw: *mut c_void, callback: BugCallback) -> c_int {
    unsafe { session(raw) }.remove(|bug| ptr::fn_addr_eq(bug.callback, callback));
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_media_bug_read(raw: *mut c_void, frame: *mut Frame, _: c_int) -> c_int {
    READS.set(READS.get() + 1);
    let bug = unsafe { &*raw.cast::<Bug>() };
    let session = unsafe { session(bug.session as *mut c_void) };
    let frame = unsafe { &mut *frame };
    let length = (session.rate / 50 * session.channels) as usize;
    let mut buffer = bug.buffer.lock().unwrap();
    if buffer.len() < length || (frame.buflen as usize) < length * 2 {
        return 1;
    }
    let samples = &buffer.make_contiguous()[..length];
    unsafe { ptr::copy_nonoverlapping(samples.as_ptr(), frame.data, length) };
    buffer.drain(..length);
    frame.datalen = (length * 2) as u32;
    frame.samples = session.rate / 50;
    frame.rate = session.rate;
    frame.channels = session.channels;
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_core_media_bug_flush(raw: *mut c_void) {
    unsafe { &*raw.cast::<Bug>() }.buffer.lock().unwrap().clear();
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_event_reserve_subclass_detailed(_: *const c_char, _: *const c_char) -> c_int {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_event_create_subclass_detailed(
    _: *const c_char,
    _: *const c_char,
    _: c_int,
    event: *mut *mut Event,
    _: c_int,
    subclass: *const c_char,
) -> c_int {
    let subclass = text(subclass);
    unsafe {
        event.write(Box::into_raw(Box::new(Event {
            subclass,
            ..Event::default()
        })))
    };
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_event_add_header_string(
    event: *mut Event,
    _: c_int,
    name: *const c_char,
    value: *const c_char,
) -> c_int {
    unsafe { &mut *event }.headers.push((text(name), text(value)));
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_event_set_body(event: *mut Event, body: *const c_char) -> c_int {
    unsafe { &mut *event }.body = text(body);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn switch_event_fire_detailed(
    _: *const c_char,
    _: *const c_char,
    _: c_int,
    event: *mut *mut Event,
    _: *mut c_void,
) -> c_int {
    let fired = unsafe { Box::from_raw(event.replace(ptr::null_mut())) };
    world(|world| world.events.push(*fired));
    0
}
