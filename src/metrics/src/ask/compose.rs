//! Parts put together as a query.

use super::concepts::{Named, calls};
use super::cover::{MAX_CHARS, cover};
use super::learned::shares;
use super::lexicon::Vocabulary;
use super::read::{Parts, Relative, read};
use super::reading::Known;
use super::say::{between, both, phrase_in, say};
use super::signs::Signs;
use super::time::{Clock, Period};
use super::{Answer, Reason};
use crate::query::{Compare, FilterKey, Query, QueryError};
use crate::registry::{Language, MetricId, WindowKind, registry};

/// Calls that come in, and calls by topic.
const CALLS: &str = "demand.calls_in";
const TOPIC_CALLS: &str = "topic.calls";
/// The metric that is itself a change.
pub(super) const CHANGE: &str = "demand.week_change";
/// The least share of a metric that itself leaves out what a question leaves out.
const LEFT_OUT: f32 = 0.5;
/// Metrics that are offered where one cannot be asked in a way.
const MOST_OFFERED: usize = 3;

pub(super) fn refusal(reason: Reason, key: &str, detail: &str) -> Answer {
    let (text, english) = both(|language| phrase_in(language, key).replace("{0}", detail));
    Answer::Refusal { reason, text, english }
}

pub(super) fn question(key: &str) -> Answer {
    asked_back(|language| phrase_in(language, key).to_owned(), Vec::new())
}

/// A question back, in both languages, with the metrics to choose from.
pub(super) fn asked_back(text: impl Fn(Language) -> String, candidates: Vec<MetricId>) -> Answer {
    let (text, english) = both(text);
    Answer::Question {
        text,
        english,
        candidates,
    }
}

/// The answer to a text that is no longer than one may be.
pub(super) fn ask(text: &str, now: i64, vocabulary: &Vocabulary, before: Option<&Query>) -> Answer {
    let start: String = text.chars().take(MAX_CHARS + 1).collect();
    if start.chars().count() > MAX_CHARS {
        return refusal(Reason::Unknown, "refuse.long", "");
    }
    let Some(clock) = Clock::new(now) else {
        return question("question.window");
    };
    let asked = Asked {
        clock,
        now,
        before,
        text: &start,
    };
    asked.answers(vocabulary)
}

/// What speaks for an answer to the text and against it; nothing does where the clock tells no time.
pub(super) fn signs(text: &str, now: i64, vocabulary: &Vocabulary, before: Option<&Query>) -> Signs {
    let Some(clock) = Clock::new(now) else {
        return Signs::new();
    };
    let asked = Asked {
        clock,
        now,
        before,
        text,
    };
    asked.signs(&read(&cover(text, vocabulary, false), &clock), vocabulary)
}

#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) clock: Clock,
    pub(super) now: i64,
    pub(super) before: Option<&'a Query>,
    /// What is read: all that was said, or a part of it.
    pub(super) text: &'a str,
}

