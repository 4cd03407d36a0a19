//! How hints are judged.
//!
//! - recall: of the expected `(turn, topic)`, those with a hint of that topic, of an acceptable kind and with
//!   `must_contain` in title or body, pushed on that turn or shown earlier in the call (a duplicate is not shown twice).
//! - precision: of all pushed hints, those whose topic is expected on that turn; on a turn that expects nothing,
//!   none. A hint counts once, under the topic of its trigger.
//! - false push rate: of the caller's turns that are marked small talk or expect nothing, those with any hint.
//! - time: from text to hints, all three stages, for every turn of both parties.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_assist::{Assist, AssistConfig, Push, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::{Meanings, Pack};
use sidetone_schema::{HintData, HintKind, Wrapup};

use super::script::{Expect, HeldOut, Script};

/// Counts over any number of turns.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Expected hints.
    pub(crate) expected: usize,
    /// Of them, found.
    pub(crate) found: usize,
    /// Hints pushed.
    pub(crate) pushed: usize,
    /// Of them, of an expected topic.
    pub(crate) right: usize,
    /// Turns that must stay silent.
    pub(crate) silent: usize,
    /// Of them, those that did not.
    pub(crate) broken: usize,
    /// Of expected `(turn, topic)`, those whose intent was read as expected.
    pub(crate) intents: usize,
    /// Calls in which no hint was shown.
    pub(crate) calls_without: usize,
    /// One for each turn.
    pub(crate) times: Vec<Duration>,
    /// In plain words, for whoever wants to cure them.
    pub(crate) faults: Vec<String>,
}

impl Tally {
    /// Part of the whole; of nothing, 1.
    pub(crate) fn share(part: usize, whole: usize) -> f64 {
        if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
    }

    /// The time that `share` of the turns do not exceed, in milliseconds.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }
}

/// A pack that is shared between calls.
pub(crate) struct Bench {
    pack: Arc<Pack>,
}

/// A call as far as it has gone.
pub(crate) struct Call {
    pub(crate) assist: Assist,
    pub(crate) shown: Vec<HintData>,
    segment: u32,
}

impl Bench {
    /// Over the base in a folder.
    pub(crate) fn load(dir: &Path, meanings: Option<Arc<Meanings>>) -> Result<Self, String> {
        let pack = Pack::load_with(dir, meanings).map_err(|error| error.to_string())?;
        Ok(Self::of(Arc::new(pack)))
    }

    /// Over a pack.
    pub(crate) const fn of(pack: Arc<Pack>) -> Self {
        Self { pack }
    }

    /// The line's pack.
    pub(crate) fn pack(&self) -> &Pack {
        &self.pack
    }

    /// The place that the line answers for.
    pub(crate) fn region(&self) -> &str {
        &self.pack.info().region
    }

    /// A call that has just begun.
    pub(crate) fn call(&self, date: jiff::civil::Date, region: &str) -> Call {
        let config = AssistConfig::new(date, region);
        let assist = Assist::new(Arc::clone(&self.pack), config);
        Call {
            assist,
            shown: Vec::new(),
            segment: 0,
        }
    }

    /// Plays one script; gives the wrap-up at its end.
    pub(crate) fn play(&self, script: &Script, tally: &mut Tally) -> Wrapup {
        let mut call = self.call(script.as_of, &script.region);
        for (at, turn) in script.turns.iter().enumerate() {
            let role = if turn.role == "caller" {
                Role::Caller
            } else {
                Role::Agent
            };
            let before = call.shown.len();
            let intents = call.hear(role, &masked(turn), tally);
            let place = format!("{}[{at}] {}", script.name, turn.text);
            let fresh = call.shown[before..].to_vec();
            let expected: Vec<&str> = turn.expect.iter().map(|expect| expect.topic.as_str()).collect();
            count_pushed(&place, &fresh, &expected, tally);
            if role == Role::Caller && expected.is_empty() {
                tally.silent += 1;
                tally.broken += usize::from(!fresh.is_empty());
            }
            for expect in &turn.expect {
                tally.expected += 1;
                let read = intents.iter().find(|(topic, _)| *topic == expect.topic);
                let good =
                    read.is_some_and(|(_, intent)| *intent == expect.intent || expect.intent_also.contains(intent));
                tally.intents += usize::from(good);
                if !good {
                    tally.faults.push(format!(
                        "intent: {place}: {intents:?}, wanted {}/{}",
                        expect.topic, expect.intent
                    ));
                }
                if call.shown.iter().any(|hint| meets(hint, expect)) {
                    tally.found += 1;
                } else {
                    tally
                        .faults
                        .push(format!("missed: {place}: {expect:?}, pushed {:?}", brief(&fresh)));
                }
            }
        }
        tally.calls_without += usize::from(call.shown.is_empty());
        call.assist.wrapup()
    }

