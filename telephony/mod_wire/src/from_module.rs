//! What the module says.

use std::time::Duration;

use crate::codec::{Reader, Writer};
use crate::{Asked, MAX_ID, MAX_NAME, MAX_SAMPLES, Message, WireError};

const HELLO: u8 = 1;
const LEG_START: u8 = 2;
const AUDIO: u8 = 3;
const LEG_STOP: u8 = 4;
const PAUSE: u8 = 5;
const RESUME: u8 = 6;
const ASK: u8 = 7;
const ASK_CANCEL: u8 = 8;

const NEXT: u8 = 0;
const LAST: u8 = 1;
const SUMMARY: u8 = 2;

/// Which party a leg is, as the dialplan said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Party {
    /// The member of the public.
    Caller = 0,
    /// The hotline's employee.
    Agent = 1,
}

impl Party {
    /// As written in the dialplan.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Agent => "agent",
        }
    }

    /// From the dialplan's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Caller, Self::Agent]
            .into_iter()
            .find(|party| party.as_str() == word)
    }
}

/// First on a connection: who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The module's version, for people.
    pub module: String,
    /// The switch's name (`switchname`).
    pub switch: String,
    /// The switch's id; another one after a restart of the switch.
    pub switch_uuid: String,
}

/// A leg is tapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegStart {
    /// The channel's id.
    pub uuid: String,
    /// What the legs of one conversation share: `sidetone_call`, else the caller's channel.
    pub call: String,
    /// Which party.
    pub party: Party,
    /// The agent's id; empty when the dialplan gave none.
    pub agent: String,
    /// The profile's name; empty when the dialplan gave none.
    pub profile: String,
    /// The queue that the channel names; empty when it names none.
    pub queue: String,
    /// Samples per second at this moment; each [`Audio`] has its own.
    pub rate: u32,
    /// How many frames the module keeps of this leg while nobody fetches them: as many may come at once.
    pub backlog: u16,
    /// How long ago the tap began, when this was said: what [`Audio::captured`] of a frame read now would be.
    pub tapped: Duration,
}

/// Some 20 ms of one leg, signed 16-bit, mono.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// The channel's id.
    pub uuid: String,
    /// Which party.
    pub party: Party,
    /// Samples per second. When it changes (a new codec), `position` begins anew at zero.
    pub rate: u32,
    /// Where the first sample lies: samples that the switch read since the tap or the last change of rate, paused
    /// and lost ones included. While the switch reads nothing (hold, comfort noise, bypass) it stands still and
    /// only `captured` goes on.
    pub position: u64,
    /// When the switch read it, since the tap began, by a clock that never steps.
    pub captured: Duration,
    /// Frames that were overwritten right before this one because nobody fetched them.
    pub lost: u32,
    /// At most [`MAX_SAMPLES`].
    pub samples: Vec<i16>,
}

/// Why a leg is no longer tapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LegEnd {
    /// The switch removed the tap: the channel ended.
    Hangup = 0,
    /// `stop` was asked.
    Stopped = 1,
    /// A fault within the module; the tap took itself out.
    Fault = 2,
}

impl LegEnd {
    /// As in the event's `Sidetone-Reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hangup => "hangup",
            Self::Stopped => "stopped",
            Self::Fault => "fault",
        }
    }
}

/// A leg is no longer tapped. Nothing follows for it; a question that it had waits no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegStop {
    /// The channel's id.
    pub uuid: String,
    /// Why.
    pub end: LegEnd,
    /// Frames that the tap gave.
    pub frames: u64,
    /// Of these, overwritten because nobody fetched them.
    pub lost: u64,
}

/// The dialplan waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The channel's id.
    pub uuid: String,
    /// Comes back in the answer; never used twice while the switch runs.
    pub ask: u64,
    /// What.
    pub asked: Asked,
}

