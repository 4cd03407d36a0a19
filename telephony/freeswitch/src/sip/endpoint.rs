//! The endpoint: datagrams in, datagrams and news of taps out.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use sidetone_base::PayloadType;

use super::dialog::{Copies, Dialog, State};
use super::message::{Method, ParseError, Request, Response, SipMessage};
use super::sdp::{Offer, SdpError, answer};
use super::{LEG_HEADER, TAP_HEADER};

/// A tap that the switch was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The attempt: its channel's id on the switch.
    pub tap: String,
    /// The leg that it delivers.
    pub leg: String,
    /// The codec that it must have, as in `a=rtpmap`.
    pub codec: String,
    /// Where its packets are received.
    pub rtp: SocketAddr,
}

/// What the endpoint is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// A tap will come.
    Expect(Expected),
    /// It is not wanted any more: an INVITE is refused, a dialog is ended.
    Forget {
        /// The attempt.
        tap: String,
    },
    /// A datagram came.
    Datagram {
        /// From whom.
        from: SocketAddr,
        /// Its payload.
        bytes: Vec<u8>,
    },
}

/// What was agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What the packets carry.
    pub payload: PayloadType,
    /// Where they come from.
    pub source: SocketAddr,
}

/// Why a request was not taken. Counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// From an address that is not allowed.
    Stranger,
    /// Nobody asked for it.
    Unasked,
    /// Another codec than was asked for, or none.
    Media,
    /// A method that a tap does not need, or a request to a dialog that is not there.
    Request,
    /// No SIP at all. Nothing is answered.
    Garbage(ParseError),
}

impl Refusal {
    /// The label in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Unasked => "unasked",
            Self::Media => "media",
            Self::Request => "request",
            Self::Garbage(_) => "garbage",
        }
    }
}

/// What the endpoint wants done or known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A datagram to send.
    Send {
        /// To whom.
        to: SocketAddr,
        /// Its payload.
        bytes: Vec<u8>,
    },
    /// The tap's packets will come.
    Accepted {
        /// The attempt.
        tap: String,
        /// What was agreed on.
        media: Accepted,
    },
    /// The tap is over, or will not be.
    Ended {
        /// The attempt.
        tap: String,
        /// In plain words.
        reason: String,
    },
    /// Something was not taken.
    Refused(Refusal),
}

/// A SIP user agent server for taps.
#[derive(Debug)]
pub struct Endpoint {
    allow: Vec<IpAddr>,
    contact: SocketAddr,
    expected: HashMap<String, Expected>,
    /// By attempt.
    dialogs: BTreeMap<String, Dialog>,
    outputs: VecDeque<Output>,
}

impl Endpoint {
    /// `contact` is the address that the switch reaches us at.
    #[must_use]
    pub fn new(contact: SocketAddr, allow: Vec<IpAddr>) -> Self {
        Self {
            allow,
            contact,
            expected: HashMap::new(),
            dialogs: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input; drain [`Self::poll`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Expect(expected) => {
                self.expected.insert(expected.tap.clone(), expected);
            }
            Input::Forget { tap } => self.forget(now, &tap),
            Input::Datagram { from, bytes } => self.datagram(now, from, &bytes),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When a copy is due or a wait is over.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let waits = self.dialogs.values().filter_map(|dialog| match &dialog.state {
            State::Answered(copies) | State::Leaving(copies) => Some(copies.deadline()),
            State::Confirmed => None,
        });
        waits.min()
    }

    /// To be called at [`Self::deadline`].
    pub fn wake(&mut self, now: Instant) {
        let mut dead = Vec::new();
        for (tap, dialog) in &mut self.dialogs {
            let (copies, unconfirmed) = match &mut dialog.state {
                State::Answered(copies) => (copies, true),
                State::Leaving(copies) => (copies, false),
                State::Confirmed => continue,
            };
            if now >= copies.until {
                dead.push((tap.clone(), unconfirmed));
            } else if copies.due(now) {
                self.outputs.push_back(Output::Send {
                    to: copies.to,
                    bytes: copies.bytes.clone(),
                });
            }
        }
        for (tap, unconfirmed) in dead {
            self.dialogs.remove(&tap);
            if unconfirmed {
                let reason = "the switch did not confirm our answer: does it reach the advertised address?";
                self.ended(&tap, reason);
            }
        }
    }

    /// How many dialogs there are, those on their way out included.
    #[must_use]
    pub fn dialogs(&self) -> usize {
        self.dialogs.len()
    }

    fn send(&mut self, to: SocketAddr, bytes: Vec<u8>) {
        self.outputs.push_back(Output::Send { to, bytes });
    }

    fn ended(&mut self, tap: &str, reason: impl Into<String>) {
        self.outputs.push_back(Output::Ended {
            tap: tap.to_owned(),
            reason: reason.into(),
        });
    }

    fn refused(&mut self, why: Refusal) {
        self.outputs.push_back(Output::Refused(why));
    }

    fn forget(&mut self, now: Instant, tap: &str) {
        self.expected.remove(tap);
        if let Some(dialog) = self.dialogs.get_mut(tap)
            && !matches!(dialog.state, State::Leaving(_))
        {
            let (bytes, peer) = (dialog.bye(self.contact), dialog.peer);
            dialog.state = State::Leaving(Copies::new(now, bytes.clone(), peer));
            self.send(peer, bytes);
        }
    }

    fn datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        // A keep-alive (RFC 5626 §4.4.1) is no message.
        if bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return;
        }
        match SipMessage::parse(bytes) {
            Err(error) => self.refused(Refusal::Garbage(error)),
            Ok(SipMessage::Response(response)) => self.response(from, &response),
            Ok(SipMessage::Request(request)) => self.request(now, from, &request),
        }
    }

