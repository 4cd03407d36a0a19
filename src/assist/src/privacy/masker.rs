//! One speaker's masker and what it remembers between turns.

use sidetone_schema::{Redaction, RedactionKind};

use super::cue::cues;
use super::judge::{Situation, judge};
use super::shape;
use super::token::{Gap, Token, is_filler, tokens};

/// A text that may leave the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// As long as the input, in characters: what was personal is now `*`.
    pub text: String,
    /// Where and what, in order, without overlap; offsets count characters.
    pub redactions: Vec<Redaction>,
}

/// Masks what one speaker says; remembers digits that may go on in the next segment.
///
/// What was already published cannot be taken back: of a number that nobody announced and that is
/// dictated in short turns, the first turn's digits (at most five) stay visible.
#[derive(Clone, Default)]
pub struct Masker {
    /// Digits that the last settled turn ended with.
    carry: Vec<u8>,
    carry_masked: bool,
    open: Option<Open>,
}

/// A number that was asked for, announced or begun.
#[derive(Clone, Copy)]
struct Open {
    kind: RedactionKind,
    /// Settled turns without digits until it is forgotten.
    patience: u8,
}

/// As many settled turns without digits may pass between request and answer.
const PATIENCE: u8 = 3;
/// No number that is dictated is longer.
const LONGEST_CARRY: usize = 32;

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The digits themselves are personal.
        write!(f, "Masker({} digits carried)", self.carry.len())
    }
}

impl Masker {
    /// At the start of a leg.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Masks one version of a segment's text. Only a settled (final) text is remembered, so give each
    /// segment's settled text once; versions that may change can come as often as they like.
    pub fn mask(&mut self, text: &str, settled: bool) -> Masked {
        let chars: Vec<char> = text.chars().collect();
        let tokens = tokens(&chars, &self.carry);
        let cues = cues(&chars);
        let situation = Situation {
            open: self.open.map(|open| open.kind),
            carry_masked: self.carry_masked,
            partial: !settled,
        };
        let mut marks = judge(&chars, &tokens, &cues, situation);
        if settled && lone_head(&chars, &tokens) {
            for mark in &mut marks {
                mark.get_or_insert(RedactionKind::Digits);
            }
        }
        if settled {
            self.remember(&chars, &tokens, &marks);
            self.hear_cue(&chars, &marks, &tokens);
        }
        render(&chars, &tokens, &marks)
    }

    /// Takes note of what the other party settled: a request (您的身份证号是多少) makes even short groups
    /// of digits personal here, and digits that were just dictated there may be read back here.
    pub fn hear_other(&mut self, text: &str) {
        let chars: Vec<char> = text.chars().collect();
        let tokens = tokens(&chars, &[]);
        let cues = cues(&chars);
        let nothing = Situation {
            open: None,
            carry_masked: false,
            partial: false,
        };
        let marks = judge(&chars, &tokens, &cues, nothing);
        let kind = cues.iter().rev().find(|cue| cue.opens()).map(|cue| cue.kind);
        if let Some(kind) = kind.or_else(|| marks.iter().flatten().next_back().copied()) {
            self.open = Some(Open {
                kind,
                patience: PATIENCE,
            });
        }
    }

