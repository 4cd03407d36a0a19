//! Whisper's vocabulary: byte-level BPE, as `vocabulary.txt` lists it, one entry a line.

use std::collections::HashMap;

/// The first entry that is not text.
const END_OF_TEXT: &str = "<|endoftext|>";

/// Why a vocabulary cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum VocabularyError {
    #[error("vocabulary.txt, line {line}: not byte-level BPE")]
    Entry { line: usize },
    #[error("vocabulary.txt has no {0}")]
    Lacks(&'static str),
}

/// Text and tokens, both ways.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: Vec<Vec<u8>>,
    /// Later entries were merged later: a token's number is its rank.
    ranks: HashMap<Vec<u8>, u32>,
    /// Text before what is to be written.
    pub(super) before: u32,
    /// The start token, Mandarin, write down, no times.
    pub(super) task: [u32; 4],
}

impl Vocabulary {
    pub(super) fn parse(text: &str) -> Result<Self, VocabularyError> {
        let mut words = Vec::new();
        for line in text.split('\n').take_while(|line| *line != END_OF_TEXT) {
            let bytes: Option<Vec<u8>> = line.chars().map(byte_of).collect();
            let line = words.len() + 1;
            words.push(bytes.ok_or(VocabularyError::Entry { line })?);
        }
        let special = |names: &[&'static str]| {
            let mut rest = text.split('\n').enumerate().skip(words.len());
            let found = rest.find(|(_, line)| names.contains(line));
            found
                .map(|(index, _)| index as u32)
                .ok_or(VocabularyError::Lacks(names.first().copied().unwrap_or_default()))
        };
        special(&[END_OF_TEXT])?;
        let before = special(&["<|startofprev|>"])?;
        let task = [
            special(&["<|startoftranscript|>"])?,
            special(&["<|zh|>"])?,
            special(&["<|transcribe|>"])?,
            special(&["<|notimestamps|>"])?,
        ];
        let ranks = words.iter().zip(0u32..).map(|(word, rank)| (word.clone(), rank));
        Ok(Self {
            ranks: ranks.collect(),
            words,
            before,
            task,
        })
    }

    /// The bytes of a token of text.
    pub(super) fn word(&self, token: u32) -> Option<&[u8]> {
        self.words.get(token as usize).map(Vec::as_slice)
    }

    /// The text of tokens; what is no text is left out. A character that was cut in half ends as nothing.
    pub(super) fn text(&self, tokens: &[u32]) -> String {
        let words = tokens.iter().filter_map(|&token| self.words.get(token as usize));
        let bytes: Vec<u8> = words.flatten().copied().collect();
        String::from_utf8_lossy(&bytes)
            .trim()
            .trim_end_matches('\u{fffd}')
            .to_owned()
    }

    /// The tokens of a text. Letters, digits and the rest are never merged with each other.
    pub(super) fn tokens(&self, text: &str) -> Vec<u32> {
        let kind = |c: char| (c.is_alphabetic(), c.is_numeric());
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| kind(c) != kind(first)).unwrap_or(rest.len());
            let (run, behind) = rest.split_at(end);
            self.merge(run.as_bytes(), &mut tokens);
            rest = behind;
        }
        tokens
    }

    /// Merges neighbours, the pair of the lowest rank first, until no pair is a word.
    fn merge(&self, run: &[u8], out: &mut Vec<u32>) {
        let mut ends: Vec<usize> = (0..=run.len()).collect();
        loop {
            let best = ends
                .windows(3)
                .enumerate()
                .filter_map(|(index, edges)| Some((*self.ranks.get(&run[edges[0]..edges[2]])?, index)))
                .min();
            let Some((_, index)) = best else { break };
            ends.remove(index + 1);
        }
        let pieces = ends
            .windows(2)
            .filter_map(|edges| self.ranks.get(&run[edges[0]..edges[1]]));
        out.extend(pieces);
    }
}

/// The byte that a character of the vocabulary stands for.
///
/// Printable Latin-1 stands for itself; the other 68 bytes, in order, for U+0100 and on.
fn byte_of(stand_in: char) -> Option<u8> {
    let code = u32::from(stand_in);
    let printable = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    if code < 0x100 {
        return printable(code).then_some(code as u8);
    }
    let index = (code - 0x100) as usize;
    let byte = (0..0x100u32).filter(|&byte| !printable(byte)).nth(index)?;
    Some(byte as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIAL: &str = "<|endoftext|>\n<|startoftranscript|>\n<|en|>\n<|zh|>\n<|transcribe|>\n\
                           <|startofprev|>\n<|nocaptions|>\n<|notimestamps|>\n";

    /// Single bytes of 你 (ä ½ ł) and 好 (å ¥ ½), then words in the order in which they were merged.
    fn vocabulary() -> Vocabulary {
        Vocabulary::parse(&format!("a\nä\n½\nł\nå\n¥\nä½\nå¥\nä½ł\nå¥½\nä½łå¥½\n{SPECIAL}")).unwrap()
    }

    #[test]
    fn stand_ins_become_the_bytes_of_utf_8() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.text(&[8, 9]), "你好");
        assert_eq!(vocabulary.text(&[8, 4, 5]), "你", "half a character is left out");
        assert_eq!(
            vocabulary.text(&[8, 11, 14, 999]),
            "你",
            "tokens that are no text are left out"
        );
    }

    #[test]
    fn the_pair_of_the_lowest_rank_is_merged_first() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.tokens("你好"), [10]);
        assert_eq!(vocabulary.tokens("好a"), [9, 0]);
        assert_eq!(vocabulary.tokens(""), [0u32; 0]);
    }

    #[test]
    fn the_task_is_named_by_what_stands_behind_the_text() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.before, 16);
        assert_eq!(vocabulary.task, [12, 14, 15, 18]);
    }

    #[test]
    fn all_256_bytes_have_one_stand_in() {
        let mut bytes: Vec<u8> = (0..0x200).filter_map(char::from_u32).filter_map(byte_of).collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn another_vocabulary_is_refused() {
        assert_eq!(
            Vocabulary::parse("a\n你好\n<|endoftext|>").unwrap_err(),
            VocabularyError::Entry { line: 2 }
        );
        assert_eq!(
            Vocabulary::parse("a\nb").unwrap_err(),
            VocabularyError::Lacks("<|endoftext|>")
        );
        assert!(Vocabulary::parse("a\n<|endoftext|>\n<|zh|>").is_err());
    }
}
