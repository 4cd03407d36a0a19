//! Questions as they are spoken, none of them in the base's own examples.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::Instant;

use sidetone_knowledge::{Knowledge, KnowledgeView};

/// Question, topic, and the beginnings of the ids that answer it, with tabs between.
const QUESTIONS: &str = include_str!("data/questions.tsv");

fn questions() -> impl Iterator<Item = (&'static str, &'static str, Vec<&'static str>)> {
    let rows = QUESTIONS.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let mut columns = line.split('\t');
        let mut column = || columns.next().expect("a row of questions.tsv has three columns");
        (column(), column(), column().split(' ').collect())
    })
}

fn base() -> Knowledge {
    Knowledge::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333")).unwrap()
}

fn view(kb: &Knowledge) -> KnowledgeView<'_> {
    kb.view("2026-03-02".parse().unwrap(), "370500")
}

#[test]
fn spoken_questions_find_their_answers() {
    let kb = base();
    let view = view(&kb);
    let (mut topics, mut first, mut third) = (0, 0, 0);
    let mut missed = Vec::new();
    for (question, topic, answers) in questions() {
        assert!(
            !kb.nodes()
                .iter()
                .any(|node| node.asked_as.iter().any(|asked| *asked == question)),
            "{question}"
        );
        let hits = view.search(question, 3);
        let fits = |at: usize| {
            hits.get(at)
                .is_some_and(|hit| answers.iter().any(|id| hit.node.id.starts_with(id)))
        };
        topics += usize::from(hits.first().is_some_and(|hit| hit.node.topic == topic));
        first += usize::from(fits(0));
        third += usize::from((0..3).any(fits));
        if !fits(0) {
            let found: Vec<String> = hits
                .iter()
                .map(|hit| format!("{} {:.2}", hit.node.id, hit.score))
                .collect();
            missed.push(format!("{question}: {found:?}"));
        }
    }
    let of = questions().count();
    println!(
        "{of} questions: topic {topics}, first {first}, among three {third}\n{}",
        missed.join("\n")
    );
    let at_least = |count: usize, percent: usize| count * 100 >= of * percent;
    assert!(
        at_least(topics, 95) && at_least(first, 88) && at_least(third, 95),
        "{}",
        missed.join("\n")
    );
}

#[test]
fn small_talk_finds_nothing_of_weight() {
    let kb = base();
    for text in [
        "好的谢谢啊",
        "嗯嗯",
        "今天风真大，你们那儿也冷吧",
        "喂，能听见吗",
        "稍等，我拿笔记一下啊",
        "再见",
    ] {
        let best = view(&kb).search(text, 1).first().map_or(0.0, |hit| hit.score);
        println!("{text}: {best:.2}");
        assert!(best < 0.5, "{text}: {best}");
    }
    assert!(view(&kb).search("", 5).is_empty());
    assert!(view(&kb).search("……！？", 5).is_empty());
}

#[test]
fn the_same_question_has_the_same_answer() {
    let (one, two) = (base(), base());
    for (question, ..) in questions() {
        let ids = |kb: &Knowledge| -> Vec<(String, u32)> {
            view(kb)
                .search(question, 8)
                .iter()
                .map(|hit| (hit.node.id.clone(), hit.score.to_bits()))
                .collect()
        };
        assert_eq!(ids(&one), ids(&two), "{question}");
    }
}

/// A bound that only a mistake in the algorithm would break, even on a busy machine; benches tell the real figure.
#[test]
fn a_search_is_quick() {
    let kb = base();
    let view = view(&kb);
    // The quickest of several tries is the search itself; the others wait for the machine.
    let mut times = Vec::new();
    for (question, ..) in questions() {
        let tries = (0..9).map(|_| {
            let begin = Instant::now();
            std::hint::black_box(view.search(question, 8));
            begin.elapsed()
        });
        times.extend(tries.min());
    }
    times.sort();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!("median {median:?}, worst {worst:?}");
    assert!(worst.as_micros() < 2_000, "{worst:?}");
}
