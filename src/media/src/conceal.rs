//! Making up for lost audio where the codec cannot: the last pitch period again, fading.

/// 16 kHz samples that are remembered: two of the longest periods.
const MEMORY: usize = 640;
/// Longest and shortest pitch period: 60 Hz and 400 Hz at 16 kHz.
const LONGEST: usize = 266;
const SHORTEST: usize = 40;
/// After 60 ms a made-up voice is more wrong than silence.
const FADE: usize = 960;

/// What was heard last on a stream, at 16 kHz.
#[derive(Clone, Debug, Default)]
pub(crate) struct Concealer {
    recent: Vec<i16>,
}

impl Concealer {
    /// Remembers what was heard.
    pub(crate) fn hear(&mut self, samples: &[i16]) {
        let fresh = samples.get(samples.len().saturating_sub(MEMORY)..).unwrap_or_default();
        let keep = MEMORY - fresh.len();
        let excess = self.recent.len().saturating_sub(keep);
        self.recent.drain(..excess);
        self.recent.extend_from_slice(fresh);
    }

    /// Forgets: what comes next has nothing to do with what was.
    pub(crate) fn forget(&mut self) {
        self.recent.clear();
    }

    /// Appends `samples` that sound like what was heard, fading to silence over 60 ms.
    pub(crate) fn conceal(&self, samples: usize, out: &mut Vec<i16>) {
        let Some(period) = self.period() else {
            out.resize(out.len() + samples, 0);
            return;
        };
        let wave = &self.recent[self.recent.len() - period..];
        out.extend((0..samples).map(|n| {
            let gain = FADE.saturating_sub(n) as i32;
            (i32::from(wave[n % period]) * gain / FADE as i32) as i16
        }));
    }

    /// The lag at which the recent past repeats itself best.
    fn period(&self) -> Option<usize> {
        let window = LONGEST;
        let newest = self.recent.len().checked_sub(window).filter(|at| *at >= LONGEST)?;
        let now = &self.recent[newest..];
        // Every second sample, every second lag: a hole costs 10 µs, not 40.
        let alike = |lag: usize| {
            let then = &self.recent[newest - lag..];
            let (mut product, mut power) = (0.0_f32, 1.0_f32);
            for (a, b) in now.iter().zip(then).step_by(2) {
                product += f32::from(*a) * f32::from(*b);
                power += f32::from(*b) * f32::from(*b);
            }
            product / power.sqrt()
        };
        let scored = (SHORTEST..=LONGEST).step_by(2).map(|lag| (alike(lag), lag));
        scored.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, lag)| lag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_goes_on_at_its_pitch_and_fades() {
        let wave = |n: usize| ((n % 100) as i16 - 50) * 100;
        let mut concealer = Concealer::default();
        concealer.hear(&(0..2000).map(wave).collect::<Vec<_>>());
        let mut out = Vec::new();
        concealer.conceal(1200, &mut out);
        let off = (0..100).map(|n| out[n].abs_diff(wave(n))).max();
        assert!(off < Some(600), "{off:?}");
        assert!(out[960..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn without_a_past_it_is_silent() {
        let mut out = Vec::new();
        Concealer::default().conceal(320, &mut out);
        assert_eq!(out, [0; 320]);
    }
}
