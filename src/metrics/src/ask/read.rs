//! Tokens as the parts of a query.

use super::Reason;
use super::concepts::Bag;
use super::lexicon::Token;
use super::quantity::Quantity;
use super::time::{Clock, Hours, Length, Period};
use super::values::{grain, order, reason, step_of};
use crate::query::{FilterKey, Grain, Op, Order};
use crate::registry::Dimension;

/// Hours of a day.
const HOURS: i64 = 24;
/// The mark between the members of a list.
const LISTED: &str = "\u{3001}";

/// How another time is told from the one that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relative {
    /// The period before.
    Before,
    /// The same so many months or days before: "the same time of last month".
    Back(Length),
    /// The same of the year before.
    YearBefore,
    /// The same of the year that this is.
    InYear(Period),
    /// The same hours of the day as in the question before.
    SameHours,
}

/// A bound that was said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) op: Op,
    pub(super) quantity: Quantity,
}

/// What the tokens say, before it is one query.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    /// Concepts between words that join or marks, or behind a "how many".
    pub(super) groups: Vec<Bag>,
    /// The groups that begin behind a "how many".
    how_many: Vec<usize>,
    pub(super) periods: Vec<Period>,
    pub(super) hours: Option<Hours>,
    pub(super) weekdays: Vec<String>,
    /// Of which of the periods a day or days of the week were said, and which: within a longer one they are a filter.
    pub(super) week_days: Vec<(usize, Vec<String>)>,
    /// Only those days: a filter also within one week.
    pub(super) only_days: bool,
    pub(super) values: Vec<(FilterKey, String)>,
    pub(super) relative: Option<Relative>,
    /// Nothing is asked for behind the end of this.
    pub(super) until: Option<Period>,
    /// A time without bounds: "lately".
    pub(super) vague: bool,
    pub(super) now: bool,
    /// A past day, until the hour of the clock that it is now.
    pub(super) until_clock: bool,
    /// What was said is wanted apart.
    pub(super) apart: bool,
    /// Hours of several days are taken together.
    pub(super) whole: bool,
    /// Somebody is meant who was named before.
    pub(super) pronoun: bool,
    /// The former question's comparison is not wanted any more.
    pub(super) uncompare: bool,
    /// Nor its steps of time, nor its groups.
    pub(super) ungrain: bool,
    pub(super) ungroup: Option<Dimension>,
    /// It is asked whether a bound is reached.
    pub(super) asked: bool,
    /// "Each person": a grouping, where no name of a metric takes it.
    pub(super) people: bool,
    pub(super) by: Vec<Dimension>,
    /// A dimension without a word that groups by it.
    pub(super) bare: Option<Dimension>,
    /// The word for topics itself was said, and no metric's name took it.
    pub(super) topic: bool,
    /// It follows another and names no metric.
    pub(super) follows: bool,
    /// Persons are counted: agents, where nothing else is named.
    pub(super) persons: bool,
    /// It comes behind a bound: "more than ten agents' calls".
    pub(super) bare_bound: bool,
    pub(super) grain: Option<Grain>,
    pub(super) trend: bool,
    pub(super) compare: Option<&'static str>,
    pub(super) change: bool,
    pub(super) order: Option<Order>,
    /// The order is from the best, or from the worst: which end that is, the metric tells.
    pub(super) judged: Option<bool>,
    pub(super) sorted: Option<Order>,
    pub(super) count: Option<i64>,
    pub(super) ranked: bool,
    /// Which one, or which ones.
    pub(super) which: Option<&'static str>,
    pub(super) bound: Option<Bound>,
    pub(super) refusal: Option<Reason>,
    /// Something is left out of the count.
    pub(super) excluded: bool,
    /// Something is said not to be: a name that no table has, unless it was learned.
    pub(super) negated: bool,
    /// A date that there is not, or a time that ends before it begins.
    pub(super) mistimed: bool,
    /// A holiday of a year that the table does not have.
    pub(super) undated: bool,
    pub(super) unknown: String,
    /// What was said beside times, groups and values.
    pub(super) rest: String,
    /// Of that, something was to group by: no metric's name explains it.
    pub(super) guessed: bool,
}

