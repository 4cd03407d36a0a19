//! 经济补偿, 劳动合同法第四十七条.

/// Half months of wage for so many whole months of service: a month's wage for each full year, a full one more
/// for six months and above, half a one for less than six. `days_over` says that some days stand beyond the
/// whole months.
///
/// In halves, because the answer is exact that way.
pub fn half_months(months: u32, days_over: bool) -> u32 {
    let rest = match (months % 12, days_over) {
        (0, false) => 0,
        (0..=5, _) => 1,
        _ => 2,
    };
    months / 12 * 2 + rest
}

#[cfg(test)]
mod tests {
    use super::half_months;

    #[test]
    fn years_count_as_the_statute_says() {
        let table = [
            (0, false, 0),
            (0, true, 1),
            (5, true, 1),
            (6, false, 2),
            (11, true, 2),
            (12, false, 2),
            (12, true, 3),
            (17, false, 3),
            (18, false, 4),
            (36, false, 6),
            (41, true, 7),
            (42, false, 8),
        ];
        for (months, days, halves) in table {
            assert_eq!(half_months(months, days), halves, "{months} months, more days: {days}");
        }
    }
}
