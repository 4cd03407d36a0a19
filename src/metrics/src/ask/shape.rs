//! What the parts make of a query: groups, order, filters, steps, thresholds.

use super::compose::{asked_back, question, refusal};
use super::concepts::{Named, calls_by, is_length, length_concept, own_length};
use super::lexicon::good;
use super::read::Parts;
use super::say::phrase_in;
use super::{Answer, Reason};
use crate::query::{DAY_MS, Filter, FilterKey, Grain, Order, Query, Top};
use crate::registry::{Dimension, registry};
use crate::window::Window;

/// Metrics that say something of each topic alone.
const OF_TOPICS: [&str; 2] = ["topic.share", "topic.heat"];

impl Parts {
    /// Whether the tables explain every word.
    pub(super) fn all_known(&self) -> Result<(), Answer> {
        if self.unknown.is_empty() && self.negated {
            Err(refusal(Reason::Negation, "refuse.negation", ""))
        } else if self.unknown.is_empty() {
            Ok(())
        } else if self.undated {
            Err(refusal(Reason::Unknown, "refuse.season", ""))
        } else {
            Err(refusal(Reason::Unknown, "refuse.unknown", &self.unknown))
        }
    }

    /// Why what cannot be answered is not, as far as a word of it says.
    pub(super) fn refused(&self) -> Option<Answer> {
        let reason = self.refusal?;
        let key = match reason {
            Reason::Forecast => "refuse.forecast",
            Reason::Cause => "refuse.cause",
            Reason::Personal => "refuse.personal",
            Reason::Order => "refuse.order",
            Reason::Negation => "refuse.negation",
            _ => "refuse.judgement",
        };
        Some(refusal(reason, key, ""))
    }

    /// Lengths of time belong to what the metric leaves out.
    pub(super) fn leave_lengths(&mut self) {
        self.bound.take_if(|bound| bound.quantity.seconds().is_some());
        self.groups
            .iter_mut()
            .for_each(|bag| bag.weak.retain(|name| !is_length(name)));
    }

    pub(super) fn compares(&self) -> bool {
        self.compare.is_some() || self.change
    }

    /// Whether agents are grouped, counted or named.
    pub(super) fn of_agents(&self) -> bool {
        self.people || self.bare == Some(Dimension::Agent) || self.tells_agents()
    }

    /// Whether topics are grouped or named.
    pub(super) fn tells_topics(&self) -> bool {
        self.by.contains(&Dimension::Topic) || self.values.iter().any(|(key, _)| *key == FilterKey::Topic)
    }

    /// Whether agents are grouped or named.
    pub(super) fn tells_agents(&self) -> bool {
        self.by.contains(&Dimension::Agent) || self.values.iter().any(|(key, _)| *key == FilterKey::Agent)
    }

    /// Whether there is anything for a question that follows another.
    pub(super) fn says_something(&self) -> bool {
        !self.periods.is_empty()
            || !self.values.is_empty()
            || !self.by.is_empty()
            || self.bare.is_some()
            || self.grain.is_some()
            || self.trend
            || self.compares()
            || self.uncompare
            || self.ungrain
            || self.ungroup.is_some()
            || self.relative.is_some()
            || self.hours.is_some()
            || !self.weekdays.is_empty()
            || self.bound.is_some()
            || self.count.is_some()
            || self.sorted.is_some()
    }

    /// Whether each length of time that was said is part of a name, where a metric has a length in its own name.
    pub(super) fn lengths_used(&self, named: &[Named]) -> bool {
        let used = |name: &str| named.iter().any(|one| one.used.contains(name));
        let bound = self.bound.and_then(|bound| length_concept(&bound.quantity));
        let weak = self.groups.iter().flat_map(|bag| &bag.weak);
        let mut lengths = weak.filter(|name| is_length(name));
        lengths.all(|length| {
            let each = match length.as_str() {
                // "In one day", "have a look" say nothing of a length.
                "q86400" | "q60" => true,
                "q3600" => used("hourly") || used("peak"),
                _ => false,
            };
            let own = named.iter().any(|one| own_length(one.id));
            each || bound.as_ref() == Some(length) || used(length) || calls_by(named, length) || !own
        })
    }