/// Reads the tokens from left to right.
pub(super) fn read(tokens: &[Token], clock: &Clock) -> Parts {
    let mut parts = Parts {
        groups: vec![Bag::default()],
        ..Parts::default()
    };
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        let used = parts
            .days_alone(rest, clock)
            .or_else(|| parts.time(rest, clock))
            .or_else(|| parts.framed(rest))
            .or_else(|| parts.taken_back(rest, clock));
        // How long and how much may be part of a metric's name.
        let used = used.or_else(|| {
            let used = parts.left_out(rest).or_else(|| parts.bounded(rest))?;
            rest[..used].iter().for_each(|token| parts.rest.push_str(&token.text));
            Some(used)
        });
        // "Not answered" is no metric's name where no table has it; "not" behind a verb only asks.
        if rest[0].word("negator").is_some() && rest.get(1).is_some_and(|next| next.word("concept").is_some()) {
            parts.negated = true;
        }
        at += match used.or_else(|| parts.grouping(rest)).or_else(|| parts.counted(rest)) {
            Some(used) => used,
            None => {
                let dated = |t: &Token| t.words("unit").any(|unit| matches!(unit, "day" | "month"));
                parts.mistimed |= rest[0].number().is_some() && rest.get(1).is_some_and(dated);
                parts.take(&rest[0]);
                1
            }
        };
    }
    parts.join_single();
    parts.join_framed();
    parts
}

/// How far behind a word that groups or narrows what it is by may stand.
const NEAR: usize = 4;

/// Whether the clause begins with what no table has.
fn unread(tokens: &[Token]) -> bool {
    let clause = tokens
        .iter()
        .take_while(|t| t.word("sep").is_none() && t.word("concept").is_none());
    clause.take(NEAR).any(|t| t.means.is_empty())
}

impl Parts {
    /// One "how many" parts nothing: what follows it is what is counted.
    fn join_single(&mut self) {
        if let [at] = self.how_many[..] {
            let rest = self.groups.remove(at);
            self.groups[at - 1].extend(&rest);
        }
    }

    /// "The calls about cards, how many of them …": those calls are no metric beside what is asked of them.
    fn join_framed(&mut self) {
        let names = |bag: &Bag| !bag.framed && !bag.is_general();
        let others = self.groups.iter().any(names);
        for bag in self
            .groups
            .iter_mut()
            .filter(|bag| others && bag.framed && bag.is_general())
        {
            bag.strong.clear();
        }
    }

    pub(super) fn bag(&mut self) -> &mut Bag {
        if self.groups.is_empty() {
            self.groups.push(Bag::default());
        }
        let last = self.groups.len() - 1;
        &mut self.groups[last]
    }

    /// Words that group: "by topic", "each group", "which agents".
    fn grouping(&mut self, rest: &[Token]) -> Option<usize> {
        let first = &rest[0];
        if let Some(used) = self.crossed(rest) {
            return Some(used);
        }
        if first.word("who").is_some() {
            // "Of these two groups, whose is higher": who is what was named.
            let named = self.values.first().and_then(|(key, _)| key.dimension());
            self.group(named.filter(|_| self.values.len() > 1).unwrap_or(Dimension::Agent));
            self.which = self.which.or(Some("one"));
            return Some(1);
        }
        self.guessed |= first.word("narrows").is_some() && unread(&rest[1..]);
        if let Some(step) = first
            .word("which")
            .filter(|value| !matches!(*value, "one" | "some" | "that"))
        {
            self.which = self.which.or(Some("one"));
            self.step(step);
            return Some(1);
        }
        if let Some(dimension) = first.word("grouped").and_then(|value| value.parse().ok()) {
            if dimension == Dimension::Agent {
                self.people = true;
            } else {
                self.group(dimension);
            }
            self.bag().take(first);
            return Some(1);
        }
        // "Agent-wise": the word that groups stands behind.
        if rest.get(1).is_some_and(|t| t.word("bybehind").is_some()) && self.groups_by(first) {
            return Some(2);
        }
        self.by_or_which(rest)
    }

