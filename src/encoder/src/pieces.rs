//! Cuts a text into pieces of words: of all ways, the one whose pieces are together the likeliest.

use crate::EncoderError;
use crate::normaliser::Normaliser;
use crate::wire::{Fields, Value};

/// Numbers of the piece for what has none, of a text's beginning and of its end.
const UNKNOWN: u32 = 0;
const BEGINNING: u32 = 1;
const END: u32 = 2;
/// A character without a piece is this much less likely than the least likely piece.
const UNKNOWN_COST: f64 = 10.0;
/// A model with more is damaged.
const MOST: usize = 1 << 20;

/// Fields of a model and of a piece.
const PIECE: u64 = 1;
const SETTINGS: u64 = 3;
const TABLE: u64 = 2;
const TEXT: u64 = 1;
const SCORE: u64 = 2;

/// A model's pieces.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// One behind the other.
    text: String,
    /// By number: where its text ends.
    ends: Vec<u32>,
    /// By number: its logarithmic likelihood.
    scores: Vec<f32>,
    /// Numbers in the order of their texts.
    sorted: Vec<u32>,
    unknown: f64,
    normaliser: Normaliser,
}

impl Pieces {
    /// Reads a sentencepiece model.
    pub(crate) fn read(model: &[u8]) -> Result<Self, EncoderError> {
        let damaged = |_| EncoderError::Pieces("it is damaged or cut off");
        let (mut text, mut ends, mut scores) = (String::new(), Vec::new(), Vec::new());
        let mut table = None;
        for field in Fields::of(model) {
            match field.map_err(damaged)? {
                (PIECE, Value::Bytes(piece)) => {
                    let (piece, score) = read_piece(piece)?;
                    text.push_str(piece);
                    ends.push(text.len() as u32);
                    scores.push(score);
                }
                (SETTINGS, Value::Bytes(settings)) => table = read_table(settings)?,
                _ => {}
            }
            if ends.len() > MOST || u32::try_from(text.len()).is_err() {
                return Err(EncoderError::Pieces("it has too many"));
            }
        }
        if ends.len() <= END as usize {
            return Err(EncoderError::Pieces("it has none"));
        }
        let table = table.ok_or(EncoderError::Pieces("the table of characters is missing"))?;
        let normaliser = Normaliser::read(table).ok_or(EncoderError::Pieces("the table of characters is damaged"))?;
        let least = scores.iter().copied().fold(f32::INFINITY, f32::min);
        let mut pieces = Self {
            text,
            sorted: (0..ends.len() as u32).collect(),
            ends,
            scores,
            unknown: f64::from(least) - UNKNOWN_COST,
            normaliser,
        };
        let mut sorted = std::mem::take(&mut pieces.sorted);
        sorted.sort_by_key(|number| pieces.piece(*number));
        pieces.sorted = sorted;
        Ok(pieces)
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    fn piece(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text.as_bytes()[from as usize..self.ends[at] as usize]
    }

    /// The numbers of a text's pieces, between those of its beginning and its end.
    pub(crate) fn of(&self, text: &str) -> Vec<u32> {
        let text = self.normaliser.normalise(text);
        let mut numbers = vec![END];
        match text.is_empty() {
            true => numbers.push(UNKNOWN),
            false => self.cut(&text, &mut numbers),
        }
        numbers.push(BEGINNING);
        numbers.reverse();
        numbers
    }

    /// The likeliest pieces of a text, the last one first.
    fn cut(&self, text: &str, numbers: &mut Vec<u32>) {
        /// The likeliest way to a place: its last piece, and where that begins.
        #[derive(Clone, Copy)]
        struct Way {
            score: f64,
            from: usize,
            piece: u32,
        }
        let mut ways: Vec<Option<Way>> = vec![None; text.len() + 1];
        for (from, first) in text.char_indices() {
            let before = ways[from].map_or(0.0, |way| way.score);
            let mut reach = |to: usize, score: f64, piece: u32| {
                let score = before + score;
                if ways[to].is_none_or(|way| score > way.score) {
                    ways[to] = Some(Way { score, from, piece });
                }
            };
            let one = from + first.len_utf8();
            let mut alone = false;
            self.each_at(&text[from..], |length, piece| {
                alone |= from + length == one;
                reach(from + length, f64::from(self.scores[piece as usize]), piece);
            });
            if !alone {
                reach(one, self.unknown, UNKNOWN);
            }
        }
        let mut at = text.len();
        while let Some(way) = ways[at] {
            numbers.push(way.piece);
            at = way.from;
        }
    }

    /// The pieces that a text begins with, the shortest first, each with its length.
    fn each_at(&self, text: &str, mut found: impl FnMut(usize, u32)) {
        let mut range = self.sorted.as_slice();
        for (at, c) in text.char_indices() {
            let to = at + c.len_utf8();
            let wanted = &text.as_bytes()[at..to];
            // All of the range begin with `text[..at]`.
            let part = |number: &u32| {
                let piece = self.piece(*number);
                piece
                    .get(at..)
                    .map_or(&[][..], |rest| &rest[..rest.len().min(wanted.len())])
            };
            let begin = range.partition_point(|number| part(number) < wanted);
            range = &range[begin..];
            range = &range[..range.partition_point(|number| part(number) <= wanted)];
            match range.first() {
                None => return,
                Some(&piece) if self.piece(piece).len() == to => found(to, piece),
                Some(_) => {}
            }
        }
    }
}

fn read_piece(message: &[u8]) -> Result<(&str, f32), EncoderError> {
    let (mut text, mut score) = (None, 0.0);
    for field in Fields::of(message) {
        match field.map_err(|_| EncoderError::Pieces("a piece is damaged"))? {
            (TEXT, Value::Bytes(bytes)) => text = std::str::from_utf8(bytes).ok(),
            (SCORE, Value::Fixed(bytes)) => score = f32::from_le_bytes(bytes),
            _ => {}
        }
    }
    match text {
        Some(text) if !text.is_empty() && score.is_finite() => Ok((text, score)),
        _ => Err(EncoderError::Pieces("a piece has no text or no score")),
    }
}

fn read_table(message: &[u8]) -> Result<Option<&[u8]>, EncoderError> {
    let mut table = None;
    for field in Fields::of(message) {
        if let (TABLE, Value::Bytes(bytes)) = field.map_err(|_| EncoderError::Pieces("its settings are damaged"))? {
            table = Some(bytes);
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, value: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, value.len() as u8], value].concat()
    }

