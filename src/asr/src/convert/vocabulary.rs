//! The vocabulary: from the printable stand-ins of byte-level BPE back to bytes.

use super::ConvertError;

/// The first entry that is not text; ggml makes up the names of all from here on.
const END_OF_TEXT: &str = "<|endoftext|>";

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
    (0..0x100u32)
        .filter(|&byte| !printable(byte))
        .nth(index)
        .map(|byte| byte as u8)
}

/// The text entries, as bytes, in the order of their token numbers.
pub(super) fn words(vocabulary: &str) -> Result<Vec<Vec<u8>>, ConvertError> {
    let mut words = Vec::new();
    for line in vocabulary.split('\n') {
        if line == END_OF_TEXT {
            return Ok(words);
        }
        let bytes: Option<Vec<u8>> = line.chars().map(byte_of).collect();
        words.push(bytes.ok_or(ConvertError::Vocabulary("has an entry that is not byte-level BPE"))?);
    }
    Err(ConvertError::Vocabulary("has no <|endoftext|>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_become_the_bytes_of_utf_8() {
        // "Ġthe" is " the"; "ä½ł" is the three bytes of 你.
        let words = words("!\nĠthe\nä½ł\n\n<|endoftext|>\n<|zh|>\n").unwrap();
        assert_eq!(
            words,
            [b"!".to_vec(), b" the".to_vec(), "你".as_bytes().to_vec(), vec![]]
        );
    }

    #[test]
    fn all_256_bytes_have_one_stand_in() {
        let mut bytes: Vec<u8> = (0..0x200).filter_map(char::from_u32).filter_map(byte_of).collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn another_vocabulary_is_refused() {
        assert!(words("你好\n<|endoftext|>").is_err());
        assert!(words("a\nb\n").is_err());
    }
}
