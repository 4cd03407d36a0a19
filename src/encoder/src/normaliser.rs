//! What stands in a text before it is cut: one form for characters that are written in several ways.
//!
//! The table is a double array (darts-clone) of byte strings, each with the place of its replacement.

/// Stands for a space in pieces.
pub(crate) const SPACE: &str = "\u{2581}";

/// A replacement longer than this belongs to a damaged table.
const LONGEST: usize = 64;

/// The table of a model.
#[derive(Debug)]
pub(crate) struct Normaliser {
    units: Vec<u32>,
    /// Each ends with a zero.
    replacements: String,
}

impl Normaliser {
    /// `None` when the table is damaged.
    pub(crate) fn read(table: &[u8]) -> Option<Self> {
        let (size, rest) = table.split_first_chunk::<4>()?;
        let (units, replacements) = rest.split_at_checked(u32::from_le_bytes(*size) as usize)?;
        if units.is_empty() || !units.len().is_multiple_of(4) {
            return None;
        }
        Some(Self {
            units: units
                .as_chunks::<4>()
                .0
                .iter()
                .map(|unit| u32::from_le_bytes(*unit))
                .collect(),
            replacements: std::str::from_utf8(replacements).ok()?.to_owned(),
        })
    }

    /// The replacement of the longest string of the table that `text` begins with, and that string's length.
    fn longest(&self, text: &[u8]) -> Option<(&str, usize)> {
        const fn offset(unit: u32) -> usize {
            ((unit >> 10) << ((unit & 0x200) >> 6)) as usize
        }
        let mut at = offset(*self.units.first()?);
        let mut found = None;
        for (before, byte) in text.iter().enumerate() {
            at ^= usize::from(*byte);
            let Some(&unit) = self.units.get(at) else { break };
            if unit & 0x8000_00ff != u32::from(*byte) {
                break;
            }
            at ^= offset(unit);
            if unit & 0x100 != 0
                && let Some(&value) = self.units.get(at)
            {
                found = Some((value & 0x7fff_ffff, before + 1));
            }
        }
        let (value, length) = found?;
        let from = self.replacements.get(value as usize..)?;
        let end = from.bytes().take(LONGEST).position(|byte| byte == 0)?;
        Some((&from[..end], length))
    }

    /// The next part of a text as it is read, and how long it is. `text` is not empty.
    fn next<'a>(&'a self, text: &'a str) -> (&'a str, usize) {
        match self.longest(text.as_bytes()) {
            Some((replacement, length)) if text.is_char_boundary(length) => (replacement, length),
            _ => {
                let length = text.chars().next().map_or(0, char::len_utf8);
                (&text[..length], length)
            }
        }
    }

    /// A text as pieces are looked for in it: one sign for each run of spaces, and one in front.
    pub(crate) fn normalise(&self, text: &str) -> String {
        let mut out = String::from(SPACE);
        let mut after_space = true;
        let mut rest = text;
        while !rest.is_empty() {
            let (part, length) = self.next(rest);
            rest = &rest[length..];
            let part = if after_space {
                part.trim_start_matches(' ')
            } else {
                part
            };
            for c in part.chars() {
                match c {
                    ' ' => out.push_str(SPACE),
                    other => out.push(other),
                }
            }
            if let Some(last) = part.chars().next_back() {
                after_space = last == ' ';
            }
        }
        out.truncate(out.trim_end_matches(SPACE).len());
        out
    }
}
