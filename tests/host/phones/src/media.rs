//! The RTP side of a telephone: a packet each 20 ms, and a record of what comes.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sidetone_media::codec::{Law, decode_g711, encode_g711};

use crate::heard::{Heard, Packet};
use crate::sdp::payload_type;
use crate::voice::{FRAME, Pilot, RATE, Voice};

const TICK: Duration = Duration::from_millis(20);

pub(crate) struct Media {
    pub(crate) here: SocketAddr,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    socket: UdpSocket,
    law: Law,
    state: Mutex<State>,
    stop: AtomicBool,
}

struct State {
    /// Where to, while there is a call that lets us send.
    to: Option<SocketAddr>,
    voice: Voice,
    /// When the next packet is due.
    next: Instant,
    sequence: u16,
    /// When bursts were sent.
    bursts: Vec<Instant>,
    packets: Vec<Packet>,
}

impl Media {
    pub(crate) fn start(pilot: Pilot, law: Law) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let here = socket.local_addr().unwrap();
        let state = State {
            to: None,
            voice: Voice::new(pilot),
            next: Instant::now() + TICK,
            sequence: here.port(),
            bursts: Vec::new(),
            packets: Vec::new(),
        };
        let shared = Arc::new(Shared {
            socket,
            law,
            state: Mutex::new(state),
            stop: AtomicBool::new(false),
        });
        let (speaks, listens) = (Arc::clone(&shared), Arc::clone(&shared));
        let threads = vec![
            std::thread::spawn(move || speaks.speak()),
            std::thread::spawn(move || listens.listen()),
        ];
        Self { here, shared, threads }
    }

    /// Sends there, or nowhere.
    pub(crate) fn send_to(&self, to: Option<SocketAddr>) {
        self.shared.lock().to = to;
    }

    pub(crate) fn sound(&self, pilot: bool) {
        self.shared.lock().voice.sounds = pilot;
    }

    /// Speaks in place of the pilot; gives the time at which the first sample is sent.
    pub(crate) fn say(&self, speech: &[i16]) -> Instant {
        let mut state = self.shared.lock();
        state.voice.say(speech);
        state.next
    }

    pub(crate) fn heard(&self) -> Heard {
        Heard::new(self.shared.lock().packets.clone())
    }

    pub(crate) fn bursts(&self) -> Vec<Instant> {
        self.shared.lock().bursts.clone()
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn speak(&self) {
        while !self.stop.load(Ordering::Relaxed) {
            let due = self.lock().next;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let mut state = self.lock();
            let begin = state.voice.sent();
            let frame = state.voice.next_frame();
            // The pace is kept on average: a thread that woke late sends the next packet sooner.
            state.next = due + TICK;
            let Some(to) = state.to else { continue };
            if begin % RATE < FRAME {
                state.bursts.push(due.max(Instant::now()));
            }
            state.sequence = state.sequence.wrapping_add(1);
            let packet = self.packet(state.sequence, begin as u32, &frame);
            drop(state);
            let _ = self.socket.send_to(&packet, to);
        }
    }

    fn packet(&self, sequence: u16, timestamp: u32, frame: &[i16]) -> Vec<u8> {
        let source = u32::from(self.socket.local_addr().map_or(0, |here| here.port()));
        let mut packet = vec![0x80, payload_type(self.law)];
        packet.extend(sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(source.to_be_bytes());
        packet.extend(encode_g711(self.law, frame));
        packet
    }

    fn listen(&self) {
        let mut bytes = [0; 2_048];
        while !self.stop.load(Ordering::Relaxed) {
            let Ok(length) = self.socket.recv(&mut bytes) else {
                continue;
            };
            let at = Instant::now();
            if let Some(packet) = self.read(at, &bytes[..length]) {
                self.lock().packets.push(packet);
            }
        }
    }

    /// G.711 of our law; RTCP, comfort noise and keys are passed over.
    fn read(&self, at: Instant, bytes: &[u8]) -> Option<Packet> {
        let header = bytes.get(..12)?;
        if header[0] >> 6 != 2 || header[1] & 0x7f != payload_type(self.law) {
            return None;
        }
        let number =
            |range: std::ops::Range<usize>| header[range].iter().fold(0, |sum, &byte| sum << 8 | u32::from(byte));
        let skip = 12 + 4 * usize::from(header[0] & 0x0f);
        let mut samples = Vec::new();
        decode_g711(self.law, bytes.get(skip..)?, &mut samples);
        Some(Packet {
            at,
            sequence: number(2..4) as u16,
            source: number(8..12),
            samples,
        })
    }
}
