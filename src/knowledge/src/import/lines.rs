//! Lines of a file that may hold anything.

use std::io::{self, BufRead, Read};

use crate::fault::FaultKind;

/// Longest line that is read, in bytes; a longer one is rejected without being kept.
pub const LONGEST: usize = 1 << 20;

/// A line's text, or why it has none.
pub(crate) enum Line {
    Text(String),
    Bad(FaultKind),
}

pub(crate) struct Numbered {
    /// From 1.
    pub(crate) number: u32,
    pub(crate) text: Line,
}

/// Reads lines one by one; never holds more than [`LONGEST`] bytes.
pub(crate) struct Lines<'a> {
    from: &'a mut dyn BufRead,
    number: u32,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(from: &'a mut dyn BufRead) -> Self {
        Self { from, number: 0 }
    }

    /// The next line without its end; `None` behind the last.
    pub(crate) fn next(&mut self) -> io::Result<Option<Numbered>> {
        let mut bytes = Vec::new();
        let limit = LONGEST as u64 + 1;
        if (&mut *self.from).take(limit).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let whole = bytes.ends_with(b"\n");
        let text = if !whole && bytes.len() > LONGEST {
            self.skip()?;
            Line::Bad(FaultKind::LongLine(LONGEST))
        } else {
            let ends: &[u8] = if whole { b"\r\n" } else { b"\r" };
            while bytes.last().is_some_and(|byte| ends.contains(byte)) {
                bytes.pop();
            }
            if self.number == 1 && bytes.starts_with("\u{feff}".as_bytes()) {
                bytes.drain(..3);
            }
            String::from_utf8(bytes).map_or(Line::Bad(FaultKind::NotUtf8), Line::Text)
        };
        Ok(Some(Numbered {
            number: self.number,
            text,
        }))
    }

    /// To the end of the line.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.from.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}
