//! The hours of service: half-open spans by weekday, holidays without any, and days that make up for them.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
const OFFSET_MS: i64 = 8 * 3_600_000;

/// The hours of service in Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Spans of minutes of the day, by weekday from Monday.
    pub week: [Vec<(i64, i64)>; 7],
    /// Spans of days that differ from their weekday; none for a holiday.
    #[serde(default)]
    pub days: BTreeMap<Date, Vec<(i64, i64)>>,
}

/// Why hours are no calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a span of service begins before it ends, within one day (0 to 1440 minutes)")]
pub struct CalendarError;

impl Default for Calendar {
    /// Monday to Friday, 8:30 to 12:00 and 13:30 to 17:30: the hours of most public offices.
    fn default() -> Self {
        let day = || vec![(8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60 + 30)];
        Self {
            week: [day(), day(), day(), day(), day(), vec![], vec![]],
            days: BTreeMap::new(),
        }
    }
}

impl Calendar {
    /// Whether every span lies within its day.
    pub fn check(&self) -> Result<(), CalendarError> {
        let good = |(a, b): &(i64, i64)| 0 <= *a && a < b && *b <= 1440;
        if self.week.iter().chain(self.days.values()).flatten().all(good) {
            Ok(())
        } else {
            Err(CalendarError)
        }
    }

    /// The spans from 2020 to 2039 in milliseconds UTC.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (i64, i64)> {
        let first = date(2020, 1, 1);
        let days = first.series(1.day()).take_while(|day| day.year() < 2040);
        let epoch = date(1970, 1, 1);
        days.flat_map(move |day| {
            let midnight = (day.duration_since(epoch).as_secs() * 1000) - OFFSET_MS;
            let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
            let spans = self.days.get(&day).unwrap_or(&self.week[weekday]);
            spans
                .iter()
                .map(move |(a, b)| {
                    (
                        midnight + a * MINUTE_MS,
                        (midnight + b * MINUTE_MS).min(midnight + DAY_MS),
                    )
                })
                .collect::<Vec<_>>()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holiday_has_no_hours() {
        let mut calendar = Calendar::default();
        assert_eq!(calendar.check(), Ok(()));
        let all = calendar.spans().count();
        calendar.days.insert(date(2026, 10, 1), vec![]);
        assert_eq!(calendar.spans().count(), all - 2);
        // Wednesday 2020-01-01, 08:30 to 12:00 in Shanghai.
        assert_eq!(calendar.spans().next(), Some((1_577_838_600_000, 1_577_851_200_000)));
    }
}