    /// "By topic", "which agents": the word that groups, and what by.
    fn by_or_which(&mut self, rest: &[Token]) -> Option<usize> {
        let first = &rest[0];
        // What is heard as "that group" after "the most" was "which group".
        let which = match first.word("which") {
            Some("that") if self.order.is_none() => None,
            Some("that") => Some("one"),
            which => which,
        };
        if which.is_none() && first.word("by").is_none() {
            return None;
        }
        let mut at = 1;
        while rest
            .get(at)
            .is_some_and(|t| t.word("count").is_some() && t.word("dimension").is_none())
        {
            at += 1;
        }
        let next = rest.get(at)?;
        if self.groups_by(next) {
            // It is.
        } else if next.heard && which.is_none() {
            // What is grouped by is not guessed from its sound.
            self.unknown.push_str(&next.text);
            self.guessed = true;
            return Some(at + 1);
        } else {
            self.guessed |= which.is_none() && unread(&rest[at..]);
            return None;
        }
        self.which = self.which.or(which);
        // "By node, parted": the word that groups may stand on both sides.
        let behind = |t: &Token| t.word("by").or(t.word("bybehind")).is_some();
        let both = first.word("by").is_some() && rest.get(at + 1).is_some_and(behind);
        let another = rest
            .get(at + 2)
            .is_some_and(|t| t.word("dimension").is_some() || t.words("unit").any(|unit| step_of(unit).is_some()));
        Some(at + 1 + usize::from(both && !another))
    }

    /// Groups by a word that names a dimension or a step of time; whether it does.
    pub(super) fn groups_by(&mut self, token: &Token) -> bool {
        if let Some(dimension) = token.words("dimension").find_map(|value| value.parse().ok()) {
            self.group(dimension);
            return true;
        }
        let step = token.words("unit").find_map(step_of);
        step.inspect(|step| self.step(step)).is_some()
    }

    fn group(&mut self, dimension: Dimension) {
        // "Share of each topic" names the metric by the word that groups.
        match dimension {
            Dimension::Topic => self.bag().weak.insert("topic".to_owned()),
            Dimension::Node => self.bag().weak.insert("ivr".to_owned()),
            _ => false,
        };
        if !self.by.contains(&dimension) {
            self.by.push(dimension);
        }
    }

    pub(super) fn step(&mut self, step: &str) {
        if step == "hour" {
            self.group(Dimension::Hour);
        } else {
            self.grain = grain(step);
        }
    }

    /// "The first three", "five agents".
    pub(super) fn counted(&mut self, rest: &[Token]) -> Option<usize> {
        if let Some(used) = self.one_by_one(rest).or_else(|| self.the_first(rest)) {
            return Some(used);
        }
        let numbered = rest.get(1).is_some_and(|t| t.number().is_some());
        let behind = rest[0].word("behind").is_some() && numbered;
        let ahead = behind || rest[0].word("first").is_some() && numbered;
        let start = usize::from(ahead);
        let n = rest.get(start)?.number()?;
        let mut at = start + 1;
        let counted = rest.get(at).is_some_and(|t| t.word("count").is_some());
        let dimension = |token: Option<&Token>| {
            token.and_then(|t| t.words("dimension").find_map(|value| value.parse::<Dimension>().ok()))
        };
        if let Some(found) = dimension(rest.get(at)).filter(|_| n > 1 || ahead || self.order.is_some()) {
            self.group(found);
            at += 1;
        } else if counted {
            self.persons |= rest[at].word("count") == Some("person");
            // "The first time" is no place in a list.
            if n == 1 && rest[at].word("count") == Some("time") {
                return Some(at + 1);
            }
            // "Ten kinds".
            if let Some(found) = rest[at].word("count").and_then(|value| value.parse().ok()) {
                self.group(found);
            }
            at += 1;
            if let Some(found) = dimension(rest.get(at)) {
                self.group(found);
                at += 1;
            }
        } else if let Some(step) = rest.get(at).and_then(|t| t.words("unit").find_map(step_of)) {
            // "The busiest three days".
            if !ahead && self.order.is_none() {
                return None;
            }
            self.step(step);
            at += 1;
        } else if !ahead || n == 1 && !behind {
            return None;
        }
        if self.count.is_some() {
            return None;
        }
        // "The 24 hours of a day" are all of them.
        let all = self.by.contains(&Dimension::Hour) && n == HOURS;
        // "The longest one" is no list of one.
        let bare = counted && !ahead && at == start + 2 && dimension(rest.get(at - 1)).is_none();
        let one = n == 1 && bare && self.order.is_some() && !self.persons;
        if all || one {
            return Some(at);
        }
        self.count = Some(n);
        self.ranked |= ahead;
        if behind {
            self.order = Some(Order::Lowest);
        }
        Some(at)
    }

