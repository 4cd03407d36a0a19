//! The numbers of an answer as a voice says them.

use super::say::phrase;
use crate::query::Query;
use crate::registry::{MetricId, registry};

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
    parts.join("，") + phrase("utter.end")
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
    use crate::window::Window;

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
        assert_eq!(said, "接通率百分之95.2，平均等待时长28秒，满意率没有数字。");
        let many = vec![number("M016", Some("1")); 5];
        assert!(utter(&query, &many).contains('2'), "{}", utter(&query, &many));
        assert!(!utter(&query, &[]).is_empty());
    }
}
