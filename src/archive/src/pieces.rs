//! A window in pieces: by step of time, by hour of the day, and only the hours and weekdays that a filter leaves.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use sidetone_metrics::{FilterKey, Grain, Query, Window};

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// A piece of time that belongs to a row of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The row: an index into the steps, and the hour of the day or 0.
    pub(crate) step: usize,
    pub(crate) hour: u8,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// The steps of a window; the window itself without a grain. The first and last are cut at its bounds.
pub(crate) fn steps(window: Window, grain: Option<Grain>) -> Vec<(i64, i64)> {
    let Some(grain) = grain else {
        return vec![(window.from(), window.to())];
    };
    let mut steps = Vec::new();
    let mut at = window.from();
    while at < window.to() {
        let next = next_bound(at, grain).map_or(window.to(), |next| next.min(window.to()));
        steps.push((at, next));
        at = next;
    }
    steps
}

/// The pieces of the steps that the query's filters of time leave, parted by hour where `by_hour`.
pub(crate) fn pieces(query: &Query, steps: &[(i64, i64)], by_hour: bool) -> Vec<Piece> {
    let of = |key| {
        query
            .filters
            .iter()
            .filter(move |f| f.key == key)
            .map(|f| f.values.iter().filter_map(|v| v.parse().ok()).collect::<Vec<u8>>())
    };
    let (hours, weekdays): (Vec<_>, Vec<_>) = (of(FilterKey::Hour).collect(), of(FilterKey::Weekday).collect());
    let whole = !by_hour && hours.is_empty() && weekdays.is_empty();
    let mut pieces = Vec::new();
    for (step, (from, to)) in steps.iter().copied().enumerate() {
        let mut at = from;
        while at < to {
            let next = if whole {
                to
            } else {
                to.min((at.div_euclid(HOUR_MS) + 1) * HOUR_MS)
            };
            let Some(local) = local(at) else { break };
            let (hour, weekday) = (
                local.hour().unsigned_abs(),
                local.weekday().to_monday_one_offset().unsigned_abs(),
            );
            if whole || (hours.iter().all(|h| h.contains(&hour)) && weekdays.iter().all(|w| w.contains(&weekday))) {
                pieces.push(Piece {
                    step,
                    hour: if by_hour { hour } else { 0 },
                    from: at,
                    to: next,
                });
            }
            at = next;
        }
    }
    pieces
}

fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

fn local(ms: i64) -> Option<DateTime> {
    Some(jiff::Timestamp::from_millisecond(ms).ok()?.to_zoned(zone()).datetime())
}

/// The next natural bound of a step after a time.
fn next_bound(ms: i64, grain: Grain) -> Option<i64> {
    let even = |length: i64| Some((ms.div_euclid(length) + 1) * length);
    let day = local(ms)?.date();
    let next: Date = match grain {
        Grain::Minute => return even(MINUTE_MS),
        Grain::Hour => return even(HOUR_MS),
        Grain::Day => day.tomorrow().ok()?,
        Grain::Week => day
            .checked_add((7 - i64::from(day.weekday().to_monday_zero_offset())).days())
            .ok()?,
        Grain::Month => day.first_of_month().checked_add(1.month()).ok()?,
        Grain::Quarter => {
            let month = day.month() - (day.month() - 1) % 3;
            Date::new(day.year(), month, 1).ok()?.checked_add(3.months()).ok()?
        }
        Grain::Year => Date::new(day.year() + 1, 1, 1).ok()?,
    };
    Some(next.to_zoned(zone()).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * HOUR_MS;
    /// Friday 2026-11-20, midnight in Shanghai.
    const FRIDAY: i64 = 1_795_104_000_000;

    fn query(days: i64) -> Query {
        let window = Window::new(FRIDAY, FRIDAY + days * DAY).unwrap_or_else(|e| unreachable!("{e}"));
        Query::new(vec![], window)
    }

    #[test]
    fn steps_begin_at_their_natural_bounds() {
        let window = query(11).window;
        let ends = |grain| {
            steps(window, Some(grain))
                .iter()
                .map(|(_, to)| (to - FRIDAY) / DAY)
                .collect::<Vec<_>>()
        };
        assert_eq!(ends(Grain::Week), [3, 10, 11]);
        assert_eq!(ends(Grain::Month), [11]);
        assert_eq!(ends(Grain::Day).len(), 11);
        assert_eq!(
            steps(window, Some(Grain::Minute))[1],
            (FRIDAY + MINUTE_MS, FRIDAY + 2 * MINUTE_MS)
        );
        assert_eq!(steps(window, None), [(FRIDAY, FRIDAY + 11 * DAY)]);
    }

    #[test]
    fn filters_of_time_leave_their_hours() {
        let mut query = query(7);
        let filter = |key, value: &str| sidetone_metrics::Filter {
            key,
            values: vec![value.to_owned()],
        };
        query.filters = vec![filter(FilterKey::Weekday, "1"), filter(FilterKey::Hour, "9")];
        let left = pieces(&query, &steps(query.window, None), true);
        let from = FRIDAY + 3 * DAY + 9 * HOUR_MS;
        assert_eq!(
            left,
            [Piece {
                step: 0,
                hour: 9,
                from,
                to: from + HOUR_MS
            }]
        );
    }
}
