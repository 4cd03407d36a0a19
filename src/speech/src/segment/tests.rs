//! Segments on scripted voices.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use proptest::prelude::*;
use sidetone_base::{MediaTime, PcmFrame, SampleRate};

use super::*;
use crate::vad::{VAD_FRAME, VoiceScore};

/// A frame is voiced when it is loud.
struct Loud;

impl VoiceScore for Loud {
    fn score(&mut self, frame: &[i16; VAD_FRAME]) -> f32 {
        if frame.iter().any(|sample| *sample > 100) {
            0.9
        } else {
            0.1
        }
    }

    fn reset(&mut self) {}
}

const MS: u64 = 16;

fn config() -> SegmentConfig {
    SegmentConfig {
        partial_every: None,
        ..SegmentConfig::default()
    }
}

struct Bench {
    segmenter: Segmenter,
    position: u64,
    events: Vec<SegmentEvent>,
}

impl Bench {
    fn new(config: SegmentConfig) -> Self {
        Self {
            segmenter: Segmenter::with_voice(config, Box::new(Loud)),
            position: 0,
            events: Vec::new(),
        }
    }

    fn push(&mut self, millis: u64, level: i16) {
        for _ in 0..millis / 20 {
            let begin = MediaTime {
                ticks: self.position,
                clock: SampleRate::WIDE,
            };
            let frame = PcmFrame {
                begin,
                samples: vec![level; 320],
            };
            self.position = frame.end().ticks;
            self.segmenter.push(&frame);
            while let Some(event) = self.segmenter.poll() {
                self.events.push(event);
            }
        }
    }

    fn flush(&mut self) {
        self.segmenter.flush();
        while let Some(event) = self.segmenter.poll() {
            self.events.push(event);
        }
    }

    /// `begin–end` in ms and cause of each segment; checks that each event is in its place.
    fn ended(&self) -> Vec<(u64, u64, SegmentEnd)> {
        let mut open = None;
        let mut ended = Vec::new();
        let mut last_end = 0;
        for event in &self.events {
            match event {
                SegmentEvent::Started { begin } => {
                    assert!(open.is_none() && begin.ticks >= last_end);
                    open = Some(*begin);
                }
                SegmentEvent::Grown { begin, end, samples } => {
                    assert_eq!((open, end.ticks), (Some(*begin), begin.ticks + samples.len() as u64));
                }
                SegmentEvent::Paused { begin, end, samples } => {
                    assert_eq!((open, end.ticks), (Some(*begin), begin.ticks + samples.len() as u64));
                }
                SegmentEvent::Ended {
                    begin,
                    end,
                    samples,
                    cause,
                    speech_end,
                } => {
                    assert_eq!(open.take(), Some(*begin));
                    assert_eq!(end.ticks, begin.ticks + samples.len() as u64);
                    assert!(speech_end.ticks <= end.ticks);
                    last_end = end.ticks;
                    ended.push((begin.ticks / MS, end.ticks / MS, *cause));
                }
            }
        }
        ended
    }
}

#[test]
fn an_utterance_has_its_pre_roll_and_ends_by_silence() {
    let mut bench = Bench::new(config());
    bench.push(1000, 0);
    bench.push(1000, 1000);
    bench.push(460, 0);
    assert!(bench.ended().is_empty());
    bench.push(100, 0);
    let ended = bench.ended();
    assert_eq!(ended.len(), 1);
    let (begin, end, cause) = ended[0];
    assert!((660..=700).contains(&begin), "{begin}");
    assert!((2200..=2240).contains(&end), "{end}");
    assert_eq!(cause, SegmentEnd::Silence);
}

#[test]
fn a_click_is_no_segment() {
    let mut bench = Bench::new(config());
    for _ in 0..20 {
        bench.push(60, 5000);
        bench.push(1000, 0);
    }
    assert_eq!((bench.events.len(), bench.segmenter.dropped()), (0, 20));
}

#[test]
fn a_long_speech_is_cut_where_it_is_quietest() {
    let mut bench = Bench::new(config());
    bench.push(13_000, 1000);
    bench.push(200, 0);
    bench.push(4_000, 1000);
    bench.push(2_000, 0);
    let ended = bench.ended();
    assert_eq!(ended.len(), 2);
    assert!((13_020..=13_180).contains(&ended[0].1), "{ended:?}");
    assert_eq!((ended[0].2, ended[1].2), (SegmentEnd::Split, SegmentEnd::Silence));
    assert_eq!(ended[0].1, ended[1].0);
}

