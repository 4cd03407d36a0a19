use miniz_oxide::deflate::compress_to_vec;
use proptest::prelude::*;

use super::{MAGIC, MOST_UNPACKED, ModelError, adler, decompress_to_vec_with_limit, read};

/// A word of a model made for a test: text, cost, readings such as `shi1 ye4`, each with its cost.
pub(in super::super) type Said<'a> = (&'a str, u8, &'a [(&'a str, u8)]);

/// The bytes of a model with these words, and pairs of them ("" is a sentence's edge) with their costs.
pub(in super::super) fn made(words: &[Said<'_>], pairs: &[(&str, &str, u8)]) -> Vec<u8> {
    let mut table: Vec<&str> = words
        .iter()
        .flat_map(|(_, _, readings)| readings.iter().flat_map(|(said, _)| said.split(' ')))
        .collect();
    table.sort_unstable();
    table.dedup();
    let mut out = (table.len() as u16).to_le_bytes().to_vec();
    for syllable in &table {
        out.push(syllable.len() as u8);
        out.extend(syllable.as_bytes());
    }
    out.extend((words.len() as u16 + 1).to_le_bytes());
    out.extend([60, 0, 0, 0]);
    for (text, cost, readings) in words {
        out.extend([*cost, 6, text.chars().count() as u8, readings.len() as u8]);
        out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        for (said, cost) in *readings {
            out.push(*cost);
            for syllable in said.split(' ') {
                out.extend((table.binary_search(&syllable).unwrap() as u16).to_le_bytes());
            }
        }
    }
    let number = |text: &str| match text {
        "" => 0,
        text => 1 + words.iter().position(|(word, ..)| *word == text).unwrap() as u16,
    };
    let mut rows = vec![Vec::new(); words.len() + 1];
    for (a, b, cost) in pairs {
        rows[usize::from(number(a))].push((number(b), *cost));
    }
    for row in &mut rows {
        row.sort_unstable();
        out.extend((row.len() as u16).to_le_bytes());
    }
    for row in &rows {
        let before = [0].into_iter().chain(row.iter().map(|(b, _)| b + 1));
        out.extend(row.iter().zip(before).map(|((b, _), before)| (b - before) as u8));
    }
    out.extend(rows.iter().flatten().map(|(_, cost)| *cost));
    sealed(&out)
}

/// Packed, with what goes before and behind.
fn sealed(body: &[u8]) -> Vec<u8> {
    summed([MAGIC, compress_to_vec(body, 6).as_slice()].concat())
}

fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend(adler(&bytes).to_le_bytes());
    bytes
}

fn sample() -> Vec<u8> {
    made(
        &[("你", 40, &[("ni3", 0)]), ("好", 45, &[("hao3", 0), ("hao4", 30)])],
        &[("", "你", 10), ("你", "好", 5)],
    )
}

#[test]
fn adler_is_as_in_the_rfc() {
    assert_eq!(adler(b"Wikipedia"), 0x11E6_0398);
    assert_eq!(adler(&[255; 20_000]), 0x9F51_D664);
}

#[test]
fn a_whole_file_is_read() {
    let raw = read(&sample()).unwrap();
    assert_eq!(raw.plains, ["hao", "ni"]);
    assert_eq!(raw.words.len(), 3);
    assert_eq!(raw.rows, [0, 1, 2, 2]);
    assert_eq!(raw.next, [1, 2]);
    assert_eq!(raw.next_cost, [10, 5]);
}

#[test]
fn faults_are_named() {
    let syllables = [2, 0, 3, b'n', b'i', b'3', 4, b'h', b'a', b'o', b'3'];
    let with = |rest: &[u8]| sealed(&[syllables.as_slice(), rest].concat());
    let word = |number, what| Err(ModelError::Word { number, what });
    for (bytes, error) in [
        (b"SPELLM1\n".to_vec(), Err(ModelError::Magic)),
        (Vec::new(), Err(ModelError::Magic)),
        (summed([MAGIC.as_slice(), &[7]].concat()), Err(ModelError::Packed)),
        (sealed(&[1, 0, 2, b'9', b'9']), Err(ModelError::Syllable { number: 0 })),
        (
            sealed(&[9]),
            Err(ModelError::Truncated {
                at: 1,
                what: "the count of syllables",
            }),
        ),
        (with(&[0, 0]), word(0, "the sentence's edge is missing")),
        (
            with(&[1, 0, 9, 9, 1, 0]),
            word(0, "the sentence's edge has neither characters nor sounds"),
        ),
        (
            with(&[2, 0, 9, 9, 0, 0, 9, 9, 9, 1]),
            word(1, "a word has 1 to 8 characters"),
        ),
        (with(&[2, 0, 9, 9, 0, 0, 9, 9, 1, 0]), word(1, "no pronunciation")),
        (
            with(&[2, 0, 9, 9, 0, 0, 9, 9, 1, 1, 0, 0xD8]),
            word(1, "half of a character"),
        ),
        (
            with(&[2, 0, 9, 9, 0, 0, 9, 9, 1, 1, 0x60, 0x4F, 0, 7, 0]),
            word(1, "an unknown syllable"),
        ),
        (
            with(&[1, 0, 9, 9, 0, 0, 1, 0, 5, 1]),
            Err(ModelError::Row {
                number: 0,
                what: "an unknown word",
            }),
        ),
        (with(&[1, 0, 9, 9, 0, 0, 0, 0, 7, 7]), Err(ModelError::Trailing(2))),
    ] {
        assert_eq!(read(&bytes).map(|_| ()), error);
    }
}

#[test]
fn one_changed_bit_is_noticed() {
    let good = sample();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(read(&bad).is_err(), "byte {at}");
        assert!(read(&good[..at]).is_err(), "{at} bytes");
    }
}

proptest! {
    #[test]
    fn anything_goes_in(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = super::super::SyllableModel::read(&bytes);
        let _ = super::super::SyllableModel::read(&sealed(&bytes));
        let _ = super::super::SyllableModel::read(&summed([MAGIC.as_slice(), &bytes].concat()));
    }

    #[test]
    fn what_is_changed_behind_the_checksum_is_read_or_refused(at in 0usize..200, to in any::<u8>()) {
        let good = sample();
        let mut body = decompress_to_vec_with_limit(&good[MAGIC.len()..good.len() - 4], MOST_UNPACKED).unwrap();
        let len = body.len();
        body[at % len] = to;
        let _ = super::super::SyllableModel::read(&sealed(&body));
    }
}
