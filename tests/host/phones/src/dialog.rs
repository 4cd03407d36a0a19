//! One call as SIP knows it: who, which, and which request comes next.

use std::net::SocketAddr;

use crate::sip::{Message, address, tag};

/// Between the first message and the last.
#[derive(Clone, Debug)]
pub(crate) struct Dialog {
    pub(crate) call_id: String,
    /// Our `From`, with our tag.
    pub(crate) local: String,
    /// Theirs, with their tag once it is known.
    pub(crate) remote: String,
    /// Where requests go: their `Contact`.
    pub(crate) target: String,
    /// Our own address.
    pub(crate) contact: String,
    cseq: u32,
}

impl Dialog {
    /// Of a call that we make.
    pub(crate) fn dial(user: &str, number: &str, here: SocketAddr, switch: SocketAddr, id: u64) -> Self {
        let target = format!("sip:{number}@{switch}");
        Self {
            call_id: format!("{id:x}-{}", here.port()),
            local: format!("<sip:{user}@{here}>;tag=p{id:x}"),
            remote: format!("<{target}>"),
            target,
            contact: format!("sip:{user}@{here}"),
            cseq: 0,
        }
    }

    /// Of a call that we get.
    pub(crate) fn ring(user: &str, invite: &Message, here: SocketAddr, id: u64) -> Self {
        Self {
            call_id: invite.get("Call-ID").to_owned(),
            local: format!("{};tag=p{id:x}", invite.get("To")),
            remote: invite.get("From").to_owned(),
            target: invite.contact(),
            contact: format!("sip:{user}@{here}"),
            cseq: 100,
        }
    }

    /// Takes over what the other side's first answer says.
    pub(crate) fn answered(&mut self, answer: &Message) {
        if !tag(answer.get("To")).is_empty() {
            answer.get("To").clone_into(&mut self.remote);
        }
        let contact = answer.contact();
        if !contact.is_empty() {
            self.target = contact;
        }
    }

    /// The next request.
    pub(crate) fn request(&mut self, method: &str, more: &[(&str, String)], body: &str) -> Message {
        self.cseq += 1;
        self.build(method, (method, self.cseq), more, body)
    }

    /// The `ACK` of a 200.
    pub(crate) fn ack(&self, cseq: u32) -> Message {
        self.build("ACK", ("ACK", cseq), &[], "")
    }

    /// The `ACK` of a refusal, or the `CANCEL`: they are of the same transaction as the `INVITE`.
    pub(crate) fn within_invite(&self, method: &str, cseq: u32) -> Message {
        self.build(method, ("INVITE", cseq), &[], "")
    }

    fn build(&self, method: &str, transaction: (&str, u32), more: &[(&str, String)], body: &str) -> Message {
        let here = address(&format!("<{}>", self.contact));
        let here = here.split_once('@').map_or("", |(_, host)| host);
        let (kind, cseq) = transaction;
        let branch = format!("z9hG4bK{}-{kind}-{cseq}", self.call_id);
        let mut headers = vec![
            ("Via".to_owned(), format!("SIP/2.0/UDP {here};branch={branch};rport")),
            ("Max-Forwards".to_owned(), "70".to_owned()),
            ("From".to_owned(), self.local.clone()),
            ("To".to_owned(), self.remote.clone()),
            ("Call-ID".to_owned(), self.call_id.clone()),
            ("CSeq".to_owned(), format!("{cseq} {method}")),
            ("Contact".to_owned(), format!("<{}>", self.contact)),
            (
                "Allow".to_owned(),
                "INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY, INFO, UPDATE".to_owned(),
            ),
        ];
        headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Message {
            start: format!("{method} {} SIP/2.0", self.target),
            headers,
            body: body.to_owned(),
        }
    }

    /// What a `Refer-To` says of this call, for an attended transfer.
    pub(crate) fn replaces(&self) -> String {
        let (to, from) = (tag(&self.remote), tag(&self.local));
        let call = self.call_id.replace('@', "%40");
        format!(
            "<{}?Replaces={call}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}>",
            address(&self.remote)
        )
    }
}
