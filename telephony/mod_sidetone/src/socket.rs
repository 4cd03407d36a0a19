//! The two calls of the system that the standard library does not offer in the form that a guest of the switch
//! needs: a connect that never waits, and a write that never raises `SIGPIPE`.

use std::ffi::{c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

const AF_UNIX: c_int = 1;
const SOCK_STREAM: c_int = 1;
const SOCK_NONBLOCK: c_int = 0o4000;
const SOCK_CLOEXEC: c_int = 0o2_000_000;
const MSG_NOSIGNAL: c_int = 0x4000;

/// `sockaddr_un` of Linux.
#[repr(C)]
struct Address {
    family: u16,
    path: [u8; 108],
}

unsafe extern "C" {
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn connect(fd: c_int, address: *const Address, length: u32) -> c_int;
    fn send(fd: c_int, bytes: *const c_void, length: usize, flags: c_int) -> isize;
}

/// Connects at once or not at all: when the daemon's backlog is full, this is an error and not a wait.
pub(crate) fn connect_now(path: &Path) -> io::Result<UnixStream> {
    let bytes = path.as_os_str().as_bytes();
    let mut address = Address {
        family: AF_UNIX as u16,
        path: [0; 108],
    };
    // One byte stays zero: the end of the path.
    if bytes.len() >= address.path.len() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the socket's path is longer than 107 bytes",
        ));
    }
    address.path[..bytes.len()].copy_from_slice(bytes);
    // SAFETY: takes integers only.
    let fd = unsafe { socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and nobody else's.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: the address lives during the call and is as long as said.
    if unsafe { connect(fd.as_raw_fd(), &raw const address, size_of::<Address>() as u32) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(UnixStream::from(fd))
}

/// Writes what the socket takes; a peer that is gone is an error and not a signal.
pub(crate) fn send_now(stream: &UnixStream, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the bytes live during the call and are as many as said.
    let sent = unsafe { send(stream.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), MSG_NOSIGNAL) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}
