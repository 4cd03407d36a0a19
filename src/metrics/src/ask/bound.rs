//! Bounds that are said, and lengths of time that may be part of a metric's name.

use super::concepts::length_concept;
use super::lexicon::Token;
use super::quantity::{Quantity, amount, quantity};
use super::read::{Bound, Parts};
use super::values::op;
use crate::query::Op;

/// "Of 260 words a minute": in which a speed is counted.
fn per_minute(token: &Token) -> bool {
    token.words("concept").any(|name| name == "speed")
}

impl Parts {
    /// A bound in words, or a length of time that may be part of a metric's name.
    pub(super) fn bounded(&mut self, rest: &[Token]) -> Option<usize> {
        let op = |token: Option<&Token>, kind: &str| token.and_then(|t| t.word(kind)).and_then(op);
        let reach = rest[0]
            .word("to")
            .filter(|_| rest[0].word("and").is_none() && quantity(&rest[1..]).is_some())
            .map(|_| Op::AtLeast);
        if let Some(before) = op(rest.first(), "op").or(op(rest.first(), "opasked")).or(reach) {
            let skip = 1 + rest[1..]
                .iter()
                .take_while(|t| {
                    t.number().is_none() && (t.means.is_empty() || t.word("noise").is_some() || per_minute(t))
                })
                .count();
            let (quantity, used) = amount(&rest[skip..])?;
            let after = op(rest.get(skip + used), "opafter");
            self.asked |= rest[0].word("opasked").is_some();
            self.set_bound(after.unwrap_or(before), quantity);
            return Some(skip + used + usize::from(after.is_some()));
        }
        if let Some(used) = self.bounded_unit(rest) {
            return Some(used);
        }
        let (found, used) = amount(rest)?;
        if let Some(after) = op(rest.get(used), "opafter") {
            self.set_bound(after, found);
            return Some(used + 1);
        }
        // "The busiest three days".
        if self.order.is_some()
            && let Some(used) = self.counted(rest)
        {
            return Some(used);
        }
        let (found, used) = quantity(rest)?;
        // "Of 95 % of the calls": a percentile.
        if let Some(name) = found
            .percentile()
            .filter(|_| rest.get(used).is_some_and(|t| t.word("particle").is_some()))
        {
            self.bag().strong.insert(name.to_owned());
            self.bag().text.push_str(name);
            return Some(used + 1);
        }
        let name = length_concept(&found)?;
        // Words such as "one day" are concepts, too.
        self.bag().take(&rest[0]);
        self.bag().text.push_str(&name);
        self.bag().weak.insert(name);
        Some(used)
    }

    /// "Not five seconds", "over five minutes": a bound only of what has a unit.
    fn bounded_unit(&mut self, rest: &[Token]) -> Option<usize> {
        let op = |token: Option<&Token>, kind: &str| token.and_then(|t| t.word(kind)).and_then(op);
        let short = rest[0].word("under").and_then(|_| quantity(&rest[1..]));
        let short = short
            .filter(|(found, _)| found.seconds().is_some())
            .map(|found| (found, Op::Below));
        let unit = || {
            let op = op(rest.first(), "opunit")?;
            if rest.get(1).is_some_and(per_minute) {
                let (found, used) = amount(&rest[2..])?;
                return Some(((found, used + 1), op));
            }
            Some((quantity(&rest[1..])?, op))
        };
        if let Some(((found, used), op)) = short.or_else(unit) {
            self.set_bound(op, found);
            return Some(1 + used);
        }
        None
    }

    fn set_bound(&mut self, op: Op, quantity: Quantity) {
        self.bound = Some(Bound { op, quantity });
        // What it is counted in says what is measured.
        if let Some(measure) = quantity.measure() {
            self.bag().weak.insert(measure.to_owned());
        }
        if let Some(name) = length_concept(&quantity) {
            self.bag().text.push_str(&name);
            self.bag().weak.insert(name);
        }
    }
}
