//! The day that a turn asks about, where it is a past one.

use jiff::civil::Date;
use sidetone_domain::Pack;
use sidetone_language::{Mood, mood, moods, zh};

use super::entity::{Found, Value};
use super::text::{CUT, starts_with};

/// Dates before this are dates of birth, or of things long done.
const FIRST_YEAR: i16 = 2010;
/// The middle of a year of which no month was said.
const MONTH: i8 = 7;
/// The middle of a month.
const DAY: i8 = 15;

/// 去年8月的时候, 2023年的标准, 前年灵活就业最低交多少: a date with a word behind it that asks about its time, or one in a clause that
/// asks and tells of nothing that happened on it.
pub(crate) fn as_of(pack: &Pack, text: &[char], entities: &[Found], today: Date) -> Option<Date> {
    entities.iter().find_map(|found| {
        let date = meant(&found.value)?;
        let whole_year = matches!(found.value, Value::Date { month: None, .. });
        let past = date.year() >= FIRST_YEAR && date < today && (!whole_year || date.year() < today.year());
        (past && is_asked_about(pack, text, found)).then_some(date)
    })
}

/// The day that a date stands for: of a month its middle, of a year its middle too; none without a year.
pub(crate) fn meant(value: &Value) -> Option<Date> {
    let Value::Date {
        year: Some(year),
        month,
        day,
    } = value
    else {
        return None;
    };
    Date::new(*year, month.unwrap_or(MONTH), day.unwrap_or(DAY)).ok()
}

fn is_asked_about(pack: &Pack, text: &[char], found: &Found) -> bool {
    let cues = pack.knowledge().cues();
    let begin = text[..found.range.start]
        .iter()
        .rposition(|c| *c == CUT)
        .map_or(0, |at| at + 1);
    let tail = text.get(found.range.end..).unwrap_or_default();
    let tail = tail.strip_prefix(&[CUT]).unwrap_or(tail);
    let end = tail.iter().position(|c| *c == CUT).unwrap_or(tail.len());
    let (clause, rest) = (&text[begin..], &tail[..end]);
    let clause = &clause[..clause.len() - (tail.len() - end)];
    let in_rest = |words: &[String]| {
        words
            .iter()
            .any(|word| (0..rest.len()).any(|at| starts_with(&rest[at..], word)))
    };
    let ends = |words: &[String]| {
        words.iter().any(|word| {
            let len = word.chars().count();
            rest.len() >= len && starts_with(&rest[rest.len() - len..], word)
        })
    };
    let of = zh().measures.dates.of.head(rest).unwrap_or(0);
    let dates = &zh().measures.dates;
    let points_back = dates.at.head(rest).or_else(|| dates.that_time.head(rest)).is_some();
    if points_back || pack.call_words().dated.head(&rest[of..]).is_some() || ends(&cues.then) {
        return true;
    }
    // 利率是几个点啊，去年的: a clause of its own behind the question.
    let alone = of > 0 && rest.len() == of && clause.len() == found.range.len() + of;
    if alone && begin > 0 && moods(&text[..begin]).max() == Some(Mood::Question) {
        return true;
    }
    if mood(clause) == Mood::Question && !in_rest(&cues.event) {
        return true;
    }
    // 23年在济南上的班，那会儿一个月最少多少: a later clause asks about that time.
    let later = tail[end..].split(|c| *c == CUT);
    let mut later = later.filter(|clause| dates.that_time.within(clause));
    later.any(|clause| mood(clause) == Mood::Question)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::entity::entities;
    use crate::understand::text::fold;

    #[test]
    fn a_past_day_is_asked_about_or_something_happened_on_it() {
        let pack = sidetone_domain::Pack::load(std::path::Path::new("../../knowledge/12333")).unwrap();
        let today: Date = "2026-03-02".parse().unwrap();
        for (said, wanted) in [
            ("2024年8月交的话，一个月最低多少", "2024-08-15"),
            ("去年灵活就业最低交多少", "2025-07-15"),
            ("前年最低工资是多少", "2024-07-15"),
            ("那去年8月份的时候呢", "2025-08-15"),
            ("2023年的标准是多少", "2023-07-15"),
            ("2022年那阵最低工资是几千几", "2022-07-15"),
            ("利率是几个点啊，去年的", "2025-07-15"),
            ("22年的时候自己交一个月是多少", "2022-07-15"),
            ("我哥是23年10月去世的，那时候丧葬补助按多少给", "2023-10-15"),
            ("我那活儿是22年夏天干的，那时候最低工资按多少算", "2022-07-15"),
            ("24年五一的时候加班费按几倍", "2024-07-15"),
            ("我交了20年冬天不交行不行", ""),
            ("我2023年入职的，那会儿领导说得好听，现在辞职能拿多少", ""),
            ("我去年受伤的，能赔多少", ""),
            ("我2024年8月入职的，能领多少失业金", ""),
            ("去年失业的能领多少", ""),
            ("今年最低工资是多少", ""),
            ("我1975年8月生的，几岁退休", ""),
            ("2030年退休要交多少年", ""),
        ] {
            let text = fold(said);
            let found = entities(&text, today, pack.regions());
            let day = as_of(&pack, &text, &found, today);
            assert_eq!(day.map(|day| day.to_string()).unwrap_or_default(), wanted, "{said}");
        }
    }
}
