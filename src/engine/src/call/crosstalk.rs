//! What of a leg's sound is its own party's.

use std::sync::Arc;
use std::time::Duration;

use sidetone_base::{CallTime, MediaTime, Role, SampleRate};
use sidetone_media::crosstalk::{self, FRAME, Finding, Leak, Origin};
use sidetone_schema::FaultSeverity;

use super::Call;

/// Sound that a leg has alone, in frames of 20 ms, so that it counts: half a second.
const HAS_OF_ITS_OWN: usize = 25;
/// What is left before the first word of this party.
const BEFORE: Duration = Duration::from_millis(200);

/// A segment's sound without the other party's.
pub(super) enum Mine {
    /// What is to be recognised; where this party begins to speak in it if something was left out.
    Heard {
        samples: Arc<[i16]>,
        from: Option<Duration>,
    },
    /// There is too little yet to tell whose it is.
    Unsure(Arc<[i16]>),
    /// All of it is the other party's.
    Nothing,
}

impl Mine {
    /// Whether something was left out.
    pub(super) const fn is_cut(&self) -> bool {
        matches!(self, Self::Nothing | Self::Heard { from: Some(_), .. })
    }
}

impl Call {
    /// Silences what is the other party's in a segment that begins at `begin`, and says once that it is there.
    pub(super) fn mine(&mut self, index: usize, begin: MediaTime, samples: Arc<[i16]>) -> Mine {
        let begin = self.legs[index].call_time(begin).0;
        let length = SampleRate::WIDE.duration_of(samples.len() as u64);
        let span = crosstalk::frames(begin, begin + length);
        let mut unsure = false;
        for far in (0..self.legs.len()).filter(|far| *far != index) {
            let found = crosstalk::find(&self.legs[index].track, &self.legs[far].track, span.clone());
            unsure |= found == Finding::Suspected;
            let Some(leak) = self.leak(index, far, found, &span) else {
                continue;
            };
            self.tell(index, far, &leak);
            self.legs[index].leak = Some((self.legs[far].id.clone(), leak));
            let (near, far) = (&self.legs[index].track, &self.legs[far].track);
            let Some(own) = crosstalk::own(near, far, &leak, span.clone()) else {
                return Mine::Nothing;
            };
            if own.contains(&false) {
                let first = own.iter().position(|own| *own).unwrap_or_default();
                let from = FRAME * u32::try_from(first).unwrap_or_default();
                return Mine::Heard {
                    samples: crosstalk::silenced(&samples, &own).into(),
                    from: Some(from.saturating_sub(BEFORE)),
                };
            }
            unsure = false;
        }
        match unsure {
            true => Mine::Unsure(samples),
            false => Mine::Heard { samples, from: None },
        }
    }

    /// The far leg's sound in the near one, where that is the copy: as just found, or as known before.
    fn leak(&self, index: usize, far: usize, found: Finding, span: &std::ops::Range<i64>) -> Option<Leak> {
        let (near, far) = (&self.legs[index], &self.legs[far]);
        let leak = match found {
            Finding::Leak(leak) => leak,
            Finding::Nothing | Finding::Suspected => {
                let (_, known) = near.leak.as_ref().filter(|(from, _)| *from == far.id)?;
                known.holds(&near.track, &far.track, span.clone()).then_some(*known)?
            }
        };
        let copy = match leak.origin() {
            Origin::Far => true,
            Origin::Near => false,
            // The leg that has more than the other one has the mixture. Where both are the same, the agent's keeps it: what
            // an agent says must not be taken for what the caller wants.
            Origin::Both => {
                let of_near = crosstalk::alone(&near.track, &far.track) >= HAS_OF_ITS_OWN;
                let of_far = crosstalk::alone(&far.track, &near.track) >= HAS_OF_ITS_OWN;
                if of_near == of_far {
                    near.role == Role::Caller
                } else {
                    of_near
                }
            }
        };
        copy.then_some(leak)
    }

    /// Whether what was just said on this leg came again on another one, speech or not: it is said there.
    pub(super) fn listen_for_copies(&mut self, index: usize, begin: CallTime, end: CallTime) {
        let span = crosstalk::frames(begin.0, end.0);
        for near in (0..self.legs.len()).filter(|near| *near != index) {
            if self.legs[near].crosstalk.is_some() {
                continue;
            }
            let found = crosstalk::find(&self.legs[near].track, &self.legs[index].track, span.clone());
            if let Some(leak) = self.leak(near, index, found, &span) {
                self.tell(near, index, &leak);
            }
        }
    }

    fn tell(&mut self, near: usize, far: usize, leak: &Leak) {
        if self.legs[near].crosstalk.is_some() {
            return;
        }
        let from = self.legs[far].role;
        let (code, message) = match leak.origin() {
            Origin::Both => (
                "same_sound",
                format!(
                    "this leg has the same sound as the {from}'s: a tap of the wrong party, or of both; it is written once"
                ),
            ),
            Origin::Far | Origin::Near => (
                "crosstalk",
                format!(
                    "the {from}'s sound is in this leg, {:.0} dB against theirs and {} ms late; it is left out of the text",
                    leak.decibels(),
                    leak.lag().as_millis()
                ),
            ),
        };
        self.legs[near].crosstalk = Some(code);
        self.fault(Some(near), code, message, FaultSeverity::Degraded);
    }
}