#[test]
fn the_last_words_before_a_hang_up_are_not_lost() {
    let mut bench = Bench::new(config());
    bench.push(1000, 0);
    bench.push(700, 1000);
    bench.flush();
    assert_eq!(bench.ended()[0].1, 1700);
    assert_eq!(bench.ended()[0].2, SegmentEnd::Flush);
    bench.flush();
    assert_eq!(bench.ended().len(), 1);
}

#[test]
fn a_hold_is_not_heard() {
    let mut bench = Bench::new(config());
    bench.push(1000, 1000);
    bench.segmenter.pause();
    bench.push(5000, 1000);
    bench.segmenter.resume();
    bench.push(1000, 1000);
    bench.flush();
    let ended = bench.ended();
    assert_eq!(ended.len(), 2);
    assert_eq!((ended[0].1, ended[1].0), (1000, 6000));
}

#[test]
fn a_growing_segment_is_shown_while_there_is_news() {
    let mut bench = Bench::new(SegmentConfig::default());
    bench.push(3000, 1000);
    bench.push(3000, 0);
    let shown = bench
        .events
        .iter()
        .filter(|event| matches!(event, SegmentEvent::Grown { .. }))
        .count();
    assert_eq!((shown, bench.ended().len()), (4, 1));
}

#[test]
fn the_gate_alone_finds_an_utterance() {
    let mut segmenter = Segmenter::new(config(), None);
    let silence = |n: usize| {
        ((n as u32)
            .wrapping_mul(2_654_435_761)
            .rotate_left(13)
            .wrapping_mul(2_246_822_519)
            >> 29) as i16
            - 4
    };
    let mut push = |range: std::ops::Range<usize>, wave: &dyn Fn(usize) -> i16| {
        let begin = MediaTime {
            ticks: range.start as u64,
            clock: SampleRate::WIDE,
        };
        segmenter.push(&PcmFrame {
            begin,
            samples: range.map(wave).collect(),
        });
    };
    push(0..16_000, &silence);
    push(16_000..48_000, &crate::vad::tests::babble);
    push(48_000..80_000, &silence);
    let ended: Vec<_> = std::iter::from_fn(|| segmenter.poll())
        .filter_map(|event| match event {
            SegmentEvent::Ended { begin, speech_end, .. } => Some((begin.ticks, speech_end.ticks)),
            _ => None,
        })
        .collect();
    assert!(!ended.is_empty());
    assert!(ended[0].0 < 24_000 && ended.last().unwrap().1 < 56_000, "{ended:?}");
}

proptest! {
    #[test]
    fn segments_are_ordered_disjoint_bounded_and_cover_all_speech(
        stretches in proptest::collection::vec((1_u64..100, any::<bool>()), 1..60),
        partials in any::<bool>(),
    ) {
        let partial_every = partials.then_some(Duration::from_millis(800));
        let config = SegmentConfig { max_length: Duration::from_secs(4), split_search: Duration::from_secs(1), partial_every, ..SegmentConfig::default() };
        let bound = SampleRate::WIDE.samples_in(config.max_length + config.pre_roll) as usize + 2 * VAD_FRAME;
        let mut bench = Bench::new(config);
        let mut speech = Vec::new();
        for (frames, loud) in &stretches {
            let begin = bench.position / MS;
            bench.push(frames * 20, if *loud { 1000 } else { 0 });
            if *loud && *frames >= 15 {
                speech.push((begin, bench.position / MS));
            }
            prop_assert!(bench.segmenter.kept() <= bound);
        }
        bench.flush();
        let ended = bench.ended();
        for (begin, end) in speech {
            let mut covered = begin;
            for (from, to, _) in &ended {
                if *from <= covered && covered < *to {
                    covered = *to;
                }
            }
            prop_assert!(covered >= end, "{begin}–{end} is covered up to {covered}: {ended:?}");
        }
    }
}

#[test]
fn a_pause_shows_what_the_end_will_be() {
    let mut bench = Bench::new(config());
    bench.push(1_000, 900);
    bench.push(300, 0);
    bench.push(400, 900);
    bench.push(1_000, 0);
    let shown: Vec<_> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            SegmentEvent::Paused { end, samples, .. } => Some((end.ticks, samples.len())),
            _ => None,
        })
        .collect();
    let Some(SegmentEvent::Ended { end, samples, .. }) = bench.events.last() else {
        panic!("{:?}", bench.events)
    };
    assert_eq!(shown.len(), 2, "the first pause was not the end");
    assert_eq!(shown[1], (end.ticks, samples.len()));
    assert!(shown[0].0 < shown[1].0);
}
