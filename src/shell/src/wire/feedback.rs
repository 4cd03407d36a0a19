//! What agents did with hints: `XADD sidetone:feedback * action clicked hint_id … call_id … agent_id …`.

use metrics::counter;
use redis::streams::StreamId;
use serde::Deserialize;
use sidetone_base::{AgentId, CallId, Pii};
use tokio::sync::mpsc;

use super::config::RedisConfig;
use super::inbox::{Begin, Inbox};
use crate::metrics as names;

/// One entry of the feedback stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// The entry's id in the stream.
    pub id: String,
    /// What the agent did.
    pub action: FeedbackAction,
    /// On which call.
    pub call: CallId,
    /// With which hint, when it was one.
    pub hint: Option<String>,
    /// With the text of which segment, when it was one.
    pub segment: Option<String>,
    /// Who.
    pub agent: Option<AgentId>,
    /// What it should have said, for `corrected`. An agent typed it: it may hold anything.
    pub text: Option<Pii<String>>,
}

/// What an agent can do with a hint or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackAction {
    /// It came on the screen.
    Shown,
    /// It was opened.
    Clicked,
    /// Its words were used.
    Copied,
    /// It was put away.
    Dismissed,
    /// It was wrong.
    Corrected,
}

impl FeedbackAction {
    /// The word in the stream and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Clicked => "clicked",
            Self::Copied => "copied",
            Self::Dismissed => "dismissed",
            Self::Corrected => "corrected",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Shown,
            Self::Clicked,
            Self::Copied,
            Self::Dismissed,
            Self::Corrected,
        ];
        all.into_iter().find(|action| action.as_str() == word)
    }
}

/// Reads the feedback stream until `out` is closed. Every entry is counted by its action; one that is not
/// understood is logged by its id, never with its content.
pub async fn read_feedback(config: RedisConfig, out: mpsc::Sender<Feedback>) {
    let key = config.feedback_key();
    let inbox = Inbox {
        config,
        key,
        parse: |entry: &StreamId, _| counted(entry),
        out,
    };
    inbox.read(Begin::End).await;
}

fn counted(entry: &StreamId) -> Option<Feedback> {
    let feedback = parse(entry);
    let label = feedback.as_ref().map_or("bad", |feedback| feedback.action.as_str());
    counter!(names::FEEDBACK, "action" => label).increment(1);
    if feedback.is_none() {
        tracing::warn!(id = entry.id, "feedback entry is not understood");
    }
    feedback
}

fn parse(entry: &StreamId) -> Option<Feedback> {
    let field = |name: &str| entry.get::<String>(name).filter(|text| !text.is_empty());
    let (hint, segment) = (field("hint_id"), field("segment_id"));
    if hint.is_none() && segment.is_none() {
        return None;
    }
    Some(Feedback {
        id: entry.id.clone(),
        action: FeedbackAction::parse(&field("action")?)?,
        call: CallId::new(field("call_id")?),
        hint,
        segment,
        agent: field("agent_id").map(AgentId::new),
        text: field("text").map(Pii::new),
    })
}
