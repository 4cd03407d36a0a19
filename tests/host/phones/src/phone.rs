//! A telephone: it calls, answers, holds, transfers and hangs up.

mod answers;

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sidetone_media::codec::Law;

use crate::dialog::Dialog;
use crate::heard::Heard;
use crate::media::Media;
use crate::sdp::{self, Direction};
use crate::sip::Message;
use crate::voice::Pilot;

/// How long the switch may take for anything.
const PATIENCE: Duration = Duration::from_secs(15);
const RETRANSMIT: Duration = Duration::from_millis(500);

/// What a telephone is.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Of its `From`, and its name.
    pub user: &'a str,
    /// Where it takes calls; 0 for any.
    pub port: u16,
    /// Where it sends calls to.
    pub switch: SocketAddr,
    /// What it says.
    pub pilot: Pilot,
    /// What it speaks.
    pub law: Law,
    /// How long it rings before it answers.
    pub ring: Duration,
}

/// How a telephone's call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// None yet.
    Idle,
    /// It called, or rings.
    Ringing,
    /// There is a call.
    Up,
    /// It was refused with this status, or was 200 and is over.
    Ended(u16),
}

/// Hangs up when dropped.
pub struct Phone {
    inner: Arc<Inner>,
    thread: Option<JoinHandle<()>>,
}

struct Inner {
    name: String,
    here: SocketAddr,
    socket: UdpSocket,
    switch: SocketAddr,
    pilot: Pilot,
    law: Law,
    ring: Duration,
    media: Media,
    state: Mutex<State>,
    changed: Condvar,
    stop: AtomicBool,
}

struct State {
    line: Line,
    dialog: Option<Dialog>,
    /// Ours.
    direction: Direction,
    version: u32,
    /// A call that rings here, and when it is answered.
    incoming: Option<(Instant, Message)>,
    /// Sent again until something comes back.
    pending: Vec<Pending>,
    /// `CSeq` of our `INVITE`.
    invite: u32,
    /// How the transfer went that we asked for.
    referred: Option<u16>,
    /// How the last re-INVITE went.
    renewed: Option<u16>,
}

struct Pending {
    /// What ends it.
    wanted: (String, u32),
    bytes: Vec<u8>,
    due: Instant,
    tries: u32,
}

