//! What of a multilingual Whisper a Mandarin line needs.
//!
//! Seven of eight entries of the vocabulary belong to other languages, yet their rows take part in every token's
//! last product: more than half of the decoder's weights. They are left out as the weights are read (CTranslate2's
//! binary format, version 6), so the texts stay the same and decoding takes a fifth less time.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::tokens::Vocabulary;

/// The version of the format that is understood.
const VERSION: u32 = 6;
/// More dimensions or aliases no model has.
const PLAUSIBLE: u32 = 64;

/// Why weights cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum WeightsError {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("version {0} of the format, not {VERSION}")]
    Version(u32),
    #[error("{variable} has {bytes} bytes, which {rows} rows cannot share")]
    Shape { variable: String, bytes: u32, rows: usize },
    #[error("{0} dimensions or aliases: not a model")]
    Implausible(u32),
}

/// The files of a model, as the library is to see them.
pub(super) struct Files {
    pub(super) model: Vec<u8>,
    pub(super) vocabulary: String,
    /// Numbers of the entries that are left, by their numbers in the whole vocabulary.
    pub(super) kept: Vec<u32>,
}

impl Files {
    /// Reads `model.bin` and `vocabulary.txt` of a folder, without what other languages need.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let of = |name: &str| folder.join(name);
        let said = |name: &str, error: &dyn std::fmt::Display| format!("{}: {error}", of(name).display());
        let text = std::fs::read_to_string(of("vocabulary.txt")).map_err(|error| said("vocabulary.txt", &error))?;
        let whole = Vocabulary::parse(&text).map_err(|error| error.to_string())?;
        let lines: Vec<&str> = text.lines().collect();
        let is_kept = |number: &u32| whole.word(*number).is_none_or(is_needed);
        let kept: Vec<u32> = (0..lines.len() as u32).filter(is_kept).collect();
        let file = File::open(of("model.bin")).map_err(|error| said("model.bin", &error))?;
        let model = lean(BufReader::with_capacity(1 << 20, file), lines.len(), &kept)
            .map_err(|error| said("model.bin", &error))?;
        let mut vocabulary = String::new();
        for line in kept.iter().filter_map(|&number| lines.get(number as usize)) {
            vocabulary.push_str(line);
            vocabulary.push('\n');
        }
        Ok(Self {
            model,
            vocabulary,
            kept,
        })
    }

    /// The numbers that entries have now; those that are gone are left out.
    pub(super) fn renumbered(&self, whole: &[u32]) -> Vec<u32> {
        let now = whole.iter().filter_map(|number| self.kept.binary_search(number).ok());
        now.map(|index| index as u32).collect()
    }
}

/// Whether Mandarin is written with an entry: single bytes, Chinese characters and their pieces, digits,
/// and what abbreviations are made of.
fn is_needed(word: &[u8]) -> bool {
    if word.len() < 2 {
        return true;
    }
    if word.is_ascii() {
        let letters = word.trim_ascii();
        let all = |is: fn(&u8) -> bool| letters.iter().all(is);
        return letters.len() <= 2 || all(u8::is_ascii_digit) || (letters.len() <= 4 && all(u8::is_ascii_uppercase));
    }
    match std::str::from_utf8(word) {
        Ok(text) => text.chars().all(|c| {
            c.is_ascii() || matches!(c, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
        }),
        // Pieces of characters: these lead bytes begin other scripts, or nothing.
        Err(_) => !word
            .iter()
            .any(|byte| matches!(byte, 0xc0..=0xe2 | 0xea..=0xee | 0xf0..)),
    }
}

/// Copies weights; of the decoder's variables with a row for each of `entries`, the rows `kept`.
fn lean(mut from: impl Read, entries: usize, kept: &[u32]) -> Result<Vec<u8>, WeightsError> {
    let mut copy = Copy {
        from: &mut from,
        to: Vec::new(),
    };
    let version = copy.number()?;
    if version != VERSION {
        return Err(WeightsError::Version(version));
    }
    copy.text()?;
    copy.number()?;
    for _ in 0..copy.number()? {
        copy.variable(entries, kept)?;
    }
    let aliases = plausible(copy.number()?)?;
    for _ in 0..2 * aliases {
        copy.text()?;
    }
    Ok(copy.to)
}

fn plausible(count: u32) -> Result<u32, WeightsError> {
    if count > PLAUSIBLE {
        return Err(WeightsError::Implausible(count));
    }
    Ok(count)
}

/// Reads, and writes what it read. Numbers are little-endian.
struct Copy<'a, R> {
    from: &'a mut R,
    to: Vec<u8>,
}

