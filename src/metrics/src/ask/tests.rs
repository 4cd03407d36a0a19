use super::*;
use crate::query::{Compare, FilterKey};

/// A Sunday: 2026-11-29 14:30 in Asia/Shanghai.
const NOW: i64 = 1_795_933_800_000;
const DEFINITIONS: &str = include_str!("../../words/definitions.tsv");
const CASES: &str = include_str!("../../words/tests.tsv");

fn vocabulary() -> Vocabulary {
    let mut words = Vocabulary::default();
    words.add(FilterKey::Queue, "q-pension", "养老");
    words.add(FilterKey::Queue, "q-jobless", "失业");
    words.add(FilterKey::Agent, "a-li", "李丽");
    words
}

/// A query as one line: metrics, window in local time, and whatever else it has.
fn line(answer: &Answer) -> String {
    let query = match answer {
        Answer::Query { query, .. } => query,
        Answer::Question { candidates, .. } => return format!("question {candidates:?}"),
        Answer::Refusal { reason, .. } => return format!("refusal {reason:?}"),
    };
    let at = |ms: i64| {
        let minutes = (ms + 28_800_000) / 60_000;
        let date = time::date_of(ms).map(|d| d.to_string()).unwrap_or_default();
        let (hour, minute) = (minutes / 60 % 24, minutes % 60);
        if hour + minute == 0 {
            date
        } else {
            format!("{date}T{hour:02}:{minute:02}")
        }
    };
    let mut out = format!(
        "{:?} {}/{}",
        query.metrics,
        at(query.window.from()),
        at(query.window.to())
    );
    if let Some(grain) = query.grain {
        out += &format!(" grain={grain:?}");
    }
    if let Some(by) = query.by {
        out += &format!(" by={}", by.name());
    }
    for filter in &query.filters {
        out += &format!(" {:?}={}", filter.key, filter.values.join(","));
    }
    if let Some(threshold) = query.threshold {
        out += &format!(" {} {}/{}", threshold.op.name(), threshold.num, threshold.den);
    }
    if let Some(top) = query.top {
        out += &format!(" top={:?}:{}", top.order, top.n.unwrap_or(0));
    }
    if let Some(compare) = query.compare {
        let kind = match compare {
            Compare::YearOnYear { .. } => "yoy",
            Compare::PreviousPeriod { .. } => "previous",
            Compare::Other { .. } => "other",
        };
        out += &format!(" {kind}={}/{}", at(compare.window().from()), at(compare.window().to()));
    }
    out
}

