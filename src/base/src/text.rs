//! Text files as people leave them: with a byte order mark, with the line ends of another system.

use std::borrow::Cow;
use std::io;
use std::path::Path;

/// UTF-8's byte order mark: Windows' Notepad and some exports put it before the first character.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads a text file as [`decode_text`] does.
///
/// # Errors
/// When it cannot be read, or is no UTF-8: says then what to do about it.
pub fn read_text(path: &Path) -> io::Result<String> {
    decode_text(std::fs::read(path)?)
}

/// The text of a file's bytes: UTF-8, without a byte order mark, each line ending with a line feed alone.
///
/// # Errors
/// `InvalidData`, naming the encoding or the first line that is none.
pub fn decode_text(mut bytes: Vec<u8>) -> io::Result<String> {
    let unfit = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(unfit("it is UTF-16: save it as UTF-8".to_owned()));
    }
    if bytes.starts_with(MARK) {
        bytes.drain(..MARK.len());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        unfit(format!("line {line} is not UTF-8: save the file as UTF-8"))
    })?;
    if text.contains("\r\n") {
        return Ok(text.replace("\r\n", "\n"));
    }
    Ok(text)
}

/// A text for a terminal: what would move the cursor, change colours or turn the direction of writing is a blank. Line
/// ends and tabs stay.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let acts = |c: char| {
        (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(acts) {
        text.replace(acts, " ").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_texts_alone() {
        assert_eq!(printable("社保\u{1b}[31m卡\r\u{9b}2J\u{202e}"), "社保 [31m卡  2J ");
        assert!(matches!(printable("a\tb\n"), Cow::Borrowed("a\tb\n")));
    }

    #[test]
    fn a_mark_and_foreign_line_ends_are_nobodys_text() {
        let read = |bytes: &[u8]| decode_text(bytes.to_vec()).unwrap();
        assert_eq!(read(b"a\nb\n"), "a\nb\n");
        assert_eq!(read(b"\xEF\xBB\xBFa\r\nb\r\n"), "a\nb\n");
        assert_eq!(read(b"\xEF\xBB\xBF"), "");
        assert_eq!(read("社保\r\n".as_bytes()), "社保\n");
        assert_eq!(read("a\u{feff}b".as_bytes()), "a\u{feff}b", "inside it is a character");
        assert_eq!(read(b"a\rb"), "a\rb");
    }

    #[test]
    fn another_encoding_is_named_with_its_line() {
        let said = |bytes: &[u8]| decode_text(bytes.to_vec()).unwrap_err().to_string();
        assert_eq!(said(b"\xFF\xFEa\0"), "it is UTF-16: save it as UTF-8");
        // GBK
        assert_eq!(
            said(b"a\nb\n\xC9\xE7\xB1\xA3\n"),
            "line 3 is not UTF-8: save the file as UTF-8"
        );
    }
}
