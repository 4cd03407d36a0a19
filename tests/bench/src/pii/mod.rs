//! How much of what is personal is covered, of utterances with their right coverings.
//!
//! A line of the file is a group, the turns and their right text, with tabs between. Turns stand between ` || `; one of
//! the other party begins with `>`. In the right text `#` must be covered and `?` may be; everything else must stay.

mod authors;
mod cast;
mod dice;
pub(crate) mod learn;
mod lines;
mod lists;
mod marked;
mod numbers;
mod origin;
mod person;
mod recast;
mod say;

use serde_json::{Value, json};
use sidetone_assist::privacy::{Masker, Weights};
use sidetone_speech::text::TextPipeline;

const HELP: &str = "bench pii --data FILE [--weights FILE] [--show]: lines of group, turns, right text";

/// What became of one utterance.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// It holds something that must be covered.
    pub(crate) personal: bool,
    /// All of that is covered.
    pub(crate) covered: bool,
    /// Something is covered that must stay.
    pub false_alarm: bool,
    /// Partials that showed a digit which must be covered.
    pub(crate) leaked: u64,
    /// The masked turns.
    pub(crate) seen: String,
}

/// Reads the file and prints `recall` (utterances covered whole), `false_positive_rate` and `partials_leaked`.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let (mut path, mut weights, mut show) = (None, None, false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--data" => path = args.next(),
            "--weights" => weights = Some(read_weights(args.next().ok_or(HELP)?)?),
            "--show" => show = true,
            _ => return Err(HELP.to_owned()),
        }
    }
    let path = path.ok_or(HELP)?;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let pipeline = TextPipeline::default();
    let (mut utterances, mut personal, mut covered, mut alarms, mut leaked) = (0_u32, 0_u32, 0_u32, 0_u32, 0);
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let [group, turns, right] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{path}:{}: no three columns", at + 1));
        };
        let masker = weights.as_ref().map_or_else(Masker::new, Masker::with_weights);
        let verdict = judge(&pipeline, &masker, turns, right);
        utterances += 1;
        personal += u32::from(verdict.personal);
        covered += u32::from(verdict.personal && verdict.covered);
        alarms += u32::from(verdict.false_alarm);
        leaked += verdict.leaked;
        let wrong = (verdict.personal && !verdict.covered) || verdict.false_alarm || verdict.leaked > 0;
        if show && wrong {
            eprintln!(
                "{group}\n  said  {turns}\n  right {right}\n  got   {} {verdict:?}",
                verdict.seen
            );
        }
    }
    Ok(json!({
        "recall": share(covered, personal),
        "false_positive_rate": share(alarms, utterances),
        "partials_leaked": leaked,
    }))
}

fn read_weights(path: &str) -> Result<Weights, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    Weights::read(&bytes).ok_or_else(|| format!("{path}: cut short"))
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// Plays the turns of one utterance, partials as well, each through the masker of who says it, which was `fresh`.
pub(crate) fn judge(pipeline: &TextPipeline, fresh: &Masker, turns: &str, right: &str) -> Verdict {
    let mut maskers = [fresh.clone(), fresh.clone()];
    let mut verdict = Verdict {
        covered: true,
        ..Verdict::default()
    };
    let mut rights = right.split(" || ");
    for turn in turns.split(" || ") {
        let right = rights.next().unwrap_or_default();
        let right: Vec<char> = right.strip_prefix('>').unwrap_or(right).chars().collect();
        let other = usize::from(turn.starts_with('>'));
        let said = turn.strip_prefix('>').unwrap_or(turn);
        let whole: Vec<char> = said.chars().collect();
        for end in 1..whole.len() {
            let part: String = whole[..end].iter().collect();
            let text = pipeline.finish(&part);
            let masked = maskers[other].mask(&text, false).text;
            let text: Vec<char> = text.chars().collect();
            verdict.leaked += u64::from(shows_a_digit(&text, &masked, (&whole, &right)));
        }
        let text = pipeline.finish(said);
        maskers[1 - other].hear_other(&text);
        let masked = maskers[other].mask(&text, true).text;
        let text: Vec<char> = text.chars().collect();
        let wanted = align(&text, &whole, false).into_iter();
        let wanted = wanted.map(|at| at.and_then(|at| right.get(at).copied()));
        for ((wanted, seen), raw) in wanted.zip(masked.chars()).zip(&text) {
            let star = seen == '*';
            verdict.personal |= wanted == Some('#');
            verdict.covered &= star || wanted != Some('#');
            verdict.false_alarm |= star && raw != &'*' && !matches!(wanted, Some('#' | '?') | None);
        }
        verdict.seen += &format!("{}{masked} ", if other == 1 { ">" } else { "" });
    }
    verdict
}

/// Whether the text of a partial shows a digit that must be covered.
fn shows_a_digit(text: &[char], masked: &str, (said, right): (&[char], &[char])) -> bool {
    let wanted = align(text, said, true);
    wanted
        .into_iter()
        .zip(masked.chars())
        .any(|(wanted, seen)| wanted.is_some_and(|at| right.get(at) == Some(&'#')) && seen.is_ascii_digit())
}

/// The digit that a character stands for.
fn numeral(c: char) -> Option<u32> {
    const SPOKEN: [char; 13] = [
        '零', '一', '二', '三', '四', '五', '六', '七', '八', '九', '〇', '幺', '两',
    ];
    const VALUES: [u32; 13] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2];
    let spoken = SPOKEN.iter().position(|spoken| *spoken == c).map(|at| VALUES[at]);
    c.to_digit(10).or(spoken)
}

/// For each character of a text its place in what was said, by the cheapest way of turning one into the other; of a text that
/// is cut short (`head`) the rest of what was said costs nothing.
fn align(text: &[char], said: &[char], head: bool) -> Vec<Option<usize>> {
    let same = |a: char, b: char| a == b || numeral(a).is_some_and(|value| numeral(b) == Some(value));
    let cost = |a: char, b: char| usize::from(!same(a, b));
    let mut table = vec![vec![0; said.len() + 1]; text.len() + 1];
    for (i, row) in table.iter_mut().enumerate() {
        row[0] = 2 * i;
    }
    for (j, cell) in table[0].iter_mut().enumerate() {
        *cell = 2 * j;
    }
    for i in 1..=text.len() {
        for j in 1..=said.len() {
            let change = table[i - 1][j - 1] + 3 * cost(text[i - 1], said[j - 1]);
            table[i][j] = change.min(table[i - 1][j] + 2).min(table[i][j - 1] + 2);
        }
    }
    let last = &table[text.len()];
    let end = if head {
        (0..=said.len()).min_by_key(|&j| (last[j], j)).unwrap_or(0)
    } else {
        said.len()
    };
    let mut found = vec![None; text.len()];
    let (mut i, mut j) = (text.len(), end);
    while i > 0 && j > 0 {
        if table[i][j] == table[i - 1][j - 1] + 3 * cost(text[i - 1], said[j - 1]) {
            found[i - 1] = Some(j - 1);
            (i, j) = (i - 1, j - 1);
        } else if table[i][j] == table[i - 1][j] + 2 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    found
}
