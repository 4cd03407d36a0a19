//! What texts mean, as vectors of a sentence encoder, and a file of those that were made before: to encode a pack takes most
//! of a minute, to read the file no time.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sidetone_encoder::{DIMENSIONS, Encoder};

use crate::kept::{self, Kept, Mark};
use crate::learn::spread;

/// First in the file; the digit is its version.
const MARK: Mark = *b"stmean1\n";
/// Vectors that no text of the pack has are kept up to this, so that a text that comes back costs nothing.
const SPARE: usize = 4096;
/// Texts after which progress is told.
const TOLD_EVERY: usize = 256;

/// A vector of length 1.
pub type Vector = [f32; DIMENSIONS];

/// Makes vectors of texts.
pub trait Encode: Send + Sync {
    /// The vector of a text; its length is 1.
    fn encode(&self, text: &str) -> Vector;
    /// Tells one encoder from another.
    fn fingerprint(&self) -> u64;
}

impl Encode for Encoder {
    fn encode(&self, text: &str) -> Vector {
        self.encode(text)
    }

    fn fingerprint(&self) -> u64 {
        self.fingerprint()
    }
}

/// A vector in steps of its largest value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Steps(pub(crate) [i8; DIMENSIONS]);

impl Steps {
    fn of(vector: &Vector) -> Self {
        let most = vector
            .iter()
            .fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
        Self(vector.map(|value| (value / most * 127.0).round() as i8))
    }

    pub(crate) fn vector(&self) -> Vector {
        let square: f32 = self.0.iter().map(|step| f32::from(*step) * f32::from(*step)).sum();
        let scale = square.max(1.0).sqrt().recip();
        self.0.map(|step| f32::from(step) * scale)
    }
}

/// A sentence encoder and the vectors that it has made of the texts of packs. Shared by a pack and those that follow it.
pub struct Meanings {
    encoder: Box<dyn Encode>,
    known: Mutex<HashMap<u64, Steps>>,
    file: Option<PathBuf>,
    tell: Box<dyn Fn(usize, usize) + Send + Sync>,
}

impl fmt::Debug for Meanings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meanings")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Meanings {
    /// Vectors are kept in `file`, where there is one; a damaged one, or one of another encoder, is made anew. `tell` hears
    /// how many of how many texts are done while many are encoded.
    #[must_use]
    pub fn new(
        encoder: Box<dyn Encode>,
        file: Option<PathBuf>,
        tell: impl Fn(usize, usize) + Send + Sync + 'static,
    ) -> Self {
        let known = file.as_deref().and_then(|file| read(file, encoder.fingerprint()));
        Self {
            encoder,
            known: Mutex::new(known.unwrap_or_default()),
            file,
            tell: Box::new(tell),
        }
    }

    /// Tells one encoder from another.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.encoder.fingerprint()
    }

    /// The vector of a text that nobody has seen.
    #[must_use]
    pub fn fresh(&self, text: &str) -> Vector {
        self.encoder.encode(text)
    }

    /// The vector of a text of the pack.
    pub(crate) fn of(&self, text: &str) -> Vector {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let steps = known.get(&spread(text)).cloned();
        drop(known);
        steps.unwrap_or_else(|| Steps::of(&self.encoder.encode(text))).vector()
    }

    /// Encodes those of a pack's texts that are not known yet, and writes the file when there were any.
    pub(crate) fn learn<'a>(&self, texts: impl Iterator<Item = &'a str>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted: HashMap<u64, &str> = texts.map(|text| (spread(text), text)).collect();
        let mut missing: Vec<(u64, &str)> = wanted.iter().map(|(key, text)| (*key, *text)).collect();
        missing.retain(|(key, _)| !known.contains_key(key));
        for (done, (key, text)) in missing.iter().enumerate() {
            if missing.len() > TOLD_EVERY && done % TOLD_EVERY == 0 {
                (self.tell)(done, missing.len());
            }
            known.insert(*key, Steps::of(&self.encoder.encode(text)));
        }
        if known.len() > wanted.len() + SPARE {
            known.retain(|key, _| wanted.contains_key(key));
        }
        if let Some(file) = self.file.as_deref().filter(|_| !missing.is_empty()) {
            let wanted: HashSet<u64> = wanted.into_keys().collect();
            // Without it the next start takes as long as this one did.
            let _ = write(
                file,
                self.encoder.fingerprint(),
                known.iter().filter(|(key, _)| wanted.contains(key)),
            );
        }
    }
}

const ROW: usize = 8 + DIMENSIONS;

/// Nothing where the file is damaged, or another encoder's.
fn read(file: &Path, fingerprint: u64) -> Option<HashMap<u64, Steps>> {
    let Kept::Body(rows) = kept::read(file, MARK, fingerprint) else {
        return None;
    };
    let (rows, []) = rows.as_chunks::<ROW>() else {
        return None;
    };
    let row = |row: &[u8; ROW]| {
        let (key, steps) = row.split_first_chunk::<8>()?;
        let steps: &[u8; DIMENSIONS] = steps.first_chunk()?;
        Some((u64::from_le_bytes(*key), Steps(steps.map(u8::cast_signed))))
    };
    rows.iter().map(row).collect()
}

fn write<'a>(file: &Path, fingerprint: u64, rows: impl Iterator<Item = (&'a u64, &'a Steps)>) -> std::io::Result<()> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable_by_key(|(key, _)| **key);
    let mut body = Vec::with_capacity(rows.len() * ROW);
    for (key, steps) in rows {
        body.extend(key.to_le_bytes());
        body.extend(steps.0.map(i8::cast_unsigned));
    }
    kept::write(file, MARK, fingerprint, &body)
}
