//! Turns of callers that name the node which the agent needs: JSON, one a line, as a pack's `examples*.jsonl`, with
//! whatever else their authors noted.
//!
//! - `node_at_1`: of turns with a node, those whose first hint is from it or from one that is as right (`also`).
//! - `recall`: of them, those with such a hint at all. `precision`: of them, if any hint is shown, the first is right.
//! - `figure`: of turns that ask for one, those with a right hint that holds a calculation, a dated figure, or a number
//!   with a dated source.
//! - `special`: of turns that ask about another day or place, those with a right hint of that day or place; of a place also
//!   where the answer is a rule of the whole country, or about two places.
//! - `views`: of turns whose author says which kind of hint serves them (`want`), those that got a hint of that kind about the
//!   topic of their node, or a node that the author names, or of a manner of speaking; `views_n` by kind.
//! - `false_push_rate`: of turns that nothing answers, those with any hint; where `also` names nodes that may be shown all the same,
//!   those whose first hint is from none of these.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use sidetone_base::Role;
use sidetone_domain::{Example, Pack, Speaker, Wanted};
use sidetone_knowledge::COUNTRY;
use sidetone_schema::{HintData, HintKind};

use super::score::{Bench, Tally, kind_name, topic_of};

/// A part of a whole, with the interval in which the truth lies in 95 of 100 such samples (Wilson).
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    part: usize,
    whole: usize,
}

impl Share {
    fn count(&mut self, good: bool) {
        self.whole += 1;
        self.part += usize::from(good);
    }

    fn value(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }

    fn interval(self) -> Option<[f64; 2]> {
        const Z: f64 = 1.96;
        let (share, count) = (self.value()?, self.whole as f64);
        let middle = share + Z * Z / (2.0 * count);
        let spread = Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
        let scale = 1.0 + Z * Z / count;
        Some([(middle - spread) / scale, (middle + spread) / scale])
    }
}

/// What came of a set of turns.
#[derive(Clone, Debug, Default)]
struct Judged {
    node_at_1: Share,
    recall: Share,
    precision: Share,
    figure: Share,
    special: Share,
    false_push: Share,
    views: BTreeMap<HintKind, Share>,
}

impl Judged {
    fn figures(&self) -> Value {
        let shares = [
            ("node_at_1", self.node_at_1),
            ("recall", self.recall),
            ("precision", self.precision),
            ("figure", self.figure),
            ("special", self.special),
            ("false_push_rate", self.false_push),
        ];
        let mut all = serde_json::Map::new();
        for (name, share) in shares {
            all.insert(name.to_owned(), json!(share.value()));
            all.insert(format!("{name}_ci"), json!(share.interval()));
            all.insert(format!("{name}_n"), json!(share.whole));
        }
        if !self.views.is_empty() {
            let whole: usize = self.views.values().map(|share| share.whole).sum();
            let part: usize = self.views.values().map(|share| share.part).sum();
            all.insert("views".to_owned(), json!(Share { part, whole }.value()));
            let kinds = self
                .views
                .iter()
                .map(|(kind, share)| (kind_name(*kind), json!([share.part, share.whole])));
            all.insert(
                "views_n".to_owned(),
                Value::Object(kinds.map(|(kind, n)| (kind.to_owned(), n)).collect()),
            );
        }
        Value::Object(all)
    }
}

/// A turn, and the kind of hint that its author says serves it best.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    turn: Example,
    want: Option<HintKind>,
}

/// A turn as its author wrote it.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    id: Option<String>,
    text: String,
    node: Option<String>,
    #[serde(default)]
    also: Option<Vec<String>>,
    #[serde(default)]
    before: Option<Vec<String>>,
    #[serde(default)]
    figure: Option<bool>,
    #[serde(default)]
    as_of: Option<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    style: Option<sidetone_domain::Style>,
    #[serde(default)]
    want: Option<HintKind>,
}

/// Reads a file of turns; what is no turn is an error, with its line.
pub(crate) fn read(path: &Path) -> Result<Vec<Asked>, String> {
    let text = sidetone_base::read_text(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let told: Told =
                serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", path.display(), at + 1))?;
            let author = told
                .id
                .as_deref()
                .and_then(|id| id.split('-').next())
                .unwrap_or(&stem)
                .to_owned();
            let turn = Example {
                text: told.text,
                node: told.node,
                also: told.also.unwrap_or_default(),
                before: told.before.unwrap_or_default(),
                figure: told.figure.unwrap_or_default(),
                as_of: told.as_of,
                region: told.region,
                style: told.style.unwrap_or_default(),
                author,
                ..Example::default()
            };
            Ok(Asked { turn, want: told.want })
        })
        .collect()
}