impl Asked<'_> {
    pub(super) fn answer(&self, mut parts: Parts, known: Known) -> Result<Answer, Answer> {
        if known == Known::Whole {
            // A word that speaks against an answer is of a remark.
            parts.refused().map_or(Ok(()), Err)?;
            parts.all_known()?;
        }
        if parts.excluded {
            if known == Known::Whole || !self.leaves_out(&parts) {
                return Err(refusal(Reason::Negation, "refuse.negation", ""));
            }
            parts.leave_lengths();
        }
        let first = self.answer_as(parts.clone());
        if !(parts.tells_agents() || parts.bare_bound && parts.of_agents())
            || !matches!(&first, Err(Answer::Question { candidates, .. }) if !candidates.is_empty())
        {
            return first;
        }
        // "Who answers most calls": what agents answer, where what queues answer cannot be asked by agent.
        parts.groups.iter_mut().for_each(|bag| {
            bag.weak.insert("agent".to_owned());
        });
        // A rate of agents has another denominator than one of queues: there it is asked back.
        let counts = |id: &MetricId| registry().get(*id).unit != "%";
        let counted =
            |answer: &Answer| matches!(answer, Answer::Query { query, .. } if query.metrics.iter().all(counts));
        self.answer_as(parts).ok().filter(counted).map_or(first, Ok)
    }

    /// Whether what is left out of the count is so by the metric itself: "without those who hang up at once".
    fn leaves_out(&self, parts: &Parts) -> bool {
        shares(self.text, &parts.rest)
            .likeliest()
            .is_some_and(|(id, share)| share >= LEFT_OUT && (calls(id, "net") || parts.leaves_out(id)))
    }

    fn answer_as(&self, mut parts: Parts) -> Result<Answer, Answer> {
        let order = parts.order;
        let named = self.named(&mut parts)?;
        if named.is_empty() && self.before.is_none() {
            return Err(question("question.no_metric"));
        }
        if named.is_empty() && !parts.says_something() && order.is_none() {
            return Err(refusal(Reason::NoMetric, "refuse.no_metric", ""));
        }
        let agent = |key: &FilterKey| *key == FilterKey::Agent;
        let meant = self
            .before
            .is_some_and(|query| query.filters.iter().any(|filter| agent(&filter.key)));
        // "Who is above …? These people …": they were asked for.
        let asked_for = parts.which.is_some() && parts.of_agents();
        if parts.pronoun && !meant && !asked_for && !parts.values.iter().any(|(key, _)| agent(key)) {
            return Err(question("question.follow"));
        }
        let query = self.query(parts, named)?;
        if query.window.from() > self.now {
            return Err(refusal(Reason::Forecast, "refuse.forecast", ""));
        }
        query.check().map_err(|error| Self::explain(&error))?;
        let (said, english) = both(|language| say(&query, language));
        Ok(Answer::Query {
            query: Box::new(query),
            said,
            english,
        })
    }

    fn query(&self, parts: Parts, named: Vec<Named>) -> Result<Query, Answer> {
        let mut metrics: Vec<MetricId> = Vec::new();
        for one in named {
            let id = if parts.tells_topics() {
                on_topics(one.id)
            } else {
                one.id
            };
            if !metrics.contains(&id) {
                metrics.push(id);
            }
        }
        if metrics.is_empty() {
            metrics = self.before.map(|q| q.metrics.clone()).unwrap_or_default();
        }
        let mut parts = parts;
        let period = self.period(&mut parts, &metrics)?;
        let mut query = match self.before {
            Some(before) => Query {
                metrics,
                window: period.window,
                ..before.clone()
            },
            None => Query::new(metrics, period.window),
        };
        if before_moved(self.before, period) || parts.relative.is_some() {
            // Another period is compared as the one before was.
            query.compare = match query.compare.filter(|_| parts.relative.is_none()) {
                Some(Compare::YearOnYear { .. }) => {
                    period.year_before().map(|p| Compare::YearOnYear { window: p.window })
                }
                Some(Compare::PreviousPeriod { .. }) => {
                    period.before().map(|p| Compare::PreviousPeriod { window: p.window })
                }
                _ => None,
            };
        }
        if self
            .before
            .is_some_and(|before| !alike(&before.metrics, &query.metrics))
        {
            query.threshold = None;
        }
        self.compared(&parts, period, &mut query)?;
        parts.set_groups(&mut query)?;
        parts.set_filters(&mut query)?;
        parts.set_steps(&mut query);
        parts.set_threshold(&mut query)?;
        Ok(query)
    }

    fn compared(&self, parts: &Parts, period: Period, query: &mut Query) -> Result<(), Answer> {
        let missing = || question("question.window");
        let before = || {
            let window = period.before().ok_or_else(missing)?.window;
            Ok(Compare::PreviousPeriod { window })
        };
        let year_before = || {
            let window = period.year_before().ok_or_else(missing)?.window;
            Ok(Compare::YearOnYear { window })
        };
        if parts.uncompare {
            query.compare = None;
        }
        // "Did the change rise": it says so itself; step by step each change is seen.
        let changes =
            parts.change && parts.grain.is_none() && !query.metrics.iter().all(|id| registry().get(*id).key == CHANGE);
        let kind = parts.compare.or(changes.then_some("change"));
        let relative = parts.relative.filter(|_| kind.is_some() || !parts.periods.is_empty());
        let compare = match (kind, relative, parts.periods.get(1)) {
            (Some("yoy"), _, _) | (_, Some(Relative::YearBefore), _) => year_before()?,
            (Some("pop"), _, _) | (_, Some(Relative::Before), _) => before()?,
            (_, Some(Relative::InYear(year)), _) => other_window(period, period.in_year_of(year).ok_or_else(missing)?),
            (_, Some(Relative::Back(length)), _) => {
                let window = period.back_by(length).ok_or_else(missing)?.window;
                Compare::PreviousPeriod { window }
            }
            // "The last half hour against half an hour before".
            (Some(_), _, Some(other)) if other.window == period.window => before()?,
            (Some(_), _, Some(other)) => other_window(period, *other),
            (Some("change"), _, None) => before()?,
            (Some(_), _, None) => {
                // "Compare the groups": side by side.
                let key = parts.values.first().map(|(key, _)| *key);
                query.by = key
                    .and_then(FilterKey::dimension)
                    .or(parts.by.first().copied())
                    .or(parts.bare)
                    .or(query.by);
                if parts.bound.is_none() && query.by.is_none() {
                    return Err(missing());
                }
                return Ok(());
            }
            // The same time said twice.
            (None, _, Some(other)) if other.meets(&period) => return Ok(()),
            // Two times side by side.
            (None, _, Some(other)) => other_window(period, *other),
            (None, _, None) => return Ok(()),
        };
        query.compare = Some(compare);
        Ok(())
    }

    /// Why a query has no answer; where other metrics of that kind have one, as a question.
    fn explain(error: &QueryError) -> Answer {
        let QueryError::Dimension { metric, asked, allowed } = error else {
            let key = match error {
                QueryError::Present { .. } => "refuse.present",
                QueryError::Top => "question.dimension",
                QueryError::Steps => "refuse.steps",
                _ => "refuse.query",
            };
            return refusal(Reason::Query, key, "");
        };
        let text = |language: Language| {
            let names: Vec<&str> = allowed.iter().map(|d| phrase_in(language, d.name())).collect();
            let key = if names.is_empty() { "whole" } else { "allowed" };
            let may = phrase_in(language, key).replace("{0}", &names.join(between(language)));
            phrase_in(language, "question.by")
                .replace("{0}", registry().get(*metric).name_in(language))
                .replace("{1}", phrase_in(language, asked))
                .replace("{2}", &may)
        };
        let unit = registry().get(*metric).unit;
        let related = |id: &MetricId| {
            let other = registry().get(*id);
            other.unit == unit && other.dimensions.iter().any(|d| d.name() == *asked)
        };
        let ids = super::concepts::related(*metric).into_iter().filter(related);
        asked_back(text, ids.take(MOST_OFFERED).collect())
    }
}

