//! Whether a tap that brings nothing has died, or its leg is silent.
//!
//! A party on hold sends nothing, nor does a phone that is muted or suppresses silence. The switch knows: while it
//! receives the leg's packets and the tap does not, the tap is dead.

use std::time::{Duration, Instant};

use sidetone_base::TapFrame;

/// Between the two looks at the switch's own count of the leg's packets.
const SECOND_LOOK: Duration = Duration::from_secs(1);
/// So many more in that time are sound: comfort noise and keep-alives are fewer.
const SOUND: u64 = 10;
/// A leg that stays silent is looked at this seldom in the end.
const SELDOM: Duration = Duration::from_secs(60);
/// RFC 3389: after such a packet a phone may send nothing until its party speaks.
const COMFORT_NOISE: u8 = 13;

/// What to do at the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing: the leg is known to be silent, or was heard meanwhile.
    Wait,
    /// Ask the switch how many packets of the leg it has received.
    Ask,
}

/// Judges one tap. Reads no clock.
#[derive(Debug)]
pub(super) struct Quiet {
    bound: Duration,
    /// The last frame, or the last moment at which none was to be expected.
    last: Instant,
    next: Instant,
    wait: Duration,
    held: bool,
    suppressed: bool,
    counted: Option<u64>,
}

impl Quiet {
    pub(super) fn new(bound: Duration, now: Instant, held: bool) -> Self {
        Self {
            bound,
            last: now,
            next: now + bound,
            wait: bound,
            held,
            suppressed: false,
            counted: None,
        }
    }

    pub(super) fn heard(&mut self, now: Instant, frame: &TapFrame) {
        self.suppressed = matches!(frame, TapFrame::Rtp(packet) if packet.get(1).is_some_and(|second| second & 0x7f == COMFORT_NOISE));
        self.sound(now);
    }

    pub(super) fn held(&mut self, now: Instant, held: bool) {
        if std::mem::replace(&mut self.held, held) != held {
            self.sound(now);
        }
    }

    fn sound(&mut self, now: Instant) {
        self.last = now;
        self.wait = self.bound;
        self.counted = None;
    }

    /// When to call [`Self::look`].
    pub(super) fn deadline(&self) -> Instant {
        self.next
    }

    /// At the deadline; `paused` when nothing is to be expected of the tap for another reason.
    pub(super) fn look(&mut self, now: Instant, paused: bool) -> Look {
        let due = self.last + self.bound;
        if now < due {
            self.next = due;
            return Look::Wait;
        }
        self.next = now + self.wait;
        if self.held || self.suppressed || paused {
            self.last = now;
            return Look::Wait;
        }
        Look::Ask
    }

    /// The switch has received so many packets of the leg, or cannot say. `true` when the tap is dead.
    pub(super) fn counted(&mut self, now: Instant, packets: Option<u64>) -> bool {
        if self.held || now < self.last + self.bound {
            return false;
        }
        let Some(packets) = packets else { return true };
        match self.counted.replace(packets) {
            Some(before) if packets >= before + SOUND => true,
            Some(_) => {
                // The leg itself is silent. The next pair of looks comes later.
                self.counted = None;
                self.wait = (self.wait * 2).min(SELDOM);
                self.next = now + self.wait;
                false
            }
            None => {
                self.next = now + SECOND_LOOK;
                false
            }
        }
    }

    /// For how long nothing has come.
    pub(super) fn silent_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Duration = Duration::from_secs(2);

    fn packet(payload: u8) -> TapFrame {
        TapFrame::Rtp(vec![0x80, payload, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x55])
    }

    /// Looks at every deadline for so long; the switch counts by this. Gives when the tap was found dead, and how
    /// often the switch was asked.
    fn run(
        quiet: &mut Quiet,
        start: Instant,
        length: Duration,
        count: impl Fn(Duration) -> Option<u64>,
    ) -> (Option<Duration>, u32) {
        let mut asked = 0;
        while quiet.deadline() <= start + length {
            let now = quiet.deadline();
            if quiet.look(now, false) == Look::Ask {
                asked += 1;
                if quiet.counted(now, count(now - start)) {
                    return (Some(now - start), asked);
                }
            }
        }
        (None, asked)
    }

    fn fifty_a_second(at: Duration) -> Option<u64> {
        Some(at.as_millis() as u64 / 20)
    }

    #[test]
    fn a_tap_is_dead_when_the_switch_goes_on_receiving() {
        let start = Instant::now();
        let mut quiet = Quiet::new(BOUND, start, false);
        quiet.heard(start + Duration::from_secs(1), &packet(0));
        let found = run(&mut quiet, start, Duration::from_secs(60), fifty_a_second);
        assert_eq!(
            found,
            (Some(Duration::from_secs(4)), 2),
            "1 s, the bound and the second look"
        );
    }

    #[test]
    fn a_muted_leg_keeps_its_tap_and_is_asked_about_ever_more_seldom() {
        let start = Instant::now();
        let mut quiet = Quiet::new(BOUND, start, false);
        let (dead, asked) = run(&mut quiet, start, Duration::from_secs(600), |at| Some(at.as_secs() / 5));
        assert_eq!(dead, None);
        assert!(asked <= 32, "asked {asked} times in ten minutes");
        quiet.heard(start + Duration::from_secs(600), &packet(0));
        assert!(
            run(&mut quiet, start, Duration::from_secs(700), fifty_a_second)
                .0
                .is_some()
        );
    }

    #[test]
    fn hold_and_comfort_noise_are_no_failure() {
        let start = Instant::now();
        let mut held = Quiet::new(BOUND, start, true);
        assert_eq!(
            run(&mut held, start, Duration::from_secs(60), fifty_a_second),
            (None, 0)
        );
        held.held(start + Duration::from_secs(60), false);
        assert!(
            run(&mut held, start, Duration::from_secs(70), fifty_a_second)
                .0
                .is_some()
        );
        let mut quiet = Quiet::new(BOUND, start, false);
        quiet.heard(start, &packet(0x80 | COMFORT_NOISE));
        assert_eq!(
            run(&mut quiet, start, Duration::from_secs(60), fifty_a_second),
            (None, 0)
        );
        quiet.heard(start + Duration::from_secs(60), &packet(0));
        assert!(
            run(&mut quiet, start, Duration::from_secs(70), fifty_a_second)
                .0
                .is_some()
        );
    }

    #[test]
    fn a_tap_that_the_dialplan_paused_is_not_asked_about() {
        let start = Instant::now();
        let mut quiet = Quiet::new(BOUND, start, false);
        for seconds in 2..60 {
            assert_eq!(quiet.look(start + Duration::from_secs(seconds), true), Look::Wait);
        }
        assert!(
            run(&mut quiet, start, Duration::from_secs(70), fifty_a_second)
                .0
                .is_some()
        );
    }

    #[test]
    fn a_switch_that_cannot_say_gives_the_tap_up() {
        let start = Instant::now();
        let mut quiet = Quiet::new(BOUND, start, false);
        assert_eq!(run(&mut quiet, start, BOUND, |_| None), (Some(BOUND), 1));
    }
}
