//! What each party of a call got, and whether it is the same as without Sidetone.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::heard::presence;
use crate::phone::Phone;
use crate::voice::Pilot;

/// What one party got.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Packets a second, at the end.
    pub rate: f64,
    /// The longest time without a packet.
    pub gap: Duration,
    /// Packets that never came.
    pub holes: usize,
    /// Of whom there is sound at the end, and in how much of it.
    pub heard: BTreeMap<String, f64>,
    /// Frames without the sound of somebody, between their first and their last.
    pub breaks: BTreeMap<String, usize>,
    /// The longest way of a burst, at the end.
    pub delay: BTreeMap<String, Duration>,
}

/// Of a recording: whose sound is in how much of it.
pub(crate) fn recording(samples: &[i16], all: &[(String, Pilot)]) -> Figures {
    let pilots: Vec<Pilot> = all.iter().map(|(_, pilot)| *pilot).collect();
    let shares = all.iter().zip(presence(samples, &pilots));
    Figures {
        rate: 0.0,
        gap: Duration::ZERO,
        holes: 0,
        heard: shares
            .filter(|(_, found)| found.share > 0.02)
            .map(|((name, _), found)| (name.clone(), found.share))
            .collect(),
        breaks: BTreeMap::new(),
        delay: BTreeMap::new(),
    }
}

/// A stretch of time: all of it, and its end, in which nothing changes any more.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// When it begins.
    pub begin: Instant,
    /// From when on nothing changes.
    pub settled: Instant,
    /// When it ends.
    pub end: Instant,
}

/// What `party` got of the phones in its call.
#[must_use]
pub fn measure(party: &Phone, all: &[Phone], window: Window) -> Figures {
    let record = party.heard();
    let (whole, end) = (
        record.between(window.begin, window.end),
        record.between(window.settled, window.end),
    );
    let pilots: Vec<Pilot> = all.iter().map(Phone::pilot).collect();
    let seconds = (window.end - window.settled).as_secs_f64();
    let present = end.presence(&pilots);
    let mut figures = Figures {
        rate: end.count() as f64 / seconds,
        gap: record.longest_gap(window.begin, window.end),
        holes: whole.holes(),
        heard: BTreeMap::new(),
        breaks: BTreeMap::new(),
        delay: BTreeMap::new(),
    };
    for (phone, presence) in all.iter().zip(present) {
        let name = || phone.name().to_owned();
        figures.breaks.insert(name(), whole.breaks(phone.pilot()));
        if presence.share > 0.02 {
            figures.heard.insert(name(), presence.share);
            let delays = end.delays(phone.pilot(), &phone.bursts());
            figures.delay.extend(delays.first().map(|longest| (name(), *longest)));
        }
    }
    figures
}

/// What differs for one party between a run without Sidetone and one with it: what, and how; nothing where nothing
/// does.
///
/// The bounds are what a busy machine may add by itself. What a party hears has next to none.
#[must_use]
pub fn compare(without: &Figures, with: &Figures) -> Vec<(String, String)> {
    let mut differs = Vec::new();
    let mut check = |fine: bool, what: String, a: String, b: String| {
        if !fine {
            differs.push((what, format!("{a} without, {b} with")));
        }
    };
    let show = |figures: &BTreeMap<String, f64>| format!("{figures:.2?}");
    let same_voices = without.heard.keys().eq(with.heard.keys());
    let full = |(a, b): (&f64, &f64)| *b > a - 0.03;
    check(
        same_voices && without.heard.values().zip(with.heard.values()).all(full),
        "voices".into(),
        show(&without.heard),
        show(&with.heard),
    );
    let (a, b) = (without.rate, with.rate);
    let fine = b > a - 1.5 && b < a.max(50.0) + 1.5;
    check(fine, "packets a second".into(), format!("{a:.1}"), format!("{b:.1}"));
    let (a, b) = (without.gap, with.gap);
    let fine = b < a * 3 / 2 + Duration::from_millis(80);
    check(fine, "longest gap".into(), format!("{a:?}"), format!("{b:?}"));
    let (a, b) = (without.holes, with.holes);
    check(b <= a + 2, "packets lost".into(), a.to_string(), b.to_string());
    for (name, a) in &without.breaks {
        let b = with.breaks.get(name).copied().unwrap_or_default();
        check(
            b <= a * 5 / 4 + 3,
            format!("frames without {name}"),
            a.to_string(),
            b.to_string(),
        );
    }
    for (name, a) in &without.delay {
        let b = with.delay.get(name).copied().unwrap_or_default();
        let fine = b < *a + Duration::from_millis(80);
        check(
            fine,
            format!("longest way from {name}"),
            format!("{a:?}"),
            format!("{b:?}"),
        );
    }
    differs
}