    /// Plays held-out turns.
    pub(crate) fn held_out(&self, turns: &HeldOut, date: jiff::civil::Date, region: &str) -> Tally {
        let mut tally = Tally::default();
        for turn in &turns.turns {
            let mut call = self.call(date, region);
            if let Some(before) = &turn.before {
                call.hear(Role::Caller, before, &mut Tally::default());
            }
            let before = call.shown.len();
            call.hear(Role::Caller, &turn.text, &mut tally);
            let fresh = call.shown[before..].to_vec();
            let expected: Vec<&str> = turn.topic.iter().chain(&turn.also).map(String::as_str).collect();
            count_pushed(&turn.text, &fresh, &expected, &mut tally);
            if expected.is_empty() {
                tally.silent += 1;
                tally.broken += usize::from(!fresh.is_empty());
            }
            for topic in expected {
                tally.expected += 1;
                let wanted = turn
                    .must_contain
                    .as_deref()
                    .filter(|_| turn.topic.as_deref() == Some(topic));
                let found = call.shown.iter().any(|hint| {
                    topic_of(hint) == topic
                        && wanted.is_none_or(|text| hint.title.contains(text) || hint.body.contains(text))
                });
                tally.found += usize::from(found);
                if !found {
                    tally.faults.push(format!(
                        "missed: {}: {topic} {wanted:?}, pushed {:?}",
                        turn.text,
                        brief(&fresh)
                    ));
                }
            }
        }
        tally
    }
}

impl Call {
    /// One turn; gives `(topic, intent)` as understood.
    pub(crate) fn hear(&mut self, role: Role, text: &str, tally: &mut Tally) -> Vec<(String, String)> {
        self.segment += 1;
        let end = CallTime(Duration::from_secs(u64::from(self.segment) * 8));
        let turn = Turn {
            segment: SegmentId::new(format!("s{}", self.segment)),
            role,
            text: text.to_owned(),
            begin: CallTime(end.0.saturating_sub(Duration::from_secs(5))),
            end,
            confidence: 0.9,
        };
        let began = Instant::now();
        let pushes = self.assist.hear(&turn);
        tally.times.push(began.elapsed());
        let mut intents = Vec::new();
        for push in pushes {
            match push {
                Push::New(hint) | Push::Update(hint) => self.shown.push(*hint),
                Push::Intent(intent) => intents.push((intent.topic, intent.intent)),
                Push::Expire(_) | Push::Gap(_) | Push::Looked(_) => {}
            }
        }
        intents
    }
}

fn count_pushed(place: &str, fresh: &[HintData], expected: &[&str], tally: &mut Tally) {
    for hint in fresh {
        tally.pushed += 1;
        if expected.contains(&topic_of(hint)) {
            tally.right += 1;
        } else {
            tally
                .faults
                .push(format!("uncalled: {place}: {:?} {}", hint.kind, hint.title));
        }
    }
}

/// Digits of personal data do not reach this floor.
pub(crate) fn masked(turn: &super::script::ScriptTurn) -> String {
    if turn.pii.is_empty() {
        return turn.text.clone();
    }
    turn.text
        .chars()
        .map(|c| if c.is_ascii_digit() { '*' } else { c })
        .collect()
}

pub(crate) fn topic_of(hint: &HintData) -> &str {
    hint.trigger.intent.split('/').next().unwrap_or_default()
}

fn meets(hint: &HintData, expect: &Expect) -> bool {
    topic_of(hint) == expect.topic
        && expect.kinds.iter().any(|kind| kind == kind_name(hint.kind))
        && expect
            .must_contain
            .as_ref()
            .is_none_or(|text| hint.title.contains(text) || hint.body.contains(text))
}

pub(crate) fn kind_name(kind: HintKind) -> &'static str {
    match kind {
        HintKind::Answer => "answer",
        HintKind::Policy => "policy",
        HintKind::Case => "case",
        HintKind::Compare => "compare",
        HintKind::Channel => "channel",
        HintKind::History => "history",
        HintKind::Calc => "calc",
        HintKind::Script => "script",
        HintKind::Risk => "risk",
        HintKind::Caller => "caller",
    }
}

fn brief(hints: &[HintData]) -> Vec<String> {
    hints
        .iter()
        .map(|hint| format!("{}:{}:{}", topic_of(hint), kind_name(hint.kind), hint.title))
        .collect()
}
