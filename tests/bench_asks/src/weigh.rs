//! What speaks for an answer and against it, weighed from questions of which it is known whether they have one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use sidetone_metrics::{Vocabulary, signs};

/// Times that every question is learned, and how fast.
const EPOCHS: usize = 6000;
const RATE: f32 = 1.0;
/// What keeps weights small: a sign that hardly any question has is not believed.
const DECAY: f32 = 5e-4;

/// A question that has an answer counts so much more than one that has none: of these more are learned than are asked.
const ANSWERED: f32 = 2.0;

type Signs = BTreeMap<String, f32>;

/// The signs of each question of one author in a table of whole questions, a line each, behind whether it has an answer.
pub(crate) fn signs_of(table: &str, author: &str, vocabulary: &Vocabulary) -> Result<String, String> {
    let now: Timestamp = "2026-03-18T02:30:00Z".parse().map_err(|error| format!("{error}"))?;
    let rows = table.lines().filter_map(|line| line.split_once('\t'));
    let mut out = String::new();
    for (ids, text) in rows
        .filter(|(of, _)| *of == author)
        .filter_map(|(_, row)| row.split_once('\t'))
    {
        let _ = write!(out, "{}", i32::from(ids != "-"));
        for (name, value) in signs(text, now.as_millisecond(), vocabulary, None) {
            let _ = write!(out, "\t{name}={value}");
        }
        out.push('\n');
    }
    Ok(out)
}

/// The weight of each sign, a line each.
pub(crate) fn weights(lines: &str) -> Result<String, String> {
    let lessons: Vec<(f32, Signs)> = lines
        .lines()
        .map(lesson)
        .collect::<Option<_>>()
        .ok_or("no line of signs")?;
    let weight = |label: f32| if label > 0.0 { ANSWERED } else { 1.0 };
    let all: f32 = lessons.iter().map(|(label, _)| weight(*label)).sum();
    let mut weights = Signs::new();
    for _ in 0..EPOCHS {
        let mut slopes = Signs::new();
        for (label, signs) in &lessons {
            let sum: f32 = signs
                .iter()
                .map(|(name, value)| weights.get(name).unwrap_or(&0.0) * value)
                .sum();
            let error = (1.0 / (1.0 + (-sum).exp()) - label) * weight(*label) / all;
            for (name, value) in signs {
                *slopes.entry(name.clone()).or_default() += error * value;
            }
        }
        for (name, slope) in slopes {
            let weight = weights.entry(name).or_default();
            *weight -= RATE * (slope + DECAY * *weight);
        }
    }
    let rows = weights.iter().map(|(name, weight)| format!("{name}\t{weight:.3}\n"));
    Ok("# what speaks for an answer, or against it\tits weight\n".to_owned() + &rows.collect::<String>())
}

fn lesson(line: &str) -> Option<(f32, Signs)> {
    let (label, signs) = line.split_once('\t')?;
    let sign = |sign: &str| {
        let (name, value) = sign.split_once('=')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    Some((label.parse().ok()?, signs.split('\t').map(sign).collect::<Option<_>>()?))
}
