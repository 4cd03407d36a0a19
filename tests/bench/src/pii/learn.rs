//! Learns the masker's weights from made-up dialogues.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sidetone_assist::privacy::{Allowed, Label, Learner, Masker, Speaker};
use sidetone_language::zh;
use sidetone_speech::text::TextPipeline;

use super::cast::Cast;
use super::dice::Dice;
use super::lines::{Turn, dialogue};
use super::lists::Lists;
use super::marked::{Mark, Marked};
use super::recast::{name_somebody, recast};
use super::{align, authors, origin};

const HELP: &str = "bench pii-learn [--knowledge DIR] [--dialogues N] [--out FILE] [--without AUTHOR]…: learns masking";

/// What to learn from, and where to.
struct Options {
    knowledge: PathBuf,
    dialogues: usize,
    out: Option<PathBuf>,
    /// Authors who are left out, so that they can be judged.
    without: Vec<String>,
}

/// Learns and writes `zh/masking/weights.bin`.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let options = options(args)?;
    let folder = options.knowledge.join("zh/masking");
    let lists: Lists = toml::from_str(&read(&folder.join("lists.toml"))?).map_err(|error| error.to_string())?;
    let lines = read(&folder.join("lines.txt"))?;
    let lines: Vec<&str> = lines
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let ordinary = ordinary(&options.knowledge.join("12333"))?;
    let clauses: Vec<String> = ordinary
        .iter()
        .flatten()
        .flat_map(|(_, said)| clauses(&said.text()))
        .collect();
    let mut written = Vec::new();
    for path in authors::files(&folder, &options.without)? {
        written.extend(authors::dialogues(&read(&path)?));
    }
    let mut school = School {
        pipeline: TextPipeline::default(),
        learner: Learner::default(),
        dice: Dice::new(7),
    };
    let mut cast = Cast::new(&lists, 11);
    let mut right = 0;
    for _ in 0..options.dialogues {
        let mut turns = Vec::new();
        for _ in 0..1 + school.dice.roll(2) {
            match school.dice.roll(if written.is_empty() { 3 } else { 5 }) {
                0 => turns.extend(name_somebody(
                    school.dice.one::<Vec<Turn>>(&ordinary),
                    &lists,
                    &mut school.dice,
                )),
                3.. => turns.extend(recast(school.dice.one::<Vec<Turn>>(&written), &lists, &mut school.dice)),
                _ => turns.extend(dialogue(&mut cast, school.dice.pick(&lines))),
            }
        }
        for (_, said) in &mut turns {
            school.talk_on(said, &clauses);
        }
        right += usize::from(school.teach(&turns));
    }
    if let Some(slot) = cast.unknown() {
        return Err(format!("{}: nothing fills `{{{slot}}}`", folder.display()));
    }
    let weights = school.learner.write(origin::of(&folder)?);
    let out = options.out.unwrap_or_else(|| folder.join("weights.bin"));
    std::fs::write(&out, &weights).map_err(|error| format!("{}: {error}", out.display()))?;
    Ok(
        json!({"lines": lines.len(), "written": written.len(), "ordinary": ordinary.len(), "right_while_learning": right as f64 / options.dialogues as f64, "bytes": weights.len()}),
    )
}

fn options(args: &[String]) -> Result<Options, String> {
    let mut options = Options {
        knowledge: PathBuf::from("knowledge"),
        dialogues: 120_000,
        out: None,
        without: Vec::new(),
    };
    let mut args = args.iter();
    while let Some(flag) = args.next() {
        let value = args.next().ok_or(HELP)?;
        match flag.as_str() {
            "--knowledge" => options.knowledge = value.into(),
            "--dialogues" => options.dialogues = value.parse().map_err(|_| HELP)?,
            "--out" => options.out = Some(value.into()),
            "--without" => options.without.push(value.clone()),
            _ => return Err(HELP.to_owned()),
        }
    }
    Ok(options)
}

pub(super) fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Who learns, and in what order.
struct School {
    pipeline: TextPipeline,
    learner: Learner,
    dice: Dice,
}