    fn remember(&mut self, chars: &[char], tokens: &[Token], marks: &[Option<RedactionKind>]) {
        let spoken = tokens.iter().any(|t| t.begin.is_some());
        if !spoken {
            if let Some(open) = &mut self.open {
                open.patience = open.patience.saturating_sub(1);
            }
            self.open = self.open.filter(|open| open.patience > 0);
            if !is_filler(chars) {
                self.carry.clear();
                self.carry_masked = false;
            }
            return;
        }
        let last_end = tokens.last().map_or(0, |t| t.end);
        let ends_open = is_filler(&chars[last_end..]);
        let begin = (0..tokens.len())
            .rev()
            .find(|&at| tokens[at].gap == Gap::Wall)
            .unwrap_or(0);
        let tail: Vec<u8> = tokens[begin..].iter().map(|t| t.value).collect();
        let complete = is_complete(&tail);
        if ends_open && !complete {
            let skip = tail.len().saturating_sub(LONGEST_CARRY);
            self.carry = tail[skip..].to_vec();
            self.carry_masked = marks.last().is_some_and(Option::is_some);
        } else {
            self.carry.clear();
            self.carry_masked = false;
        }
        if complete {
            self.open = None;
        } else if let Some(open) = &mut self.open {
            open.patience = if marks.iter().any(Option::is_some) {
                PATIENCE
            } else {
                open.patience.saturating_sub(1)
            };
        }
        self.open = self.open.filter(|open| open.patience > 0);
    }

    /// A cue after which this turn gave no complete number opens one for the turns to come.
    fn hear_cue(&mut self, chars: &[char], marks: &[Option<RedactionKind>], tokens: &[Token]) {
        let Some(cue) = cues(chars).into_iter().rev().find(super::cue::Cue::opens) else {
            return;
        };
        let given: Vec<u8> = tokens
            .iter()
            .zip(marks)
            .filter(|(token, mark)| mark.is_some() && token.begin.is_some_and(|begin| begin >= cue.end))
            .map(|(token, _)| token.value)
            .collect();
        if !is_complete(&given) {
            self.open = Some(Open {
                kind: cue.kind,
                patience: PATIENCE,
            });
        }
    }
}

/// Nothing more belongs to a number that proves itself.
fn is_complete(digits: &[u8]) -> bool {
    shape::is_id_card(digits) || shape::is_mobile(digits) || (digits.len() >= 16 && shape::is_card(digits))
}

/// A turn of six digits and nothing else is how an 身份证 begins (its region code).
fn lone_head(chars: &[char], tokens: &[Token]) -> bool {
    tokens.len() == 6
        && tokens.iter().all(|t| t.begin.is_some() && t.value != b'X')
        && tokens[1..].iter().all(|t| t.gap <= Gap::Soft)
        && matches!(tokens[0].value, b'1'..=b'6')
        && is_filler(&chars[..tokens[0].begin.unwrap_or(0)])
        && is_filler(&chars[tokens[5].end..])
}

/// Joins the marked tokens of one number to one redaction and covers it.
fn render(chars: &[char], tokens: &[Token], marks: &[Option<RedactionKind>]) -> Masked {
    let mut redactions: Vec<Redaction> = Vec::new();
    let mut joined = false;
    for (token, mark) in tokens.iter().zip(marks) {
        let (Some(begin), Some(kind)) = (token.begin, *mark) else {
            joined = false;
            continue;
        };
        match redactions.last_mut() {
            Some(last) if joined && token.gap != Gap::Wall && last.kind == kind => last.end = token.end,
            _ => redactions.push(Redaction {
                kind,
                begin,
                end: token.end,
            }),
        }
        joined = true;
    }
    let mut text = chars.to_vec();
    for redaction in &redactions {
        text[redaction.begin..redaction.end].fill('*');
    }
    Masked {
        text: text.into_iter().collect(),
        redactions,
    }
}

/// Masks without memory: for logs, metrics and errors.
#[must_use]
pub fn scrub(text: &str) -> String {
    Masker::new().mask(text, true).text
}

/// A number from signalling: all but its last two digits masked; names and short internal numbers
/// of up to five digits (an agent's extension) stay.
#[must_use]
pub fn mask_number(number: &str) -> String {
    const INTERNAL: usize = 5;
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if digits <= INTERNAL {
        return number.to_owned();
    }
    let mut left = digits;
    number
        .chars()
        .map(|c| match c {
            '0'..='9' => {
                left -= 1;
                if left < 2 { c } else { '*' }
            }
            other => other,
        })
        .collect()
}
