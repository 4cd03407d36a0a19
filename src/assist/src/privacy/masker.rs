//! One speaker's masker: rules and what was learned, over what both parties said.

use std::sync::Arc;

use sidetone_language::is_han;
use sidetone_schema::{Redaction, RedactionKind};

use super::adjust::{adjust, letters};
use super::cover::{Doubt, kinds, render, settle, stretches, trim};
use super::cue::cues;
use super::given::Given;
use super::party::{Party, Reading};
use super::tagger::{self, Features, Joint, Label, Model, Scene, value};
use super::token::digit;
use super::{open, shape, words};

/// A text that may leave the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// As long as the input, in characters: what was personal is now `*`.
    pub text: String,
    /// Where and what, in order, without overlap; offsets count characters.
    pub redactions: Vec<Redaction>,
}

/// Masks what one speaker says; remembers what both parties said.
///
/// What was already published cannot be taken back: of a number that nobody announced and that is
/// dictated in short turns, the first turn's digits (at most five) stay visible.
#[derive(Clone, Default)]
pub struct Masker {
    own: Party,
    /// As the masker of the other party has it.
    other: Party,
    scene: Scene,
    given: Given,
    /// Those that are built in, where there are none of its own.
    weights: Option<Weights>,
}

/// What was learned, as [`Learner::write`](super::Learner::write) made it.
#[derive(Clone)]
pub struct Weights(Arc<Model>);

impl Weights {
    /// `None` where the bytes are cut short.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Model::read(bytes).map(|model| Self(Arc::new(model)))
    }
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The digits themselves are personal.
        write!(f, "Masker({} digits carried)", self.own.carried())
    }
}

/// Who says a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// Whose masker it is.
    Own,
    /// The other party.
    Other,
}

impl Masker {
    /// At the start of a leg.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// By other weights than those that are built in: to judge them.
    #[must_use]
    pub fn with_weights(weights: &Weights) -> Self {
        Self {
            weights: Some(weights.clone()),
            ..Self::default()
        }
    }

    /// Masks one version of a segment's text. Only a settled (final) text is remembered, so give each
    /// segment's settled text once; versions that may change can come as often as they like.
    pub fn mask(&mut self, text: &str, settled: bool) -> Masked {
        let chars: Vec<char> = text.chars().collect();
        let reading = self.own.read(&chars, settled);
        let mut covered = self.cover(&chars, &reading, Speaker::Own);
        if settled {
            self.remember(&chars, &reading, &covered, Speaker::Own);
        } else {
            let expected = open::Expected {
                number: self.own.asked().is_some() || !self.scene.is_quiet(),
                birthday: self.own.speaks_of_birth(),
            };
            open::hide(&chars, &reading.tokens, expected, &mut covered);
        }
        render(&chars, &covered)
    }

    /// What may be understood of a text that still grows: masked by what is known so far, with the digits of which nothing says yet
    /// whose they are. It is never shown.
    #[must_use]
    pub fn glance(&self, text: &str) -> Masked {
        let chars: Vec<char> = text.chars().collect();
        let reading = self.own.read(&chars, false);
        render(&chars, &self.cover(&chars, &reading, Speaker::Own))
    }

    /// Takes note of what the other party settled: a request (您的身份证号是多少) makes even short groups
    /// of digits personal here, and digits that were just dictated there may be read back here.
    pub fn hear_other(&mut self, text: &str) {
        let chars: Vec<char> = text.chars().collect();
        let reading = self.other.read(&chars, true);
        let covered = self.cover(&chars, &reading, Speaker::Other);
        self.remember(&chars, &reading, &covered, Speaker::Other);
    }

    /// The features of a text, and how its characters hang together: to learn from.
    #[must_use]
    pub fn study(&self, text: &str, speaker: Speaker) -> (Features, Vec<Joint>) {
        let chars: Vec<char> = text.chars().collect();
        let party = self.party(speaker);
        party.look(&chars, &party.read(&chars, true), &self.scene)
    }

    /// Takes note of a settled text whose labels are known: to learn from what comes after it.
    pub fn settle(&mut self, text: &str, labels: &[Label], speaker: Speaker) {
        let chars: Vec<char> = text.chars().collect();
        let reading = self.party(speaker).read(&chars, true);
        let covered = kinds(&chars, labels, &reading.rules, self.party(speaker).asked());
        self.remember(&chars, &reading, &covered, speaker);
    }

    const fn party(&self, speaker: Speaker) -> &Party {
        match speaker {
            Speaker::Own => &self.own,
            Speaker::Other => &self.other,
        }
    }

    fn cover(&self, chars: &[char], reading: &Reading, speaker: Speaker) -> Vec<Option<RedactionKind>> {
        let party = self.party(speaker);
        let model = match &self.weights {
            Some(weights) => &*weights.0,
            None => tagger::model(),
        };
        if model.is_empty() {
            return reading.rules.clone();
        }
        let (features, joints) = party.look(chars, reading, &self.scene);
        let rules: Vec<Option<Label>> = reading.rules.iter().map(|rule| rule.map(Label::of)).collect();
        let mut labels = model.label(&features, &joints, &rules);
        let unasked = party.asked().is_none() && self.scene.is_quiet();
        let of_public = reading.rules.iter().all(Option::is_none) && open::names_public_number(chars);
        let announced = !cues(chars).is_empty() || words().account.within(chars);
        let doubt = match unasked && (of_public || !announced) {
            true if of_public || party.speaks_of_amounts() => Doubt::Few,
            true => Doubt::FewWithin,
            false => Doubt::None,
        };
        settle((chars, &reading.tokens), &mut labels, &rules, doubt);
        trim(chars, &mut labels, &rules, party.speaks_of_birth());
        adjust(chars, &mut labels);
        self.given.with(chars, &labels).settle(chars, &mut labels);
        if unasked && !announced && !words().mail_sign.within(chars) {
            letters(chars, &rules, &mut labels);
        }
        party.openly.show(chars, &mut labels);
        kinds(chars, &labels, &reading.rules, party.asked())
    }

    fn remember(&mut self, chars: &[char], reading: &Reading, covered: &[Option<RedactionKind>], speaker: Speaker) {
        let (speaks, hears) = match speaker {
            Speaker::Own => (&mut self.own, &mut self.other),
            Speaker::Other => (&mut self.other, &mut self.own),
        };
        let spans = stretches(covered);
        speaks.spoke(chars, &reading.tokens, covered, &spans);
        hears.heard(chars, &reading.tokens, &spans);
        hears.openly.hear(chars, covered, false);
        speaks.openly.hear(chars, covered, true);
        self.given.learn(chars, &spans);
        let numbers = spans
            .iter()
            .filter(|(_, kind)| Label::of(*kind) == Label::Number)
            .map(|(range, _)| chars[range.clone()].iter().filter_map(|c| value(*c)).collect())
            .filter(|value: &Vec<u8>| !value.is_empty())
            .collect();
        let kinds: Vec<RedactionKind> = spans.iter().map(|(_, kind)| *kind).collect();
        self.scene.hear(speaker as usize, numbers, &kinds);
    }
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
