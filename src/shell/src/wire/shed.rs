//! What goes first when there is no room, and how readers are told.

use std::collections::BTreeMap;

use sidetone_schema::{Body, Class, Fault, FaultSeverity};

/// The worth of an event: what is worth least goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Partial,
    SecondPass,
    Hint,
    /// What failed.
    Fault,
    /// That a call is there, and who is on it.
    Call,
    /// What was said, and what came of the call.
    Final,
    /// Without it a call never ends.
    End,
}

impl Rank {
    pub(super) const fn of(body: &Body) -> Self {
        match (body, body.class()) {
            (Body::CallEnded(_) | Body::FactsEnded(_), _) => Self::End,
            (Body::TranscriptFinal(_) | Body::WrapupFinal(_), _) => Self::Final,
            (Body::Error(_), _) => Self::Fault,
            (_, Class::Partial) => Self::Partial,
            (_, Class::SecondPass) => Self::SecondPass,
            (_, Class::Hint) => Self::Hint,
            (_, Class::Kept) => Self::Call,
        }
    }

    /// The least of a class, for what tells of classes.
    pub(super) const fn least(class: Class) -> Self {
        match class {
            Class::Partial => Self::Partial,
            Class::SecondPass => Self::SecondPass,
            Class::Hint => Self::Hint,
            Class::Kept => Self::Fault,
        }
    }
}

/// Whether an event of `rank` is shed while `used` of `max` bytes are taken.
///
/// Partials go from one half, second passes from five eighths, hints from three quarters, faults from seven
/// eighths, calls' changes from the whole. Finals and wrap-ups have a sixteenth beyond it, and `call.ended` another.
#[must_use]
pub(super) const fn sheds(rank: Rank, used: u64, max: u64) -> bool {
    let sixteenths = match rank {
        Rank::Partial => 8,
        Rank::SecondPass => 10,
        Rank::Hint => 12,
        Rank::Fault => 14,
        Rank::Call => 16,
        Rank::Final => 17,
        Rank::End => 18,
    };
    used >= max / 16 * sixteenths
}

/// The label in metrics.
#[must_use]
pub(super) const fn label(class: Class) -> &'static str {
    match class {
        Class::Partial => "partial",
        Class::SecondPass => "second_pass",
        Class::Hint => "hint",
        Class::Kept => "kept",
    }
}

/// What was shed of one call since its readers were last told.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: BTreeMap<&'static str, u64>,
    /// Something that readers count on is among it.
    urgent: bool,
}

impl Tally {
    /// Counts an event. Partials are not told of: the next one says as much.
    pub(super) fn count(&mut self, kind: &'static str, rank: Rank) {
        if rank > Rank::Partial {
            *self.counts.entry(kind).or_default() += 1;
            self.urgent |= rank >= Rank::Fault;
        }
    }

    /// What to tell before an event of `rank` that finds room. Shed hints alone wait until hints find room again: a
    /// word about each would take the room of finals.
    pub(super) fn due(&self, rank: Rank) -> Option<Body> {
        if self.counts.is_empty() || !(self.urgent || rank <= Rank::Hint) {
            return None;
        }
        let kinds: Vec<String> = self
            .counts
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        Some(Body::Error(Fault {
            code: "events_shed".to_owned(),
            message: format!("events found no room and are lost: {}", kinds.join(", ")),
            severity: FaultSeverity::Degraded,
        }))
    }

    /// Readers were told.
    pub(super) fn told(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_goes_first_and_the_end_of_a_call_last() {
        let all = [
            Rank::Partial,
            Rank::SecondPass,
            Rank::Hint,
            Rank::Fault,
            Rank::Call,
            Rank::Final,
            Rank::End,
        ];
        assert!(all.is_sorted());
        let kept_at = |used| all.into_iter().filter(|rank| !sheds(*rank, used, 1_600)).count();
        let kept: Vec<usize> = [799, 800, 1_000, 1_200, 1_400, 1_599, 1_600, 1_700, 1_800]
            .map(kept_at)
            .into();
        assert_eq!(kept, [7, 6, 5, 4, 3, 3, 2, 1, 0]);
    }

    #[test]
    fn readers_are_told_of_what_they_count_on_at_once_and_of_hints_when_there_is_room() {
        let mut tally = Tally::default();
        tally.count("transcript.partial", Rank::Partial);
        assert!(tally.due(Rank::Partial).is_none());
        tally.count("hint.new", Rank::Hint);
        tally.count("hint.new", Rank::Hint);
        assert!(tally.due(Rank::Final).is_none());
        assert!(tally.due(Rank::Hint).is_some());
        tally.count("transcript.final", Rank::Final);
        let Some(Body::Error(fault)) = tally.due(Rank::End) else {
            panic!("nothing is told")
        };
        assert_eq!(
            (fault.code.as_str(), fault.message.as_str()),
            (
                "events_shed",
                "events found no room and are lost: 2 hint.new, 1 transcript.final"
            )
        );
        tally.told();
        assert!(tally.due(Rank::Partial).is_none());
    }
}
