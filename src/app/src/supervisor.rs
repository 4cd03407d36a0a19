//! The word with systemd: that the daemon is ready, stops, and is alive. Without systemd it says nothing.

use std::ffi::{OsStr, OsString};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Who started this process and wants to hear of it (`sd_notify(3)`).
#[derive(Debug, Default)]
pub struct Supervisor {
    socket: Option<(UnixDatagram, SocketAddr)>,
    within: Option<Duration>,
}

impl Supervisor {
    /// The one that the environment names, if any.
    #[must_use]
    pub fn from_environment() -> Self {
        let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
        let meant = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let within = number("WATCHDOG_USEC").filter(|_| meant).map(Duration::from_micros);
        Self::at(std::env::var_os("NOTIFY_SOCKET"), within)
    }

    /// One that listens at `path`, and wants to hear [`Supervisor::alive`] at least once in `within`.
    #[must_use]
    pub fn at(path: Option<OsString>, within: Option<Duration>) -> Self {
        let socket = path.and_then(|path| {
            let address = address(&path)?;
            let socket = UnixDatagram::unbound().ok()?;
            // A supervisor that does not read must not hold us up.
            socket.set_nonblocking(true).ok()?;
            Some((socket, address))
        });
        Self { socket, within }
    }

    /// How often [`Supervisor::alive`] is to be said: twice as often as it must be; `None` where nobody waits for it.
    #[must_use]
    pub fn every(&self) -> Option<Duration> {
        let within = self.within.filter(|within| !within.is_zero());
        within.filter(|_| self.socket.is_some()).map(|within| within / 2)
    }

    /// Calls are heard from now on.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// The daemon is on its way out.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// The daemon does its work.
    pub fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    fn tell(&self, state: &str) {
        if let Some((socket, address)) = &self.socket
            && let Err(error) = socket.send_to_addr(state.as_bytes(), address)
        {
            tracing::warn!(%error, state, "systemd cannot be told");
        }
    }
}

/// A path, or `@` and a name in the abstract namespace.
fn address(path: &OsStr) -> Option<SocketAddr> {
    match path.as_bytes().split_first()? {
        (b'@', name) => SocketAddr::from_abstract_name(name).ok(),
        _ => SocketAddr::from_pathname(path).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(listener: &UnixDatagram) -> String {
        let mut said = [0; 64];
        let count = listener.recv(&mut said).unwrap();
        String::from_utf8_lossy(&said[..count]).into_owned()
    }

    #[test]
    fn a_path_and_an_abstract_name_are_both_spoken_to() {
        let name = format!("sidetone-notify-{}", std::process::id());
        let path = std::env::temp_dir().join(&name);
        let by_name = SocketAddr::from_abstract_name(&name).unwrap();
        for (listener, place) in [
            (UnixDatagram::bind(&path).unwrap(), path.clone().into_os_string()),
            (UnixDatagram::bind_addr(&by_name).unwrap(), format!("@{name}").into()),
        ] {
            let supervisor = Supervisor::at(Some(place), Some(Duration::from_secs(60)));
            supervisor.ready();
            supervisor.alive();
            supervisor.stopping();
            let all = [heard(&listener), heard(&listener), heard(&listener)];
            assert_eq!(all, ["READY=1", "WATCHDOG=1", "STOPPING=1"]);
            assert_eq!(supervisor.every(), Some(Duration::from_secs(30)));
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn without_a_supervisor_nothing_is_said() {
        let nobody = Supervisor::at(None, Some(Duration::from_secs(60)));
        nobody.ready();
        assert_eq!(nobody.every(), None);
    }
}
