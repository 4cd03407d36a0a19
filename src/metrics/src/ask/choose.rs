//! Which metrics the parts of a question name, and what their names take of the parts.

use super::compose::{Asked, CHANGE, asked_back, on_topics, present, question, refusal};
use super::concepts::{
    Bag, Named, Prefer, Unnamed, calls, calls_by, is_general, is_length, length_concept, plain_name, with_length,
};
use super::learned::{Shares, shares};
use super::naming::{metrics, unmarked};
use super::read::Parts;
use super::remark;
use super::say::{between, phrase_in};
use super::{Answer, Reason};
use crate::query::Grain;
use crate::registry::{Dimension, MetricId, registry};

/// The least share of a metric that is taken where the tables name nothing; where it is negated, or nothing is said of any; and in the place of the former question's metric.
const LEAST: f32 = 0.3;
const LIKELY: f32 = 0.5;
const CERTAIN: f32 = 0.9;
/// The same of one that is among those that the tables' words fit alike, and of another than those.
const CLEAR: f32 = 0.97;
const OTHER: f32 = 0.7;
/// The least share of a metric that a piece of a list names, and of the same in the whole text.
const CERTAIN_PIECE: f32 = 0.6;
const NEAR_PIECE: f32 = 0.1;
/// What the share of a metric of another kind is worth.
const OTHERWISE: f32 = 0.1;
/// A metric of a smaller share is not meant, and of several that are named, one of a still smaller.
const UNLIKELY: f32 = 0.05;
const ABSENT: f32 = 0.005;
/// The largest share of none, and how much likelier another may be, where the tables name a metric beside what they do not have.
const NOT_NONE: f32 = 0.3;
const NEARLY: f32 = 2.0;
/// Concepts of what a question narrows to, not of what it asks.
const NARROWING: [&str; 3] = ["queue", "topic", "agent"];

