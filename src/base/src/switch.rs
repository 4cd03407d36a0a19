//! What a switch's side of the daemon gives to the rest of it, the same for every kind of switch.

use std::time::{Duration, Instant};

use crate::{CallId, CallSignal, Fact, LegId, TapFrame};

/// One stream, so that a leg's audio never comes before the leg.
#[derive(Debug)]
pub enum SwitchOutput {
    /// A fact about a call.
    Signal(CallSignal),
    /// A fact for metrics. Where the stream is full it is dropped and counted.
    Fact(Fact),
    /// The switch is there, and every call that it has has been told of.
    Connected {
        /// The calls that there are.
        live: Vec<CallId>,
    },
    /// The switch is away; calls that were heard stay as they are.
    Disconnected,
    /// A stretch of one leg's sound.
    Audio {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// When it arrived: PCM from a tap has no clock of its own.
        at: Instant,
        /// The sound.
        frame: TapFrame,
    },
    /// The dialplan asks something, and a caller waits for the answer.
    Asked {
        /// Names the question in its [`Answer`]; unique within this switch.
        ask: AskId,
        /// About which call.
        call: CallId,
        /// What.
        question: Question,
    },
}

/// One question of a dialplan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(pub u64);

/// What a dialplan may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// What does the leg say next? Whoever speaks already is heard to the end.
    Listen {
        /// Whose words.
        leg: LegId,
        /// How long it may be silent before it begins to speak. Once it speaks, its words are awaited.
        within: Duration,
    },
    /// What did the leg say last? Answered at once, without listening; [`Answer::Silence`] where it has
    /// said nothing yet.
    Last {
        /// Whose words.
        leg: LegId,
    },
    /// What has been said so far?
    Summary,
}

/// What is answered to a [`Question`]; every question gets one answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The leg said this.
    Heard(Said),
    /// Nobody spoke in time, or what was heard was no speech.
    Silence,
    /// What the call was about so far.
    Summary(Summary),
    /// There is no such call or leg (any more), or it is not heard.
    Gone,
}

/// An utterance as a dialplan can use it. Masked, as everything that leaves the process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// What was said.
    pub text: String,
    /// 0 to 1: how sure the recogniser is of the text.
    pub confidence: f32,
    /// The topic's id in the knowledge base (`unemployment_benefit`), when there is one.
    pub topic: Option<String>,
    /// The topic's name for people (`失业保险金`).
    pub topic_name: Option<String>,
    /// What the caller wants of it (`procedure`, `eligibility`).
    pub intent: Option<String>,
    /// Name and value, as in the event `intent`.
    pub slots: Vec<(String, String)>,
    /// What the knowledge base answers, short enough to be read out.
    pub reply: Option<String>,
    /// When the last word was over.
    pub ended: Option<Instant>,
}

/// What an agent should know of a caller who is put through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// In one sentence.
    pub text: String,
    /// The newest topic's id, when there is one.
    pub topic: Option<String>,
    /// Its name for people.
    pub topic_name: Option<String>,
    /// Name and value of everything that the caller has told of themselves.
    pub slots: Vec<(String, String)>,
}
