//! One round trip to Redis: events of several calls, and what became of them.

use redis::{Pipeline, RedisError, Value};
use sidetone_base::CallId;
use sidetone_schema::{Class, Envelope, Timestamp};

use super::config::RedisConfig;
use super::cursor::Cursor;
use super::project::{Command, Delivery, Effects, Entry, Place, append, claim, project, wanted_live};
use crate::clock::WallClock;

/// The type of a partial on the wire.
const PARTIAL: &str = "transcript.partial";
/// Commands of one round trip, about.
const COMMANDS: usize = 2_048;

/// What is sent together.
#[derive(Default)]
pub(super) struct Batch {
    commands: Pipeline,
    parts: Vec<Part>,
    /// Lines were read that Redis has.
    skimmed: bool,
}

/// One call's part.
struct Part {
    call: CallId,
    /// The number that the first event follows in the stream.
    after: u64,
    /// The last event; 0 while there is none.
    last: u64,
    /// The last that has a place in the stream.
    kept: Option<u64>,
    times: Vec<Timestamp>,
    /// Where its essential answers are; the last is the append's.
    essential: Vec<usize>,
}

/// What became of one call's part.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Redis has everything up to `upto`.
    Delivered {
        /// The last event's number.
        upto: u64,
        /// The last number that the stream has of it, if it has one.
        kept: Option<u64>,
        /// When the events were published.
        times: Vec<Timestamp>,
    },
    /// The stream ends before what was sent begins: it has lost events.
    Behind {
        /// Its last event's number.
        stream_at: u64,
    },
    /// The stream has more than what was sent.
    Ahead {
        /// The last event that was sent.
        upto: u64,
        /// The last of it that has a place in the stream.
        kept: Option<u64>,
        /// Its last event's number.
        stream_at: u64,
    },
    /// An entry of another writer is in the way.
    Foreign,
    /// Redis would not take it.
    Refused {
        /// Its words.
        error: RedisError,
    },
}

impl Batch {
    /// Bytes read of one journal for one batch; one call's share.
    pub(super) const READ: usize = 64 << 10;

    pub(super) fn is_full(&self) -> bool {
        self.commands.len() >= COMMANDS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether progress was made without anything to send.
    pub(super) const fn skimmed(&self) -> bool {
        self.skimmed
    }

    pub(super) const fn commands(&self) -> &Pipeline {
        &self.commands
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = &CallId> {
        self.parts.iter().map(|part| &part.call)
    }

    /// Adds journal lines that follow the cursor; `last` when the journal has no more for now. Gives `false` when it
    /// left some for another batch: it stops where numbers jump.
    pub(super) fn add(
        &mut self,
        config: &RedisConfig,
        clock: &WallClock,
        call: &CallId,
        cursor: &mut Cursor,
        lines: &[u8],
        last: bool,
    ) -> bool {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut all = true;
        let mut part = Part::of(call);
        let mut events = Vec::new();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let numbered = numbered(line);
            if part.last > 0 && numbered.as_ref().is_some_and(|(_, head)| head.seq != part.last + 1) {
                all = false;
                break;
            }
            cursor.offset += line.len() as u64;
            self.skimmed = true;
            let Some((json, head)) = numbered else { continue };
            let (seq, partial) = (head.seq, head.is_partial() && !config.keep_partials);
            let (partials, previous) = cursor.reads(seq, partial);
            if let Some(effects) = effects(config, clock, cursor, json, &mut part.times) {
                before.extend(effects.before);
                after.extend(effects.after);
            }
            if seq <= cursor.confirmed {
                continue;
            }
            part.last = seq;
            if partial {
                continue;
            }
            let partials = part.keeps(seq, previous.max(cursor.kept.min(seq - 1)), partials);
            let json = json.to_owned();
            events.push(Entry { seq, partials, json });
        }
        if part.last == 0 {
            return all;
        }
        if last && all && std::mem::take(&mut cursor.unclaimed) {
            before.extend(claim(config, call, &cursor.view));
        }
        for command in before {
            self.push(&command, &mut part);
        }
        if !events.is_empty() {
            let place = Place {
                after: part.after,
                ended: cursor.view.ended,
            };
            self.push(&append(config, call, place, events), &mut part);
        }
        for command in after {
            self.push(&command, &mut part);
        }
        self.parts.push(part);
        all
    }

    fn push(&mut self, command: &Command, part: &mut Part) {
        if command.essential {
            part.essential.push(self.commands.len());
        }
        self.commands.add_command(args(command));
    }

    /// What became of each call's part.
    pub(super) fn judge(self, answers: &[Value]) -> Vec<(CallId, Verdict)> {
        let side = answers
            .iter()
            .filter(|answer| matches!(answer, Value::ServerError(_)))
            .count();
        if side > 0 {
            metrics::counter!(crate::metrics::WIRE_REDIS_ERRORS, "kind" => "command").increment(side as u64);
            tracing::debug!(side, "commands that Redis refused in one batch");
        }
        self.parts
            .into_iter()
            .map(|part| (part.call.clone(), part.judge(answers)))
            .collect()
    }
}

impl Part {
    fn of(call: &CallId) -> Self {
        Self {
            call: call.clone(),
            after: 0,
            last: 0,
            kept: None,
            times: Vec::new(),
            essential: Vec::new(),
        }
    }