impl<R: Read> Copy<'_, R> {
    fn bytes(&mut self, count: usize) -> Result<&[u8], WeightsError> {
        let begin = self.to.len();
        if self.from.take(count as u64).read_to_end(&mut self.to)? < count {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(&self.to[begin..])
    }

    fn number(&mut self) -> Result<u32, WeightsError> {
        let bytes = self.bytes(4)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |number, &byte| number << 8 | u32::from(byte)))
    }

    /// Its length with the NUL behind it comes first.
    fn text(&mut self) -> Result<String, WeightsError> {
        let length = self
            .bytes(2)?
            .iter()
            .rev()
            .fold(0, |n, &byte| n << 8 | usize::from(byte));
        let text = self.bytes(length)?;
        Ok(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
    }

    /// Name, rank, dimensions, type of the numbers, length in bytes, numbers.
    fn variable(&mut self, entries: usize, kept: &[u32]) -> Result<(), WeightsError> {
        let variable = self.text()?;
        let rank = plausible(self.bytes(1)?.first().copied().map_or(0, u32::from))?;
        let dimensions = self.to.len();
        let mut rows = None;
        for _ in 0..rank {
            let length = self.number()? as usize;
            rows = rows.or(Some(length));
        }
        self.bytes(1)?;
        let bytes = self.number()?;
        if rows != Some(entries) || !variable.starts_with("decoder/") {
            self.bytes(bytes as usize)?;
            return Ok(());
        }
        if !(bytes as usize).is_multiple_of(entries) {
            return Err(WeightsError::Shape {
                variable,
                bytes,
                rows: entries,
            });
        }
        let row = bytes as usize / entries;
        let length = self.to.len() - 4;
        self.to[dimensions..dimensions + 4].copy_from_slice(&(kept.len() as u32).to_le_bytes());
        self.to[length..].copy_from_slice(&((kept.len() * row) as u32).to_le_bytes());
        self.rows(row, entries, kept)
    }

    fn rows(&mut self, row: usize, entries: usize, kept: &[u32]) -> Result<(), WeightsError> {
        let mut kept = kept.iter().copied().peekable();
        for number in 0..entries as u32 {
            let begin = self.to.len();
            self.bytes(row)?;
            if kept.next_if_eq(&number).is_none() {
                self.to.truncate(begin);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Vec<u8> {
        let mut out = (text.len() as u16 + 1).to_le_bytes().to_vec();
        out.extend(text.bytes().chain([0]));
        out
    }

    fn variable(name: &str, dimensions: &[u32], bytes: &[u8]) -> Vec<u8> {
        let mut out = text(name);
        out.push(dimensions.len() as u8);
        out.extend(dimensions.iter().flat_map(|length| length.to_le_bytes()));
        out.push(4);
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(bytes);
        out
    }

    fn model(variables: &[Vec<u8>]) -> Vec<u8> {
        let mut out = VERSION.to_le_bytes().to_vec();
        out.extend(text("WhisperSpec"));
        out.extend(3u32.to_le_bytes());
        out.extend((variables.len() as u32).to_le_bytes());
        out.extend(variables.concat());
        out.extend(1u32.to_le_bytes());
        out.extend(text("decoder/projection/weight"));
        out.extend(text("decoder/embeddings/weight"));
        out
    }

    #[test]
    fn rows_of_other_languages_are_left_out_and_nothing_else() {
        let of = |embeddings| {
            model(&[
                variable("encoder/embeddings/weight", &[4, 2], b"aabbccdd"),
                embeddings,
                variable("decoder/scale", &[], b"xy"),
            ])
        };
        let whole = of(variable("decoder/embeddings/weight", &[4, 2], b"00112233"));
        let expected = of(variable("decoder/embeddings/weight", &[2, 2], b"0033"));
        assert_eq!(lean(whole.as_slice(), 4, &[0, 3]).unwrap(), expected);
        for cut in 0..whole.len() {
            assert!(matches!(lean(&whole[..cut], 4, &[0, 3]), Err(WeightsError::Read(_))));
        }
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let odd = model(&[variable("decoder/embeddings/weight", &[4, 2], b"0011223")]);
        assert!(matches!(
            lean(odd.as_slice(), 4, &[0]),
            Err(WeightsError::Shape { bytes: 7, rows: 4, .. })
        ));
        assert!(matches!(
            lean([7u8, 0, 0, 0].as_slice(), 4, &[0]),
            Err(WeightsError::Version(7))
        ));
    }

    #[test]
    fn what_mandarin_is_written_with_stays() {
        for word in ["社", "社保", "，", "12333", " A", "APP", "ok", "a", " "] {
            assert!(is_needed(word.as_bytes()), "{word}");
        }
        for word in ["hello", " the", "の", "한", "é", "привет", "ค"] {
            assert!(!is_needed(word.as_bytes()), "{word}");
        }
        assert!(is_needed(&[0xe7, 0xa4]), "the first two bytes of 社");
        assert!(is_needed(&[0xa4, 0xbe]), "its last two");
        assert!(!is_needed(&[0xe0, 0xb8]), "the first two of Thai");
    }
}
