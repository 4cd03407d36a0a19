//! Which candidates reach the screen: no duplicates, not too many, and not for ever.

mod early;
mod put_away;
mod said;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use sidetone_base::CallTime;
use sidetone_schema::{HintData, HintExpire, HintKind, LatencyMs, Tier};

use crate::config::AssistConfig;
use crate::matching::Candidate;
use crate::turn::Push;
use early::Early;
use put_away::PutAway;
pub(crate) use said::Said;

/// The engine's name on hints that no LLM has touched.
const ENGINE: &str = "knowledge";
const MINUTE: Duration = Duration::from_secs(60);
/// Keys remembered for a call. A call that shows more than this has forgotten its first hints.
const REMEMBERED: usize = 512;

/// Candidates that were not shown, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Shown before.
    pub duplicate: u64,
    /// Too many for one turn or one minute.
    pub rate: u64,
    /// Under the floor.
    pub weak: u64,
    /// The agent had said it.
    pub said: u64,
    /// Taken off a full screen.
    pub crowded: u64,
    /// The agent had put it away.
    pub dismissed: u64,
}

struct Shown {
    key: String,
    id: String,
    topic: String,
    tier: Tier,
    body: String,
    at: CallTime,
    /// `None` once it is off the screen.
    until: Option<CallTime>,
    /// As it was sent last, for an agent who joins; `None` once it is off the screen.
    hint: Option<Box<HintData>>,
    /// The hint that took its place.
    replaced_by: Option<String>,
    /// Shown on a turn that is not settled yet.
    early: Option<Early>,
}

/// One call's screen.
pub(crate) struct Screen {
    shown: VecDeque<Shown>,
    recent: VecDeque<CallTime>,
    /// The newest turn that had early hints, and how many.
    early_turn: Option<(String, usize)>,
    put_away: PutAway,
    next_id: u32,
    dropped: Dropped,
}

impl Screen {
    pub(crate) const fn new() -> Self {
        Self {
            shown: VecDeque::new(),
            recent: VecDeque::new(),
            early_turn: None,
            put_away: PutAway::new(),
            next_id: 1,
            dropped: Dropped {
                duplicate: 0,
                rate: 0,
                weak: 0,
                said: 0,
                crowded: 0,
                dismissed: 0,
            },
        }
    }

    pub(crate) const fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// Shows what is new, strong enough and not too much of the turn `segment`.
    pub(crate) fn push(
        &mut self,
        config: &AssistConfig,
        said: &Said,
        at: CallTime,
        segment: &str,
        mut candidates: Vec<Candidate>,
    ) -> Vec<Push> {
        let mut pushes = self.expire(at);
        self.drop_put_away(&mut candidates);
        pushes.extend(self.settle_early(config, at, segment, &mut candidates));
        let mut fresh = Vec::new();
        for candidate in candidates {
            if candidate.score < config.min_score {
                self.dropped.weak += 1;
            } else if self.updates(config, &candidate, at, &mut pushes) {
            } else if said.covers(&candidate) {
                self.dropped.said += 1;
            } else {
                fresh.push(candidate);
            }
        }
        let mut chosen = self.fair(config, at, fresh);
        // What answers goes out before what to say with it and what to take care of, and the likeliest first.
        chosen.sort_by(|a, b| {
            let by_use = is_advice(a).cmp(&is_advice(b));
            by_use.then(b.score.total_cmp(&a.score))
        });
        for candidate in chosen {
            self.show(config, at, candidate, false, &mut pushes);
        }
        pushes
    }

    /// Whether it is on the screen, or a sharper one in its place; then it is at most refreshed.
    fn updates(&mut self, config: &AssistConfig, candidate: &Candidate, at: CallTime, pushes: &mut Vec<Push>) -> bool {
        let key = &candidate.dedup_key;
        let Some(known) = self.shown.iter().rposition(|shown| shown.key == *key) else {
            return false;
        };
        let sharper = self.shown[known].replaced_by.as_ref();
        let covered = sharper.is_some_and(|id| self.shown.iter().any(|s| s.id == *id && s.until.is_some()));
        let known = &mut self.shown[known];
        if known.until.is_none() {
            let again = covered || candidate.once;
            self.dropped.duplicate += u64::from(again);
            return again;
        }
        if known.body == candidate.body {
            self.dropped.duplicate += 1;
            return true;
        }
        // The same hint with other figures: 4 years 8 months, not 3 years.
        pushes.push(known.rewrite(config, at, candidate.clone(), false));
        true
    }

