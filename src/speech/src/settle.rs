//! From hypotheses that change to text that stays: what a screen may show without flickering.

use crate::Hypothesis;
use crate::text::TextPipeline;

/// A segment's text as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The text to show.
    pub text: String,
    /// Of `text`, how many characters at its head will stay as they are until the segment's final.
    pub stable: usize,
    /// Of `text`, how many characters at its head are not in the middle of a term or a number: what is read the same way
    /// again means the same. Never less than `stable`.
    pub decided: usize,
    /// Stable characters that the newest hypothesis has otherwise: they stay all the same.
    pub contradicted: usize,
}

/// Settles one segment's hypotheses.
///
/// A character is stable once the recogniser says so or, where it cannot, once two hypotheses in a row agree
/// on it; and only where nothing that follows can make other text of it (a term that is not heard to its end, a
/// number that goes on). The stable head never shrinks and never changes; a hypothesis that contradicts it is
/// shown from where the two part.
#[derive(Clone, Debug, Default)]
pub struct Settler {
    stable: Vec<char>,
    /// The hypothesis before, as the model wrote it.
    before: Vec<char>,
}

impl Settler {
    /// Takes the segment's next hypothesis; `text` finishes it.
    pub fn take(&mut self, hypothesis: &Hypothesis, text: &TextPipeline) -> Settled {
        let raw: Vec<char> = hypothesis.text.chars().collect();
        let agreed = match hypothesis.stable {
            None => common(&self.before, &raw),
            Some(known) => known.min(raw.len()),
        };
        let finished = |raw: &[char]| -> Vec<char> {
            let head = Hypothesis {
                text: String::from_iter(raw),
                spelled: hypothesis.spelled,
                ..Hypothesis::default()
            };
            text.finish_hypothesis(&head).text.chars().collect()
        };
        let newest = finished(&raw);
        let head = match agreed {
            0 => 0,
            all if all == raw.len() => newest.len(),
            some => common(&finished(&raw[..some]), &newest),
        };
        let decided = text.decided(&newest[..head]);
        // The last character is where the next one may make a word of it.
        let paused = raw == self.before;
        let decided = if paused {
            decided
        } else {
            decided.min(newest.len().saturating_sub(1))
        };
        self.before = raw;

        let (from, contradicted) = self.part(&newest);
        if decided > from {
            self.stable.extend_from_slice(&newest[from..decided]);
        }
        let mut shown = self.stable.clone();
        shown.extend_from_slice(&newest[from.max(decided)..]);
        Settled {
            stable: self.stable.len(),
            decided: text.decided(&shown).max(self.stable.len()),
            text: shown.into_iter().collect(),
            contradicted,
        }
    }

    /// Where in the newest text goes on what is stable, and how many stable characters it has otherwise.
    fn part(&self, newest: &[char]) -> (usize, usize) {
        if newest.starts_with(&self.stable) {
            return (self.stable.len(), 0);
        }
        // Edit distances of the stable head to every head of the newest text.
        let mut costs: Vec<usize> = (0..=newest.len()).collect();
        for (row, kept) in self.stable.iter().enumerate() {
            let mut diagonal = costs[0];
            costs[0] = row + 1;
            for (column, new) in newest.iter().enumerate() {
                let replaced = diagonal + usize::from(kept != new);
                diagonal = costs[column + 1];
                costs[column + 1] = replaced.min(diagonal + 1).min(costs[column] + 1);
            }
        }
        let near = |at: usize| at.abs_diff(self.stable.len());
        let best = (0..costs.len()).min_by_key(|&at| (costs[at], near(at))).unwrap_or(0);
        (best, costs[best].min(self.stable.len()))
    }
}

/// How many characters two texts begin with together.
fn common(a: &[char], b: &[char]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::Corrector;

    fn pipeline() -> TextPipeline {
        TextPipeline::new(Corrector::new(["社保卡", "失业保险金", "工伤认定"].into_iter()))
    }

    /// What a row of hypotheses shows: the stable part, a bar, the rest. `known` says that the model tells.
    fn shown(hypotheses: &[&str], known: bool) -> Vec<String> {
        let (mut settler, text) = (Settler::default(), pipeline());
        let mut show = |raw: &&str| {
            let stable = known.then(|| raw.chars().count());
            let hypothesis = Hypothesis {
                text: (*raw).to_owned(),
                confidence: 0.5,
                stable,
                ..Hypothesis::default()
            };
            let settled = settler.take(&hypothesis, &text);
            let chars: Vec<char> = settled.text.chars().collect();
            let (stable, rest) = chars.split_at(settled.stable);
            format!("{}|{}", String::from_iter(stable), String::from_iter(rest))
        };
        hypotheses.iter().map(&mut show).collect()
    }

    #[test]
    fn two_that_agree_make_it_stable() {
        let told = shown(&["我想", "我想问", "我要问社会", "我想问社会"], false);
        assert_eq!(told, ["|我想", "我想|问", "我想|问社会", "我想|问社会"]);
    }

    #[test]
    fn a_streaming_model_is_believed_but_for_its_last_character() {
        assert_eq!(
            shown(&["我想", "我想问退休", "我想问退休"], true),
            ["我|想", "我想问退|休", "我想问退休|"]
        );
    }

    #[test]
    fn a_term_is_not_stable_before_it_is_whole() {
        let told = shown(&["我的射保", "我的射保卡", "我的射保卡丢了"], true);
        assert_eq!(told, ["我的|射保", "我的社保|卡", "我的社保卡丢|了"]);
    }

    #[test]
    fn a_number_is_not_stable_before_it_is_over() {
        let told = shown(
            &[
                "每月两千",
                "每月两千一百",
                "每月两千一百六十元对",
                "每月两千一百六十元对不对",
            ],
            true,
        );
        assert_eq!(told, ["每月|2000", "每月|2100", "每月|2160元对", "每月2160元对不|对"]);
    }

    #[test]
    fn what_is_stable_stays_when_the_model_takes_it_back() {
        let told = shown(&["工商银行的", "工商银行的", "工伤的赔偿"], false);
        assert_eq!(told[1], "工商银行的|");
        assert_eq!(told[2], "工商银行的|赔偿");
        assert_eq!(shown(&["好的", "好的", ""], false)[2], "好的|");
    }

    proptest! {
        #[test]
        fn the_stable_head_only_grows(
            heard in proptest::collection::vec(("[失业保险金工伤两千百一好,。 ]{0,12}", proptest::option::of(0usize..14)), 1..12)
        ) {
            let (mut settler, text) = (Settler::default(), pipeline());
            let mut before = String::new();
            for (raw, stable) in heard {
                let settled = settler.take(&Hypothesis { text: raw, confidence: 0.5, stable, ..Hypothesis::default() }, &text);
                let head: String = settled.text.chars().take(settled.stable).collect();
                prop_assert!(head.chars().count() == settled.stable);
                prop_assert!(head.starts_with(&before), "{before} became {head}");
                before = head;
            }
        }

        #[test]
        fn what_is_stable_is_shown(line in "[我想问一下失业保险金怎么领要多久]{1,24}", known in any::<bool>()) {
            let (mut settler, text) = (Settler::default(), pipeline());
            let chars: Vec<char> = line.chars().collect();
            for length in 1..=chars.len() {
                let stable = known.then_some(length);
                let raw = String::from_iter(&chars[..length]);
                let settled = settler.take(&Hypothesis { text: raw, confidence: 0.5, stable, ..Hypothesis::default() }, &text);
                prop_assert!(settled.stable <= settled.text.chars().count());
            }
        }
    }
}
