//! Tokens put together as a query.

use std::ops::Range;

use super::lexicon::{MAX_CHARS, Token, Vocabulary, cover};
use super::say::{phrase, say};
use super::time::{Clock, Period, hours};
use super::{Answer, Reason};
use crate::query::{Compare, Filter, FilterKey, Grain, Order, Query, Top};
use crate::registry::{Dimension, MetricId, WindowKind, registry};
use crate::window::Window;

const DAY_MS: i64 = 86_400_000;

/// What the tokens say, before it is one query.
#[derive(Default)]
struct Parts {
    metrics: Vec<MetricId>,
    unclear: Vec<MetricId>,
    periods: Vec<Period>,
    hours: Option<Range<i64>>,
    weekdays: Vec<String>,
    values: Vec<(FilterKey, String)>,
    by: Option<Dimension>,
    /// A dimension without a word that groups by it.
    bare: Option<Dimension>,
    grain: Option<Grain>,
    trend: bool,
    compare: Option<&'static str>,
    order: Option<Order>,
    count: Option<i64>,
    ranked: bool,
    grouped: bool,
    refusal: Option<Reason>,
    unknown: String,
}

fn refusal(reason: Reason, key: &str, detail: &str) -> Answer {
    Answer::Refusal {
        reason,
        text: phrase(key).replace("{0}", detail),
    }
}

fn question(key: &str) -> Answer {
    Answer::Question {
        text: phrase(key).to_owned(),
        candidates: Vec::new(),
    }
}

pub(super) fn ask(text: &str, now: i64, vocabulary: &Vocabulary, before: Option<&Query>) -> Result<Answer, Answer> {
    let start: String = text.chars().take(MAX_CHARS + 1).collect();
    let clock = Clock::new(now).ok_or_else(|| question("question.window"))?;
    if start.chars().count() > MAX_CHARS {
        return Err(refusal(Reason::Unknown, "refuse.unknown", ""));
    }
    let parts = read(&cover(text, vocabulary), &clock);
    parts.refused()?;
    if parts.metrics.is_empty() && before.is_none() {
        let follows = !parts.periods.is_empty() || parts.by.is_some() || !parts.values.is_empty();
        let key = if follows { "question.follow" } else { "refuse.no_metric" };
        return Err(if follows {
            question(key)
        } else {
            refusal(Reason::NoMetric, key, "")
        });
    }
    let query = parts.query(&clock, before)?;
    if query.window.from() > now {
        return Err(refusal(Reason::Forecast, "refuse.forecast", ""));
    }
    query
        .check()
        .map_err(|error| refusal(Reason::Query, "refuse.query", &error.to_string()))?;
    let said = say(&query);
    Ok(Answer::Query {
        query: Box::new(query),
        said,
    })
}

fn read(tokens: &[Token], clock: &Clock) -> Parts {
    let mut parts = Parts::default();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        if let Some((found, used)) = hours(rest) {
            parts.hours = Some(found);
            at += used;
        } else if let Some((period, used)) = clock.period(rest) {
            parts.periods.push(period);
            at += used;
        } else {
            at += parts.take(rest);
        }
    }
    parts
}

impl Parts {
    /// Takes what the first token says; returns how many tokens that used.
    fn take(&mut self, rest: &[Token]) -> usize {
        match &rest[0] {
            Token::Metric(ids) if ids.len() == 1 => self.metric(ids[0]),
            Token::Metric(ids) => self.unclear.extend(ids),
            Token::Value(key, value) => self.values.push((*key, value.clone())),
            Token::Number(n) => return self.number(*n, rest),
            Token::Unknown(c) => self.unknown.push(*c),
            Token::Word(kind, value) => self.word(kind, value, rest),
        }
        1
    }