    /// The only request that we send is BYE.
    fn response(&mut self, from: SocketAddr, response: &Response) {
        if response.status < 200 || response.answers() != Some("BYE") || !self.allow.contains(&from.ip()) {
            return;
        }
        let over =
            |dialog: &Dialog| dialog.call_id() == response.call_id() && matches!(dialog.state, State::Leaving(_));
        self.dialogs.retain(|_, dialog| !over(dialog));
    }

    fn request(&mut self, now: Instant, from: SocketAddr, request: &Request) {
        if !self.allow.contains(&from.ip()) {
            self.refused(Refusal::Stranger);
            return self.reply(from, request, 403, "Forbidden");
        }
        let found = self
            .dialogs
            .iter()
            .find(|(_, dialog)| dialog.matches(request))
            .map(|(tap, _)| tap.clone());
        match (request.method, found) {
            (Method::Ack, Some(tap)) => self.confirmed(&tap),
            (Method::Ack, None) => {}
            (Method::Bye, Some(tap)) => {
                self.reply(from, request, 200, "OK");
                if let Some(dialog) = self.dialogs.remove(&tap)
                    && !matches!(dialog.state, State::Leaving(_))
                {
                    self.ended(&tap, "the switch ended the tap");
                }
            }
            (Method::Invite, Some(tap)) => self.again(from, request, &tap),
            (Method::Invite, None) => self.invite(now, from, request),
            (Method::Options, _) => self.reply(from, request, 200, "OK"),
            // We answer at once, so there is nothing left to take back; the switch says BYE then.
            (Method::Cancel, _)
                if self
                    .dialogs
                    .values()
                    .any(|dialog| dialog.call_id() == request.call_id()) =>
            {
                self.reply(from, request, 200, "OK");
            }
            (Method::Bye | Method::Cancel, _) => {
                self.refused(Refusal::Request);
                self.reply(from, request, 481, "Call/Transaction Does Not Exist");
            }
            (Method::Other, _) => {
                self.refused(Refusal::Request);
                self.reply(from, request, 405, "Method Not Allowed");
            }
        }
    }

    fn reply(&mut self, to: SocketAddr, request: &Request, status: u16, reason: &str) {
        if request.method == Method::Ack {
            return;
        }
        let allow = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\n";
        let bytes = request.respond(status, reason, "sidetone", allow, "");
        self.send(to, bytes);
    }

    fn confirmed(&mut self, tap: &str) {
        if let Some(dialog) = self.dialogs.get_mut(tap)
            && matches!(dialog.state, State::Answered(_))
        {
            dialog.state = State::Confirmed;
        }
    }

    fn invite(&mut self, now: Instant, from: SocketAddr, request: &Request) {
        // A copy of an INVITE that was answered: its `To` has no tag of ours yet.
        let copy = self
            .dialogs
            .values()
            .find(|dialog| dialog.call_id() == request.call_id() && Some(dialog.sequence) == request.sequence());
        if let Some(dialog) = copy {
            let bytes = dialog.answer.clone();
            return self.send(from, bytes);
        }
        let header = |name: &str| request.get(name).unwrap_or_default();
        let asked = self
            .expected
            .get(header(TAP_HEADER))
            .is_some_and(|expected| expected.leg == header(LEG_HEADER));
        let expected = if asked {
            self.expected.remove(header(TAP_HEADER))
        } else {
            None
        };
        let Some(expected) = expected.filter(|_| !request.call_id().is_empty() && request.get("Contact").is_some())
        else {
            self.refused(Refusal::Unasked);
            return self.reply(from, request, 403, "Forbidden");
        };
        match accept(request, &expected) {
            Err(error) => {
                self.refused(Refusal::Media);
                self.reply(from, request, 488, "Not Acceptable Here");
                self.ended(&expected.tap, error.to_string());
            }
            Ok((sdp, media)) => {
                let bytes = request.respond(200, "OK", &expected.tap, &self.headers(), &sdp);
                let dialog = Dialog::new(now, request, from, &expected.tap, &expected.codec, sdp, bytes.clone());
                self.dialogs.insert(expected.tap.clone(), dialog);
                self.send(from, bytes);
                self.outputs.push_back(Output::Accepted {
                    tap: expected.tap,
                    media,
                });
            }
        }
    }

    /// A re-INVITE. The same codec is confirmed (a session refresh); another one ends the tap.
    fn again(&mut self, from: SocketAddr, request: &Request, tap: &str) {
        let headers = self.headers();
        let Some(dialog) = self.dialogs.get_mut(tap) else {
            return;
        };
        let same = request.body.is_empty()
            || Offer::parse(&request.body).is_ok_and(|offer| offer.choose(&dialog.codec).is_ok());
        if same {
            let bytes = request.respond(200, "OK", &dialog.tag, &headers, &dialog.sdp);
            self.send(from, bytes);
        } else {
            self.refused(Refusal::Media);
            self.reply(from, request, 488, "Not Acceptable Here");
            self.ended(tap, "the switch changed the tap's codec");
        }
    }

    fn headers(&self) -> String {
        format!(
            "Contact: <sip:tap@{}>\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\nContent-Type: application/sdp\r\n",
            self.contact
        )
    }
}

fn accept(request: &Request, expected: &Expected) -> Result<(String, Accepted), SdpError> {
    let offer = Offer::parse(&request.body)?;
    let codec = offer.choose(&expected.codec)?;
    let sdp = answer(expected.rtp, codec, offer.ptime.as_deref());
    let media = Accepted {
        payload: codec.clone(),
        source: offer.source,
    };
    Ok((sdp, media))
}
