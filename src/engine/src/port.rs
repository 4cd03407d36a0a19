//! What goes into a call and what comes out.

use std::time::{Duration, Instant};

use sidetone_assist::Looked;
use sidetone_assist::ground::Prompt;
use sidetone_base::{AgentId, Answer, AskId, CallEvent, LegId, Pii, Question, Role, SegmentId, TapFrame};
use sidetone_media::MediaCounters;
use sidetone_schema::{Body, PastCall, Wrapup};
use sidetone_speech::{AudioJob, Hypothesis, Pass, SegmentKey};

/// A fact about the call.
#[derive(Debug)]
pub enum Input {
    /// From the switch.
    Signal(CallEvent),
    /// From a leg's tap.
    Audio {
        /// Which leg.
        leg: LegId,
        /// As the tap gave it.
        frame: TapFrame,
    },
    /// A whole turn of a leg as text, of which there is no sound.
    Typed {
        /// Which leg.
        leg: LegId,
        /// As it was said. Numbers, terms and personal data are treated as in a recogniser's text.
        text: String,
        /// How long it took to say.
        lasted: Duration,
    },
    /// The answer to [`Effect::Recognise`]; every job is answered once, or times out here.
    Recognised(Recognised),
    /// From an operator or a soft-phone.
    Control(Control),
    /// The agent put a hint away.
    Dismissed {
        /// Its `hint_id`.
        hint: String,
    },
    /// From a dialplan; answered once, by [`Effect::Answer`].
    Asked {
        /// Names it in the answer.
        ask: AskId,
        /// What.
        question: Question,
    },
    /// The answer to [`Effect::Compose`]: the improved wrap-up, or `None` when the rules' one stands.
    Composed(Option<Box<Wrapup>>),
    /// What the caller called for before, newest first.
    Caller(Vec<PastCall>),
    /// The daemon stops and the call goes on without it: what is being said is said, and the call's end is left to a
    /// later run.
    Leave,
    /// [`Call::deadline`](crate::Call::deadline) has come.
    Wake,
}

/// The answer to a recognition job.
#[derive(Debug)]
pub struct Recognised {
    /// Which segment.
    pub key: SegmentKey,
    /// Which of its passes.
    pub pass: Pass,
    /// From the request to the answer.
    pub waited: Duration,
    /// What came of it.
    pub outcome: Recognition,
}

/// What came of a recognition job.
#[derive(Debug)]
pub enum Recognition {
    /// Text, raw.
    Text(Hypothesis),
    /// No speech in it.
    Silence,
    /// The recogniser failed; the reason holds no audio and no text.
    Failed(String),
    /// Not done, for want of time. Only partials are shed.
    Shed,
}

/// What an operator or a soft-phone may ask of a running call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Hear nothing until [`Control::Resume`] (the caller dictates a password, say).
    Pause,
    /// Hear again.
    Resume,
    /// While on, transcripts carry no text at all, only its length.
    Mask(bool),
}

/// What the call wants done.
#[derive(Debug)]
pub enum Effect {
    /// Recognise this and answer with [`Input::Recognised`].
    Recognise(AudioJob),
    /// The segment gets no further job; an adapter may drop what it kept.
    Forget(SegmentKey),
    /// Put this on the wire, in this order.
    Publish(Published),
    /// Tell a role that may read it what a final covers; nothing keeps it.
    Unmasked(Unmasked),
    /// What a dialplan asked is known.
    Answer {
        /// Which question.
        ask: AskId,
        /// What came of it.
        answer: Answer,
    },
    /// Word the wrap-up better and answer with [`Input::Composed`]; what comes after `deadline` is not used. Nothing
    /// but the end of the call waits for it.
    Compose {
        /// What an engine is asked, with the wrap-up that the rules made.
        prompt: Box<Prompt>,
        /// Until when.
        deadline: Instant,
    },
    /// The library was looked into; to be counted.
    Looked(Looked),
    /// A leg is done; its counters are final.
    LegDone(LegReport),
    /// `call.ended` has been published: nothing follows.
    Finished,
}

/// An event without what only the wire knows (`seq`, `ts`).
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// The leg that it is about.
    pub leg: Option<LegId>,
    /// That leg's role.
    pub role: Option<Role>,
    /// The agent on the call.
    pub agent: Option<AgentId>,
    /// The event.
    pub body: Body,
}

/// A final as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmasked {
    /// Of which leg.
    pub leg: LegId,
    /// That leg's role.
    pub role: Role,
    /// The agent on the call.
    pub agent: Option<AgentId>,
    /// The final's segment.
    pub segment: SegmentId,
    /// With all that its `transcript.final` covers.
    pub text: Pii<String>,
}

/// A leg's counters when it is done.
#[derive(Clone, Debug)]
pub struct LegReport {
    /// Which leg.
    pub leg: LegId,
    /// What its audio went through.
    pub media: MediaCounters,
    /// Segments whose final never came.
    pub finals_lost: u64,
    /// Sentences that a decoder made up and that were left out of finals: credits of videos.
    pub credits: u64,
    /// Under which code of `error` it was said that another party's sound was in it.
    pub crosstalk: Option<&'static str>,
    /// Segments of which another party's sound was left out.
    pub crosstalk_segments: u64,
}