    /// The dimension of which several values are named: "these three groups by rank".
    fn several(&self) -> Option<Dimension> {
        let named = self.values.first()?.0.dimension()?;
        let mut values = self.values.iter().filter(|(key, _)| key.dimension() == Some(named));
        values.nth(1).map(|_| named)
    }

    pub(super) fn set_groups(&self, query: &mut Query) -> Result<(), Answer> {
        query.grain.take_if(|_| self.ungrain);
        query.by.take_if(|by| self.ungroup == Some(*by));
        let which = self.which.is_some();
        // "Both groups": as many as were named.
        let named = self.several().is_some() && self.count == i64::try_from(self.values.len()).ok();
        // "Both of them": as many as metrics were.
        let metrics = query.metrics.len();
        let both = metrics > 1 && self.order.is_none() && !self.ranked && self.count == i64::try_from(metrics).ok();
        let count = self.count.filter(|_| !named && !both);
        let top = self.order.is_some() || self.ranked || count.is_some();
        let hour_of_day = self.by.contains(&Dimension::Hour);
        let others: Vec<Dimension> = self.by.iter().copied().filter(|by| *by != Dimension::Hour).collect();
        match (others.as_slice(), hour_of_day) {
            ([by], true) => {
                query.by = Some(*by);
                query.grain = Some(Grain::Hour);
            }
            ([by], false) => query.by = Some(*by),
            ([], true) => query.by = Some(Dimension::Hour),
            ([], false) => {}
            _ => return Err(refusal(Reason::Query, "refuse.two_dimensions", "")),
        }
        query.by = query.by.or(self.several().filter(|_| self.grain.is_none()));
        self.group_by_bare(top, query);
        if !top && self.sorted.is_none() {
            return Ok(());
        }
        let agents = query
            .metrics
            .iter()
            .all(|id| registry().get(*id).dimensions.contains(&Dimension::Agent));
        if self.persons && query.by.is_none() && self.grain.is_none() && agents {
            query.by = Some(Dimension::Agent);
        }
        if query.by.is_none() && query.grain.is_none() && self.grain.is_none() {
            return Err(question("question.dimension"));
        }
        let one = self.order.is_some() && !self.ranked && self.sorted.is_none() && (which || count.is_none());
        let n = match count {
            Some(n) => Some(u32::try_from(n).unwrap_or(0)),
            None if one && self.which != Some("some") => Some(1),
            None => None,
        };
        let order = match self.judged {
            Some(best) => end(best, query)?,
            None => self.sorted.or(self.order).unwrap_or(Order::Highest),
        };
        query.top = Some(Top { n, order });
        Ok(())
    }

    /// Groups by a dimension that was named without a word that groups, where the question is of several of its values;
    /// what says something of topics, by topic.
    fn group_by_bare(&self, top: bool, query: &mut Query) {
        let bare = self.bare.filter(|_| self.by.is_empty() && self.grain.is_none());
        let one_topic = self.values.iter().any(|(key, _)| *key == FilterKey::Topic);
        let topic = self.bare == Some(Dimension::Topic) && self.topic && !one_topic;
        let valued = |by: Dimension| self.values.iter().any(|(key, _)| key.dimension() == Some(by));
        // "The agents' pace, above 280": those agents.
        let bounded = self.bound.is_some() && !self.asked && self.bare == Some(Dimension::Agent);
        let listed = top || self.sorted.is_some() || self.which.is_some() || self.bare_bound || topic || bounded;
        if let Some(bare) = bare.filter(|bare| listed && query.by.is_none() || self.follows && !valued(*bare)) {
            query.by = Some(bare);
        }
        // A share of topics, or their rise, of all of them together says nothing.
        let of_topics = query
            .metrics
            .iter()
            .all(|id| OF_TOPICS.contains(&registry().get(*id).key));
        if of_topics && query.by.is_none() && !one_topic {
            query.by = Some(Dimension::Topic);
        }
    }

