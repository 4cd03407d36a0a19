//! What was learned, as bytes: classifiers and rankers. What is quick to make anew (indexes, vectors' sums) is not kept.

use super::asks::Asks;
use super::corpus::Classes;
use super::heads::{Head, Heads};
use super::ranker::Ranker;

/// What takes seconds to learn.
#[derive(Debug)]
pub(crate) struct Learned {
    pub(crate) heads: Heads,
    pub(crate) ranker: Ranker,
    /// For glances, where there is a sentence encoder.
    pub(crate) by_words: Option<(Heads, Ranker)>,
}

/// Something that is written one after the other and read back in that order.
pub(crate) trait Store: Sized {
    fn put(&self, out: &mut Vec<u8>);
    /// `None` where the bytes are not of this kind.
    fn take(from: &mut &[u8]) -> Option<Self>;
}

impl Learned {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.heads.put(&mut out);
        self.ranker.put(&mut out);
        u32::from(self.by_words.is_some()).put(&mut out);
        if let Some((heads, ranker)) = &self.by_words {
            heads.put(&mut out);
            ranker.put(&mut out);
        }
        out
    }

    /// Of a pack with these classes.
    pub(crate) fn of(bytes: &[u8], classes: &Classes) -> Option<Self> {
        let mut from = bytes;
        let (heads, ranker) = (Heads::take(&mut from)?, Ranker::take(&mut from)?);
        let by_words = match u32::take(&mut from)? {
            0 => None,
            _ => Some((Heads::take(&mut from)?, Ranker::take(&mut from)?)),
        };
        let fits = heads.fits(classes) && by_words.as_ref().is_none_or(|(heads, _)| heads.fits(classes));
        (from.is_empty() && fits).then_some(Self {
            heads,
            ranker,
            by_words,
        })
    }
}

impl Store for u32 {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.to_le_bytes());
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let (head, rest) = from.split_first_chunk::<4>()?;
        *from = rest;
        Some(Self::from_le_bytes(*head))
    }
}

impl Store for f32 {
    fn put(&self, out: &mut Vec<u8>) {
        self.to_bits().put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Self::from_bits(u32::take(from)?))
    }
}

impl<const N: usize> Store for [f32; N] {
    fn put(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|value| value.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let mut values = [0.0; N];
        for value in &mut values {
            *value = f32::take(from)?;
        }
        Some(values)
    }
}

impl<T: Store> Store for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u32).put(out);
        self.iter().for_each(|value| value.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let count = u32::take(from)? as usize;
        // Each takes a byte at least: a count that is made up costs no memory.
        (count <= from.len()).then_some(())?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl Store for Head {
    fn put(&self, out: &mut Vec<u8>) {
        (self.classes as u32).put(out);
        self.runs.put(out);
        self.weights.put(out);
        self.bias.put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let head = Self {
            classes: u32::take(from)? as usize,
            runs: Vec::take(from)?,
            weights: Vec::take(from)?,
            bias: Vec::take(from)?,
        };
        let fits = head.bias.len() == head.classes && head.weights.len() == head.runs.len() * head.classes;
        let in_order = head.runs.windows(2).all(|pair| pair[0] < pair[1]);
        (fits && in_order).then_some(head)
    }
}

impl Store for Heads {
    fn put(&self, out: &mut Vec<u8>) {
        u32::from(self.by_meaning).put(out);
        self.topics.put(out);
        self.intents.put(out);
        self.nodes.put(out);
        self.asks.head.put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Self {
            by_meaning: u32::take(from)? > 0,
            topics: Head::take(from)?,
            intents: Head::take(from)?,
            nodes: Vec::take(from)?,
            asks: Asks {
                head: Head::take(from)?,
            },
        })
    }
}
