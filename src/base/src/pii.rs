//! Personal data that must not print.

use std::fmt;

/// Personal data. Prints as `‹redacted›`, has no `Serialize`: whoever wants the value says so.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps a value that came from a caller or a switch.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Name at the call site why it may be seen.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹redacted›")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹redacted›")
    }
}

#[cfg(test)]
mod tests {
    use super::Pii;

    #[test]
    fn prints_nothing_of_its_value() {
        let number = Pii::new("13800138000");
        assert_eq!(format!("{number} {number:?}"), "‹redacted› ‹redacted›");
    }
}