    /// The best within the caps; each topic gets its best before any gets its second.
    fn fair(&mut self, config: &AssistConfig, at: CallTime, mut fresh: Vec<Candidate>) -> Vec<Candidate> {
        fresh.sort_by(|a, b| a.tier.cmp(&b.tier).then(b.score.total_cmp(&a.score)));
        let mut seen: HashMap<(String, bool), usize> = HashMap::new();
        let mut ranked: Vec<(usize, Candidate)> = fresh
            .into_iter()
            .map(|candidate| {
                // What to say with an answer takes no answer's place.
                let turn = seen
                    .entry((candidate.topic.clone(), is_advice(&candidate)))
                    .or_default();
                *turn += 1;
                (*turn, candidate)
            })
            .collect();
        ranked.sort_by_key(|(turn, _)| *turn);
        // What the caller wants to see stands among what is shown.
        let last = config.max_per_turn.saturating_sub(1);
        if let Some(at) = ranked
            .iter()
            .position(|(_, candidate)| candidate.wanted)
            .filter(|at| *at > last)
        {
            ranked[last..=at].rotate_right(1);
        }
        while self
            .recent
            .front()
            .is_some_and(|then| at.0.saturating_sub(then.0) > MINUTE)
        {
            self.recent.pop_front();
        }
        let mut out: Vec<Candidate> = Vec::new();
        for (_, candidate) in ranked {
            let minute_full = self.recent.len() >= config.max_per_minute && candidate.tier != Tier::MustSay;
            let early = self.shown_early(&candidate.trigger.segment_id);
            if out.len() + early >= config.max_per_turn || minute_full {
                self.dropped.rate += 1;
            } else if out.iter().any(|chosen| chosen.dedup_key == candidate.dedup_key) {
                self.dropped.duplicate += 1;
            } else {
                self.recent.push_back(at);
                out.push(candidate);
            }
        }
        out
    }

    fn show(&mut self, config: &AssistConfig, at: CallTime, candidate: Candidate, early: bool, pushes: &mut Vec<Push>) {
        if early {
            self.count_early(&candidate.trigger.segment_id);
        }
        let id = self.id_for(&candidate.dedup_key);
        let ttl = config.ttl.of(candidate.tier);
        let mut replaced = Vec::new();
        for key in &candidate.sharpens {
            let mut live = self.shown.iter_mut().rev();
            if let Some(shown) = live.find(|shown| shown.key == *key && shown.until.is_some() && shown.at < at) {
                shown.leave();
                shown.replaced_by = Some(id.clone());
                replaced.push(shown.id.clone());
            }
        }
        let supersedes = replaced.first().cloned();
        if supersedes.is_none() {
            self.make_room(config, pushes);
        }
        if self.shown.len() >= REMEMBERED {
            self.shown.pop_front();
        }
        let mut shown = Shown {
            key: candidate.dedup_key.clone(),
            id: id.clone(),
            topic: candidate.topic.clone(),
            tier: candidate.tier,
            body: candidate.body.clone(),
            at,
            until: Some(CallTime(at.0 + ttl)),
            hint: None,
            replaced_by: None,
            early: early.then(|| Early::of(&candidate)),
        };
        let hint = Box::new(wire(candidate, id, supersedes.clone(), ttl, early));
        shown.hint = Some(hint.clone());
        self.shown.push_back(shown);
        pushes.push(Push::New(hint));
        for hint_id in replaced {
            pushes.push(Push::Expire(HintExpire {
                hint_id,
                reason: "superseded".to_owned(),
            }));
        }
    }

    /// A hint that was taken away comes back with the id that it had.
    fn id_for(&mut self, key: &str) -> String {
        let gone = self.shown.iter().rposition(|shown| shown.key == key);
        if let Some(shown) = gone.and_then(|at| self.shown.remove(at)) {
            return shown.id;
        }
        self.next_id += 1;
        format!("h{}", self.next_id - 1)
    }