    /// A metric. Its own name can hold the dimension that a word before it groups by: "each" and "topic share".
    fn metric(&mut self, id: MetricId) {
        self.metrics.push(id);
        let own = match registry().get(id).key.split('.').next() {
            Some("topic") => Dimension::Topic,
            Some("agent" | "offer") => Dimension::Agent,
            Some("queue") => Dimension::Queue,
            Some("ivr") => Dimension::Node,
            _ => return,
        };
        if std::mem::take(&mut self.grouped) {
            self.by = Some(own);
        }
    }

    /// A number that is no time counts groups, or nothing explains it.
    fn number(&mut self, n: i64, rest: &[Token]) -> usize {
        let counted = rest
            .get(1)
            .is_some_and(|t| t.word("count").is_some() || t.word("dimension").is_some());
        if !counted || self.count.is_some() {
            self.unknown.push_str(&n.to_string());
            return 1;
        }
        self.count = Some(n);
        1 + usize::from(rest[1].word("count").is_some())
    }

    fn word(&mut self, kind: &str, value: &'static str, rest: &[Token]) {
        match kind {
            "by" => self.grouped = true,
            "dimension" => self.dimension(value),
            "grain" => self.grain = grain(value),
            "trend" => self.trend = true,
            "compare" => self.compare = self.compare.filter(|old| *old != "-").or(Some(value)),
            "extreme" => {
                self.order = Some(if value == "highest" {
                    Order::Highest
                } else {
                    Order::Lowest
                })
            }
            "rank" => self.ranked = true,
            "first" if rest.get(1).and_then(Token::number).is_some() => self.ranked = true,
            "weekday" | "weekdays" => self.weekdays.extend(value.split(',').map(str::to_owned)),
            "refuse" => self.refusal = self.refusal.or(reason(value)),
            "unit" | "last" | "first" | "season" => self.unknown.push('?'),
            _ => {}
        }
    }

    fn dimension(&mut self, value: &str) {
        let Ok(dimension) = value.parse() else { return };
        if std::mem::take(&mut self.grouped) || self.count.is_some() {
            self.by = Some(dimension);
        } else {
            self.bare = Some(dimension);
        }
    }

    fn refused(&self) -> Result<(), Answer> {
        if let Some(reason) = self.refusal {
            let key = match reason {
                Reason::Forecast => "refuse.forecast",
                Reason::Cause => "refuse.cause",
                Reason::Personal => "refuse.personal",
                Reason::Order => "refuse.order",
                Reason::Negation => "refuse.negation",
                _ => "refuse.judgement",
            };
            return Err(refusal(reason, key, ""));
        }
        if !self.unknown.is_empty() {
            return Err(refusal(Reason::Unknown, "refuse.unknown", &self.unknown));
        }
        if self.metrics.is_empty() && !self.unclear.is_empty() {
            let names: Vec<&str> = self.unclear.iter().map(|id| registry().get(*id).name).collect();
            let text = phrase("question.metric").replace("{0}", &names.join("、"));
            return Err(Answer::Question {
                text,
                candidates: self.unclear.clone(),
            });
        }
        Ok(())
    }

    fn query(mut self, clock: &Clock, before: Option<&Query>) -> Result<Query, Answer> {
        let mut metrics = std::mem::take(&mut self.metrics);
        if metrics.is_empty() {
            metrics = before.map(|q| q.metrics.clone()).unwrap_or_default();
        }
        metrics.dedup();
        let period = self.period(clock, before, &metrics)?;
        let mut query = match before {
            Some(before) => Query {
                metrics,
                window: period.window,
                ..before.clone()
            },
            None => Query::new(metrics, period.window),
        };
        if !self.periods.is_empty() {
            query.compare = None;
        }
        if let Some(compare) = self.compare {
            query.compare = self.compared(compare, period, &mut query)?;
        }
        self.group(&mut query)?;
        self.filter(&mut query);
        self.steps(&mut query);
        Ok(query)
    }