pub(super) fn present(metrics: &[MetricId]) -> bool {
    !metrics.is_empty() && metrics.iter().all(|id| registry().get(*id).window == WindowKind::R)
}

/// What counts calls by their topics, in the place of what cannot be asked by topic.
pub(super) fn on_topics(id: MetricId) -> MetricId {
    if registry().get(id).key == CALLS {
        TOPIC_CALLS.parse().unwrap_or(id)
    } else {
        id
    }
}

/// Whether the period is another than that of the former question.
fn before_moved(before: Option<&Query>, period: Period) -> bool {
    before.is_some_and(|before| before.window != period.window)
}

/// Whether a bound on the values of one list is one on those of the other.
fn alike(some: &[MetricId], others: &[MetricId]) -> bool {
    let unit = |ids: &[MetricId]| ids.first().map(|id| registry().get(*id).unit);
    unit(some) == unit(others)
}

fn other_window(period: Period, other: Period) -> Compare {
    let near = |found: Option<Period>| found.is_some_and(|found| found.window.from() == other.window.from());
    let within = |found: Option<Period>| {
        found.is_some_and(|found| (other.window.from()..other.window.to()).contains(&found.window.from()))
    };
    if near(period.before()) && !period.is_year() {
        Compare::PreviousPeriod {
            window: period.before().map_or(other.window, |before| before.window),
        }
    } else if near(period.year_before()) || (other.is_year() && within(period.year_before())) {
        Compare::YearOnYear {
            window: period.year_before().map_or(other.window, |before| before.window),
        }
    } else {
        Compare::Other { window: other.window }
    }
}
