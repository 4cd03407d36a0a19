//! One party of a call: what the rules say of its turns, and what they remember.

use sidetone_schema::RedactionKind;

use super::birth::speaks_of_birth;
use super::cover::overlay;
use super::cue::cues;
use super::judge::{Situation, judge};
use super::name::Names;
use super::openly::Openly;
use super::shape;
use super::span::{Known, Span, spans};
use super::tagger::{Features, Joint, Label, Scene, View, features};
use super::token::{Gap, Token, is_filler, tokens};
use super::words;

/// What one party said, and what was asked of it.
#[derive(Clone, Default)]
pub(super) struct Party {
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
    /// What was said openly.
    pub(super) openly: Openly,
}

/// What the rules see in a text.
pub(super) struct Reading {
    pub(super) tokens: Vec<Token>,
    /// What they cover, by character.
    pub(super) rules: Vec<Option<RedactionKind>>,
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

impl Party {
    /// How many digits may go on.
    pub(super) fn carried(&self) -> usize {
        self.carry.len()
    }

    /// What was asked for, announced or begun.
    pub(super) fn asked(&self) -> Option<RedactionKind> {
        self.open.map(|open| open.kind)
    }

    /// Whether an amount was asked for or spoken of last.
    pub(super) const fn speaks_of_amounts(&self) -> bool {
        self.of_amounts
    }

    /// Whether a date is one of birth.
    pub(super) const fn speaks_of_birth(&self) -> bool {
        self.birthday > 0
    }

    /// What the rules see in a text of this party.
    pub(super) fn read(&self, chars: &[char], settled: bool) -> Reading {
        let tokens = tokens(chars, &self.carry);
        let cues = cues(chars);
        let situation = Situation {
            // A house is a stretch of its own.
            open: self
                .asked()
                .filter(|kind| !matches!(kind, RedactionKind::Address | RedactionKind::Account)),
            carry_masked: self.carry_masked,
            of_matter: self.of_matter,
            partial: !settled,
        };
        let mut marks = judge(chars, &tokens, &cues, situation);
        if settled && lone_head(chars, &tokens, self.of_amounts) {
            for mark in &mut marks {
                mark.get_or_insert(RedactionKind::Digits);
            }
        }
        let known = Known {
            open: self.asked(),
            names: &self.names,
            birthday: self.birthday > 0,
        };
        let rules = overlay(chars, &tokens, &marks, spans(chars, &known, !settled));
        Reading { tokens, rules }
    }

    /// What the model looks at in a text of this party.
    pub(super) fn look(&self, chars: &[char], reading: &Reading, scene: &Scene) -> (Features, Vec<Joint>) {
        let flags = [
            self.carry_masked,
            self.of_amounts,
            self.of_matter,
            self.birthday > 0,
            self.names.is_asked(),
        ];
        let state = flags.iter().rev().fold(0, |bits, flag| 2 * bits + u32::from(*flag));
        features(&View {
            chars,
            tokens: &reading.tokens,
            rules: &reading.rules,
            scene,
            names: &self.names,
            open: self.asked(),
            state,
        })
    }

    /// Takes note of a settled turn of its own, of which these stretches were covered.
    pub(super) fn spoke(
        &mut self,
        chars: &[char],
        tokens: &[Token],
        covered: &[Option<RedactionKind>],
        spans: &[Span],
    ) {
        let mark = |token: &Token| match token.begin {
            Some(begin) => covered[begin],
            None => self.carry_masked.then_some(RedactionKind::Digits),
        };
        let marks: Vec<Option<RedactionKind>> = tokens.iter().map(mark).collect();
        self.remember(chars, tokens, &marks);
        self.hear_cue(chars, &marks, tokens);
        self.hear_spans(chars, spans);
    }

    /// Takes note of what the other party settled.
    pub(super) fn heard(&mut self, chars: &[char], tokens: &[Token], spans: &[Span]) {
        let cues = cues(chars);
        let none = tokens.iter().all(|token| token.begin.is_none());
        let asks = words().number_ask.within(chars) && none;
        let asked = cues.iter().rev().find(|cue| cue.opens() || asks).map(|cue| cue.kind);
        let account = (asks && words().account.within(chars)).then_some(RedactionKind::Account);
        let home = words().home_ask.within(chars).then_some(RedactionKind::Address);
        let kinds = || spans.iter().map(|(_, kind)| *kind);
        let given = kinds().rfind(|kind| Label::of(*kind) == Label::Number);
        let lives = kinds().find(|kind| *kind == RedactionKind::Address);
        if let Some(kind) = asked.or(account).or(home).or(given).or(lives) {
            self.open = Some(Open {
                kind,
                patience: PATIENCE,
            });
        }
        self.names.learn(chars, spans);
        self.names.hear_other(chars);
        self.hear_birthday(chars);
        self.of_matter = words().reference.within(chars);
        self.of_amounts = words().asks_amount.within(chars);
    }

    /// For some turns of either party a whole date is one of birth.
    fn hear_birthday(&mut self, chars: &[char]) {
        self.birthday = match speaks_of_birth(chars) {
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
