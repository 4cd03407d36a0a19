//! The connection to the daemon: made, lost and made again, never waited for.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sidetone_mod_wire::{Decoder, ToModule};

use crate::counters::COUNTERS;
use crate::socket::{connect_now, send_now};

const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// A local connect costs nothing, and a daemon that came back should hear at once.
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

/// A daemon that reads nothing for so long while there is something to read is taken for hung.
const STALL: Duration = Duration::from_secs(10);

/// Read in one turn, at most: bounds the events of one turn.
const READ_AT_ONCE: usize = 64 * 1024;

/// Bytes that wait to be written, at most (and one message); what comes after stays in the rings.
pub(crate) const OUT_LIMIT: usize = 256 * 1024;

/// One end of the socket, or the time until the next attempt.
pub(crate) struct Uplink {
    path: PathBuf,
    backoff: Duration,
    retry_at: Option<Instant>,
    link: Option<Link>,
}

struct Link {
    stream: UnixStream,
    decoder: Decoder<ToModule>,
    out: Vec<u8>,
    /// When something was last written, or there was nothing to write.
    moved: Instant,
}

impl Uplink {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            backoff: FIRST_BACKOFF,
            retry_at: None,
            link: None,
        }
    }

    pub(crate) const fn is_up(&self) -> bool {
        self.link.is_some()
    }

    /// Tries to connect when it is time; whether a connection is new.
    pub(crate) fn reconnect(&mut self, now: Instant) -> bool {
        if self.link.is_some() || self.retry_at.is_some_and(|at| now < at) {
            return false;
        }
        match connect_now(&self.path) {
            Ok(stream) => {
                COUNTERS.connects.one();
                let decoder = Decoder::default();
                self.link = Some(Link {
                    stream,
                    decoder,
                    out: Vec::with_capacity(OUT_LIMIT),
                    moved: now,
                });
                true
            }
            Err(_) => {
                self.wait(now);
                false
            }
        }
    }

    /// Where to append what is to be written.
    pub(crate) fn out(&mut self) -> Option<&mut Vec<u8>> {
        self.link.as_mut().map(|link| &mut link.out)
    }

    /// Writes what the socket takes.
    pub(crate) fn write(&mut self, now: Instant) {
        let Some(link) = &mut self.link else { return };
        match link.write(now) {
            Ok(()) if now.duration_since(link.moved) >= STALL => {
                COUNTERS.stalls.one();
                self.down(now);
            }
            Ok(()) => {}
            Err(_) => self.down(now),
        }
    }

    /// Reads what there is, up to a bound.
    pub(crate) fn read(&mut self, now: Instant) -> Vec<ToModule> {
        let mut messages = Vec::new();
        let Some(link) = &mut self.link else { return messages };
        match link.read(&mut messages) {
            Ok(true) => {
                if !messages.is_empty() {
                    self.backoff = FIRST_BACKOFF;
                }
            }
            Ok(false) | Err(_) => self.down(now),
        }
        messages
    }

    /// Gives the connection up; the next attempt comes after the backoff.
    pub(crate) fn down(&mut self, now: Instant) {
        if self.link.take().is_some() {
            COUNTERS.disconnects.one();
        }
        self.wait(now);
    }

    fn wait(&mut self, now: Instant) {
        self.retry_at = Some(now + self.backoff);
        self.backoff = (self.backoff * 2).min(LONGEST_BACKOFF);
    }
}

impl Link {
    fn write(&mut self, now: Instant) -> io::Result<()> {
        let mut written = 0;
        let ended = loop {
            if written == self.out.len() {
                break Ok(());
            }
            match send_now(&self.stream, &self.out[written..]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => written += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.out.drain(..written);
        if written > 0 || self.out.is_empty() {
            self.moved = now;
        }
        ended
    }

    /// Whether the daemon is still there.
    fn read(&mut self, messages: &mut Vec<ToModule>) -> io::Result<bool> {
        let mut buffer = [0; 8192];
        let mut total = 0;
        while total < READ_AT_ONCE {
            match (&self.stream).read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => {
                    total += n;
                    self.decoder.push(&buffer[..n]);
                    self.take(messages)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn take(&mut self, messages: &mut Vec<ToModule>) -> io::Result<()> {
        loop {
            match self.decoder.take() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => return Ok(()),
                Err(error) => {
                    COUNTERS.protocol_errors.one();
                    return Err(io::Error::other(error));
                }
            }
        }
    }
}