impl Phone {
    /// Takes calls from now on.
    #[must_use]
    pub fn new(settings: Settings<'_>) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", settings.port))
            .unwrap_or_else(|error| panic!("phone {}: port {}: {error}", settings.user, settings.port));
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let state = State {
            line: Line::Idle,
            dialog: None,
            direction: Direction::SendRecv,
            version: 1,
            incoming: None,
            pending: Vec::new(),
            invite: 0,
            referred: None,
            renewed: None,
        };
        let inner = Arc::new(Inner {
            name: settings.user.to_owned(),
            here: socket.local_addr().unwrap(),
            socket,
            switch: settings.switch,
            pilot: settings.pilot,
            law: settings.law,
            ring: settings.ring,
            media: Media::start(settings.pilot, settings.law),
            state: Mutex::new(state),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let runs = Arc::clone(&inner);
        let thread = Some(std::thread::spawn(move || runs.run()));
        Self { inner, thread }
    }

    /// Its user.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// What it says.
    #[must_use]
    pub fn pilot(&self) -> Pilot {
        self.inner.pilot
    }

    /// Calls.
    pub fn dial(&self, number: &str) {
        let inner = &*self.inner;
        let mut state = inner.lock();
        let id = u64::from(inner.pilot.0) << 32 | u64::from(state.version) << 16 | u64::from(std::process::id() as u16);
        let dialog = Dialog::dial(&inner.name, number, inner.here, inner.switch, id);
        state.dialog = Some(dialog);
        state.line = Line::Ringing;
        state.direction = Direction::SendRecv;
        inner.offer(&mut state);
    }

    /// Offers its sound anew, on the same port.
    pub fn reinvite(&self, direction: Direction) {
        let mut state = self.inner.lock();
        state.direction = direction;
        state.renewed = None;
        self.inner.offer(&mut state);
        let done = |state: &State| state.renewed;
        let status = self.inner.wait(state, "its re-INVITE to be answered", done);
        assert_eq!(status, 200, "phone {}: re-INVITE", self.name());
    }

    /// Puts the other on hold, and says nothing meanwhile.
    pub fn hold(&self) {
        self.reinvite(Direction::SendOnly);
    }

    /// Takes the other off hold.
    pub fn unhold(&self) {
        self.reinvite(Direction::SendRecv);
    }

    /// Transfers the other to this number, or to the one that `consulted` talks to; waits until it is done.
    pub fn refer(&self, number: &str, consulted: Option<&Self>) {
        let target = consulted.map_or_else(
            || format!("<sip:{number}@{}>", self.inner.switch),
            |other| {
                other
                    .inner
                    .lock()
                    .dialog
                    .as_ref()
                    .map(Dialog::replaces)
                    .unwrap_or_default()
            },
        );
        let by = format!("<sip:{}@{}>", self.name(), self.inner.here);
        let mut state = self.inner.lock();
        state.referred = None;
        self.inner
            .request(&mut state, "REFER", &[("Refer-To", target), ("Referred-By", by)]);
        // The transferred call may end ours before it says how it went.
        let done = |state: &State| state.referred.or((state.line != Line::Up).then_some(200));
        let status = self.inner.wait(state, "its transfer", done);
        assert_eq!(status, 200, "phone {}: transfer to {number}", self.name());
    }

    /// Ends the call, if there is one.
    pub fn hang_up(&self) {
        self.inner.hang_up();
    }

    /// How its call stands.
    #[must_use]
    pub fn line(&self) -> Line {
        self.inner.lock().line
    }

    /// Waits for a call to be up.
    pub fn wait_up(&self) {
        let up = |state: &State| matches!(state.line, Line::Up | Line::Ended(_)).then_some(state.line);
        let line = self.inner.wait(self.inner.lock(), "a call", up);
        assert_eq!(line, Line::Up, "phone {}", self.name());
    }

    /// Waits for its call to be over.
    pub fn wait_ended(&self) {
        let ended = |state: &State| matches!(state.line, Line::Ended(_) | Line::Idle).then_some(());
        self.inner.wait(self.inner.lock(), "its call to end", ended);
    }

    /// Whether the pilot sounds, or nothing does.
    pub fn sound(&self, pilot: bool) {
        self.inner.media.sound(pilot);
    }

    /// Speaks, in place of the pilot; gives the moment at which the first sample is sent.
    pub fn say(&self, speech: &[i16]) -> Instant {
        self.inner.media.say(speech)
    }

    /// Everything that it got so far.
    #[must_use]
    pub fn heard(&self) -> Heard {
        self.inner.media.heard()
    }

    /// When it sent the beginnings of its bursts.
    #[must_use]
    pub fn bursts(&self) -> Vec<Instant> {
        self.inner.media.bursts()
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.inner.hang_up();
        self.inner.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<T>(&self, mut state: MutexGuard<'_, State>, what: &str, done: impl Fn(&State) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = done(&state) {
                return answer;
            }
            let left = until.saturating_duration_since(Instant::now());
            let line = state.line;
            assert!(
                !left.is_zero(),
                "phone {} waited in vain for {what} ({line:?})",
                self.name
            );
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn run(&self) {
        let mut bytes = [0; 8_192];
        while !self.stop.load(Ordering::Relaxed) {
            let message = self
                .socket
                .recv(&mut bytes)
                .ok()
                .and_then(|length| Message::parse(&bytes[..length]));
            let mut state = self.lock();
            match message {
                Some(message) if message.status().is_some() => self.response(&mut state, &message),
                Some(message) => self.requested(&mut state, &message),
                None => {}
            }
            self.time(&mut state);
            drop(state);
            self.changed.notify_all();
        }
    }

    fn send(&self, message: &Message) {
        let _ = self.socket.send_to(&message.render(), self.switch);
    }

    /// What is due: an answer, or a message again.
    fn time(&self, state: &mut State) {
        let now = Instant::now();
        if state.incoming.as_ref().is_some_and(|(due, _)| *due <= now) {
            let invite = state.incoming.take();
            invite.into_iter().for_each(|(_, invite)| self.answer(state, &invite));
        }
        for pending in &mut state.pending {
            if pending.due <= now {
                let _ = self.socket.send_to(&pending.bytes, self.switch);
                pending.tries += 1;
                pending.due = now + RETRANSMIT * (1 << pending.tries.min(3));
            }
        }
        state.pending.retain(|pending| pending.tries < 8);
    }

    fn keep_sending(state: &mut State, wanted: (&str, u32), message: &Message) {
        state.pending.push(Pending {
            wanted: (wanted.0.to_owned(), wanted.1),
            bytes: message.render(),
            due: Instant::now() + RETRANSMIT,
            tries: 0,
        });
    }

    fn request(&self, state: &mut State, method: &str, more: &[(&str, String)]) {
        let Some(dialog) = &mut state.dialog else { return };
        let message = dialog.request(method, more, "");
        self.send(&message);
        Self::keep_sending(state, (method, message.cseq().0), &message);
    }

    /// `INVITE`, the first one or another.
    fn offer(&self, state: &mut State) {
        state.version += 1;
        let body = sdp::write(self.media.here, state.version, self.law, state.direction);
        let Some(dialog) = &mut state.dialog else { return };
        let message = dialog.request("INVITE", &[], &body);
        state.invite = message.cseq().0;
        self.send(&message);
        Self::keep_sending(state, ("INVITE", state.invite), &message);
    }

    fn hang_up(&self) {
        let mut state = self.lock();
        let answered = state.line == Line::Up;
        match (state.line, state.incoming.take()) {
            (Line::Up, _) => self.request(&mut state, "BYE", &[]),
            (Line::Ringing, Some((_, invite))) => self.refuse(&state, &invite, "486 Busy Here"),
            (Line::Ringing, None) => {
                if let Some(dialog) = &state.dialog {
                    self.send(&dialog.within_invite("CANCEL", state.invite));
                }
            }
            _ => {}
        }
        if state.line != Line::Idle {
            self.over(&mut state, if answered { 200 } else { 487 });
        }
    }

    fn over(&self, state: &mut State, status: u16) {
        state.line = Line::Ended(status);
        self.media.send_to(None);
    }
}