/// Judges turns, all and by style; what went wrong goes to `faults`.
pub(crate) fn judge(bench: &Bench, turns: &[Asked], day: jiff::civil::Date, faults: &mut Vec<String>) -> Value {
    let mut all = Judged::default();
    let mut styles: BTreeMap<String, Judged> = BTreeMap::new();
    let mut times = Tally::default();
    for Asked { turn, want } in turns {
        let of_style = styles.entry(format!("{:?}", turn.style).to_lowercase()).or_default();
        let hints = play(bench, turn, day, &mut times);
        if let Some(want) = want {
            let served = serves(bench, turn, *want, &hints);
            all.views.entry(*want).or_default().count(served);
            if !served {
                let Wanted { view, manner, .. } = bench.pack().wants().read(&turn.text);
                faults.push(format!(
                    "no {} (read as {view:?}, {manner:?}): {} {:?}: {:?}",
                    kind_name(*want),
                    turn.text,
                    turn.node,
                    brief(&hints)
                ));
            }
        }
        let fault = count(bench, turn, &hints, [&mut all, of_style]);
        faults.extend(fault.map(|fault| format!("{fault}: {} {:?}: {:?}", turn.text, turn.node, brief(&hints))));
    }
    let mut figures = all.figures();
    figures["text_to_hint_ms_p50"] = json!(times.percentile(0.5));
    figures["text_to_hint_ms_p99"] = json!(times.percentile(0.99));
    figures["turns"] = json!(turns.len());
    let styles: serde_json::Map<String, Value> = styles
        .into_iter()
        .map(|(name, judged)| (name, judged.figures()))
        .collect();
    figures["styles"] = Value::Object(styles);
    figures
}

/// Judges each author's turns with a pack that has learned from the other authors' alone.
pub(crate) fn by_author(pack: &Pack, day: jiff::civil::Date, faults: &mut Vec<String>) -> Value {
    let mut authors: Vec<&str> = pack.examples().iter().map(|turn| turn.author.as_str()).collect();
    authors.sort_unstable();
    authors.dedup();
    let mut figures = serde_json::Map::new();
    for author in authors {
        let (theirs, others): (Vec<Example>, Vec<Example>) =
            pack.examples().iter().cloned().partition(|turn| turn.author == author);
        let bench = Bench::of(Arc::new(pack.with_examples(others)));
        let theirs: Vec<Asked> = theirs.into_iter().map(|turn| Asked { turn, want: None }).collect();
        figures.insert(author.to_owned(), judge(&bench, &theirs, day, faults));
    }
    Value::Object(figures)
}

fn play(bench: &Bench, turn: &Example, day: jiff::civil::Date, times: &mut Tally) -> Vec<HintData> {
    let mut call = bench.call(day, bench.region());
    for (speaker, text) in turn.turns_before() {
        let role = match speaker {
            Speaker::Caller => Role::Caller,
            Speaker::Agent => Role::Agent,
        };
        call.hear(role, text, &mut Tally::default());
    }
    let before = call.shown.len();
    call.hear(Role::Caller, &turn.text, times);
    // What is on the screen already is shown, too, where the turn asks for it again.
    let mut fresh = call.shown.split_off(before);
    let answered = fresh.iter().any(answers);
    let repeated = call.shown.iter().filter(|hint| right(turn, hint) && !answered);
    let repeated: Vec<HintData> = repeated.cloned().collect();
    fresh.extend(repeated);
    fresh
}

/// The node that a hint was made from; of a calculation the one that it is for.
fn node(hint: &HintData) -> &str {
    let from_key = || hint.dedup_key.split(':').nth(1).unwrap_or_default();
    hint.node.as_deref().unwrap_or_else(from_key)
}

fn answers(hint: &HintData) -> bool {
    !matches!(hint.kind, HintKind::Policy | HintKind::Case)
}

fn right(turn: &Example, hint: &HintData) -> bool {
    answers(hint) && turn.node.iter().chain(&turn.also).any(|id| id == node(hint))
}

