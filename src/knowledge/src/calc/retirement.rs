//! 渐进式延迟法定退休年龄 from 2025-01-01 (全国人大常委会 2024-09-13 and its tables).

/// Which of the three legal ages a person had before 2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkerKind {
    /// 男职工, 60 → 63.
    Man,
    /// 原法定退休年龄55周岁的女职工 (管理技术岗位), 55 → 58.
    Woman55,
    /// 原法定退休年龄50周岁的女职工, 50 → 55.
    Woman50,
}

/// Year and month of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Birth {
    /// `1976`.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

/// When a person reaches the legal age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retirement {
    /// Legal age, in whole years.
    pub years: u32,
    /// And months.
    pub months: u32,
    /// By how many months the age was raised.
    pub delayed_by: u32,
    /// The year in which it is reached.
    pub year: i32,
    /// The month in which it is reached.
    pub month: u32,
    /// How long one must have paid in by then, in months: 180, from 2030 rising by 6 a year up to 240.
    pub minimum_paid_months: u32,
}

impl WorkerKind {
    /// Legal age before 2025, first year of birth that is delayed, months of birth for each month of delay, most
    /// months of delay.
    fn scheme(self) -> (u32, i32, i32, u32) {
        match self {
            Self::Man => (60, 1965, 4, 36),
            Self::Woman55 => (55, 1970, 4, 36),
            Self::Woman50 => (50, 1975, 2, 60),
        }
    }

    /// How the regulation names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Man => "男职工",
            Self::Woman55 => "原法定退休年龄55周岁女职工",
            Self::Woman50 => "原法定退休年龄50周岁女职工",
        }
    }
}

/// The legal age of a person; `None` for a month that is none.
pub fn retirement(kind: WorkerKind, birth: Birth) -> Option<Retirement> {
    if !(1..=12).contains(&birth.month) || !(1900..=2100).contains(&birth.year) {
        return None;
    }
    let (age, first, step, most) = kind.scheme();
    let born = birth.year * 12 + birth.month as i32 - 1;
    let since = born - first * 12;
    let delayed_by = if since < 0 {
        0
    } else {
        ((since / step + 1) as u32).min(most)
    };
    let total = age * 12 + delayed_by;
    let reached = born + total as i32;
    let year = reached.div_euclid(12);
    Some(Retirement {
        years: total / 12,
        months: total % 12,
        delayed_by,
        year,
        month: reached.rem_euclid(12) as u32 + 1,
        minimum_paid_months: 180 + (year - 2029).clamp(0, 10) as u32 * 6,
    })
}

#[cfg(test)]
mod tests {
    use super::{Birth, WorkerKind, retirement};

    /// Rows of the tables published with the decision.
    #[test]
    fn the_published_tables_are_met() {
        use WorkerKind::{Man, Woman50, Woman55};
        let table = [
            (Man, 1964, 12, "60y0m 2024-12 180"),
            (Man, 1965, 1, "60y1m 2025-2 180"),
            (Man, 1965, 4, "60y1m 2025-5 180"),
            (Man, 1965, 5, "60y2m 2025-7 180"),
            (Man, 1968, 12, "61y0m 2029-12 180"),
            (Man, 1970, 8, "61y5m 2032-1 198"),
            (Man, 1976, 8, "62y11m 2039-7 240"),
            (Man, 1976, 9, "63y0m 2039-9 240"),
            (Man, 1990, 6, "63y0m 2053-6 240"),
            (Woman55, 1969, 12, "55y0m 2024-12 180"),
            (Woman55, 1970, 1, "55y1m 2025-2 180"),
            (Woman55, 1981, 8, "57y11m 2039-7 240"),
            (Woman55, 1981, 9, "58y0m 2039-9 240"),
            (Woman50, 1974, 12, "50y0m 2024-12 180"),
            (Woman50, 1975, 1, "50y1m 2025-2 180"),
            (Woman50, 1975, 3, "50y2m 2025-5 180"),
            (Woman50, 1980, 5, "52y9m 2033-2 204"),
            (Woman50, 1984, 10, "54y11m 2039-9 240"),
            (Woman50, 1984, 11, "55y0m 2039-11 240"),
        ];
        for (kind, year, month, wanted) in table {
            let r = retirement(kind, Birth { year, month }).unwrap();
            let got = format!(
                "{}y{}m {}-{} {}",
                r.years, r.months, r.year, r.month, r.minimum_paid_months
            );
            assert_eq!(got, wanted, "{kind:?} {year}-{month}");
        }
        assert!(retirement(Man, Birth { year: 1970, month: 13 }).is_none());
    }
}
