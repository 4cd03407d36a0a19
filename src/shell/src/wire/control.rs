//! What others ask of us: `XADD sidetone:control * command pause call_id … [leg_id …] [by …]`.

use metrics::counter;
use redis::streams::StreamId;
use sidetone_base::{CallId, LegId};
use tokio::sync::mpsc;

use super::answer::{Answers, Waiting, repeated, write};
use super::config::RedisConfig;
use super::inbox::{Begin, Inbox, Written};
use super::publisher::Publisher;
use super::standing::Standing;
use crate::metrics as names;

/// Entries that are read at the first start: those that a control stream holds when it is trimmed as documented.
const EARLIER: u64 = 1_024;

/// One entry of the control stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlCommand {
    /// The entry's id in the stream.
    pub id: String,
    /// What is asked.
    pub action: ControlAction,
    /// Of which call; always there save for [`ControlAction::Reload`].
    pub call: Option<CallId>,
    /// Of which leg; all of the call's when it is not said.
    pub leg: Option<LegId>,
    /// Who asks, as they say; repeated in the answer.
    pub by: Option<String>,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ControlAction {
    /// Stop listening; the tap stays.
    Pause,
    /// Listen again, and in the clear.
    Resume,
    /// Listen, but withhold the text of what is said, until `resume`.
    Mask,
    /// Read the knowledge base and the configuration again.
    Reload,
}

impl ControlAction {
    /// The word in the stream and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Mask => "mask",
            Self::Reload => "reload",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Pause, Self::Resume, Self::Mask, Self::Reload]
            .into_iter()
            .find(|action| action.as_str() == word)
    }
}

/// The control stream, and what earlier commands left standing. A call that was masked stays masked when this
/// process dies and another takes its place.
#[derive(Debug)]
pub struct Controls {
    config: RedisConfig,
    standing: Standing,
    answers: Answers,
    waiting: Waiting,
}

impl Controls {
    /// Reads what an earlier process left in `publisher`'s folder.
    #[must_use]
    pub fn open(config: RedisConfig, publisher: &Publisher) -> Self {
        let (answers, waiting) = Answers::new(publisher.clone());
        Self {
            config,
            standing: Standing::open(publisher.clone()),
            answers,
            waiting,
        }
    }

    /// The commands that still hold, to be obeyed before any call is heard.
    #[must_use]
    pub fn standing(&self) -> Vec<ControlCommand> {
        self.standing.commands()
    }

    /// Where to say what became of the commands that [`Self::read`] hands out.
    #[must_use]
    pub fn answers(&self) -> Answers {
        self.answers.clone()
    }

    /// Reads the stream until `out` is closed, from where the earlier process stopped; where none has left its place,
    /// from the newest entries that there are: calls that they speak of may still run. An entry that is not understood is
    /// counted, answered, and logged by its id, never with its content.
    pub async fn read(self, out: mpsc::Sender<ControlCommand>) {
        let Self {
            config,
            mut standing,
            answers,
            waiting,
        } = self;
        let writer = config.clone();
        let key = config.control_key();
        let begin = standing
            .at()
            .map_or(Begin::Newest(EARLIER), |at| Begin::Behind(at.to_owned()));
        let inbox = Inbox {
            config,
            key,
            parse: move |entry: &StreamId, written| {
                let command = counted(entry, &answers);
                standing.note(&entry.id, command.as_ref());
                // What was to be read again has just been read.
                command.filter(|command| written == Written::Since || command.action != ControlAction::Reload)
            },
            out,
        };
        tokio::select! {
            () = inbox.read(begin) => {}
            () = write(&writer, waiting) => {}
        }
    }
}

fn counted(entry: &StreamId, answers: &Answers) -> Option<ControlCommand> {
    let command = parse(entry);
    let label = command.as_ref().map_or("bad", |command| command.action.as_str());
    counter!(names::CONTROL, "command" => label).increment(1);
    if let Err(why) = command {
        tracing::warn!(id = entry.id, why, "control entry is not understood");
        answers.refuse(entry, why);
    }
    command.ok()
}

/// Characters of an id: what is longer names nothing, and would be kept and repeated.
const LONGEST_ID: usize = 256;

/// The command, or why it is none.
fn parse(entry: &StreamId) -> Result<ControlCommand, &'static str> {
    let field = |name: &str| entry.get::<String>(name).filter(|text| !text.is_empty());
    let word = field("command").ok_or("no_command")?;
    let action = ControlAction::parse(&word).ok_or("unknown_command")?;
    let call = field("call_id").map(CallId::new);
    if call.is_none() && action != ControlAction::Reload {
        return Err("no_call_id");
    }
    let leg = field("leg_id").map(LegId::new);
    let ids = [call.as_ref().map(CallId::as_str), leg.as_ref().map(LegId::as_str)];
    if ids.into_iter().flatten().any(|id| id.len() > LONGEST_ID) {
        return Err("long_id");
    }
    Ok(ControlCommand {
        id: entry.id.clone(),
        action,
        call,
        leg,
        by: field("by").map(repeated),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use redis::Value;

    fn entry(fields: &[(&str, &str)]) -> StreamId {
        let value = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let mut entry = StreamId {
            id: "1-1".into(),
            ..StreamId::default()
        };
        entry
            .map
            .extend(fields.iter().map(|(name, text)| ((*name).to_owned(), value(text))));
        entry
    }

    #[test]
    fn a_command_names_its_call_or_is_not_understood() {
        let read = |fields: &[_]| parse(&entry(fields)).map(|c| format!("{:?} {:?} {:?}", c.action, c.call, c.leg));
        let all = |text: &str| Ok(text.to_owned());
        assert_eq!(
            read(&[("command", "pause"), ("call_id", "7")]),
            all("Pause Some(CallId(7)) None")
        );
        let one = [("command", "mask"), ("call_id", "7"), ("leg_id", "a")];
        assert_eq!(read(&one), all("Mask Some(CallId(7)) Some(LegId(a))"));
        assert_eq!(read(&[("command", "reload")]), all("Reload None None"));
        assert_eq!(read(&[("command", "pause")]), Err("no_call_id"));
        let long = "7".repeat(LONGEST_ID + 1);
        assert_eq!(read(&[("command", "pause"), ("call_id", &long)]), Err("long_id"));
        assert_eq!(
            read(&[("command", "mask"), ("call_id", "7"), ("leg_id", &long)]),
            Err("long_id")
        );
        assert_eq!(read(&[("command", "pause"), ("call_id", "")]), Err("no_call_id"));
        assert_eq!(
            read(&[("command", "explode"), ("call_id", "7")]),
            Err("unknown_command")
        );
        assert_eq!(read(&[]), Err("no_command"));
    }
}