impl School {
    /// One dialogue. Gives whether every turn was right already.
    fn teach(&mut self, turns: &[Turn]) -> bool {
        let mut masker = Masker::new();
        let mut all = true;
        for (other, said) in turns {
            let speaker = if *other { Speaker::Other } else { Speaker::Own };
            let (text, marks) = self.heard(said);
            if text.is_empty() {
                continue;
            }
            let (features, joints) = masker.study(&text, speaker);
            let right: Vec<Allowed> = marks.iter().map(|mark| allowed(*mark)).collect();
            let salt = self.dice.roll(1 << 30) as u32 | 1;
            let mut keep = |feature: u32| feature.wrapping_mul(salt) >> 16 & 0xFF >= DROPPED;
            all &= self.learner.learn((&features, &joints), &right, &mut keep);
            masker.settle(&text, &labels(&marks), speaker);
        }
        all
    }

    /// People say other things in the same breath.
    fn talk_on(&mut self, said: &mut Marked, clauses: &[String]) {
        let pause = if self.dice.chance(85) { "，" } else { "。" };
        let ends = said.0.last().is_some_and(|(c, _)| !c.is_alphanumeric());
        if self.dice.chance(30) {
            said.stay(if ends { "" } else { pause });
            said.stay(self.dice.one::<String>(clauses));
        }
        if self.dice.chance(20) {
            let mut before = Marked::plain(self.dice.one::<String>(clauses));
            before.stay(pause);
            before.append(std::mem::take(said));
            *said = before;
        }
    }

    /// The text as it is shown, and what each of its characters is.
    fn heard(&mut self, said: &Marked) -> (String, Vec<Mark>) {
        let mut said = said.clone();
        let last = said.0.last().is_some_and(|(c, _)| c.is_alphanumeric());
        if last && self.dice.chance(40) {
            said.stay("。");
        }
        let text = self.pipeline.finish(&said.text());
        let chars: Vec<char> = text.chars().collect();
        let whole: Vec<char> = said.0.iter().map(|(c, _)| *c).collect();
        let at = align(&chars, &whole, false);
        let marks = at
            .into_iter()
            .map(|at| at.map_or(Mark::May, |at| said.0[at].1))
            .collect();
        (text, marks)
    }
}

/// Of 256 features so many are left out each time.
const DROPPED: u32 = 40;

fn allowed(mark: Mark) -> Allowed {
    Label::ALL.map(|label| match mark {
        Mark::Stay => label == Label::Other,
        Mark::May => true,
        Mark::Cover => label != Label::Other,
        Mark::Must(must) => label == must,
    })
}

/// As a masker would cover them.
fn labels(marks: &[Mark]) -> Vec<Label> {
    let must = |mark: Option<&Mark>| match mark {
        Some(Mark::Must(label)) => Some(*label),
        Some(Mark::Cover) => Some(Label::Number),
        _ => None,
    };
    (0..marks.len())
        .map(|at| must(marks.get(at)).unwrap_or(Label::Other))
        .collect()
}

/// Turns of the line's examples, with what was said before them: nothing in them is personal.
fn ordinary(folder: &Path) -> Result<Vec<Vec<Turn>>, String> {
    let mut found = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("examples-"))
        })
        .collect();
    files.sort();
    for line in files
        .iter()
        .map(|path| read(path))
        .collect::<Result<Vec<_>, _>>()?
        .iter()
        .flat_map(|text| text.lines())
    {
        let example: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let before = example["before"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut turns: Vec<Turn> = Vec::new();
        for said in before.iter().rev().take(2).rev().filter_map(Value::as_str) {
            let (who, said) = said.split_once('：').unwrap_or(("", said));
            turns.push((who.starts_with('坐'), Marked::plain(said)));
        }
        turns.push((false, Marked::plain(example["text"].as_str().unwrap_or_default())));
        if !turns.iter().any(|(_, said)| may_be_personal(&said.text())) {
            found.push(turns);
        }
    }
    Ok(found)
}

/// One or two clauses of a turn, with what stands between them.
fn clauses(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '.')
        .filter(|part| part.chars().count() > 2)
        .collect();
    let singles = parts.iter().map(|part| (*part).to_owned());
    singles
        .chain(parts.windows(2).map(|two| format!("{}，{}", two[0], two[1])))
        .collect()
}

/// A text that gives a name, or a long number: it is not learned from.
fn may_be_personal(text: &str) -> bool {
    let words = &zh().masking;
    let lists = [
        &words.name_cue,
        &words.own_surname_cue,
        &words.account,
        &words.mail_sign,
        &words.title,
    ];
    let digits = text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 7);
    digits || lists.iter().any(|list| list.within_str(text))
}
