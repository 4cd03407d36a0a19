//! The other end of the module's socket, in this program.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use sidetone_mod_wire::{Ask, Decoder, FromModule, LegStart, LegStop, Message, ToModule, Welcome};

use crate::switch::lock;

/// What was heard so far.
#[derive(Default)]
pub struct Heard {
    pub connections: u64,
    pub starts: Vec<LegStart>,
    pub stops: Vec<LegStop>,
    pub asks: Vec<Ask>,
    pub others: Vec<FromModule>,
    pub legs: HashMap<String, HeardLeg>,
    /// What broke the contract.
    pub faults: Vec<String>,
    stream: Option<UnixStream>,
}

#[derive(Default)]
pub struct HeardLeg {
    pub frames: u64,
    pub samples: u64,
    pub lost: u64,
    /// Jumps in `position`.
    pub jumps: u64,
    next: Option<u64>,
    begin: Option<i16>,
}

pub struct Daemon {
    pub heard: Arc<Mutex<Heard>>,
    path: PathBuf,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Daemon {
    pub fn start(path: &Path) -> Self {
        Self::start_with(path, true)
    }

    /// Accepts and never reads.
    pub fn start_deaf(path: &Path) -> Self {
        Self::start_with(path, false)
    }

    fn start_with(path: &Path, hears: bool) -> Self {
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path).expect("the socket can be bound");
        listener.set_nonblocking(true).expect("non-blocking");
        let (heard, ending) = (Arc::<Mutex<Heard>>::default(), Arc::new(AtomicBool::new(false)));
        let (its_heard, its_ending) = (Arc::clone(&heard), Arc::clone(&ending));
        let thread = std::thread::spawn(move || {
            while !its_ending.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => serve(&stream, &its_heard, &its_ending, hears),
                    Err(_) => std::thread::sleep(Duration::from_millis(2)),
                }
            }
        });
        Self {
            heard,
            path: path.to_owned(),
            ending,
            thread: Some(thread),
        }
    }

    pub fn heard<T>(&self, look: impl FnOnce(&mut Heard) -> T) -> T {
        look(&mut lock(&self.heard))
    }

    pub fn say(&self, message: &ToModule) {
        let stream = self.heard(|heard| {
            heard
                .stream
                .as_ref()
                .map(|stream| stream.try_clone().expect("a stream"))
        });
        say(&stream.expect("the module is connected"), message);
    }
}

/// Gone at once, as by `kill -9`.
impl Drop for Daemon {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.path);
        self.heard(|heard| heard.stream = None);
    }
}

fn say(mut stream: &UnixStream, message: &ToModule) {
    let mut out = Vec::new();
    message.encode(&mut out).expect("within its bounds");
    stream.write_all(&out).expect("the module reads");
}

fn serve(mut stream: &UnixStream, heard: &Mutex<Heard>, ending: &AtomicBool, hears: bool) {
    stream.set_nonblocking(false).expect("blocking");
    stream
        .set_read_timeout(Some(Duration::from_millis(20)))
        .expect("a timeout");
    let mut decoder = Decoder::<FromModule>::default();
    let mut buffer = vec![0; 64 * 1024];
    {
        let mut heard = lock(heard);
        heard.connections += 1;
        heard.stream = Some(stream.try_clone().expect("a stream"));
        heard.legs.values_mut().for_each(|leg| leg.next = None);
    }
    while !ending.load(Ordering::Relaxed) {
        if !hears {
            std::thread::sleep(Duration::from_millis(2));
            continue;
        }
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => decoder.push(&buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => return,
        }
        while let Some(message) = decoder.take().expect("the module's protocol") {
            hear(message, stream, &mut lock(heard));
        }
    }
}

fn hear(message: FromModule, stream: &UnixStream, heard: &mut Heard) {
    match message {
        FromModule::Hello(_) => say(
            stream,
            &ToModule::Welcome(Welcome {
                daemon: "host".to_owned(),
            }),
        ),
        FromModule::LegStart(start) => {
            let leg = heard.legs.entry(start.uuid.clone()).or_default();
            (leg.next, leg.begin) = (None, None);
            heard.starts.push(start);
        }
        FromModule::Audio(audio) => {
            let Some(leg) = heard.legs.get_mut(&audio.uuid) else {
                return heard.faults.push(format!("audio of {} before its start", audio.uuid));
            };
            // Sessions play a counter of samples, which began somewhere before the tap.
            let begin = *leg.begin.get_or_insert_with(|| {
                let first = audio.samples.first().copied().unwrap_or_default();
                first.wrapping_sub(audio.position as i16)
            });
            let right = (0u64..)
                .zip(&audio.samples)
                .all(|(i, sample)| begin.wrapping_add((audio.position + i) as i16) == *sample);
            if !right {
                heard
                    .faults
                    .push(format!("{} at {} holds other samples", audio.uuid, audio.position));
            }
            if leg.next.is_some_and(|next| next != audio.position) {
                leg.jumps += 1;
            }
            leg.next = Some(audio.position + audio.samples.len() as u64);
            leg.frames += 1;
            leg.samples += audio.samples.len() as u64;
            leg.lost += u64::from(audio.lost);
        }
        FromModule::LegStop(stop) => heard.stops.push(stop),
        FromModule::Ask(ask) => heard.asks.push(ask),
        other => heard.others.push(other),
    }
}
