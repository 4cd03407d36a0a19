//! The numbers of an answer as a voice says them.

use super::compose::present;
use super::say::phrase;
use super::time::date_of;
use crate::query::Query;
use crate::registry::{MetricId, registry};
use crate::window::Window;

/// More numbers than these nobody keeps in mind.
const MOST: usize = 3;

/// One number of an answer, as the archive shows it.
#[derive(Debug, Clone, Copy)]
pub struct Spoken<'a> {
    /// The metric.
    pub id: MetricId,
    /// The value of the grouping.
    pub group: Option<&'a str>,
    /// Of the window that the query compares with.
    pub compared: bool,
    /// The number as a decimal; none where there is nothing to divide by.
    pub value: Option<&'a str>,
}

/// The first numbers as one Chinese sentence that a synthesiser can read.
#[must_use]
pub fn utter(query: &Query, numbers: &[Spoken]) -> String {
    if numbers.is_empty() {
        return phrase("utter.none").to_owned();
    }
    let mut parts: Vec<String> = numbers.iter().take(MOST).map(|number| part(query, *number)).collect();
    if numbers.len() > MOST {
        parts.push(phrase("utter.more").replace("{0}", &(numbers.len() - MOST).to_string()));
    }
    let when = if present(&query.metrics) {
        String::new()
    } else {
        when(query.window) + phrase("utter.comma")
    };
    when + &parts.join(phrase("utter.comma")) + phrase("utter.end")
}

/// The window, so that a day that was heard wrong is noticed.
fn when(window: Window) -> String {
    let day = |at: i64| {
        let date = date_of(at)?;
        let parts = [date.year().into(), i32::from(date.month()), i32::from(date.day())];
        let filled = parts
            .iter()
            .enumerate()
            .fold(phrase("utter.day").to_owned(), |text, (place, part)| {
                text.replace(&format!("{{{place}}}"), &part.to_string())
            });
        Some(filled)
    };
    let clock = |at: i64| {
        let minutes = (at + Window::offset_ms()).rem_euclid(86_400_000) / 60_000;
        let key = if minutes % 60 == 0 {
            "utter.clock"
        } else {
            "utter.minutes"
        };
        let text = phrase(key).replace("{0}", &(minutes / 60).to_string());
        (minutes > 0).then(|| text.replace("{1}", &(minutes % 60).to_string()))
    };
    let (from, to) = (window.from(), window.to());
    let (first, last) = (day(from).unwrap_or_default(), day(to - 1).unwrap_or_default());
    let begin = clock(from);
    let end = clock(to);
    if first == last && begin.is_none() && end.is_none() {
        return first;
    }
    let last = if first == last { String::new() } else { last };
    format!(
        "{first}{}{}{last}{}",
        begin.unwrap_or_default(),
        phrase("utter.to"),
        end.unwrap_or_default()
    )
}

fn part(query: &Query, number: Spoken) -> String {
    let metric = registry().get(number.id);
    let name = metric.name.split('(').next().unwrap_or_default().trim();
    let group = number.group.unwrap_or_default();
    let before = if number.compared && query.compare.is_some() {
        phrase("utter.compared")
    } else {
        ""
    };
    let value = match number.value.and_then(|value| value.parse::<f64>().ok()) {
        Some(value) if metric.unit == "%" => phrase("utter.percent").replace("{0}", &short(value * 100.0)),
        Some(value) => {
            let unit = phrase(&format!("unit.{}", metric.unit));
            short(value) + if unit.is_empty() { metric.unit } else { unit }
        }
        None => phrase("utter.null").to_owned(),
    };
    format!("{before}{group}{name}{value}")
}

/// One place behind the point, none where it is 0.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_says_shares_and_seconds_and_what_is_missing() {
        let id = |text: &str| text.parse().unwrap_or_else(|e| unreachable!("{e}"));
        let window = Window::new(0, 60_000).unwrap_or_else(|e| unreachable!("{e}"));
        let query = Query::new(vec![id("M016"), id("M024"), id("M091")], window);
        let number = |metric, value| Spoken {
            id: id(metric),
            group: None,
            compared: false,
            value,
        };
        let said = utter(
            &query,
            &[
                number("M016", Some("0.9521")),
                number("M024", Some("28")),
                number("M091", None),
            ],
        );
        assert_eq!(
            said,
            "1970年1月1日8点到8点1分，接通率百分之95.2，平均等待时长28秒，满意率没有数字。"
        );
        let days = |from: i64, to: i64| when(Window::new(from, to).unwrap_or_else(|e| unreachable!("{e}")));
        let (midnight, day) = (1_795_795_200_000, 86_400_000);
        assert_eq!(days(midnight, midnight + day), "2026年11月28日");
        assert_eq!(days(midnight, midnight + 7 * day), "2026年11月28日到2026年12月4日");
        assert_eq!(days(midnight, midnight + 34_200_000), "2026年11月28日到9点30分");
        let many = vec![number("M016", Some("1")); 5];
        assert!(utter(&query, &many).contains('2'), "{}", utter(&query, &many));
        assert!(!utter(&query, &[]).is_empty());
    }
}