impl Asked<'_> {
    /// The metrics. What their names take of the parts is taken out of them.
    pub(super) fn named(&self, parts: &mut Parts) -> Result<Vec<Named>, Answer> {
        let prefer = self.prefer(parts);
        // "Which group waits the longest" orders; "the longest wait of each group" is a metric.
        let orders = parts.order.is_some() && (parts.which.is_some() || parts.count.is_some() || parts.ranked);
        let found = if parts.unknown.is_empty() && !parts.negated {
            by_tables(parts, prefer, orders).or_else(|error| unmarked(&parts.groups, prefer).ok_or(error))
        } else {
            Err(Unnamed::Nothing)
        };
        let named = self.settled(parts, found)?;
        let mut named = if named.is_empty() { self.of_length(parts) } else { named };
        parts.with_lengths(&mut named);
        taken(parts, &named, orders);
        if !parts.lengths_used(&named) {
            return Err(refusal(Reason::Unknown, "refuse.length", ""));
        }
        Ok(named)
    }

    /// What the tables name, if what was learned does not speak against it; else what was learned.
    fn settled(&self, parts: &Parts, found: Result<Vec<Named>, Unnamed>) -> Result<Vec<Named>, Answer> {
        let several = found.as_ref().is_ok_and(|named| named.len() > 1);
        let shares = self.weighed(parts, several);
        // "Not answered" is easily taken for its contrary.
        if parts.negated && shares.none >= LIKELY {
            return Err(parts.nothing());
        }
        let found = match found {
            Err(unnamed) => {
                let told = self.told_apart(parts, &unnamed);
                told.map(|id| vec![parts.all_of(id)]).ok_or(unnamed)
            }
            found => found,
        };
        match found {
            // Every word is known, and none is of a metric: the former question's.
            Ok(named) if named.is_empty() && self.before.is_some() && parts.only_narrows() => Ok(Vec::new()),
            Ok(named) if named.is_empty() => {
                let least = if self.before.is_some() { CERTAIN } else { LIKELY };
                Ok(shares.sure(least).map(|id| vec![parts.all_of(id)]).unwrap_or_default())
            }
            Ok(named) if several || named.iter().all(|one| parts.measured_alike(one.id)) => {
                agreed(named, self.text, &shares).map_err(|ids| offered(parts, Unnamed::Alike(ids)))
            }
            Ok(_) => self.learned(parts, Unnamed::Nothing, &shares),
            Err(unnamed) => self.learned(parts, unnamed, &shares),
        }
    }

    /// What was learned of the question, by what else is known of it.
    fn weighed(&self, parts: &Parts, several: bool) -> Shares {
        let mut shares = shares(self.text, &parts.rest);
        shares.weigh(|id| {
            let changes = registry().get(id).key == CHANGE && parts.compares();
            let fits = (several || parts.measured_alike(id)) && self.of_its_time(parts, id) && !changes;
            if fits { 1.0 } else { OTHERWISE }
        });
        shares
    }

    /// The metric that was learned to be meant, where the tables name none.
    fn learned(&self, parts: &Parts, unnamed: Unnamed, shares: &Shares) -> Result<Vec<Named>, Answer> {
        // "And the pension group alone": a thing, of which nothing new is asked.
        if self.before.is_some() && shares.sure(LIKELY).is_none() && parts.only_narrows() {
            return Ok(Vec::new());
        }
        let several = self.pieces(shares);
        if several.len() > 1 {
            return Ok(several.into_iter().map(|id| parts.all_of(id)).collect());
        }
        let (found, ids) = match unnamed {
            Unnamed::Alike(ids) | Unnamed::Several(ids) => {
                let other = shares.sure(OTHER).filter(|id| !ids.contains(id));
                (shares.sure(CLEAR).or(other), ids)
            }
            Unnamed::Nothing => {
                let least = if parts.negated { OTHER } else { LEAST };
                let near = shares.near();
                let offers = shares.none < UNLIKELY && near.len() > 1;
                let told = || self.told_beside(parts, shares);
                (shares.sure(least).or_else(told), if offers { near } else { Vec::new() })
            }
        };
        match found {
            Some(id) => Ok(vec![parts.all_of(id)]),
            None if ids.is_empty() => Err(parts.nothing()),
            None => Err(offered(parts, Unnamed::Alike(ids))),
        }
    }

    /// The metric that the tables name in other clauses than those with words that they do not have, where none is much
    /// likelier. A word beside a name may narrow it.
    fn told_beside(&self, parts: &Parts, shares: &Shares) -> Option<MetricId> {
        let known = parts.groups.iter().filter(|bag| bag.unknown.is_empty());
        let named = metrics(&known.cloned().collect::<Vec<_>>(), self.prefer(parts)).ok()?;
        let [Named { id, .. }] = named[..] else { return None };
        let (_, most) = *shares.metrics.first()?;
        let likely = shares.none < NOT_NONE && shares.of(id) * NEARLY >= most;
        (likely && !parts.negated && parts.measured_alike(id)).then_some(id)
    }

    /// The metrics of the pieces between marks and words that join, where the whole text is near each of them, too.
    fn pieces(&self, whole: &Shares) -> Vec<MetricId> {
        let mut ids: Vec<MetricId> = Vec::new();
        for piece in remark::pieces(self.text) {
            let meant = shares(piece, piece).sure(CERTAIN_PIECE);
            let near = meant.filter(|id| whole.of(*id) >= NEAR_PIECE && !ids.contains(id));
            ids.extend(near);
        }
        ids
    }

    /// Whether the metric is of the present or the past as that of the former question.
    fn of_its_time(&self, parts: &Parts, id: MetricId) -> bool {
        let former = self.before.is_some_and(|before| !present(&before.metrics));
        !former || parts.now || !present(&[id])
    }

    /// "And of thirty seconds?": the former metric's name with that length.
    fn of_length(&self, parts: &Parts) -> Vec<Named> {
        let former = self.before.and_then(|query| query.metrics.first().copied());
        let lengths: Vec<&String> = parts
            .groups
            .iter()
            .flat_map(|bag| bag.weak.iter().filter(|name| is_length(name)))
            .collect();
        let (Some(former), [length]) = (former, &lengths[..]) else {
            return Vec::new();
        };
        let used = [(*length).clone()].into();
        with_length(former, length)
            .map(|id| Named { id, used })
            .into_iter()
            .collect()
    }

    fn prefer(&self, parts: &Parts) -> Prefer {
        let former = self.before.map(|query| present(&query.metrics));
        if parts.now || former == Some(true) && parts.periods.is_empty() {
            Prefer::Present
        } else if former == Some(false) || !parts.periods.is_empty() {
            Prefer::Past
        } else {
            Prefer::Either
        }
    }

    /// Of names that fit, the one that fits what else was asked, or the former question.
    fn told_apart(&self, parts: &Parts, unnamed: &Unnamed) -> Option<MetricId> {
        let of_topics = |ids: &[MetricId]| {
            let first = on_topics(*ids.first()?);
            (parts.tells_topics() && ids.iter().all(|id| on_topics(*id) == first)).then_some(first)
        };
        match unnamed {
            Unnamed::Alike(ids) => of_topics(ids)
                .or_else(|| parts.of_length(ids))
                .or_else(|| parts.askable(ids))
                .or_else(|| parts.of_agents().then(|| of_agents(ids))?)
                .or_else(|| self.of_former(ids)),
            Unnamed::Several(ids) => self
                .of_former(ids)
                .or_else(|| parts.measured(ids))
                .or_else(|| only(ids, |id| self.of_its_time(parts, id)).filter(|_| self.before.is_some())),
            Unnamed::Nothing => None,
        }
    }

    /// Of names that fit, the only one of the family that the former question was about.
    fn of_former(&self, ids: &[MetricId]) -> Option<MetricId> {
        let head = |id: MetricId| registry().get(id).key.split('.').next();
        let former = self.before?.metrics.first().copied()?;
        only(ids, |id| head(id) == head(former))
    }
}

