//! What calls said, and when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sidetone_app::runtime::Outlet;
use sidetone_base::CallId;
use sidetone_engine::{LegReport, Published};
use sidetone_schema::{Body, HintData};

use crate::hints::script::Script;

/// Audio of a segment before its first voiced frame.
const PRE_ROLL_MS: u64 = 300;

/// One call.
#[derive(Default)]
pub(crate) struct Said {
    script: Option<Arc<Script>>,
    spans: Arc<Vec<(u64, u64)>>,
    began: Option<Instant>,
    segments: HashMap<String, Segment>,
    pub(crate) hints: Vec<Hint>,
    pub(crate) finals: usize,
    pub(crate) partials: usize,
    pub(crate) ended: bool,
}

#[derive(Default)]
struct Segment {
    begin_ms: u64,
    end_ms: u64,
    first_partial: Option<Instant>,
    settled: Option<Instant>,
}

/// One `hint.new`.
pub(crate) struct Hint {
    id: String,
    segment: String,
    topic: String,
    at: Instant,
    pub(crate) early: bool,
    pub(crate) total_ms: u64,
    pub(crate) withdrawn: bool,
}

/// Takes the events of all calls.
#[derive(Default)]
pub(crate) struct Collector(Mutex<(HashMap<CallId, Said>, u64)>);

impl Collector {
    fn state(&self) -> MutexGuard<'_, (HashMap<CallId, Said>, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What will be said on a call, and when each turn of the script is said.
    pub(crate) fn expect(&self, call: &CallId, script: Arc<Script>, spans: Arc<Vec<(u64, u64)>>) {
        let said = Said {
            script: Some(script),
            spans,
            ..Said::default()
        };
        self.state().0.insert(call.clone(), said);
    }

    /// All calls that were expected, and the finals that never came.
    pub(crate) fn take(&self) -> (Vec<Said>, u64) {
        let mut state = self.state();
        (std::mem::take(&mut state.0).into_values().collect(), state.1)
    }

    /// Those calls that are over, so that they take no room while others go on.
    pub(crate) fn take_ended(&self) -> Vec<Said> {
        let mut state = self.state();
        let ended: Vec<CallId> = state
            .0
            .iter()
            .filter(|(_, said)| said.ended)
            .map(|(id, _)| id.clone())
            .collect();
        ended.iter().filter_map(|id| state.0.remove(id)).collect()
    }
}

impl Outlet for Collector {
    fn publish(&self, call: &CallId, at: Instant, event: Published) {
        if let Some(said) = self.state().0.get_mut(call) {
            said.note(at, event.body);
        }
    }

    fn leg_done(&self, report: &LegReport) {
        self.state().1 += report.finals_lost;
    }
}

impl Said {
    fn note(&mut self, at: Instant, body: Body) {
        match body {
            Body::CallStarted(started) => self.began = at.checked_sub(Duration::from_millis(started.age_ms)),
            Body::SpeechStarted(speech) => self.segment(&speech.segment_id).begin_ms = speech.begin_ms,
            Body::SpeechEnded(speech) => self.segment(&speech.segment_id).end_ms = speech.end_ms,
            Body::TranscriptPartial(text) => {
                self.partials += 1;
                self.segment(&text.segment_id).first_partial.get_or_insert(at);
            }
            Body::TranscriptFinal(text) => {
                self.finals += 1;
                let segment = self.segment(&text.segment_id);
                segment.settled = Some(at).filter(|_| !text.text.is_empty());
            }
            Body::HintNew(hint) => self.hints.push(Hint::new(at, &hint)),
            Body::HintExpire(gone) if gone.reason == "withdrawn" => {
                let of_id = |hint: &&mut Hint| hint.id == gone.hint_id;
                self.hints
                    .iter_mut()
                    .filter(of_id)
                    .for_each(|hint| hint.withdrawn = true);
            }
            Body::CallEnded(_) => self.ended = true,
            _ => {}
        }
    }

    fn segment(&mut self, id: &str) -> &mut Segment {
        self.segments.entry(id.to_owned()).or_default()
    }

    fn since_start(&self, at: Instant) -> Option<u64> {
        Some(at.saturating_duration_since(self.began?).as_millis() as u64)
    }