    /// What is on the screen, for an agent who joins at `at`: each for as long as it still lives.
    pub(crate) fn anew(&self, at: CallTime) -> Vec<HintData> {
        self.shown
            .iter()
            .filter_map(|shown| {
                let left = shown.until?.0.checked_sub(at.0).filter(|left| !left.is_zero())?;
                let mut hint = HintData::clone(shown.hint.as_deref()?);
                hint.ttl_ms = millis(left);
                hint.supersedes = None;
                Some(hint)
            })
            .collect()
    }

    /// The least important and oldest gives way on a full screen.
    fn make_room(&mut self, config: &AssistConfig, pushes: &mut Vec<Push>) {
        let live = self.shown.iter().filter(|shown| shown.until.is_some()).count();
        if live < config.max_live.max(1) {
            return;
        }
        let least = self
            .shown
            .iter_mut()
            .filter(|shown| shown.until.is_some())
            .max_by(|a, b| a.tier.cmp(&b.tier).then(b.at.cmp(&a.at)));
        if let Some(shown) = least {
            shown.leave();
            self.dropped.crowded += 1;
            pushes.push(Push::Expire(HintExpire {
                hint_id: shown.id.clone(),
                reason: "withdrawn".to_owned(),
            }));
        }
    }

    /// Takes away what has been shown long enough.
    pub(crate) fn expire(&mut self, now: CallTime) -> Vec<Push> {
        self.take_away(|shown| shown.until.is_some_and(|until| until <= now), "ttl")
    }

    /// Takes away what the caller did not mean.
    pub(crate) fn withdraw(&mut self, topic: &str) -> Vec<Push> {
        self.take_away(|shown| shown.until.is_some() && shown.topic == topic, "withdrawn")
    }

    fn take_away(&mut self, which: impl Fn(&Shown) -> bool, reason: &str) -> Vec<Push> {
        self.shown
            .iter_mut()
            .filter(|shown| which(shown))
            .map(|shown| {
                shown.leave();
                Push::Expire(HintExpire {
                    hint_id: shown.id.clone(),
                    reason: reason.to_owned(),
                })
            })
            .collect()
    }

    pub(crate) fn next_expiry(&self) -> Option<CallTime> {
        self.shown.iter().filter_map(|shown| shown.until).min()
    }
}

impl Shown {
    /// Off the screen.
    fn leave(&mut self) {
        (self.until, self.hint) = (None, None);
    }

    /// Other content under the same id.
    fn rewrite(&mut self, config: &AssistConfig, at: CallTime, candidate: Candidate, early: bool) -> Push {
        let ttl = config.ttl.of(candidate.tier);
        self.key.clone_from(&candidate.dedup_key);
        self.body.clone_from(&candidate.body);
        self.tier = candidate.tier;
        self.until = Some(CallTime(at.0 + ttl));
        let hint = Box::new(wire(candidate, self.id.clone(), None, ttl, early));
        self.hint = Some(hint.clone());
        Push::Update(hint)
    }
}

/// Words to say and what to take care of go with answers; they are none.
const fn is_advice(candidate: &Candidate) -> bool {
    matches!(candidate.kind, HintKind::Script | HintKind::Risk)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn wire(candidate: Candidate, hint_id: String, supersedes: Option<String>, ttl: Duration, early: bool) -> HintData {
    HintData {
        topic: None,
        hint_id,
        tier: candidate.tier,
        kind: candidate.kind,
        trigger: candidate.trigger,
        title: candidate.title,
        body: candidate.body,
        highlights: candidate.highlights,
        sources: candidate.sources,
        region: candidate.region,
        score: candidate.score,
        node: Some(candidate.node).filter(|node| !node.is_empty() && !candidate.is_nothing),
        dedup_key: candidate.dedup_key,
        supersedes,
        ttl_ms: millis(ttl),
        engine: ENGINE.to_owned(),
        latency_ms: LatencyMs::default(),
        early,
        compare: candidate.compare,
        channels: candidate.channels,
        history: candidate.history,
        calc: candidate.calc,
        case: candidate.case,
        script: candidate.script,
        risk: candidate.risk,
        past_calls: candidate.past_calls,
    }
}