impl Parts {
    /// "Within 15 seconds; and within 30?": the one metric with each other length that was said, where there is one.
    fn with_lengths(&self, named: &mut Vec<Named>) {
        let [Named { id, .. }] = named[..] else { return };
        let said = self.groups.iter().flat_map(|bag| &bag.weak);
        for length in said.filter(|name| is_length(name) && !calls(id, name)) {
            if let Some(other) = with_length(id, length) {
                let used = [length.clone()].into();
                named.push(Named { id: other, used });
            }
        }
    }

    /// The metric, which takes all of the concepts that it may be called by.
    fn all_of(&self, id: MetricId) -> Named {
        let said = self.groups.iter().flat_map(|bag| bag.strong.iter().chain(&bag.weak));
        let used = said.filter(|name| calls(id, name)).cloned().collect();
        Named { id, used }
    }

    /// The answer where no metric is meant.
    pub(super) fn nothing(&self) -> Answer {
        // "Who is the best": at what?
        if self.judged.is_some() {
            return question("question.no_metric");
        }
        self.all_known()
            .err()
            .unwrap_or_else(|| offered(self, Unnamed::Nothing))
    }

    /// Whether the metric is of the kind that is asked for: a share, a length of time.
    fn measured_alike(&self, id: MetricId) -> bool {
        let unit = registry().get(id).unit;
        let says = |name: &str| self.groups.iter().any(|bag| bag.strong.contains(name));
        (!says("rate") || unit == "%") && (!says("time") || says("rate") || matches!(unit, "s" | "ms" | "h"))
    }

    /// Whether it names a value, a group or a time, and no concept of what is measured.
    pub(super) fn only_narrows(&self) -> bool {
        let narrows = |name: &String| is_general(name) || NARROWING.contains(&name.as_str());
        self.says_something() && self.groups.iter().all(|bag| bag.strong.iter().all(narrows))
    }

    /// Of names that fit, the only one that is called by a length that was said.
    fn of_length(&self, ids: &[MetricId]) -> Option<MetricId> {
        let lengths = self
            .groups
            .iter()
            .flat_map(|bag| bag.weak.iter().filter(|name| is_length(name)));
        let mut named = lengths.filter_map(|length| only(ids, |id| calls(id, length)));
        named.next()
    }

    /// The only metric of which what was said is a part, where it is measured as was said.
    fn measured(&self, ids: &[MetricId]) -> Option<MetricId> {
        let only = only(ids, |_| true).filter(|_| self.unknown.is_empty())?;
        let says = |name: &str| {
            self.groups
                .iter()
                .any(|bag| bag.strong.contains(name) || bag.weak.contains(name))
        };
        let (unit, key) = (registry().get(only).unit, registry().get(only).key);
        let of_time = matches!(unit, "s" | "ms" | "h");
        let percent = unit == "%" && says("rate") && !says("time");
        let time = of_time && says("time") && !says("rate");
        let number = !of_time && unit != "%" && !says("rate") && !says("time") && (says("count") || says("people"));
        // A percentile is not meant where none is said.
        let percentile = key.contains("_p9") || key.ends_with("p50");
        let said = ["p50", "p90", "p95"].into_iter().any(says);
        (percent || time || number)
            .then_some(only)
            .filter(|_| !percentile || said)
    }

