use sidetone_schema::Redaction;

/// A text that may leave the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// As long as the input, in characters: what was personal is now `*`.
    pub text: String,
    /// Where and what, in order, without overlap; offsets count characters.
    pub redactions: Vec<Redaction>,
}

/// Masks what one speaker says; remembers digits that may go on in the next segment.
#[derive(Clone, Debug, Default)]
pub struct Masker {}

impl Masker {
    /// At the start of a leg.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Masks one version of a segment's text. Only a settled (final) text is remembered.
    pub fn mask(&mut self, text: &str, _settled: bool) -> Masked {
        Masked {
            text: text.to_owned(),
            redactions: Vec::new(),
        }
    }
}

/// Masks without memory: for logs, metrics and errors.
#[must_use]
pub fn scrub(text: &str) -> String {
    Masker::new().mask(text, true).text
}

/// A number from signalling: all but its last two digits masked.
#[must_use]
pub fn mask_number(number: &str) -> String {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let mut seen = 0;
    number
        .chars()
        .map(|c| {
            if !c.is_ascii_digit() {
                return c;
            }
            seen += 1;
            if seen + 2 > digits && digits > 2 { c } else { '*' }
        })
        .collect()
}
