//! What a switch says of a call, in words that fit every switch.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AgentId, CallId, LegId, Pii};

/// Which party a leg is. From signalling or configuration, never from who speaks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The member of the public.
    Caller,
    /// The hotline's employee.
    Agent,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "caller",
            Self::Agent => "agent",
        })
    }
}

/// How a leg is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TapKind {
    /// Asterisk: ARI snoop channel continued into `AudioSocket`, 16 kHz.
    Snoop,
    /// Asterisk: `ChanSpy` originated over AMI into `AudioSocket`, 8 kHz, silence not sent.
    ChanSpy,
    /// Asterisk's speech engine interface (AEAP): µ-law or linear PCM over a WebSocket, an IVR only.
    SpeechEngine,
    /// FreeSWITCH: `native_eavesdrop` to a SIP endpoint of ours: the leg's own encoded RTP.
    Native,
    /// FreeSWITCH: `eavesdrop` to a SIP endpoint of ours: decoded and encoded again.
    Eavesdrop,
    /// FreeSWITCH: the leg's RTP as the network card sees it.
    Passive,
    /// FreeSWITCH: `mod_sidetone`, a media bug on the leg.
    Module,
    /// A recording: `sidetone replay`.
    Recording,
}

impl TapKind {
    /// The label used in configuration, metrics and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Snoop => "snoop",
            Self::ChanSpy => "chanspy",
            Self::SpeechEngine => "aeap",
            Self::Native => "native",
            Self::Eavesdrop => "eavesdrop",
            Self::Passive => "passive",
            Self::Module => "module",
            Self::Recording => "recording",
        }
    }
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// A party hung up, or the switch did.
    Hangup,
    /// The call was gone when the connection to the switch came back; its end was not seen.
    LostSight,
}

/// How a party left a call that goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LegExit {
    /// It hung up.
    #[default]
    HungUp,
    /// It sent the caller on, unannounced.
    Blind,
    /// It left the caller to somebody else who is in the call.
    Attended,
}

/// What an RTP payload type carries, as signalled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadType {
    /// 0 to 127.
    pub number: u8,
    /// As in an SDP `a=rtpmap` line (RFC 8866 §6.6): `opus/48000/2`.
    pub rtpmap: String,
}

/// One fact about one call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallSignal {
    /// Which call.
    pub call: CallId,
    /// What happened to it.
    pub event: CallEvent,
}

/// What happened to a call. `Started` (or `StartedUnlisted`) comes first and `Ended` last; a leg joins
/// before it is tapped, held or left. A leg that leaves ends its tap without a signal of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum CallEvent {
    /// Somebody is heard for a dialplan alone (a speech engine that the switch borrows): questions are
    /// answered, and nothing of it is published, journalled or wrapped up.
    StartedUnlisted,
    /// A caller and an agent were joined for the first time, a dialplan wants a caller heard before
    /// that, or a running call was found.
    Started {
        /// How long the call had run when it was found; zero for a new one.
        age: Duration,
        /// The caller's number, when the switch gave one.
        caller_number: Option<Pii<String>>,
        /// The number that was dialled.
        called_number: Option<String>,
        /// The queue that the caller came through.
        queue: Option<String>,
        /// The CTI's own id of the call, when the dialplan set one.
        cti_id: Option<String>,
    },
    /// A party is in the call.
    LegJoined {
        /// Its channel's id.
        leg: LegId,
        /// Its channel's name on the switch, for people (`PJSIP/8001-00000003`).
        channel: String,
        /// Which party it is.
        role: Role,
        /// Who, when it is an agent that is known.
        agent: Option<AgentId>,
    },
    /// A party left; the call may go on (a transfer).
    LegLeft {
        /// Which.
        leg: LegId,
        /// How.
        exit: LegExit,
    },
    /// The party put the call on hold: what it hears is not what the other says.
    Held {
        /// Who pressed hold.
        leg: LegId,
    },
    /// The hold ended.
    Resumed {
        /// Who resumed.
        leg: LegId,
    },
    /// The dialplan wants nothing heard for a while (the caller keys in a password).
    Paused,
    /// The dialplan wants it heard again.
    Continued,
    /// Audio of the leg will flow.
    TapAttached {
        /// Which leg.
        leg: LegId,
        /// How it is heard.
        kind: TapKind,
        /// What the payload types of its RTP carry, where they are not the usual ones.
        payload_types: Vec<PayloadType>,
    },
    /// The leg is not heard (any more). Said once for each kind that was tried.
    TapFailed {
        /// Which leg.
        leg: LegId,
        /// How it was to be heard.
        kind: TapKind,
        /// In plain words, without personal data.
        reason: String,
    },
    /// The line is down. Nothing follows.
    Ended {
        /// Why.
        cause: EndCause,
    },
}