    /// Behind a word that joins, or a mark, another name may begin.
    fn begin_group(&mut self, token: &Token) {
        let and = token.word("and").is_some();
        if and || token.word("sep").is_some() {
            let joined = and || token.text == LISTED;
            self.groups.push(Bag {
                joined,
                ..Bag::default()
            });
        }
    }

    /// Everything else that one token says.
    fn take(&mut self, token: &Token) {
        if let Some((key, value)) = token.value() {
            self.values.push((key, value.to_owned()));
            return;
        }
        if token.word("grain").is_none() {
            self.rest.push_str(&token.text);
        }
        self.begin_group(token);
        self.note(token);
        if let Some(dimension) = token.words("dimension").find_map(|value| value.parse().ok()) {
            self.bare = Some(dimension);
            self.topic = token.words("concept").any(|name| name == "topic");
            self.bare_bound = self.bound.is_some();
        }
        if token.word("hours").is_some() {
            self.group(Dimension::Hour);
        }
        // "The groups one by one".
        if let Some(dimension) = self.bare.filter(|_| token.word("apart").is_some()) {
            self.group(dimension);
        }
        // "Rose by how many per cent" asks for no rate; "people below 60" are a dimension.
        let how_much = token.word("percents").is_some() && (self.change || self.compare.is_some());
        let of_bound = self.bound.is_some() && token.words("dimension").any(|value| value == "agent");
        if !how_much && !of_bound {
            self.bag().take(token);
        }
        // "How many agents are ready, how many talk": two things may be asked in one breath.
        if token.word("extreme").is_none() && token.words("weak").any(|names| names == "count") {
            self.how_many.push(self.groups.len());
            self.groups.push(Bag {
                joined: true,
                ..Bag::default()
            });
        }
        self.refuse(token);
    }

    /// What a token says of the whole question: its time, its order, what it is compared with.
    fn note(&mut self, token: &Token) {
        self.whole |= token.word("whole").is_some();
        self.apart |= token.word("apart").is_some();
        self.pronoun |= token.word("pronoun").is_some();
        self.now |= token.word("now").is_some();
        self.vague |= token.word("vague").is_some();
        self.trend |= token.word("trend").is_some();
        self.ranked |= token.word("rank").is_some();
        self.change |= token.word("change").is_some();
        if let Some(found) = token.word("grain") {
            self.grain = grain(found);
        }
        if let Some(found) = token.word("compare") {
            self.compare = self.compare.filter(|old| *old != "-").or(Some(found));
        }
        if let Some(found) = token.word("sort") {
            self.sorted = order(found);
        }
        if let Some(found) = token.word("extreme") {
            self.order = order(found);
            self.judged = match found {
                "best" => Some(true),
                "worst" => Some(false),
                _ => self.judged,
            };
        }
        if let Some(days) = token.word("weekdays").or_else(|| token.word("weekday")) {
            self.weekdays.extend(days.split(',').map(str::to_owned));
        }
        if let Some(which) = token.word("which").filter(|which| *which != "that") {
            self.which = self.which.or(Some(which));
        }
    }

    fn refuse(&mut self, token: &Token) {
        if let Some(found) = token.word("refuse") {
            let found = reason(found);
            self.excluded |= found == Reason::Negation;
            self.refusal = self.refusal.or(Some(found));
        }
        self.undated |= token.word("season").is_some();
        // What is measured elsewhere is like nothing here.
        self.guessed |= token.word("foreign").is_some();
        let explained = token.means.iter().any(|meaning| match meaning {
            super::lexicon::Meaning::Word(kind, _) => !matches!(
                *kind,
                "unit"
                    | "duration"
                    | "season"
                    | "half"
                    | "quarters"
                    | "thirds"
                    | "percent"
                    | "clock"
                    | "relative"
                    | "op"
                    | "start"
                    | "foreign"
                    | "monthend"
                    | "ahead"
                    | "about"
                    | "epithet"
                    | "sameclock"
                    | "since"
                    | "under"
                    | "opunit"
                    | "opasked"
                    | "drop"
                    | "contrast"
            ),
            _ => false,
        });
        if !explained {
            self.unknown.push_str(&token.text);
            self.bag().text.push_str(&token.text);
            self.bag().unknown.push_str(&token.text);
        }
    }
}
