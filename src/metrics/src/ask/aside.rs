//! What is said beside the parts of a query: what is not meant, and the first of a list.

use super::cover::cover;
use super::lexicon::{Token, Vocabulary, of_kind};
use super::quantity::quantity;
use super::read::Parts;
use super::say::definition;
use super::values::step_of;
use crate::query::{FilterKey, Order};
use crate::registry::MetricId;

/// What opens an aside in a definition.
const OPENED: char = '\u{ff08}';

fn negates(token: &Token) -> bool {
    token.word("refuse") == Some("negation") && token.word("concept").is_none()
}

/// Seconds within which who hangs up has not waited.
const SHORT: i64 = 5;

impl Parts {
    /// What stands around a value: "who asks about cards", "the new one, 8015".
    pub(super) fn framed(&mut self, rest: &[Token]) -> Option<usize> {
        let quiet = |t: &&Token| t.word("noise").is_some() || t.word("particle").is_some();
        let value = |at: usize| rest.get(at).and_then(Token::value);
        // "In that hour": the time that was said before.
        if rest[0].word("which") == Some("that")
            && !self.periods.is_empty()
            && let Some((_, used)) = quantity(&rest[1..]).filter(|(length, _)| length.seconds().is_some())
        {
            return Some(1 + used);
        }
        if rest[0].word("epithet").is_some() && matches!(value(1), Some((FilterKey::Agent, _))) {
            return Some(1);
        }
        // "8015, the new one".
        let told = rest.get(1).is_some_and(|t| t.word("epithet").is_some());
        if let Some((FilterKey::Agent, agent)) = value(0).filter(|_| told && value(2).is_none()) {
            self.values.push((FilterKey::Agent, agent.to_owned()));
            return Some(2);
        }
        rest[0].word("about")?;
        let skip = 1 + rest[1..].iter().take_while(quiet).count();
        let (key, found) = value(skip).filter(|(key, _)| *key == FilterKey::Topic)?;
        self.values.push((key, found.to_owned()));
        self.bag().weak.extend(["ask", "topic"].map(str::to_owned));
        self.bag().framed = true;
        let behind = skip + 1 + rest[skip + 1..].iter().take_while(quiet).count();
        // "Those people" are no count of people.
        let people = rest.get(behind).is_some_and(|t| t.word("concept") == Some("people"));
        if people {
            self.bag().weak.insert("people".to_owned());
        }
        Some(if people { behind + 1 } else { skip + 1 })
    }

    /// What is left out of a count by the name of a metric, "without those who hang up at once", or told only as what is not
    /// meant: "by heads, not by calls".
    pub(super) fn left_out(&mut self, rest: &[Token]) -> Option<usize> {
        let silent = |t: &&Token| t.word("noise").is_some() && t.word("concept").is_none();
        if rest[0].word("contrast").is_some() {
            let skip = 1 + rest[1..].iter().take_while(silent).count();
            let meant = rest[skip..]
                .iter()
                .take_while(|t| t.word("concept").is_some() || t.word("weak").is_some());
            let used = meant.count();
            return (used > 0).then_some(skip + used);
        }
        if let Some(used) = self.included(rest).or_else(|| self.divided(rest)) {
            return Some(used);
        }
        if rest[0].word("object").is_some() {
            return self.object_left_out(rest);
        }
        if !negates(&rest[0]) {
            return None;
        }
        let mut skip = 1 + rest[1..].iter().take_while(silent).count();
        // "Within five seconds" is how long those wait.
        if let Some((_, used)) = quantity(&rest[skip..]).filter(|(found, _)| found.seconds() == Some(SHORT)) {
            skip += used + usize::from(rest.get(skip + used).is_some_and(|t| t.word("opafter").is_some()));
            skip += rest[skip..].iter().take_while(silent).count();
            rest.get(skip)?.words("concept").find(|name| *name == "abandon")?;
            self.bag().weak.insert("short".to_owned());
            self.bag().strong.insert("net".to_owned());
            return Some(skip);
        }
        rest.get(skip)?
            .words("concept")
            .find(|name| name.split('+').any(|name| name == "short"))?;
        self.bag().strong.insert("net".to_owned());
        self.bag().text.push_str(&rest[0].text);
        Some(skip)
    }

    /// "Those that nobody answered included", behind a metric's name: what the metric counts anyway.
    fn included(&mut self, rest: &[Token]) -> Option<usize> {
        rest[0].word("includes")?;
        let used = rest.iter().take_while(|t| t.word("sep").is_none()).count();
        let negated = rest[..used].iter().any(|t| t.word("negator").is_some());
        (negated && !self.bags_empty()).then_some(used)
    }

    /// "With those who voted as the denominator", behind a metric's name: how it is counted.
    fn divided(&mut self, rest: &[Token]) -> Option<usize> {
        rest[0].word("by").filter(|_| !self.bags_empty())?;
        let mut clause = rest.iter().take_while(|t| t.word("sep").is_none());
        Some(1 + clause.position(|t| t.word("base").is_some())?)
    }

    fn bags_empty(&self) -> bool {
        self.groups.iter().all(|bag| bag.strong.is_empty())
    }

    /// Whether the metric's own definition leaves out something that was said.
    pub(super) fn leaves_out(&self, id: MetricId) -> bool {
        let words = |of: &'static str| {
            of_kind("less")
                .filter(move |(side, _)| *side == of)
                .flat_map(|(_, words)| words.split(' '))
        };
        let text = definition(id);
        let behind = words("behind").find_map(|word| Some(text.split_once(word)?.1));
        let before = words("before").find_map(|word| Some(text.split_once(word)?.0.rsplit_once(OPENED)?.1));
        let out = [behind, before].into_iter().flatten();
        let tokens = out.flat_map(|text| cover(text, &Vocabulary::default(), false));
        let says = |name: &str| self.groups.iter().any(|bag| bag.strong.contains(name));
        tokens
            .into_iter()
            .any(|token| token.words("concept").any(|names| names.split('+').any(says)))
    }

    /// The same where what is left out stands before the verb: "those who hang up at once taken out".
    fn object_left_out(&mut self, rest: &[Token]) -> Option<usize> {
        let ends = |t: &Token| t.word("sep").is_some();
        let verb = rest.iter().take_while(|t| !ends(t)).position(negates)?;
        let turned: Vec<Token> = [&rest[verb..=verb], &rest[1..verb]].concat();
        let used = self.left_out(&turned)?;
        turned[used..].iter().for_each(|token| self.bag().take(token));
        Some(verb + 1 + usize::from(rest.get(verb + 1).is_some_and(ends)))
    }

    /// "The first one", "the last but none": another place than that is no order of a list.
    pub(super) fn the_first(&mut self, rest: &[Token]) -> Option<usize> {
        let behind = rest[0].word("behind").is_some();
        let start = usize::from(behind);
        rest.get(start)?.word("ordinal")?;
        // "The second week" of a longer time is a time, of which no table has the bounds.
        let step = |t: &Token| t.words("unit").any(|unit| step_of(unit).is_some());
        self.mistimed |= rest.get(start + 1)?.number().is_some() && rest.get(start + 2).is_some_and(step);
        rest.get(start + 1)?
            .number()
            .filter(|n| *n == 1 && self.count.is_none())?;
        let counted = rest
            .get(start + 2)
            .is_some_and(|t| t.word("count").is_some() && t.word("dimension").is_none());
        self.count = Some(1);
        self.ranked = true;
        self.order = Some(if behind {
            Order::Lowest
        } else {
            self.order.unwrap_or(Order::Highest)
        });
        Some(start + 2 + usize::from(counted))
    }
}