    /// The window that is asked about: the first said, else that of the former question, else the present.
    fn period(&mut self, clock: &Clock, before: Option<&Query>, metrics: &[MetricId]) -> Result<Period, Answer> {
        let present = metrics.iter().all(|id| registry().get(*id).window == WindowKind::R);
        let said = self.periods.first().copied();
        let former = before.and_then(|q| Period::of(q.window));
        let now = clock.present().filter(|_| present).and_then(Period::of);
        if let (Some(now), Some(said)) = (now, said)
            && !(said.window.from()..=said.window.to()).contains(&now.window.to())
        {
            return Err(refusal(Reason::Query, "refuse.present", ""));
        }
        let period = now.or(said).or(former).ok_or_else(|| question("question.window"))?;
        match self.hours.clone().filter(|_| period.day) {
            Some(hours) => {
                self.hours = None;
                period.cut(&hours).ok_or_else(|| question("question.window"))
            }
            None => Ok(period),
        }
    }

    fn compared(&self, compare: &str, period: Period, query: &mut Query) -> Result<Option<Compare>, Answer> {
        let missing = || question("question.window");
        match (compare, self.periods.get(1)) {
            ("yoy", _) => Ok(Some(Compare::YearOnYear {
                window: period.year_before().ok_or_else(missing)?,
            })),
            ("pop", _) => Ok(Some(Compare::PreviousPeriod {
                window: period.before().ok_or_else(missing)?,
            })),
            (_, Some(other)) if other.year && !period.year => Ok(Some(Compare::YearOnYear {
                window: period.year_before().ok_or_else(missing)?,
            })),
            (_, Some(other)) => Ok(Some(other_window(period, other.window))),
            (_, None) => {
                let key = self.values.first().map(|(key, _)| *key);
                query.by = key.and_then(FilterKey::dimension).or(self.by);
                if query.by.is_some() { Ok(None) } else { Err(missing()) }
            }
        }
    }

    fn group(&self, query: &mut Query) -> Result<(), Answer> {
        let top = self.order.is_some() || self.ranked;
        if let Some(by) = self.by.or(self.bare.filter(|_| top)) {
            query.by = Some(by);
        }
        if self.grouped {
            return Err(question("question.dimension"));
        }
        if !top {
            return Ok(());
        }
        if query.by.is_none() {
            return Err(question("question.dimension"));
        }
        let n = match self.count {
            Some(n) => u32::try_from(n).unwrap_or(0),
            None if self.order.is_some() && !self.ranked => 1,
            None => return Ok(()),
        };
        query.top = Some(Top {
            n: Some(n),
            order: self.order.unwrap_or(Order::Highest),
        });
        Ok(())
    }

    fn filter(&self, query: &mut Query) {
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
            set(key, values);
        }
        set(FilterKey::Weekday, self.weekdays.clone());
        set(
            FilterKey::Hour,
            self.hours
                .clone()
                .into_iter()
                .flatten()
                .map(|h| h.to_string())
                .collect(),
        );
    }

    fn steps(&self, query: &mut Query) {
        if self.grain.is_some() {
            query.grain = self.grain;
        } else if self.trend {
            query.grain = Some(natural_grain(query.window));
        }
    }
}

fn other_window(period: Period, other: Window) -> Compare {
    if period.before() == Some(other) {
        Compare::PreviousPeriod { window: other }
    } else if period.year_before() == Some(other) {
        Compare::YearOnYear { window: other }
    } else {
        Compare::Other { window: other }
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

fn grain(value: &str) -> Option<Grain> {
    Some(match value {
        "hour" => Grain::Hour,
        "day" => Grain::Day,
        "week" => Grain::Week,
        "month" => Grain::Month,
        "quarter" => Grain::Quarter,
        "year" => Grain::Year,
        _ => return None,
    })
}

fn reason(value: &str) -> Option<Reason> {
    Some(match value {
        "forecast" => Reason::Forecast,
        "cause" => Reason::Cause,
        "personal" => Reason::Personal,
        "order" => Reason::Order,
        "negation" => Reason::Negation,
        _ => Reason::Judgement,
    })
}
