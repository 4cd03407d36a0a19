//! `bench retrieval`: questions of people → the articles that the answers cite.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;
use sidetone_knowledge::cite::{Citation, articles, citations, document_name};
use sidetone_knowledge::snapshot::{Contents, Found, Snapshot, build};

use crate::{flag, grow};

/// Names of documents on labour and insurance hold one of these.
const LABOUR: [&str; 10] = [
    "劳动",
    "工伤",
    "社会保险",
    "失业",
    "工资",
    "就业",
    "年休假",
    "女职工",
    "职业病",
    "退休",
];
/// Entries that are looked at.
const DEPTH: usize = 10;

#[derive(Deserialize)]
struct Row {
    question: String,
    answer: String,
}

/// What is asked for and what the answer cites.
struct Question {
    text: String,
    cited: Vec<Citation>,
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let laws = flag(args, "--laws").unwrap_or("../shared/data/laws.tar.zst");
    let file = flag(args, "--questions").unwrap_or("../shared/data/lawbench-consultations.json");
    let labour = flag(args, "--only").unwrap_or("labour") == "labour";
    let half = flag(args, "--half").unwrap_or("unseen");
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let rows: Vec<Row> = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    let pack = flag(args, "--pack").unwrap_or("knowledge/12333");
    let sources = [Path::new(laws), Path::new(pack)];
    let mut contents = grow::read(if pack == "none" { &sources[..1] } else { &sources })?;
    let plain = built(&contents)?;
    let (even, odd): (Vec<_>, Vec<_>) = rows.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let asked = |rows: Vec<(usize, Row)>, labour: bool| -> Vec<Question> {
        let rows = rows.into_iter();
        rows.filter_map(|(_, row)| question(row, &plain, labour)).collect()
    };
    let (learned, unseen) = match half {
        "tuning" => (odd, even),
        _ => (even, odd),
    };
    let snapshot = if args.iter().any(|arg| arg == "--learn") {
        learn(&mut contents, &plain, &asked(learned, false));
        built(&contents)?
    } else {
        plain.clone()
    };
    let show = args.iter().any(|arg| arg == "--show");
    println!("{}", measure(&snapshot, &asked(unseen, labour), show));
    Ok(())
}

fn built(contents: &Contents) -> Result<Snapshot, String> {
    let mut out = Vec::new();
    build(contents.clone(), &mut out).map_err(|error| error.to_string())?;
    Snapshot::open(out).map_err(|error| error.to_string())
}

/// Questions of the other half are turns of the articles that their answers cite.
fn learn(contents: &mut Contents, plain: &Snapshot, questions: &[Question]) {
    for question in questions {
        for of in &question.cited {
            let name = of.document.as_deref().unwrap_or_default();
            if let Some(entry) = plain.articles(name, of.article).last() {
                contents.turns.push((entry.id().to_owned(), question.text.clone()));
            }
        }
    }
}

/// A question whose answer cites articles that the base has.
fn question(row: Row, snapshot: &Snapshot, labour: bool) -> Option<Question> {
    let about = |name: &str| LABOUR.iter().any(|word| name.contains(word));
    let mut cited = citations(&row.answer);
    cited.retain(|of| {
        let known = |name: &str| snapshot.articles(name, of.article).next().is_some();
        of.document
            .as_deref()
            .is_some_and(|name| known(name) && (!labour || about(name)))
    });
    (!cited.is_empty()).then_some(Question {
        text: row.question,
        cited,
    })
}

fn measure(snapshot: &Snapshot, questions: &[Question], show: bool) -> serde_json::Value {
    let view = snapshot.view(jiff::civil::date(2025, 3, 1), "370500");
    let (mut at, mut recalled) = ([0.0; DEPTH], [0.0; DEPTH]);
    let (mut reciprocal, mut times) = (0.0, Vec::new());
    for question in questions {
        let begun = Instant::now();
        let found = view.search(&question.text, DEPTH * 4);
        times.push(begun.elapsed());
        let articles: Vec<Found<'_>> = found
            .into_iter()
            .filter(|found| found.entry.article().is_some())
            .take(DEPTH)
            .collect();
        let right: Vec<bool> = articles.iter().map(|found| is_cited(found, &question.cited)).collect();
        let first = right.iter().position(|right| *right);
        reciprocal += first.map_or(0.0, |first| 1.0 / (first + 1) as f64);
        let cited = distinct(&question.cited) as f64;
        for depth in 0..DEPTH {
            at[depth] += f64::from(u8::from(first.is_some_and(|first| first <= depth)));
            let hits = right.iter().take(depth + 1).filter(|right| **right).count() as f64;
            recalled[depth] += (hits / cited).min(1.0);
        }
        if show {
            eprintln!("{first:?} {}", question.text.replace('\n', " "));
            eprintln!(
                "    cited {:?}",
                question
                    .cited
                    .iter()
                    .map(|of| (of.document.as_deref().unwrap_or(""), of.article.article))
                    .collect::<Vec<_>>()
            );
            for found in articles.iter().take(3) {
                eprintln!(
                    "    {:.2} {} | {}",
                    found.score,
                    found.entry.title(),
                    found
                        .entry
                        .body()
                        .chars()
                        .take(60)
                        .collect::<String>()
                        .replace('\n', " ")
                );
            }
        }
    }
    let of = questions.len().max(1) as f64;
    let share = |sum: f64| (sum / of * 1_000.0).round() / 1_000.0;
    times.sort_unstable();
    let p50 = times.get(times.len() / 2).copied().unwrap_or(Duration::ZERO);
    json!({
        "questions": questions.len(),
        "recall_at_1": share(at[0]), "recall_at_5": share(at[4]), "recall_at_10": share(at[9]),
        "mrr_at_10": share(reciprocal),
        "all_cited_at_5": share(recalled[4]), "all_cited_at_10": share(recalled[9]),
        "query_ms_p50": (p50.as_secs_f64() * 10_000.0).round() / 10.0,
    })
}

fn is_cited(found: &Found<'_>, cited: &[Citation]) -> bool {
    let name = document_name(found.entry.document());
    let own = found.entry.article().map(articles).unwrap_or_default();
    cited
        .iter()
        .any(|of| of.document.as_deref() == Some(name.as_str()) && own.contains(&of.article))
}

fn distinct(cited: &[Citation]) -> usize {
    let mut cited: Vec<_> = cited.iter().map(|of| (&of.document, of.article)).collect();
    cited.sort_unstable();
    cited.dedup();
    cited.len()
}
