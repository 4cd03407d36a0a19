//! How well a language model spells: character errors, latency of the stable part, time for each syllable.
//!
//! `cargo run --release -p sidetone-speech --example spelling -- MODEL.bin FILE.tsv [--terms FILE] [--show]`
//!
//! A line of FILE is `text<TAB>syllables`, as `models/train/lm.py syllables` writes it. Errors are drawn by a fixed
//! seed: 60 % are tones, the rest confusions of telephone speech. `--terms` has one term of the domain a line.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use sidetone_speech::spelling::{Speller, SpellerConfig, SyllableModel, TERM_BOOST};

/// What the syllables of a test are made of.
#[derive(Clone, Copy, PartialEq)]
enum Heard {
    Perfect,
    Toneless,
    /// This part of the syllables is wrong, in percent.
    Wrong(u64),
    WrongToneless(u64),
}

#[derive(Default)]
struct Tally {
    characters: usize,
    errors: usize,
    syllables: usize,
    /// Characters not yet stable, summed over all syllables.
    waiting: usize,
    micros: Vec<f64>,
}

fn main() -> Result<(), String> {
    let mut args = std::env::args().skip(1);
    let (mut files, mut terms, mut show, mut config) = (Vec::new(), None, false, SpellerConfig::default());
    let mut boost = TERM_BOOST;
    while let Some(arg) = args.next() {
        let mut number = || {
            args.next()
                .and_then(|n| n.parse::<i32>().ok())
                .ok_or(format!("{arg} needs a number"))
        };
        match arg.as_str() {
            "--beam" => config.beam = number()?.unsigned_abs() as usize,
            "--settle" => config.settle_after = number()?.unsigned_abs() as usize,
            "--threshold" => config.threshold = number()?,
            "--tone" => config.penalties.tone = number()?,
            "--near-tone" => config.penalties.near_tone = number()?,
            "--near-sound" => config.penalties.near_sound = number()?,
            "--boost" => boost = number()?.unsigned_abs() as u8,
            "--terms" => terms = args.next(),
            "--show" => show = true,
            _ => files.push(arg),
        }
    }
    let [model, tests] = files.as_slice() else {
        return Err("give a model and a file of tests".to_owned());
    };
    let bytes = std::fs::read(model).map_err(|e| format!("{model}: {e}"))?;
    let begun = Instant::now();
    let mut model = SyllableModel::read(&bytes).map_err(|e| format!("{model}: {e}"))?;
    let loaded = begun.elapsed();
    if let Some(path) = &terms {
        let terms = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
        model = model.with_terms(terms.lines(), boost);
    }
    let model = Arc::new(model);
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| writeln!(out, "{line}").map_err(|e| e.to_string());
    say(format!("{model:?}, {} bytes, read in {loaded:?}", bytes.len()))?;
    let tests = std::fs::read_to_string(tests).map_err(|e| format!("{tests}: {e}"))?;
    for heard in [
        Heard::Perfect,
        Heard::Toneless,
        Heard::Wrong(10),
        Heard::Wrong(20),
        Heard::Wrong(30),
        Heard::WrongToneless(15),
    ] {
        let mut tally = Tally::default();
        let mut seed = 12_333;
        for line in tests.lines() {
            let (text, said) = line.split_once('\t').ok_or("a line without a tab")?;
            let said: Vec<String> = said.split(' ').map(|s| spoil(s, heard, &mut seed)).collect();
            let got = tally.spell(&model, config, text, &said);
            if show && got != text && matches!(heard, Heard::Perfect | Heard::Wrong(30)) {
                say(format!("  {text}\n  {got}"))?;
            }
        }
        say(tally.line(heard))?;
    }
    Ok(())
}

impl Tally {
    fn spell(&mut self, model: &Arc<SyllableModel>, config: SpellerConfig, text: &str, said: &[String]) -> String {
        let mut speller = Speller::new(Arc::clone(model), config);
        for token in said {
            let begun = Instant::now();
            speller.hear(token);
            self.micros.push(begun.elapsed().as_secs_f64() * 1e6);
            let spelling = speller.spelling();
            self.waiting += spelling.tokens.len() - spelling.stable;
            self.syllables += 1;
        }
        let got = speller.finish().text;
        self.characters += text.chars().count();
        self.errors += distance(text, &got);
        got
    }

    fn line(mut self, heard: Heard) -> String {
        self.micros.sort_by(f64::total_cmp);
        let at = |part: f64| {
            self.micros
                .get((self.micros.len() as f64 * part) as usize)
                .copied()
                .unwrap_or(0.0)
        };
        let what = match heard {
            Heard::Perfect => "perfect, with tones".to_owned(),
            Heard::Toneless => "perfect, without tones".to_owned(),
            Heard::Wrong(part) => format!("{part} % wrong, with tones"),
            Heard::WrongToneless(part) => format!("{part} % wrong, without tones"),
        };
        format!(
            "{what:<28} CER {:5.2} % of {}; {:.1} characters not yet stable; per syllable {:.1} us (median), {:.1} us (p99)",
            100.0 * self.errors as f64 / self.characters.max(1) as f64,
            self.characters,
            self.waiting as f64 / self.syllables.max(1) as f64,
            at(0.5),
            at(0.99),
        )
    }
}

/// The next of a fixed sequence of numbers (SplitMix64).
fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*seed ^ (*seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The syllable as a recogniser might hear it.
fn spoil(syllable: &str, heard: Heard, seed: &mut u64) -> String {
    let (plain, tone) = syllable.split_at(syllable.len() - 1);
    match heard {
        Heard::Perfect => syllable.to_owned(),
        Heard::Toneless => plain.to_owned(),
        Heard::Wrong(part) if random(seed) % 100 < part => {
            let other = confused(plain, random(seed));
            if random(seed) % 100 < 60 || other == plain {
                let tones: Vec<&str> = ["1", "2", "3", "4", "5"].into_iter().filter(|t| *t != tone).collect();
                format!("{plain}{}", tones[(random(seed) % 4) as usize])
            } else {
                format!("{other}{tone}")
            }
        }
        Heard::WrongToneless(part) if random(seed) % 100 < part => confused(plain, random(seed)),
        Heard::Wrong(_) => syllable.to_owned(),
        Heard::WrongToneless(_) => plain.to_owned(),
    }
}

/// The syllable with its begin or its end confused, where it has one that is.
fn confused(plain: &str, random: u64) -> String {
    let mut others = Vec::new();
    for (a, b) in [("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h")] {
        if let Some(rest) = plain.strip_prefix(a) {
            others.push(format!("{b}{rest}"));
        } else if let Some(rest) = plain.strip_prefix(b) {
            others.push(format!("{a}{rest}"));
        }
    }
    for (a, b) in [("ang", "an"), ("eng", "en"), ("ing", "in")] {
        if let Some(rest) = plain.strip_suffix(a) {
            others.push(format!("{rest}{b}"));
        } else if let Some(rest) = plain.strip_suffix(b) {
            others.push(format!("{rest}{a}"));
        }
    }
    match others.len() {
        0 => plain.to_owned(),
        len => others[random as usize % len].clone(),
    }
}

/// Levenshtein's, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let next = (corner + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}