fn count(bench: &Bench, turn: &Example, hints: &[HintData], into: [&mut Judged; 2]) -> Option<&'static str> {
    let first = hints
        .iter()
        .find(|hint| answers(hint))
        .is_some_and(|hint| right(turn, hint));
    let found = hints.iter().any(|hint| right(turn, hint));
    let figure = hints.iter().any(|hint| right(turn, hint) && holds_figure(bench, hint));
    let special = hints.iter().any(|hint| is_special(bench, turn, hint));
    // Beside what its author says is right, what the turn is told of must not be shown.
    let pushed = !hints.is_empty() && !first;
    for judged in into {
        if turn.node.is_none() {
            judged.false_push.count(pushed);
            continue;
        }
        judged.node_at_1.count(first);
        judged.recall.count(found);
        if !hints.is_empty() {
            judged.precision.count(first);
        }
        if turn.figure {
            judged.figure.count(figure);
        }
        if is_dated_or_placed(turn) {
            judged.special.count(special);
        }
    }
    match (&turn.node, hints.is_empty()) {
        (None, false) if pushed => Some("pushed"),
        (None, false) => None,
        (Some(_), true) => Some("silent"),
        (Some(_), false) if !found => Some("wrong"),
        (Some(_), false) if !first => Some("second"),
        (Some(_), false) if turn.figure && !figure => Some("no figure"),
        (Some(_), false) if is_dated_or_placed(turn) && !special => Some("of another day or place"),
        _ => None,
    }
}

fn holds_figure(bench: &Bench, hint: &HintData) -> bool {
    let dated = hint.sources.iter().any(|source| source.effective_from.is_some());
    let placed = bench
        .pack()
        .knowledge()
        .node(node(hint))
        .is_some_and(|node| node.body.contains('{'));
    hint.calc.is_some() || placed || dated && hint.body.chars().any(|c| c.is_ascii_digit())
}

const fn is_dated_or_placed(turn: &Example) -> bool {
    turn.as_of.is_some() || turn.region.is_some()
}

/// Whether a hint of this kind is shown, of the topic of the node that the turn is about, or one that the author names. What to say
/// to a manner of speaking is of no topic.
fn serves(bench: &Bench, turn: &Example, want: HintKind, hints: &[HintData]) -> bool {
    let knowledge = bench.pack().knowledge();
    let named = |hint: &HintData| turn.node.iter().chain(&turn.also).any(|id| id == node(hint));
    let of_manner = |hint: &HintData| {
        let mut scripts = knowledge.scripts().iter();
        scripts.any(|script| script.id == node(hint) && !script.on.manners.is_empty() && script.on.topics.is_empty())
    };
    let topic = turn
        .node
        .as_deref()
        .and_then(|id| knowledge.node(id))
        .map(|node| node.topic.as_str());
    let of_topic = |hint: &HintData| topic.is_none_or(|topic| topic == topic_of(hint));
    let fits = |hint: &HintData| of_topic(hint) || named(hint) || of_manner(hint);
    hints.iter().any(|hint| hint.kind == want && fits(hint))
}

/// Of the day and place that are asked about; where the base has nothing for the place, it says so.
fn is_special(bench: &Bench, turn: &Example, hint: &HintData) -> bool {
    let year = turn.as_of.as_deref().map(|day| day.split('-').next().unwrap_or(day));
    let of_day = year.is_none_or(|year| hint.title.contains(year) || hint.dedup_key.contains(year));
    let of_place = turn.region.as_deref().is_none_or(|place| {
        let named = hint.region.as_ref().is_some_and(|region| region.name.contains(place));
        named || holds_everywhere(bench, hint)
    });
    of_day && of_place && (right(turn, hint) || hint.dedup_key.starts_with("nothing:"))
}

/// A rule of the whole country, or an answer about two places.
fn holds_everywhere(bench: &Bench, hint: &HintData) -> bool {
    let knowledge = bench.pack().knowledge();
    knowledge.node(node(hint)).is_some_and(|node| {
        let spans = knowledge.topic(&node.topic).is_some_and(|topic| topic.spans_regions);
        spans || node.region == COUNTRY
    })
}

fn brief(hints: &[HintData]) -> Vec<&str> {
    hints.iter().map(|hint| hint.dedup_key.as_str()).collect()
}