/// Each line of the table: the question, what comes of it; a line that begins with `>` follows the one before.
#[test]
fn every_kind_of_question_is_read() {
    let mut before: Option<Query> = None;
    let mut wrong = Vec::new();
    let mut read = 0;
    for row in CASES.lines() {
        let Some((text, expected)) = row.split_once('\t') else {
            continue;
        };
        let follows = text.starts_with('>');
        let answer = ask(
            text.trim_start_matches('>'),
            NOW,
            &vocabulary(),
            before.as_ref().filter(|_| follows),
        );
        let got = line(&answer);
        read += 1;
        if got != expected {
            wrong.push(format!("{text}\t{got}\n   not\t{expected}"));
        }
        before = match answer {
            Answer::Query { query, .. } => Some(*query),
            _ => None,
        };
    }
    assert!(
        wrong.is_empty() && read > 50,
        "{read} read, {} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// 2027-03-01 10:00 in Asia/Shanghai.
const NEXT_YEAR: i64 = 1_803_866_400_000;
/// 2041-06-01.
const FAR: i64 = 2_253_751_200_000;

#[test]
fn a_holiday_that_was_not_announced_is_taken_as_usual_and_said_so_and_one_beyond_the_table_refused() {
    let of = |now| ask("今年春节来电量", now, &Vocabulary::default(), None);
    assert_eq!(line(&of(NEXT_YEAR)), "[M001] 2027-02-05/2027-02-13");
    let said = |answer: Answer| match answer {
        Answer::Query { said, .. } => said,
        Answer::Refusal { text, .. } | Answer::Question { text, .. } => text,
    };
    assert!(said(of(NEXT_YEAR)).contains(&say::phrase("season.expected").replace("{0}", "2027")));
    assert!(!said(of(NOW)).contains(&say::phrase("season.expected").replace("{0}", "2026")));
    assert_eq!(said(of(FAR)), say::phrase("refuse.season"));
}

#[test]
fn every_metric_is_found_by_its_name() {
    for metric in crate::registry().all() {
        let name: String = metric.name.chars().take_while(|c| *c != '(').collect();
        let now = metric.window == crate::WindowKind::R;
        let when = if now { "" } else { "昨天" };
        for text in [
            format!("{when}{name}"),
            format!("{when}{name}是多少"),
            format!("请问{}的{name}是多少？", if now { "现在" } else { when }),
        ] {
            let got = line(&ask(&text, NOW, &Vocabulary::default(), None));
            // Hours of agents and the average of calls have one name: asked back, unless agents are asked about.
            let offered = got.starts_with("question") && got.contains(&metric.id.to_string());
            assert!(got.starts_with(&format!("[{}]", metric.id)) || offered, "{text}: {got}");
        }
    }
}

#[test]
fn of_two_metrics_of_one_name_agents_tell_which() {
    let of = |text: &str| line(&ask(text, NOW, &Vocabulary::default(), None));
    assert_eq!(of("昨天通话时长"), "question [M038, M047]");
    assert_eq!(of("昨天各坐席的通话时长"), "[M038] 2026-11-28/2026-11-29 by=agent");
}

#[test]
fn a_topic_is_known_by_one_of_two_things_that_it_joins_and_without_what_says_nothing() {
    let mut words = Vocabulary::default();
    words.add(FilterKey::Topic, "t-retire", "退休手续与待遇核定");
    words.add(FilterKey::Topic, "t-injury", "工伤保险认定");
    let of = |text: &str| line(&ask(text, NOW, &words, None));
    assert_eq!(
        of("昨天退休手续的来电人负面情绪率"),
        "[M095] 2026-11-28/2026-11-29 Topic=t-retire"
    );
    assert_eq!(
        of("昨天工伤认定的来电人负面情绪率"),
        "[M095] 2026-11-28/2026-11-29 Topic=t-injury"
    );
}

#[test]
fn what_is_grouped_by_is_not_guessed_from_its_sound() {
    // A word for streets sounds like one for answering.
    let answer = ask("昨天各街道的来电", NOW, &Vocabulary::default(), None);
    assert!(!matches!(answer, Answer::Query { .. }), "{answer:?}");
}

#[test]
fn a_word_is_found_by_its_sound_alone() {
    let got = line(&ask("作天皆通率", NOW, &Vocabulary::default(), None));
    assert_eq!(got, "[M016] 2026-11-28/2026-11-29");
}

#[test]
fn it_is_said_back_with_window_and_definition() {
    let Answer::Query { said, .. } = ask("昨天的接通率", NOW, &Vocabulary::default(), None) else {
        unreachable!()
    };
    assert!(said.contains("2026-11-28 00:00") && said.contains("M016"), "{said}");
    assert!(
        said.ends_with(definition("M016".parse().unwrap_or_else(|e| unreachable!("{e}")))),
        "{said}"
    );
}

#[test]
fn every_metric_has_its_definition() {
    let lines: Vec<&str> = DEFINITIONS.lines().skip(1).collect();
    assert_eq!(lines.len(), 126);
    for (line, metric) in lines.iter().zip(crate::registry().all()) {
        let (id, text) = line.split_once('\t').unwrap_or_default();
        assert!(
            id == metric.id.to_string() && text == definition(metric.id) && !text.is_empty(),
            "{line}"
        );
    }
}

#[test]
fn any_text_has_an_answer() {
    for text in [
        "",
        "9999999999999999999天",
        "近9223372036854775807天接通率",
        "近9999999999个月接通率",
        "13月接通率",
        "2月30号接通率",
        "至到-",
        &"九".repeat(150),
        &"昨".repeat(300),
    ] {
        assert!(
            !matches!(ask(text, NOW, &vocabulary(), None), Answer::Query { .. }),
            "{text}"
        );
    }
}

#[test]
fn the_chart_follows_the_question() {
    let of = |text: &str, rows| match ask(text, NOW, &vocabulary(), None) {
        Answer::Query { query, .. } => Some(chart(&query, rows)),
        _ => None,
    };
    let kind = |text: &str, rows| of(text, rows).map(|chart| chart.kind);
    assert_eq!(kind("近7天接通率走势", 7), Some(ChartKind::Line));
    assert_eq!(kind("昨天各队列接通率", 4), Some(ChartKind::Bar));
    assert_eq!(kind("昨天各队列接通率", 13), Some(ChartKind::Table));
    assert_eq!(kind("昨天各主题占比", 5), Some(ChartKind::Share));
    assert_eq!(kind("上周每天分时段来电量", 168), Some(ChartKind::Heat));
    assert_eq!(kind("昨天接通率", 1), Some(ChartKind::Number));
    let line = of("今年按月统计接通率和放弃率同比", 48);
    let series = line.map(|chart| (chart.x, chart.y, chart.series, chart.units));
    let wanted = (Some("from"), Some("value"), vec!["id", "compared"], vec!["%", "%"]);
    assert_eq!(series, Some(wanted));
}
