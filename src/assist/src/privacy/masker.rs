//! One speaker's masker and what it remembers between turns.

use sidetone_language::is_han;
use sidetone_schema::{Redaction, RedactionKind};

use super::cue::cues;
use super::judge::{Situation, judge};
use super::name::Names;
use super::shape;
use super::span::{Known, Span, spans};
use super::token::{Gap, Token, digit, is_filler, tokens};
use super::words;

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
    /// What was said last was about an amount.
    of_amounts: bool,
    /// What the other party said last was about a number of a matter.
    of_matter: bool,
    /// Turns for which a date is one of birth.
    birthday: u8,
    names: Names,
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
            // A house is a stretch of its own.
            open: self
                .open
                .map(|open| open.kind)
                .filter(|kind| !matches!(kind, RedactionKind::Address | RedactionKind::Account)),
            carry_masked: self.carry_masked,
            of_matter: self.of_matter,
            partial: !settled,
        };
        let mut marks = judge(&chars, &tokens, &cues, situation);
        if settled && lone_head(&chars, &tokens, self.of_amounts) {
            for mark in &mut marks {
                mark.get_or_insert(RedactionKind::Digits);
            }
        }
        let known = Known {
            open: self.open.map(|open| open.kind),
            names: &self.names,
            birthday: self.birthday > 0,
        };
        let covered = spans(&chars, &known, !settled);
        if settled {
            self.remember(&chars, &tokens, &marks);
            self.hear_cue(&chars, &marks, &tokens);
            self.hear_spans(&chars, &covered);
        }
        render(&chars, &tokens, &marks, covered)
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
            of_matter: self.of_matter,
            partial: false,
        };
        let marks = judge(&chars, &tokens, &cues, nothing);
        let head = lone_head(&chars, &tokens, self.of_amounts).then_some(RedactionKind::Digits);
        let asks = words().number_ask.within(&chars) && tokens.is_empty();
        let asked = cues.iter().rev().find(|cue| cue.opens() || asks).map(|cue| cue.kind);
        let account = (asks && words().account.within(&chars)).then_some(RedactionKind::Account);
        let home = words().home_ask.within(&chars).then_some(RedactionKind::Address);
        let given = marks.iter().flatten().next_back().copied();
        let covered = spans(&chars, &Known::nothing(&self.names.turned()), false);
        let mut kinds = covered.iter().map(|(_, kind)| *kind);
        let lives = kinds.find(|kind| *kind == RedactionKind::Address);
        if let Some(kind) = asked.or(account).or(home).or(given).or(head).or(lives) {
            self.open = Some(Open {
                kind,
                patience: PATIENCE,
            });
        }
        self.names.learn(&chars, &covered);
        self.names.hear_other(&chars);
        self.hear_birthday(&chars);
        self.of_matter = words().reference.within(&chars);
        self.of_amounts = words().asks_amount.within(&chars);
    }

    /// For some turns of either party a whole date is one of birth.
    fn hear_birthday(&mut self, chars: &[char]) {
        self.birthday = match words().birth_cue.within(chars) {
            true => 2 * PATIENCE,
            false => self.birthday.saturating_sub(1),
        };
    }

    /// Takes note of what is no number in a settled turn.
    fn hear_spans(&mut self, chars: &[char], covered: &[Span]) {
        self.names.learn(chars, covered);
        self.names.hear_own(chars);
        self.hear_birthday(chars);
        self.of_amounts = words().asks_amount.within(chars);
        let free = self.open.is_none_or(|open| open.kind == RedactionKind::Address);
        if free && covered.iter().any(|(_, kind)| *kind == RedactionKind::Address) {
            // The house may follow.
            self.open = Some(Open {
                kind: RedactionKind::Address,
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
            .find(|&at| tokens[at].gap == Gap::Words)
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
        let asks = words().number_ask.within(chars) && tokens.iter().all(|t| t.begin.is_none());
        let cue = cues(chars).into_iter().rev().find(|cue| cue.opens() || asks);
        let Some(cue) = cue else { return };
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
    // The first sixteen of a longer card of UnionPay (62…) may pass the check, too.
    let person = digits.len() >= 8 && shape::opens_id_card(&digits[..8]);
    let card =
        shape::is_card(digits) && !person && (digits.len() == 19 || (digits.len() == 16 && !digits.starts_with(b"62")));
    shape::is_id_card(digits) || shape::is_mobile(digits) || card
}

/// A turn of digits and nothing else that is how a number begins (a region code, a mobile number's head).
/// Four digits that may be an amount are none where amounts were spoken of.
fn lone_head(chars: &[char], tokens: &[Token], of_amounts: bool) -> bool {
    let begun = tokens.iter().take_while(|t| t.begin.is_none()).count();
    let all: Vec<u8> = tokens.iter().map(|t| t.value).collect();
    let (own, tokens) = (&all[begun..], &tokens[begun..]);
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return false;
    };
    let head = shape::is_head(own) || shape::is_short_head(own) || (begun > 0 && shape::is_head(&all));
    !of_amounts
        && head
        && tokens[1..].iter().all(|t| t.gap <= Gap::Soft)
        && is_filler(&chars[..first.begin.unwrap_or(0)])
        && is_filler(&chars[last.end..])
}

/// Joins the marked tokens of one number to one redaction and covers it, and the other stretches.
fn render(chars: &[char], tokens: &[Token], marks: &[Option<RedactionKind>], spans: Vec<Span>) -> Masked {
    let mut redactions: Vec<Redaction> = Vec::new();
    let mut joined = false;
    for (token, mark) in tokens.iter().zip(marks) {
        let (Some(begin), Some(kind)) = (token.begin, *mark) else {
            joined = false;
            continue;
        };
        match redactions.last_mut() {
            Some(last) if begin < last.end || (joined && token.gap == Gap::None && last.kind == kind) => {
                last.end = token.end;
            }
            _ => redactions.push(Redaction {
                kind,
                begin,
                end: token.end,
            }),
        }
        joined = true;
    }
    for (range, kind) in spans {
        lay_over(
            &mut redactions,
            Redaction {
                kind,
                begin: range.start,
                end: range.end,
            },
        );
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

/// Adds a stretch; those that it touches become part of it.
fn lay_over(redactions: &mut Vec<Redaction>, mut added: Redaction) {
    redactions.retain(|old| {
        let apart = old.end <= added.begin || added.end <= old.begin;
        if !apart {
            added.begin = added.begin.min(old.begin);
            added.end = added.end.max(old.end);
        }
        apart
    });
    let at = redactions.partition_point(|old| old.begin < added.begin);
    redactions.insert(at, added);
}

/// Masks without memory: for logs, metrics and errors.
#[must_use]
pub fn scrub(text: &str) -> String {
    Masker::new().mask(text, true).text
}

/// A number from signalling: all but its last two digits masked; names, short internal numbers
/// of up to five digits (an agent's extension) and public hotlines stay.
#[must_use]
pub fn mask_number(number: &str) -> String {
    const INTERNAL: usize = 5;
    let digits: Vec<u8> = number.chars().filter_map(numeral).collect();
    if digits.len() <= INTERNAL || shape::is_hotline(&digits) || shape::is_local_hotline(&digits) {
        return number.to_owned();
    }
    let mut left = digits.len();
    number
        .chars()
        .map(|c| {
            if numeral(c).is_none() {
                return c;
            }
            left -= 1;
            if left < 2 { c } else { '*' }
        })
        .collect()
}

/// The value of a decimal digit of any script that a switch writes.
fn numeral(c: char) -> Option<u8> {
    digit(c).filter(|_| c.is_numeric() && !is_han(c))
}