    /// Of names that fit, the only one that can be asked by what is grouped by, or filtered.
    fn askable(&self, ids: &[MetricId]) -> Option<MetricId> {
        let named = self.values.iter().filter_map(|(key, _)| key.dimension());
        let wanted: Vec<Dimension> = self.by.iter().copied().chain(named).collect();
        let fits = |id: MetricId| wanted.iter().all(|by| registry().get(id).dimensions.contains(by));
        only(ids, fits).filter(|_| !wanted.is_empty())
    }
}

/// What the tables name, where what was learned agrees or its own name is said; else what is to be asked back.
fn agreed(named: Vec<Named>, text: &str, shares: &Shares) -> Result<Vec<Named>, Vec<MetricId>> {
    let said = |one: &Named| text.contains(&plain_name(registry().get(one.id)));
    if named.iter().any(|one| shares.of(one.id) >= UNLIKELY || said(one)) {
        // Of a list those that only tell of the others are not meant.
        let meant = |one: &Named| shares.of(one.id) >= ABSENT || said(one);
        return Ok(named.into_iter().filter(meant).collect());
    }
    match shares.likeliest() {
        Some((id, share)) if share >= LIKELY => Err(named.iter().map(|one| one.id).chain([id]).collect()),
        _ => Ok(named),
    }
}

fn by_tables(parts: &Parts, prefer: Prefer, orders: bool) -> Result<Vec<Named>, Unnamed> {
    let mut groups = parts.groups.clone();
    if orders {
        for bag in &mut groups {
            bag.weak.remove("highest");
            // What is longest is a length of time.
            if bag.weak.remove("longest") {
                bag.weak.insert("time".to_owned());
            }
        }
    }
    match metrics(&groups, prefer) {
        Err(_) if orders => metrics(&parts.groups, prefer),
        found => found,
    }
}

/// Takes out of the parts what is part of a name.
fn taken(parts: &mut Parts, named: &[Named], orders: bool) {
    let used = |name: &str| named.iter().any(|one| one.used.contains(name));
    if ["highest", "longest"].iter().any(|extreme| used(extreme)) && !orders {
        parts.order = None;
    }
    // "When most talk at once, how many": of a metric that is the highest of its kind, where nothing is grouped.
    let grouped = !parts.by.is_empty() || parts.bare.is_some() || parts.grain.is_some();
    if !orders && !grouped && ["highest", "longest"].iter().any(|extreme| calls_by(named, extreme)) {
        parts.order = None;
    }
    if used("hourly") && parts.grain == Some(Grain::Hour) || used("daily") && parts.grain == Some(Grain::Day) {
        parts.grain = None;
    }
    if parts.people && !used("per") && !parts.by.contains(&Dimension::Agent) {
        parts.by.push(Dimension::Agent);
    }
    if let Some(bound) = parts.bound
        && length_concept(&bound.quantity).is_some_and(|name| used(&name) || calls_by(named, &name))
    {
        parts.bound = None;
    }
    parts.topic &= !used("topic") && !named.is_empty();
    parts.follows = named.is_empty();
}

/// Of names that fit alike, that of agents' hours, where agents are asked about.
fn of_agents(ids: &[MetricId]) -> Option<MetricId> {
    only(ids, |id| registry().get(id).key.starts_with("agent."))
}

fn only(ids: &[MetricId], fits: impl Fn(MetricId) -> bool) -> Option<MetricId> {
    let mut same = ids.iter().copied().filter(|id| fits(*id));
    same.next().filter(|_| same.next().is_none())
}

fn offered(parts: &Parts, unnamed: Unnamed) -> Answer {
    match unnamed {
        Unnamed::Several(ids) | Unnamed::Alike(ids) => {
            let text = |language| {
                let names = ids.iter().map(|id| registry().get(*id).name_in(language));
                let names: Vec<&str> = names.collect();
                phrase_in(language, "question.metric").replace("{0}", &names.join(between(language)))
            };
            asked_back(text, ids.clone())
        }
        Unnamed::Nothing if parts.groups.iter().all(Bag::is_general) => question("question.no_metric"),
        Unnamed::Nothing => refusal(Reason::NoMetric, "refuse.no_metric", ""),
    }
}
