//! Other media bugs on a tapped leg.
//!
//! `switch_core_media_bug_add` looks at the bugs that are there, not at the new one. If all of them tap natively, the
//! leg stays marked as one that need not be decoded, and the new bug (a recording, a supervisor's `eavesdrop` or
//! `three_way`) is given nothing. `switch_core_media_bug_remove` takes the mark away. So a native tap that is the only
//! bug ends when another one starts, and is set anew behind it.

use sidetone_base::TapKind;

use crate::tracker::Bugs;

/// Watches for bugs that this tap makes deaf.
#[derive(Debug)]
pub(super) struct Others {
    native: bool,
    /// When the switch was asked for this tap: its own bug comes after that.
    base: Bugs,
    /// How many others stood before our own, once it is known which bug is ours.
    before: Option<u32>,
    /// Of those that have started behind our own, how many have been looked at.
    known: u32,
}

impl Others {
    pub(super) fn new(base: Bugs, kind: TapKind) -> Self {
        Self {
            native: kind == TapKind::Native,
            base,
            before: None,
            known: 0,
        }
    }

    /// Whether one has started that hears nothing unless the tap is set anew. In doubt it has: once too often does
    /// no lasting harm.
    pub(super) fn deafened(&mut self, now: Bugs) -> bool {
        let eavesdrops = now.eavesdrops.saturating_sub(self.base.eavesdrops);
        if !self.native || eavesdrops == 0 {
            return false;
        }
        if eavesdrops == 1 {
            self.before.get_or_insert(now.before.max(self.base.others));
        }
        let behind = now.others.saturating_sub(self.before.unwrap_or(self.base.others)) + eavesdrops - 1;
        let new = behind.saturating_sub(self.known);
        self.known = self.known.max(behind);
        // One that has been there all the time has the switch decode for every later one.
        let older = now.alive().saturating_sub(1).saturating_sub(new);
        new > 0 && older == 0
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::tracker::BugCount;

    /// `e` and `o` start an eavesdrop and another bug, `x` ends one; `|` is the request for our tap. 20 ms lie between
    /// two letters, a `-` takes them away. Gives at which letters the tap must be set anew.
    fn run(story: &str) -> Vec<usize> {
        let (mut count, mut others, mut anew) = (BugCount::default(), None, Vec::new());
        let mut now = Instant::now();
        for (step, letter) in story.chars().enumerate() {
            match letter {
                'e' => count.start(now, "eavesdrop"),
                'o' => count.start(now, "session_record"),
                'x' => count.stop(),
                '-' => now -= Duration::from_millis(40),
                _ => others = Some(Others::new(count.bugs, TapKind::Native)),
            }
            now += Duration::from_millis(20);
            if others.as_mut().is_some_and(|others| others.deafened(count.bugs)) {
                anew.push(step);
            }
        }
        anew
    }

    #[test]
    fn a_bug_that_starts_behind_the_only_tap_is_cut_off() {
        assert_eq!(run("|e"), [0; 0], "our own");
        assert_eq!(run("|eo"), [2], "a recording");
        assert_eq!(run("|ee"), [2], "a supervisor");
        assert_eq!(run("|eoxo"), [2, 4], "the first one is gone when the second one starts");
        assert_eq!(run("|o-e"), [3], "in which order the two were added is not sure");
    }

    #[test]
    fn a_bug_that_was_there_before_keeps_the_switch_decoding() {
        assert_eq!(run("o|e"), [0; 0]);
        assert_eq!(run("o|eo"), [0; 0]);
        assert_eq!(run("|oe"), [0; 0], "started while ours was on its way");
        assert_eq!(run("|oee"), [0; 0], "and a supervisor comes, too");
        assert_eq!(run("e|ee"), [0; 0], "a supervisor was there, a second one comes");
        assert_eq!(run("o|exo"), [4], "it has ended since");
    }

    #[test]
    fn what_was_missed_is_not_relied_on() {
        let now = Instant::now();
        let mut count = BugCount::default();
        count.start(now, "session_record");
        let mut others = Others::new(count.bugs, TapKind::Native);
        count.start(now + Duration::from_secs(1), "eavesdrop");
        assert!(!others.deafened(count.bugs));
        count.forget();
        count.start(now + Duration::from_secs(2), "session_record");
        assert!(others.deafened(count.bugs));
    }

    #[test]
    fn other_kinds_of_tap_harm_nobody() {
        let (now, mut count) = (Instant::now(), BugCount::default());
        let mut others = Others::new(count.bugs, TapKind::Eavesdrop);
        count.start(now, "eavesdrop");
        count.start(now, "session_record");
        assert!(!others.deafened(count.bugs));
    }
}