/// Module to daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromModule {
    /// First.
    Hello(Hello),
    /// A leg is tapped.
    LegStart(LegStart),
    /// Its audio.
    Audio(Audio),
    /// It is no longer tapped.
    LegStop(LegStop),
    /// Nothing of this leg is sent until `Resume`.
    Pause(String),
    /// The leg is sent again.
    Resume(String),
    /// Answer with [`crate::Answer`].
    Ask(Ask),
    /// Nobody waits any more (hang-up, timeout): no answer is needed.
    AskCancel {
        /// The channel's id.
        uuid: String,
        /// Which.
        ask: u64,
    },
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Message for FromModule {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        match self {
            Self::Hello(hello) => Writer::new(out, HELLO)
                .text("module", &hello.module, MAX_NAME)
                .text("switch", &hello.switch, MAX_NAME)
                .text("switch_uuid", &hello.switch_uuid, MAX_ID),
            Self::LegStart(leg) => Writer::new(out, LEG_START)
                .text("uuid", &leg.uuid, MAX_ID)
                .text("call", &leg.call, MAX_ID)
                .u8(leg.party as u8)
                .text("agent", &leg.agent, MAX_NAME)
                .text("profile", &leg.profile, MAX_NAME)
                .text("queue", &leg.queue, MAX_NAME)
                .u32(leg.rate)
                .u16(leg.backlog)
                .u64(micros(leg.tapped)),
            Self::Audio(audio) => Writer::new(out, AUDIO)
                .text("uuid", &audio.uuid, MAX_ID)
                .u8(audio.party as u8)
                .u32(audio.rate)
                .u64(audio.position)
                .u64(micros(audio.captured))
                .u32(audio.lost)
                .samples(&audio.samples, MAX_SAMPLES),
            Self::LegStop(stop) => Writer::new(out, LEG_STOP)
                .text("uuid", &stop.uuid, MAX_ID)
                .u8(stop.end as u8)
                .u64(stop.frames)
                .u64(stop.lost),
            Self::Pause(uuid) => Writer::new(out, PAUSE).text("uuid", uuid, MAX_ID),
            Self::Resume(uuid) => Writer::new(out, RESUME).text("uuid", uuid, MAX_ID),
            Self::Ask(ask) => {
                let out = Writer::new(out, ASK).text("uuid", &ask.uuid, MAX_ID).u64(ask.ask);
                match ask.asked {
                    Asked::Next { timeout, limit } => out.u8(NEXT).u32(millis(timeout)).u32(millis(limit)),
                    Asked::Last => out.u8(LAST),
                    Asked::Summary => out.u8(SUMMARY),
                }
            }
            Self::AskCancel { uuid, ask } => Writer::new(out, ASK_CANCEL).text("uuid", uuid, MAX_ID).u64(*ask),
        }
        .finish()
    }

    fn decode(kind: u8, payload: &[u8]) -> Result<Option<Self>, WireError> {
        let mut from = Reader::new(kind, payload);
        let message = match kind {
            HELLO => Self::Hello(Hello {
                module: from.word("module", MAX_NAME)?,
                switch: from.word("switch", MAX_NAME)?,
                switch_uuid: from.word("switch_uuid", MAX_ID)?,
            }),
            LEG_START => Self::LegStart(LegStart {
                uuid: from.word("uuid", MAX_ID)?,
                call: from.word("call", MAX_ID)?,
                party: party(&mut from)?,
                agent: from.word("agent", MAX_NAME)?,
                profile: from.word("profile", MAX_NAME)?,
                queue: from.word("queue", MAX_NAME)?,
                rate: from.u32("rate")?,
                backlog: from.u16("backlog")?,
                tapped: Duration::from_micros(from.u64("tapped")?),
            }),
            AUDIO => Self::Audio(Audio {
                uuid: from.word("uuid", MAX_ID)?,
                party: party(&mut from)?,
                rate: from.u32("rate")?,
                position: from.u64("position")?,
                captured: Duration::from_micros(from.u64("captured")?),
                lost: from.u32("lost")?,
                samples: from.samples(MAX_SAMPLES)?,
            }),
            LEG_STOP => Self::LegStop(LegStop {
                uuid: from.word("uuid", MAX_ID)?,
                end: match from.u8("end")? {
                    0 => LegEnd::Hangup,
                    1 => LegEnd::Stopped,
                    2 => LegEnd::Fault,
                    _ => return Err(WireError::Value { field: "end" }),
                },
                frames: from.u64("frames")?,
                lost: from.u64("lost")?,
            }),
            PAUSE => Self::Pause(from.word("uuid", MAX_ID)?),
            RESUME => Self::Resume(from.word("uuid", MAX_ID)?),
            ASK => Self::Ask(Ask {
                uuid: from.word("uuid", MAX_ID)?,
                ask: from.u64("ask")?,
                asked: asked(&mut from)?,
            }),
            ASK_CANCEL => Self::AskCancel {
                uuid: from.word("uuid", MAX_ID)?,
                ask: from.u64("ask")?,
            },
            _ => return Ok(None),
        };
        from.finish(message)
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

fn asked(from: &mut Reader<'_>) -> Result<Asked, WireError> {
    match from.u8("asked")? {
        NEXT => Ok(Asked::Next {
            timeout: Duration::from_millis(from.u32("timeout")?.into()),
            limit: Duration::from_millis(from.u32("limit")?.into()),
        }),
        LAST => Ok(Asked::Last),
        SUMMARY => Ok(Asked::Summary),
        _ => Err(WireError::Value { field: "asked" }),
    }
}

fn party(from: &mut Reader<'_>) -> Result<Party, WireError> {
    match from.u8("party")? {
        0 => Ok(Party::Caller),
        1 => Ok(Party::Agent),
        _ => Err(WireError::Value { field: "party" }),
    }
}
