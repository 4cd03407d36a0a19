//! What a question takes back of the one that it follows, or of what it has said itself.

use super::lexicon::Token;
use super::read::Parts;
use super::time::Clock;
use super::values::{grain, step_of};
use crate::registry::Dimension;

/// Kinds of words to which a question may be changed, where the verb would else be a metric's word.
const CHANGED_TO: [&str; 4] = ["compare", "by", "grain", "grouped"];

fn is(token: Option<&Token>, kind: &str) -> bool {
    token.is_some_and(|token| token.word(kind).is_some())
}

/// Whether a clause ends here.
fn ends(token: Option<&Token>) -> bool {
    token.is_none_or(|token| token.word("sep").is_some())
}

/// The tokens that only end a sentence.
fn particles(rest: &[Token]) -> usize {
    rest.iter().take_while(|t| t.word("particle").is_some()).count()
}

impl Parts {
    /// What is taken back, and how many tokens say so.
    pub(super) fn taken_back(&mut self, rest: &[Token], clock: &Clock) -> Option<usize> {
        self.uncompared(rest, clock)
            .or_else(|| self.ungrouped(rest))
            .or_else(|| self.unnamed(rest))
            .or_else(|| self.changed_to(rest))
    }

    /// "No comparison any more", "not with last year".
    fn uncompared(&mut self, rest: &[Token], clock: &Clock) -> Option<usize> {
        if is(rest.first(), "uncompare") {
            self.uncompare = true;
            return Some(1);
        }
        if is(rest.first(), "unlike") {
            let related = || is(rest.get(1), "relative").then_some(1);
            let used = 1 + clock.period(&rest[1..]).map(|(_, used)| used).or_else(related)?;
            let used = used + usize::from(is(rest.get(used), "compare"));
            self.uncompare = true;
            return Some(used + particles(&rest[used..]));
        }
        let silent = |t: &&Token| t.word("noise").is_some() && t.word("drop").is_none() && t.word("compare").is_none();
        let skip = 1 + rest[1..].iter().take_while(silent).count();
        let (first, next) = (rest.first(), rest.get(skip));
        let either = is(first, "drop") && is(next, "compare") || is(first, "compare") && is(next, "drop");
        self.uncompare |= either;
        either.then_some(skip + 1)
    }

    /// "Not by month any more".
    fn ungrouped(&mut self, rest: &[Token]) -> Option<usize> {
        let first = rest.first()?;
        let next = rest.get(1)?;
        let not = ["contrast", "drop", "negator"]
            .into_iter()
            .any(|kind| first.word(kind).is_some());
        let step = next.word("grain").filter(|_| not);
        let by = || {
            first.word("contrast")?;
            let unit = next.words("unit").find_map(step_of);
            unit.or_else(|| next.word("dimension"))
        };
        let what = step.or_else(by)?;
        let used = 2 + particles(&rest[2..]);
        // "Not the agents' pace of speech" names no grouping.
        if !ends(rest.get(used)) && !is(rest.get(used), "by") {
            return None;
        }
        match (grain(what), what.parse::<Dimension>()) {
            (_, Ok(dimension)) => self.ungroup = Some(dimension),
            (Some(_), _) => self.ungrain = true,
            _ => return None,
        }
        Some(used)
    }

    /// "The rate no more, the score": what was named in the clause that ends so is not asked for.
    fn unnamed(&mut self, rest: &[Token]) -> Option<usize> {
        let first = rest.first().filter(|t| t.word("drop").is_some())?;
        let used = 1 + particles(&rest[1..]);
        let more = rest[used..].iter().any(|t| t.word("concept").is_some());
        if !ends(rest.get(used)) || !more || self.bag().strong.is_empty() || first.word("concept").is_some() {
            return None;
        }
        let bag = self.bag();
        bag.strong.clear();
        bag.weak.clear();
        bag.names.clear();
        bag.text.clear();
        self.rest.clear();
        Some(used)
    }

    /// "Change to year on year": the verb is no metric's word there.
    fn changed_to(&mut self, rest: &[Token]) -> Option<usize> {
        rest.first()?.word("changes")?;
        let next = rest.get(1)?;
        let named = !self.bag().strong.is_empty();
        (!named && CHANGED_TO.iter().any(|kind| next.word(kind).is_some())).then_some(1)
    }
}
