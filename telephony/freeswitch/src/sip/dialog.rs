//! One accepted tap: its answer until it is confirmed, its end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::message::{Request, tag_of, uri_of};

/// RFC 3261 §17.1.1.1: a round trip's estimate.
pub(super) const T1: Duration = Duration::from_millis(500);
/// The longest wait between two copies.
const T2: Duration = Duration::from_secs(4);
/// Nobody is there any more.
pub(super) const GIVE_UP: Duration = Duration::from_secs(32);

/// A message that is sent again until it is confirmed.
#[derive(Debug)]
pub(super) struct Copies {
    pub(super) bytes: Vec<u8>,
    pub(super) to: SocketAddr,
    next: Instant,
    wait: Duration,
    pub(super) until: Instant,
}

impl Copies {
    pub(super) fn new(now: Instant, bytes: Vec<u8>, to: SocketAddr) -> Self {
        Self {
            bytes,
            to,
            next: now + T1,
            wait: T1,
            until: now + GIVE_UP,
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.next.min(self.until)
    }

    /// Whether a copy is due.
    pub(super) fn due(&mut self, now: Instant) -> bool {
        if now < self.next || now >= self.until {
            return false;
        }
        self.wait = (self.wait * 2).min(T2);
        self.next = now + self.wait;
        true
    }
}

#[derive(Debug)]
pub(super) enum State {
    /// 200 was sent; no ACK yet.
    Answered(Copies),
    /// Both know.
    Confirmed,
    /// We said BYE.
    Leaving(Copies),
}

/// What is needed to take part in the dialog, in our words: the peer is the switch.
#[derive(Debug)]
pub(super) struct Dialog {
    pub(super) tap: String,
    pub(super) peer: SocketAddr,
    pub(super) state: State,
    /// Our answer to the INVITE, for copies of it; the number of that INVITE.
    pub(super) answer: Vec<u8>,
    pub(super) sequence: u32,
    /// The SDP that was answered: a re-INVITE with the same codec gets it again.
    pub(super) sdp: String,
    pub(super) codec: String,
    remote: String,
    local: String,
    target: String,
    call_id: String,
    routes: Vec<String>,
    pub(super) tag: String,
}

impl Dialog {
    pub(super) fn new(
        now: Instant,
        request: &Request,
        peer: SocketAddr,
        tap: &str,
        codec: &str,
        sdp: String,
        answer: Vec<u8>,
    ) -> Self {
        let text = |name: &str| request.get(name).unwrap_or_default().to_owned();
        Self {
            tap: tap.to_owned(),
            peer,
            state: State::Answered(Copies::new(now, answer.clone(), peer)),
            answer,
            sequence: request.sequence().unwrap_or_default(),
            sdp,
            codec: codec.to_owned(),
            remote: text("From"),
            local: format!("{};tag={tap}", text("To")),
            target: uri_of(request.get("Contact").unwrap_or_default()).to_owned(),
            call_id: text("Call-ID"),
            routes: request.all("Record-Route").map(str::to_owned).collect(),
            tag: tap.to_owned(),
        }
    }

    /// Whether a request within a dialog is of this one: `From` and `To` have both our tags.
    pub(super) fn matches(&self, request: &Request) -> bool {
        let tag = |name: &str| request.get(name).and_then(tag_of);
        request.call_id() == self.call_id && tag("To") == Some(&self.tag) && tag("From") == tag_of(&self.remote)
    }

    pub(super) fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Our BYE. Its number is one: it is our only request.
    pub(super) fn bye(&self, sent_by: SocketAddr) -> Vec<u8> {
        let mut out = format!(
            "BYE {} SIP/2.0\r\nVia: SIP/2.0/UDP {sent_by};rport;branch=z9hG4bK-{}\r\nMax-Forwards: 70\r\n\
             From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\n",
            self.target, self.tap, self.local, self.remote, self.call_id
        );
        for route in &self.routes {
            out.push_str(&format!("Route: {route}\r\n"));
        }
        out.push_str("Content-Length: 0\r\n\r\n");
        out.into_bytes()
    }
}
