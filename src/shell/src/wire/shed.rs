//! What goes first when there is no room.

use sidetone_schema::Class;

/// Whether an event of `class` is shed while the journals hold `used` of `max` bytes.
///
/// Partials go from one half, second passes from five eighths, hints from three quarters; what is never shed
/// goes only beyond the whole, and loudly.
#[must_use]
pub(super) const fn sheds(class: Class, used: u64, max: u64) -> bool {
    let eighths = match class {
        Class::Partial => 4,
        Class::SecondPass => 5,
        Class::Hint => 6,
        Class::Kept => 8,
    };
    used >= max / 8 * eighths
}

/// The label in metrics.
#[must_use]
pub(super) const fn label(class: Class) -> &'static str {
    match class {
        Class::Partial => "partial",
        Class::SecondPass => "second_pass",
        Class::Hint => "hint",
        Class::Kept => "kept",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_goes_first() {
        let kept_at = |used| {
            [Class::Partial, Class::SecondPass, Class::Hint, Class::Kept]
                .into_iter()
                .filter(|class| !sheds(*class, used, 800))
                .map(label)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(kept_at(399), "partial second_pass hint kept");
        assert_eq!(kept_at(400), "second_pass hint kept");
        assert_eq!(kept_at(500), "hint kept");
        assert_eq!(kept_at(600), "kept");
        assert_eq!(kept_at(799), "kept");
        assert_eq!(kept_at(800), "");
    }
}
