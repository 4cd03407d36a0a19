//! What others ask of us: `XADD sidetone:control * command pause call_id … [leg_id …]`.

use metrics::counter;
use redis::streams::StreamId;
use sidetone_base::{CallId, LegId};
use tokio::sync::mpsc;

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
}

impl Controls {
    /// Reads what an earlier process left in `publisher`'s folder.
    #[must_use]
    pub fn open(config: RedisConfig, publisher: &Publisher) -> Self {
        Self {
            config,
            standing: Standing::open(publisher.clone()),
        }
    }

    /// The commands that still hold, to be obeyed before any call is heard.
    #[must_use]
    pub fn standing(&self) -> Vec<ControlCommand> {
        self.standing.commands()
    }

    /// Reads the stream until `out` is closed, from where the earlier process stopped; where none has left its place,
    /// from the newest entries that there are: calls that they speak of may still run. An entry that is not understood is
    /// counted and logged by its id, never with its content.
    pub async fn read(self, out: mpsc::Sender<ControlCommand>) {
        let Self { config, mut standing } = self;
        let key = config.control_key();
        let begin = standing
            .at()
            .map_or(Begin::Newest(EARLIER), |at| Begin::Behind(at.to_owned()));
        let inbox = Inbox {
            config,
            key,
            parse: move |entry: &StreamId, written| {
                let command = counted(entry);
                standing.note(&entry.id, command.as_ref());
                // What was to be read again has just been read.
                command.filter(|command| written == Written::Since || command.action != ControlAction::Reload)
            },
            out,
        };
        inbox.read(begin).await;
    }
}

fn counted(entry: &StreamId) -> Option<ControlCommand> {
    let command = parse(entry);
    let label = command.as_ref().map_or("bad", |command| command.action.as_str());
    counter!(names::CONTROL, "command" => label).increment(1);
    if command.is_none() {
        tracing::warn!(id = entry.id, "control entry is not understood");
    }
    command
}

fn parse(entry: &StreamId) -> Option<ControlCommand> {
    let field = |name: &str| entry.get::<String>(name).filter(|text| !text.is_empty());
    let action = ControlAction::parse(&field("command")?)?;
    let call = field("call_id").map(CallId::new);
    if call.is_none() && action != ControlAction::Reload {
        return None;
    }
    Some(ControlCommand {
        id: entry.id.clone(),
        action,
        call,
        leg: field("leg_id").map(LegId::new),
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
        let all = |text: &str| Some(text.to_owned());
        assert_eq!(
            read(&[("command", "pause"), ("call_id", "7")]),
            all("Pause Some(CallId(7)) None")
        );
        let one = [("command", "mask"), ("call_id", "7"), ("leg_id", "a")];
        assert_eq!(read(&one), all("Mask Some(CallId(7)) Some(LegId(a))"));
        assert_eq!(read(&[("command", "reload")]), all("Reload None None"));
        assert_eq!(read(&[("command", "pause")]), None);
        assert_eq!(read(&[("command", "pause"), ("call_id", "")]), None);
        assert_eq!(read(&[("command", "explode"), ("call_id", "7")]), None);
        assert_eq!(read(&[]), None);
    }
}