    /// "And agent 12", after a question about queues: one dimension takes the place of the other.
    fn change_dimension(&self, query: &mut Query) {
        let Some(named) = self.values.first().and_then(|(key, _)| key.dimension()) else {
            return;
        };
        query
            .filters
            .retain(|filter| filter.key.dimension().is_none_or(|of| of == named));
        if query
            .by
            .is_some_and(|by| by != named && !within_queues(by, named) && !self.by.contains(&by))
        {
            query.by = None;
            query.top = query.top.filter(|_| query.grain.is_some());
        }
    }

    pub(super) fn set_filters(&self, query: &mut Query) -> Result<(), Answer> {
        if self.follows {
            self.change_dimension(query);
        }
        let mut side_by_side = None;
        let mut set = |key: FilterKey, values: Vec<String>| {
            if !values.is_empty() {
                query.filters.retain(|filter| filter.key != key);
                query.filters.push(Filter { key, values });
            }
        };
        for key in [FilterKey::Queue, FilterKey::Agent, FilterKey::Topic, FilterKey::Node] {
            let mut values: Vec<String> = Vec::new();
            for (_, value) in self.values.iter().filter(|(k, _)| *k == key) {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            // Several of one kind stand side by side.
            side_by_side = side_by_side.or(key.dimension().filter(|_| values.len() > 1));
            set(key, values);
        }
        let mut weekdays = self.weekdays.clone();
        weekdays.sort();
        weekdays.dedup();
        set(FilterKey::Weekday, weekdays);
        if let Some(hours) = self.hours {
            let whole = hours.whole().ok_or_else(|| question("question.hours"))?;
            set(FilterKey::Hour, whole.map(|h| h.to_string()).collect());
        }
        query.by = query.by.or(side_by_side);
        Ok(())
    }

    pub(super) fn set_steps(&self, query: &mut Query) {
        if self.grain.is_some() {
            query.grain = self.grain;
        } else if self.trend && query.grain.is_none() && query.compare.is_none() {
            query.grain = Some(natural_grain(query.window));
        }
    }

    pub(super) fn set_threshold(&self, query: &mut Query) -> Result<(), Answer> {
        let Some(bound) = self.bound else { return Ok(()) };
        // "Has it reached 95": the one number answers that.
        if self.asked && query.by.is_none() && query.grain.is_none() {
            return Ok(());
        }
        let unit = query.metrics.first().map_or("", |id| registry().get(*id).unit);
        let threshold = bound.quantity.bound(unit, bound.op);
        query.threshold = Some(threshold.ok_or_else(|| question("question.threshold"))?);
        Ok(())
    }
}

/// Whether the values of a dimension stay side by side where another dimension is narrowed to a value: those of one queue.
fn within_queues(by: Dimension, named: Dimension) -> bool {
    by == Dimension::Hour || named == Dimension::Queue && matches!(by, Dimension::Agent | Dimension::Topic)
}

/// The end at which the best, or the worst, values of a metric are.
fn end(best: bool, query: &Query) -> Result<Order, Answer> {
    let first = query.metrics.first().map(ToString::to_string).unwrap_or_default();
    let is = |end: &str| good(end).any(|id| id == first);
    match (is("highest"), is("lowest")) {
        (true, _) if best => Ok(Order::Highest),
        (true, _) => Ok(Order::Lowest),
        (_, true) if best => Ok(Order::Lowest),
        (_, true) => Ok(Order::Highest),
        _ => {
            let first = query.metrics.first().map(|id| registry().get(*id));
            let text = |language| {
                let name = first.map_or("", |metric| metric.name_in(language));
                phrase_in(language, "question.order").replace("{0}", name)
            };
            Err(asked_back(text, Vec::new()))
        }
    }
}

/// Steps that give a line some ten to sixty points.
fn natural_grain(window: Window) -> Grain {
    match window.length() {
        ..=172_800_000 => Grain::Hour,
        n if n <= 62 * DAY_MS => Grain::Day,
        _ => Grain::Month,
    }
}
