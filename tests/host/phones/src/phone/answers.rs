//! What a telephone does with what comes: answers to its own requests, and others' requests.

use std::time::Instant;

use super::{Inner, Line, State};
use crate::dialog::Dialog;
use crate::sdp::{self, Direction};
use crate::sip::Message;

impl Inner {
    pub(super) fn response(&self, state: &mut State, message: &Message) {
        let (number, method) = message.cseq();
        let status = message.status().unwrap_or(0);
        state
            .pending
            .retain(|pending| pending.wanted != (method.to_owned(), number));
        let ours = state
            .dialog
            .as_ref()
            .is_some_and(|dialog| dialog.call_id == message.get("Call-ID"));
        if method != "INVITE" || !ours || status < 200 {
            return;
        }
        let first = state.line == Line::Ringing;
        let Some(dialog) = &mut state.dialog else { return };
        if status < 300 {
            dialog.answered(message);
            let (ack, ended) = (dialog.ack(number), matches!(state.line, Line::Ended(_)));
            self.send(&ack);
            if ended {
                // It was answered while we cancelled.
                self.request(state, "BYE", &[]);
                return;
            }
            state.line = Line::Up;
            self.listen_to(state, &message.body);
        } else {
            if first {
                dialog.answered(message);
            }
            self.send(&dialog.within_invite("ACK", number));
            if first {
                self.over(state, status);
            }
        }
        if !first && number == state.invite {
            state.renewed = Some(status);
        }
    }

    /// Sends where this says, as far as both sides let us.
    fn listen_to(&self, state: &State, body: &str) {
        let Some((to, theirs)) = sdp::read(body) else { return };
        let held = state.direction == Direction::SendOnly;
        let sends = state.direction.sends() && theirs.reverse().sends() && !held && to.port() != 0;
        self.media.send_to(sends.then_some(to));
    }

    pub(super) fn requested(&self, state: &mut State, message: &Message) {
        let ours = state
            .dialog
            .as_ref()
            .is_some_and(|dialog| dialog.call_id == message.get("Call-ID"));
        match message.method() {
            "INVITE" if ours && state.line == Line::Up => self.renewed(state, message),
            "INVITE" if ours => {}
            "INVITE" if matches!(state.line, Line::Idle | Line::Ended(_)) => self.rings(state, message),
            "INVITE" => self.refuse(state, message, "486 Busy Here"),
            "ACK" => {
                let wanted = ("ACK".to_owned(), message.cseq().0);
                state.pending.retain(|pending| pending.wanted != wanted);
                if ours && state.line == Line::Up {
                    self.listen_to(state, &message.body);
                }
            }
            "CANCEL" => {
                self.accept(state, message);
                if let Some((_, invite)) = state.incoming.take() {
                    self.refuse(state, &invite, "487 Request Terminated");
                    self.over(state, 487);
                }
            }
            "BYE" => {
                self.accept(state, message);
                if ours && state.line == Line::Up {
                    self.over(state, 200);
                }
            }
            "UPDATE" if !message.body.is_empty() => self.renewed(state, message),
            "NOTIFY" => {
                self.accept(state, message);
                let status = message
                    .body
                    .strip_prefix("SIP/2.0 ")
                    .and_then(|rest| rest.get(..3)?.parse().ok());
                state.referred = status.filter(|&status: &u16| status >= 200).or(state.referred);
            }
            _ => self.accept(state, message),
        }
    }

    fn rings(&self, state: &mut State, invite: &Message) {
        state.version += 1;
        let id = u64::from(self.pilot.0) << 32 | u64::from(state.version);
        state.dialog = Some(Dialog::ring(&self.name, invite, self.here, id));
        state.direction = Direction::SendRecv;
        state.line = Line::Ringing;
        self.reply(state, invite, "180 Ringing", "");
        state.incoming = Some((Instant::now() + self.ring, invite.clone()));
    }

    pub(super) fn answer(&self, state: &mut State, invite: &Message) {
        let body = sdp::write(self.media.here, state.version, self.law, Direction::SendRecv);
        state.line = Line::Up;
        self.listen_to(state, &invite.body);
        let ok = self.reply(state, invite, "200 OK", &body);
        Self::keep_sending(state, ("ACK", invite.cseq().0), &ok);
    }

    /// The switch changes the call's sound.
    fn renewed(&self, state: &mut State, message: &Message) {
        let theirs = sdp::read(&message.body).map_or(Direction::SendRecv, |(_, direction)| direction.reverse());
        let direction = if state.direction == Direction::SendRecv {
            theirs
        } else {
            state.direction
        };
        state.version += 1;
        self.listen_to(state, &message.body);
        let body = sdp::write(self.media.here, state.version, self.law, direction);
        let ok = self.reply(state, message, "200 OK", &body);
        if message.method() == "INVITE" {
            Self::keep_sending(state, ("ACK", message.cseq().0), &ok);
        }
    }

    fn accept(&self, state: &State, request: &Message) {
        self.reply(state, request, "200 OK", "");
    }

    pub(super) fn refuse(&self, state: &State, invite: &Message, status: &str) {
        self.reply(state, invite, status, "");
    }

    fn reply(&self, state: &State, request: &Message, status: &str, body: &str) -> Message {
        let to = match &state.dialog {
            Some(dialog) if dialog.call_id == request.get("Call-ID") => dialog.local.clone(),
            _ => format!("{};tag=none", request.get("To")),
        };
        let contact = format!("sip:{}@{}", self.name, self.here);
        let reply = request.reply(status, &to, &contact, body);
        self.send(&reply);
        reply
    }
}
