//! What events say of one contact, as facts. A contact is folded anew whenever an event of it comes: so the order in
//! which events come, and how often, changes nothing.

mod contact;
mod others;
mod speech;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sidetone_schema::{Body, Envelope};

/// Something that was told of a contact.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// An event.
    Event(Box<Envelope>),
    /// What an agent did, at a time in ms UTC.
    Feedback(i64, Feedback),
}

/// An entry of the feedback stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// What was done.
    pub action: String,
    /// The call.
    pub call_id: String,
    /// With which hint.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint_id: Option<String>,
    /// With which text, or with which element of the wrap-up.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub segment_id: Option<String>,
}

impl Told {
    /// When, in ms UTC.
    pub(crate) fn at(&self) -> i64 {
        match self {
            Self::Event(event) => event.ts.instant().as_millisecond(),
            Self::Feedback(at, _) => *at,
        }
    }
}

/// Where what an event says is kept together: a call's id, `agent:ID` or `ticket:ID`. None when it says nothing that metrics
/// are made of.
pub(crate) fn key_of(event: &Envelope) -> Option<String> {
    let contact = match &event.body {
        Body::TranscriptPartial(_)
        | Body::SpeechStarted(_)
        | Body::WrapupDraft(_)
        | Body::Error(_)
        | Body::FactsEnded(_) => return None,
        Body::AgentState(data) => return Some(agent_key(&data.agent_id)),
        Body::TicketCreated(data) => return Some(ticket_key(&data.ticket)),
        Body::TicketClosed(data) => return Some(ticket_key(&data.ticket)),
        Body::ContactEntered(data) => &data.contact,
        Body::ContactLeft(data) => &data.contact,
        Body::QueueEntered(data) => &data.contact,
        Body::QueueLeft(data) => &data.contact,
        Body::AgentOffered(data) => &data.contact,
        Body::AgentOfferEnded(data) => &data.contact,
        Body::AgentAcwEnded(data) => &data.contact,
        Body::IvrEntered(data) => &data.contact,
        Body::IvrTurn(data) => &data.contact,
        Body::IvrLeft(data) => &data.contact,
        Body::SurveyOffered(data) => &data.contact,
        Body::SurveyAnswered(data) => &data.contact,
        _ => &event.call_id,
    };
    Some(contact.clone())
}

fn agent_key(agent: &str) -> String {
    format!("agent:{agent}")
}

fn ticket_key(ticket: &str) -> String {
    format!("ticket:{ticket}")
}

/// The facts under a key, from all that was told, in order of time.
pub(crate) fn fold(key: &str, told: &[&Told]) -> Vec<Json> {
    let facts = if let Some(agent) = key.strip_prefix("agent:") {
        others::agent(agent, told)
    } else if let Some(ticket) = key.strip_prefix("ticket:") {
        others::ticket(ticket, told)
    } else {
        contact::facts(told)
    };
    let numbered = facts.into_iter().enumerate().map(|(place, mut fact)| {
        if let Json::Object(fields) = &mut fact {
            fields.insert("call_id".to_owned(), key.into());
            fields.insert("seq".to_owned(), (place + 1).into());
        }
        fact
    });
    numbered.collect()
}
