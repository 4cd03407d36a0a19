//! What the daemon says.

use crate::codec::{Reader, Writer};
use crate::{Answer, MAX_BODY, MAX_ID, MAX_NAME, Message, WireError};

const WELCOME: u8 = 64;
const ANSWER: u8 = 65;
const EVENT: u8 = 66;
const BYPASS: u8 = 67;

/// The answer to [`crate::Hello`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The daemon's version, for people (`sidetone status`).
    pub daemon: String,
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
    /// To a question of the dialplan.
    Answer(Answer),
    /// Tell the switch's own listeners.
    Event(Event),
    /// Every entry of the module does nothing (or something again).
    Bypass(bool),
}

impl Message for ToModule {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        match self {
            Self::Welcome(welcome) => Writer::new(out, WELCOME).text("daemon", &welcome.daemon, MAX_NAME),
            Self::Answer(answer) => answer.write(Writer::new(out, ANSWER)),
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
            ANSWER => Self::Answer(Answer::read(&mut from)?),
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