    /// From the first voiced frame to the first partial, in milliseconds, of every segment that had one.
    pub(crate) fn first_partials(&self) -> impl Iterator<Item = u64> + '_ {
        self.segments.values().filter_map(|segment| {
            let shown = self.since_start(segment.first_partial?)?;
            Some(shown.saturating_sub(segment.begin_ms + PRE_ROLL_MS))
        })
    }

    /// From the end of speech to the final, in milliseconds.
    pub(crate) fn final_delays(&self) -> impl Iterator<Item = u64> + '_ {
        self.segments.values().filter_map(|segment| {
            let settled = self.since_start(segment.settled?)?;
            Some(settled.saturating_sub(segment.end_ms))
        })
    }

    /// Of every segment that got a text, in order: its length, and how long after its end the text came, in milliseconds.
    pub(crate) fn finals_by_length(&self) -> Vec<(u64, u64)> {
        let mut segments: Vec<&Segment> = self.segments.values().filter(|s| s.settled.is_some()).collect();
        segments.sort_unstable_by_key(|segment| segment.begin_ms);
        let row = |segment: &Segment| {
            let settled = self.since_start(segment.settled?)?;
            Some((
                segment.end_ms.saturating_sub(segment.begin_ms),
                settled.saturating_sub(segment.end_ms),
            ))
        };
        segments.into_iter().filter_map(row).collect()
    }

    /// The script's turn that a segment lies in: the one that it has most of.
    fn turn_of(&self, segment: &str) -> Option<usize> {
        let segment = self.segments.get(segment)?;
        let shared = |&(begin, end): &(u64, u64)| end.min(segment.end_ms).saturating_sub(begin.max(segment.begin_ms));
        let turns = self.script.as_ref()?.turns.iter().zip(self.spans.iter()).enumerate();
        turns
            .filter(|(_, (turn, span))| turn.role == "caller" && shared(span) > 0)
            .max_by_key(|(_, (_, span))| shared(span))
            .map(|(at, _)| at)
    }

    /// From the hint to the end of the caller's turn, in milliseconds; below zero where it came behind it.
    pub(crate) fn lead(&self, hint: &Hint) -> Option<i64> {
        let (_, end) = self.spans.get(self.turn_of(&hint.segment)?)?;
        Some(*end as i64 - self.since_start(hint.at)? as i64)
    }

    /// From the end of each turn that got a hint to the first one, in milliseconds; below zero where it came before it.
    pub(crate) fn first_hints(&self) -> Vec<i64> {
        let mut first: HashMap<usize, i64> = HashMap::new();
        for hint in &self.hints {
            if let (Some(turn), Some(lead)) = (self.turn_of(&hint.segment), self.lead(hint)) {
                let known = first.entry(turn).or_insert(i64::MAX);
                *known = (*known).min(-lead);
            }
        }
        first.into_values().collect()
    }

    /// Each hint in a line: when it came, counted from the end of the turn, and what it was.
    pub(crate) fn story(&self) -> impl Iterator<Item = String> + '_ {
        self.hints.iter().map(|hint| {
            let words = self
                .turn_of(&hint.segment)
                .and_then(|turn| self.script.as_ref()?.turns.get(turn));
            format!(
                "{:+5} ms\t{}{}{}\t{}\t{}",
                self.lead(hint).map_or(0, |lead| -lead),
                if hint.early { "early" } else { "" },
                if hint.withdrawn { " withdrawn" } else { "" },
                if self.is_expected(hint) { "" } else { " unexpected" },
                hint.topic,
                words.map_or("", |turn| turn.text.as_str()),
            )
        })
    }

    /// Whether the script expects a hint of its topic on the turn.
    pub(crate) fn is_expected(&self, hint: &Hint) -> bool {
        let expected = || {
            let turn = self.script.as_ref()?.turns.get(self.turn_of(&hint.segment)?)?;
            Some(turn.expect.iter().any(|expect| expect.topic == hint.topic))
        };
        expected().unwrap_or(false)
    }
}

impl Hint {
    fn new(at: Instant, hint: &HintData) -> Self {
        Self {
            id: hint.hint_id.clone(),
            segment: hint.trigger.segment_id.clone(),
            topic: hint.trigger.intent.split('/').next().unwrap_or_default().to_owned(),
            at,
            early: hint.early,
            total_ms: hint.latency_ms.total,
            withdrawn: false,
        }
    }
}

/// The value that so many percent do not exceed.
pub(crate) fn percentile<T: Ord + Copy>(values: &mut [T], percent: usize) -> Option<T> {
    values.sort_unstable();
    let index = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(index).copied()
}
