//! What the daemon says.

use crate::codec::{Reader, Writer};
use crate::{MAX_BODY, MAX_ID, MAX_NAME, MAX_TEXT, Message, WireError};

const WELCOME: u8 = 64;
const LISTEN_RESULT: u8 = 65;
const EVENT: u8 = 66;
const BYPASS: u8 = 67;

/// The answer to [`crate::Hello`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The daemon's version, for people (`sidetone status`).
    pub daemon: String,
}

/// How waiting for an utterance ended; the dialplan's `sidetone_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Answer {
    /// Something was said.
    Heard = 0,
    /// Nothing was said in time.
    Timeout = 1,
    /// The daemon cannot answer (no recogniser, leg unknown).
    Unavailable = 2,
}

/// What the leg said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenResult {
    /// Of [`crate::Listen`].
    pub ask: u64,
    /// How it ended.
    pub answer: Answer,
    /// What was said, masked.
    pub text: String,
    /// What the caller wants.
    pub intent: String,
    /// The business topic.
    pub topic: String,
    /// How sure, in thousandths.
    pub confidence_permille: u16,
    /// What was named, as a JSON object.
    pub slots: String,
    /// What may be read back, from the knowledge base; empty when there is nothing.
    pub reply: String,
}

/// Which `CUSTOM sidetone::…` event. `start`, `stop`, `overrun` and most errors are the module's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Subclass {
    /// Something was said and is final.
    Transcription = 0,
    /// The agent gets a hint.
    Hint = 1,
    /// The call's wrap-up.
    Wrapup = 2,
    /// The daemon says what failed.
    Error = 3,
}

impl Subclass {
    /// The event's subclass.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transcription => "sidetone::transcription",
            Self::Hint => "sidetone::hint",
            Self::Wrapup => "sidetone::wrapup",
            Self::Error => "sidetone::error",
        }
    }
}

/// Fire this on the switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `Unique-ID` of the event.
    pub uuid: String,
    /// Which.
    pub subclass: Subclass,
    /// The event's body: JSON.
    pub body: String,
}

/// Daemon to module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToModule {
    /// The daemon speaks this protocol.
    Welcome(Welcome),
    /// What was said.
    ListenResult(ListenResult),
    /// Tell the switch's own listeners.
    Event(Event),
    /// Every entry of the module does nothing (or something again).
    Bypass(bool),
}

impl Message for ToModule {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        match self {
            Self::Welcome(welcome) => Writer::new(out, WELCOME).text("daemon", &welcome.daemon, MAX_NAME),
            Self::ListenResult(result) => Writer::new(out, LISTEN_RESULT)
                .u64(result.ask)
                .u8(result.answer as u8)
                .text("text", &result.text, MAX_TEXT)
                .text("intent", &result.intent, MAX_NAME)
                .text("topic", &result.topic, MAX_NAME)
                .u16(result.confidence_permille)
                .text("slots", &result.slots, MAX_TEXT)
                .text("reply", &result.reply, MAX_TEXT),
            Self::Event(event) => Writer::new(out, EVENT)
                .text("uuid", &event.uuid, MAX_ID)
                .u8(event.subclass as u8)
                .text("body", &event.body, MAX_BODY),
            Self::Bypass(on) => Writer::new(out, BYPASS).u8(u8::from(*on)),
        }
        .finish()
    }

    fn decode(kind: u8, payload: &[u8]) -> Result<Option<Self>, WireError> {
        let mut from = Reader::new(kind, payload);
        let message = match kind {
            WELCOME => Self::Welcome(Welcome {
                daemon: from.word("daemon", MAX_NAME)?,
            }),
            LISTEN_RESULT => Self::ListenResult(ListenResult {
                ask: from.u64("ask")?,
                answer: match from.u8("answer")? {
                    0 => Answer::Heard,
                    1 => Answer::Timeout,
                    2 => Answer::Unavailable,
                    _ => return Err(WireError::Value { field: "answer" }),
                },
                text: from.text("text", MAX_TEXT)?,
                intent: from.word("intent", MAX_NAME)?,
                topic: from.word("topic", MAX_NAME)?,
                confidence_permille: from.u16("confidence")?,
                slots: from.text("slots", MAX_TEXT)?,
                reply: from.text("reply", MAX_TEXT)?,
            }),
            EVENT => Self::Event(Event {
                uuid: from.word("uuid", MAX_ID)?,
                subclass: match from.u8("subclass")? {
                    0 => Subclass::Transcription,
                    1 => Subclass::Hint,
                    2 => Subclass::Wrapup,
                    3 => Subclass::Error,
                    _ => return Err(WireError::Value { field: "subclass" }),
                },
                body: from.text("body", MAX_BODY)?,
            }),
            BYPASS => Self::Bypass(from.flag("on")?),
            _ => return Ok(None),
        };
        from.finish(message)
    }
}
