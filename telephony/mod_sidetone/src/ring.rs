//! One leg's frames on their way from the media thread to the pump.

use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::time::Duration;

use crate::counters::COUNTERS;

/// Frames of one leg: one writer, one reader, no lock, nothing allocated after [`Ring::new`].
///
/// The writer never looks at the reader: it overwrites the oldest frame. Each slot carries a stamp that is odd
/// while it is written (a seqlock); the reader sees by the stamps what it missed and counts it. The payload is
/// made of atomics, so that a torn read is a value to throw away and not undefined behaviour.
pub(crate) struct Ring {
    /// Frames written since the beginning; the next one goes to slot `head % slots`.
    head: AtomicU64,
    stamps: Box<[AtomicU64]>,
    /// [`META`] words for each slot.
    meta: Box<[AtomicU64]>,
    /// `words` for each slot, four samples in each word.
    data: Box<[AtomicU64]>,
    words: usize,
}

const META: usize = 3;
const SAMPLES_PER_WORD: usize = 4;
/// A slot holds between 10 ms at 8 kHz and 20 ms at 48 kHz; longer frames take several slots.
const SLOT_SAMPLES: std::ops::RangeInclusive<usize> = 80..=960;

/// Where and when a frame belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Samples of one channel before it, since the tap began or its rate changed.
    pub(crate) position: u64,
    /// Since the tap began.
    pub(crate) captured: Duration,
    /// Samples per second and channel.
    pub(crate) rate: u32,
    /// 1, or 2 interleaved.
    pub(crate) channels: u8,
}

/// The reader's place in the ring.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    next: u64,
    /// Missed, and not yet said with a frame.
    unsaid: u64,
    /// Missed since the beginning.
    lost: u64,
}

impl Cursor {
    /// Frames missed since the beginning.
    pub(crate) const fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether `ring` holds a frame that was not taken.
    pub(crate) fn is_behind(&self, ring: &Ring) -> bool {
        self.next < ring.written()
    }

    /// Gives up what was not taken.
    pub(crate) fn abandon(&mut self, ring: &Ring) {
        self.miss(ring.written().saturating_sub(self.next));
    }

    fn miss(&mut self, frames: u64) {
        self.next += frames;
        self.unsaid += frames;
        self.lost += frames;
    }
}

/// One frame as read.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) stamp: Stamp,
    /// Frames that were overwritten before this one, since the one taken before.
    pub(crate) lost: u64,
}

impl Ring {
    /// Room for `length` of audio like the leg's at this moment. When its codec changes the same memory holds
    /// more or less time.
    pub(crate) fn new(length: Duration, rate: u32, channels: u8, packet: Duration) -> Self {
        let per_second = f64::from(rate.max(8_000)) * f64::from(channels.max(1));
        let slot = ((per_second * packet.as_secs_f64()) as usize).clamp(*SLOT_SAMPLES.start(), *SLOT_SAMPLES.end());
        let words = slot.div_ceil(SAMPLES_PER_WORD);
        let slots = ((per_second * length.as_secs_f64()) as usize)
            .div_ceil(slot)
            .clamp(4, 4096);
        COUNTERS.rings_live.one();
        Self {
            head: AtomicU64::new(0),
            stamps: zeroed(slots),
            meta: zeroed(slots * META),
            data: zeroed(slots * words),
            words,
        }
    }

    /// How many frames it holds.
    pub(crate) fn slots(&self) -> usize {
        self.stamps.len()
    }

