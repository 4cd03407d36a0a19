//! A window of time: half-open, aligned to minutes, read in Asia/Shanghai.

use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;
/// Asia/Shanghai has had one offset since 1991.
const OFFSET_MS: i64 = 8 * 3_600_000;

/// `[from, to)` in milliseconds UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bare", into = "Bare")]
pub struct Window {
    from: i64,
    to: i64,
}

#[derive(Serialize, Deserialize)]
struct Bare {
    from: i64,
    to: i64,
}

/// Why two times make no window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// A bound has seconds.
    #[error("a window begins and ends at a whole minute")]
    NotAligned,
    /// Nothing lies between the bounds.
    #[error("a window ends after it begins")]
    Empty,
}

impl Window {
    /// Milliseconds UTC, aligned to minutes, `from` before `to`.
    pub fn new(from: i64, to: i64) -> Result<Self, WindowError> {
        if from.rem_euclid(MINUTE_MS) != 0 || to.rem_euclid(MINUTE_MS) != 0 {
            return Err(WindowError::NotAligned);
        }
        if from >= to {
            return Err(WindowError::Empty);
        }
        Ok(Self { from, to })
    }

    /// The first millisecond.
    #[must_use]
    pub fn from(self) -> i64 {
        self.from
    }

    /// The millisecond after the last.
    #[must_use]
    pub fn to(self) -> i64 {
        self.to
    }

    /// Its length in milliseconds.
    #[must_use]
    pub fn length(self) -> i64 {
        self.to - self.from
    }

    /// The same length, so many milliseconds later; whole minutes only are moved.
    #[must_use]
    pub fn shifted(self, ms: i64) -> Self {
        let ms = ms - ms.rem_euclid(MINUTE_MS);
        Self {
            from: self.from + ms,
            to: self.to + ms,
        }
    }

    /// The offset of Asia/Shanghai in milliseconds.
    #[must_use]
    pub fn offset_ms() -> i64 {
        OFFSET_MS
    }
}

impl TryFrom<Bare> for Window {
    type Error = WindowError;

    fn try_from(bare: Bare) -> Result<Self, Self::Error> {
        Self::new(bare.from, bare.to)
    }
}

impl From<Window> for Bare {
    fn from(window: Window) -> Self {
        Self {
            from: window.from,
            to: window.to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_minutes_that_hold_something() {
        assert_eq!(Window::new(1, 60_000), Err(WindowError::NotAligned));
        assert_eq!(Window::new(60_000, 60_000), Err(WindowError::Empty));
        let window = Window::new(0, 120_000).map(|w| w.shifted(61_000));
        assert_eq!(window, Window::new(60_000, 180_000));
        assert!(serde_json::from_str::<Window>(r#"{"from":0,"to":1}"#).is_err());
    }
}