    /// Takes in an event that has a place in the stream, the first one behind `after`; gives how many partials are missing before
    /// it there. A stream that has some of them is one of an earlier version.
    fn keeps(&mut self, seq: u64, after: u64, partials: u64) -> u64 {
        if self.kept.replace(seq).is_some() {
            return partials;
        }
        self.after = after;
        partials.min(seq - 1 - after)
    }

    fn judge(self, answers: &[Value]) -> Verdict {
        let mut stream_at = None;
        for answer in self.essential.iter().filter_map(|index| answers.get(*index)) {
            match answer {
                Value::ServerError(error) => {
                    return Verdict::Refused {
                        error: error.clone().into(),
                    };
                }
                Value::Int(seq) if *seq < 0 => return Verdict::Foreign,
                Value::Int(seq) => stream_at = u64::try_from(*seq).ok(),
                _ => {}
            }
        }
        match (self.kept, stream_at) {
            (Some(kept), Some(stream_at)) if stream_at > kept => Verdict::Ahead {
                upto: self.last,
                kept: self.kept,
                stream_at,
            },
            (Some(kept), stream_at) if stream_at != Some(kept) => Verdict::Behind {
                stream_at: stream_at.unwrap_or(self.after),
            },
            _ => Verdict::Delivered {
                upto: self.last,
                kept: self.kept,
                times: self.times,
            },
        }
    }
}

/// What a journal line is about.
#[derive(serde::Deserialize)]
struct Head<'a> {
    seq: u64,
    #[serde(rename = "type", default)]
    kind: &'a str,
}

impl Head<'_> {
    fn is_partial(&self) -> bool {
        self.kind == PARTIAL
    }
}

/// A journal line as text, and what it is about.
fn numbered(line: &[u8]) -> Option<(&str, Head<'_>)> {
    let json = std::str::from_utf8(line).ok()?.trim_end();
    Some((json, serde_json::from_str(json).ok()?))
}

/// What the event in a line does beside entering its stream. Nothing when the stream says that it has it: then it is only
/// for what it tells of the call. `times` takes in when those happened that the stream has not.
fn effects(
    config: &RedisConfig,
    clock: &WallClock,
    cursor: &mut Cursor,
    json: &str,
    times: &mut Vec<Timestamp>,
) -> Option<Effects> {
    let event = serde_json::from_str::<Envelope>(json).ok()?;
    if event.seq <= cursor.confirmed.max(cursor.there) {
        drop(cursor.view.apply(&event));
        cursor.unclaimed = true;
        return None;
    }
    let delivery = delivery(config, clock, cursor, &event);
    cursor.unclaimed |= !delivery.fresh;
    times.push(event.ts);
    Some(project(config, &mut cursor.view, &event, json, delivery))
}

fn delivery(config: &RedisConfig, clock: &WallClock, cursor: &Cursor, event: &Envelope) -> Delivery {
    let age = clock.age(event.ts);
    let class: Class = event.body.class();
    let mirror = event.seq > cursor.mirrored && wanted_live(class, age, config.mirror_window);
    Delivery {
        fresh: age <= config.mirror_window,
        mirror,
    }
}

/// The command as the library wants it.
pub(super) fn args(command: &Command) -> redis::Cmd {
    let mut cmd = redis::Cmd::new();
    for arg in &command.args {
        cmd.arg(arg);
    }
    cmd
}
