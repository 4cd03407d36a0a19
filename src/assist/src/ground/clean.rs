//! Characters that nobody sees.

use sidetone_language::is_hidden;

/// Without control characters and hidden ones.
pub(super) fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !is_hidden(*c)).collect()
}
