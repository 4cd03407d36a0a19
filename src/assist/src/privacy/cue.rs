//! Words after which digits are personal.

use sidetone_schema::RedactionKind;

/// A cue in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cue {
    /// What it announces.
    pub(super) kind: RedactionKind,
    /// One past its last character.
    pub(super) end: usize,
    /// How far behind it digits may begin.
    pub(super) reach: usize,
}

/// A strong cue reaches over 号码是多少呢; a weak one has other uses (打电话问了两次).
const CUES: &[(&str, RedactionKind, usize)] = &[
    ("身份证", RedactionKind::IdCard, 12),
    ("证件号", RedactionKind::IdCard, 12),
    ("卡号", RedactionKind::BankCard, 12),
    ("账号", RedactionKind::BankCard, 12),
    ("帐号", RedactionKind::BankCard, 12),
    ("电话号", RedactionKind::Phone, 12),
    ("手机号", RedactionKind::Phone, 12),
    ("联系方式", RedactionKind::Phone, 12),
    ("联系电话", RedactionKind::Phone, 12),
    ("座机号", RedactionKind::Phone, 12),
    ("尾号", RedactionKind::Digits, 4),
    ("电话", RedactionKind::Phone, 2),
    ("手机", RedactionKind::Phone, 2),
    ("座机", RedactionKind::Phone, 2),
    ("银行卡", RedactionKind::BankCard, 2),
];

/// Every cue of the text, in order.
pub(super) fn cues(chars: &[char]) -> Vec<Cue> {
    (0..chars.len())
        .filter_map(|at| {
            CUES.iter().find_map(|&(word, kind, reach)| {
                let len = word.chars().count();
                let here = word.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c));
                here.then_some(Cue {
                    kind,
                    end: at + len,
                    reach,
                })
            })
        })
        .collect()
}

impl Cue {
    /// Whether it asks for, or announces, a number that may come in a later turn.
    pub(super) fn opens(&self) -> bool {
        self.reach > 4
    }
}