    /// A model of some pieces; its table makes `B` of `A`.
    fn model() -> Vec<u8> {
        let pieces = ["<unk>", "<s>", "</s>", "\u{2581}", "社", "保", "社保", "社保卡", "B"];
        let piece = |(at, piece): (usize, &&str)| {
            let score = [&[SCORE as u8 * 8 + 5], (-(at as f32)).to_le_bytes().as_slice()].concat();
            field(PIECE as u8, &[field(TEXT as u8, piece.as_bytes()), score].concat())
        };
        let mut units = [0_u32; 256];
        units[0] = 1 << 10;
        units[1 ^ usize::from(b'A')] = 2 << 10 | 0x100 | u32::from(b'A');
        units[1 ^ usize::from(b'A') ^ 2] = 1 << 31;
        let units: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let table = [&(units.len() as u32).to_le_bytes(), units.as_slice(), b"B\0"].concat();
        let table = [&[TABLE as u8 * 8 + 2, 0x86, 0x08], table.as_slice()].concat();
        let settings = [&[SETTINGS as u8 * 8 + 2, 0x89, 0x08], table.as_slice()].concat();
        [pieces.iter().enumerate().flat_map(piece).collect(), settings].concat()
    }

    #[test]
    fn the_likeliest_pieces_are_taken() {
        let pieces = Pieces::read(&model()).unwrap();
        assert_eq!(pieces.of("社保"), [BEGINNING, 3, 6, END]);
        assert_eq!(pieces.of("社保卡"), [BEGINNING, 3, 7, END]);
        assert_eq!(pieces.of(" A  卡 "), [BEGINNING, 3, 8, 3, UNKNOWN, END]);
        assert_eq!(pieces.of("  "), [BEGINNING, UNKNOWN, END]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_pieces(text in "\\PC{0,40}|[社保卡A ]{0,40}") {
            let pieces = Pieces::read(&model()).unwrap();
            let numbers = pieces.of(&text);
            proptest::prop_assert!(numbers.len() >= 3);
            proptest::prop_assert!(numbers.iter().all(|number| (*number as usize) < pieces.len()));
        }

        #[test]
        fn damage_is_refused_or_harmless(
            damage in proptest::collection::vec((0_usize..1200, proptest::num::u8::ANY), 1..8),
            keep in 0_usize..1300,
            text in "[社保卡AB ]{0,20}",
        ) {
            let mut model = model();
            for (at, byte) in damage {
                let at = at % model.len();
                model[at] = byte;
            }
            model.truncate(keep);
            if let Ok(pieces) = Pieces::read(&model) {
                proptest::prop_assert!(pieces.of(&text).iter().all(|number| (*number as usize) < pieces.len()));
            }
        }
    }
}