    /// Frames written since the beginning.
    pub(crate) fn written(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// Writes `samples`, as several frames when they are more than a slot holds. One thread at a time may do so:
    /// the switch calls a bug under its lock.
    pub(crate) fn push(&self, mut stamp: Stamp, samples: &[i16]) {
        let channels = usize::from(stamp.channels.max(1));
        let most = self.words * SAMPLES_PER_WORD / channels * channels;
        for part in samples.chunks(most) {
            self.push_frame(stamp, part);
            stamp.position += (part.len() / channels) as u64;
        }
    }

    fn push_frame(&self, stamp: Stamp, samples: &[i16]) {
        let number = self.head.load(Ordering::Relaxed);
        let slot = (number % self.stamps.len() as u64) as usize;
        self.stamps[slot].store(2 * number + 1, Ordering::Relaxed);
        fence(Ordering::Release);
        let meta = &self.meta[slot * META..][..META];
        let length = samples.len() as u64;
        let packed = u64::from(stamp.rate) << 32 | u64::from(stamp.channels) << 16 | length;
        let micros = stamp.captured.as_micros() as u64;
        for (word, value) in meta.iter().zip([stamp.position, micros, packed]) {
            word.store(value, Ordering::Relaxed);
        }
        let words = &self.data[slot * self.words..][..self.words];
        for (word, four) in words.iter().zip(samples.chunks(SAMPLES_PER_WORD)) {
            word.store(pack(four), Ordering::Relaxed);
        }
        self.stamps[slot].store(2 * number + 2, Ordering::Release);
        self.head.store(number + 1, Ordering::Release);
    }

    /// The next frame, its samples into `into`; `None` when there is none.
    pub(crate) fn take(&self, cursor: &mut Cursor, into: &mut Vec<i16>) -> Option<Taken> {
        loop {
            self.skip_overwritten(cursor);
            if cursor.next >= self.written() {
                return None;
            }
            match self.read_frame(cursor.next, into) {
                Some(stamp) => {
                    cursor.next += 1;
                    let lost = std::mem::take(&mut cursor.unsaid);
                    return Some(Taken { stamp, lost });
                }
                None => cursor.miss(1),
            }
        }
    }

    /// Moves on to the oldest frame that is still there.
    pub(crate) fn skip_overwritten(&self, cursor: &mut Cursor) {
        let oldest = self.written().saturating_sub(self.stamps.len() as u64);
        cursor.miss(oldest.saturating_sub(cursor.next));
    }

    /// `None` when the writer came over it.
    fn read_frame(&self, number: u64, into: &mut Vec<i16>) -> Option<Stamp> {
        let slot = (number % self.stamps.len() as u64) as usize;
        let whole = 2 * number + 2;
        if self.stamps[slot].load(Ordering::Acquire) != whole {
            return None;
        }
        let meta = &self.meta[slot * META..][..META];
        let [position, micros, packed] = [0, 1, 2].map(|i: usize| meta[i].load(Ordering::Relaxed));
        let length = (packed & 0xffff) as usize;
        into.clear();
        for word in self.data[slot * self.words..][..self.words]
            .iter()
            .take(length.div_ceil(SAMPLES_PER_WORD))
        {
            into.extend_from_slice(&unpack(word.load(Ordering::Relaxed)));
        }
        into.truncate(length);
        fence(Ordering::Acquire);
        (self.stamps[slot].load(Ordering::Relaxed) == whole).then_some(Stamp {
            position,
            captured: Duration::from_micros(micros),
            rate: (packed >> 32) as u32,
            channels: (packed >> 16) as u8,
        })
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        COUNTERS.rings_live.less_one();
    }
}

fn zeroed(length: usize) -> Box<[AtomicU64]> {
    (0..length).map(|_| AtomicU64::new(0)).collect()
}

fn pack(samples: &[i16]) -> u64 {
    let mut four = [0; SAMPLES_PER_WORD];
    match samples.first_chunk() {
        // One load, on the media path.
        Some(whole) => four = *whole,
        None => four[..samples.len()].copy_from_slice(samples),
    }
    let [a, b, c, d] = four.map(|sample: i16| u64::from(sample as u16));
    a | b << 16 | c << 32 | d << 48
}

fn unpack(word: u64) -> [i16; SAMPLES_PER_WORD] {
    [0, 1, 2, 3].map(|i| (word >> (16 * i)) as u16 as i16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Duration = Duration::from_millis(20);

    fn ring(length_ms: u64) -> Ring {
        Ring::new(Duration::from_millis(length_ms), 8000, 1, PACKET)
    }

    fn stamp(number: u64) -> Stamp {
        Stamp {
            position: number * 160,
            captured: PACKET * number as u32,
            rate: 8000,
            channels: 1,
        }
    }

    fn samples(number: u64) -> Vec<i16> {
        (0..160)
            .map(|i| (number as i16).wrapping_mul(7).wrapping_add(i))
            .collect()
    }

    #[test]
    fn what_goes_in_comes_out() {
        let (ring, mut cursor, mut into) = (ring(2000), Cursor::default(), Vec::new());
        for number in 0..5 {
            ring.push(stamp(number), &samples(number));
        }
        for number in 0..5 {
            let taken = ring.take(&mut cursor, &mut into).unwrap();
            assert_eq!((taken.stamp, taken.lost), (stamp(number), 0));
            assert_eq!(into, samples(number));
        }
        assert!(ring.take(&mut cursor, &mut into).is_none());
    }

    #[test]
    fn full_means_the_oldest_goes_and_is_counted() {
        let (ring, mut cursor, mut into) = (ring(200), Cursor::default(), Vec::new());
        for number in 0..35 {
            ring.push(stamp(number), &samples(number));
        }
        let taken = ring.take(&mut cursor, &mut into).unwrap();
        assert_eq!((taken.stamp, taken.lost), (stamp(25), 25));
        let rest = std::iter::from_fn(|| ring.take(&mut cursor, &mut into)).inspect(|t| assert_eq!(t.lost, 0));
        assert_eq!(rest.count(), 9);
    }

    #[test]
    fn a_frame_longer_than_a_slot_takes_several() {
        let (ring, mut cursor, mut into) = (ring(200), Cursor::default(), Vec::new());
        let long: Vec<i16> = (0..960).collect();
        ring.push(
            Stamp {
                position: 0,
                captured: PACKET,
                rate: 48_000,
                channels: 2,
            },
            &long,
        );
        let mut all = Vec::new();
        while let Some(taken) = ring.take(&mut cursor, &mut into) {
            assert_eq!(taken.stamp.position, all.len() as u64 / 2);
            all.extend_from_slice(&into);
        }
        assert_eq!(all, long);
    }

    /// Writer and reader race over a ring of ten frames: what is read is whole, in order, and everything is
    /// either read or counted.
    #[test]
    fn nothing_torn_is_ever_read() {
        const FRAMES: u64 = 200_000;
        let ring = ring(200);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..FRAMES {
                    ring.push(stamp(number), &samples(number));
                }
            });
            let (mut cursor, mut into, mut seen) = (Cursor::default(), Vec::new(), 0);
            while seen < FRAMES {
                let Some(taken) = ring.take(&mut cursor, &mut into) else {
                    continue;
                };
                let number = seen + taken.lost;
                assert_eq!(taken.stamp, stamp(number));
                assert_eq!(into, samples(number));
                seen = number + 1;
            }
        });
    }
}
