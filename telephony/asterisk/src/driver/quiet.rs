//! A tap whose sound stops: whether it is broken, or its party says nothing. No clock, no socket.

use sidetone_base::TapKind;

/// Packets that the switch got of a party while its tap heard none of them: fewer may be comfort noise, or the
/// last ones before a hold.
const MISSED: u64 = 25;

/// What a stretch of silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing is wrong, or nothing can be known: wait on.
    Wait,
    /// Ask the switch how many packets it has got of this party, and judge by it.
    Ask,
    /// The tap is broken.
    Broken(&'static str),
}

/// Watches one tap.
#[derive(Debug)]
pub(super) struct Quiet {
    kind: TapKind,
    received: Option<u64>,
}

impl Quiet {
    pub(super) const fn new(kind: TapKind) -> Self {
        Self { kind, received: None }
    }

    /// Sound came.
    pub(super) const fn sound(&mut self) {
        self.received = None;
    }

    /// No sound came for as long as is allowed.
    pub(super) const fn silent(&self) -> Verdict {
        match self.kind {
            // It hears silence where nobody speaks, fifty times a second, also from a party that sends nothing.
            TapKind::Snoop => Verdict::Broken("the snoop channel brings no sound any more"),
            _ => Verdict::Ask,
        }
    }

    /// What the switch has received of the party so far; `None` where it does not know.
    pub(super) fn received(&mut self, count: Option<u64>) -> Verdict {
        let before = std::mem::replace(&mut self.received, count);
        match (before, count) {
            (Some(before), Some(now)) if now.saturating_sub(before) >= MISSED => {
                Verdict::Broken("the party is heard by the switch, and the ChanSpy channel brings none of it")
            }
            _ => Verdict::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snoop_channel_is_never_silent() {
        assert!(matches!(Quiet::new(TapKind::Snoop).silent(), Verdict::Broken(_)));
    }

    #[test]
    fn a_party_that_sends_nothing_is_told_from_a_tap_that_hears_nothing() {
        let mut quiet = Quiet::new(TapKind::ChanSpy);
        assert_eq!(quiet.silent(), Verdict::Ask);
        // On hold, muted, or nothing but comfort noise.
        for count in [1_000, 1_000, 1_010, 1_020] {
            assert_eq!(quiet.received(Some(count)), Verdict::Wait);
        }
        assert_eq!(quiet.received(None), Verdict::Wait);
        assert_eq!(quiet.received(Some(5_000)), Verdict::Wait);
        quiet.sound();
        assert_eq!(quiet.received(Some(6_000)), Verdict::Wait, "it heard some of these");
        assert!(matches!(quiet.received(Some(6_100)), Verdict::Broken(_)));
    }
}
