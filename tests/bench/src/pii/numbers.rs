//! Made-up numbers, codes and addresses of mail.

use sidetone_assist::privacy::Label;

use super::dice::Dice;
use super::lists::Lists;
use super::marked::{Mark, Marked};
use super::say::{Style, cut};

/// Slots that are numbers.
pub(super) const KINDS: [&str; 23] = [
    "mobile", "landline", "id", "idx", "idv", "perm", "scard", "card", "acct", "email", "euser", "espell", "qqmail",
    "plate", "passport", "permit", "permitid", "qq", "wechat", "code", "ext", "np", "n4p",
];

/// A number, and where it may be cut.
pub(super) struct Number {
    kind: String,
    value: String,
    /// Another that differs in one digit.
    wrong: String,
    cuts: Vec<usize>,
}

const MUST: Mark = Mark::Must(Label::Number);

impl Number {
    pub(super) fn new(kind: &str, lists: &Lists, dice: &mut Dice) -> Self {
        let (value, cuts): (String, &[usize]) = match kind {
            "mobile" => {
                let zeros = dice.chance(35);
                let middle = if zeros { "00000".to_owned() } else { dice.digits(5) };
                let value = format!("1{}{}{middle}{}", dice.between(3, 9), dice.roll(10), dice.digits(3));
                (
                    value,
                    [&[3, 4][..], &[3, 4], &[3, 3, 2], &[4, 3], &[3, 5], &[3, 2, 3]][dice.roll(6)],
                )
            }
            "landline" => {
                let area = if dice.chance(70) {
                    format!("0{}", dice.between(300, 999))
                } else {
                    format!("0{}", dice.between(10, 29))
                };
                let len = dice.between(7, 8);
                let local = format!("{}{}", dice.between(2, 8), dice.digits(len - 1));
                let cuts: &[usize] = if area.len() == 4 { &[4, 3] } else { &[3, 4] };
                (format!("{area}{local}"), cuts)
            }
            "id" | "permitid" => (
                identity(dice, false),
                [&[6, 8][..], &[6, 4, 4], &[3, 3, 4, 4], &[6, 4, 2, 2]][dice.roll(4)],
            ),
            "idx" => (identity(dice, true), &[6, 8]),
            "idv" => (identity(dice, false)[..15].to_owned(), &[6, 6]),
            "perm" => {
                let len = dice.between(8, 14);
                (dice.digits(len), &[4, 4])
            }
            "np" => (dice.digits(8), &[4]),
            "scard" => (format!("{}{}", upper(dice), dice.digits(8)), &[1, 4]),
            "card" => {
                let middle = if dice.chance(45) {
                    "000000000".to_owned()
                } else {
                    dice.digits(9)
                };
                let tail = if dice.chance(75) { 6 } else { 3 };
                (
                    format!("62{}{middle}{}", dice.digits(2), dice.digits(tail)),
                    [&[4, 4, 4, 4][..], &[4, 9, 3], &[4, 9], &[8, 8]][dice.roll(4)],
                )
            }
            "acct" => {
                let len = dice.between(12, 17);
                (dice.digits(len), &[4, 4, 4])
            }
            "plate" => {
                let len = if dice.chance(30) { 6 } else { 5 };
                let letter = upper(dice);
                let mut tail = dice.digits(len);
                if dice.chance(50) {
                    let at = dice.roll(len);
                    tail.replace_range(at..=at, &upper(dice));
                }
                (
                    format!("{}{letter}{tail}", lists.plate_provinces.any(dice)),
                    [&[1, 1][..], &[2], &[2, 2], &[2, 3]][dice.roll(4)],
                )
            }
            "passport" => match dice.roll(3) {
                0 => (format!("{}{}{}", upper(dice), upper(dice), dice.digits(7)), &[2, 3]),
                _ => (
                    format!("{}{}", upper(dice), dice.digits(8)),
                    [&[1, 4][..], &[1, 5]][dice.roll(2)],
                ),
            },
            "permit" => match dice.roll(4) {
                0 => (dice.digits(12), &[4, 4]),
                1 => (format!("{}{}", upper(dice), dice.digits(10)), &[1, 5]),
                2 => (dice.digits(8), &[4]),
                _ => (format!("{}{}", upper(dice), dice.digits(8)), &[1, 4]),
            },
            "qq" => {
                let len = dice.between(6, 10);
                let head = if dice.chance(35) { "1000" } else { "" };
                (
                    format!("{head}{}", dice.digits(len - head.len())),
                    [&[3, 3][..], &[4, 3], &[4, 2], &[5]][dice.roll(4)],
                )
            }
            "code" => {
                let len = dice.between(4, 6);
                (dice.digits(len), &[3])
            }
            "ext" => (dice.digits(3), &[]),
            "n4p" => (dice.digits(4), &[]),
            _ => (user(lists, dice), &[]),
        };
        let wrong = other(&value, dice);
        Self {
            kind: kind.to_owned(),
            value,
            wrong,
            cuts: cuts.to_vec(),
        }
    }

    /// The number or a part of it, as somebody says it who cuts it into `most` parts.
    pub(super) fn part(&self, part: &str, most: usize, style: Style, lists: &Lists, dice: &mut Dice) -> Marked {
        match self.kind.as_str() {
            "email" | "qqmail" => return mail(&self.value, self.kind == "qqmail", lists, dice),
            "euser" => {
                return Marked::must(
                    if part == "d" {
                        tail_digits(&self.value)
                    } else {
                        &self.value
                    },
                    Label::Number,
                );
            }
            "espell" => return spelled(&self.value, lists, dice),
            "wechat" => return Marked::must(&self.value, Label::Number),
            _ => {}
        }
        let (part, wrong) = (part.trim_end_matches('~'), part.ends_with('~'));
        let value = if wrong { &self.wrong } else { &self.value };
        let style = if part == "p" { Style::plain(dice) } else { style };
        let piece =
            |range: std::ops::Range<usize>| value.chars().skip(range.start).take(range.len()).collect::<String>();
        let len = value.chars().count();
        let area = if value.starts_with("01") || value.starts_with("02") {
            3
        } else {
            4
        };
        let text = match part {
            "" | "p" if self.kind == "plate" && dice.chance(30) => {
                let mut said = style.group(lists, dice, &piece(0..2));
                said.push(
                    [lists.dot_in_plate.any(dice), lists.pauses[0].as_str()][dice.roll(2)],
                    Mark::May,
                );
                said.append(style.say(lists, dice, &piece(2..len), &[2, 1]));
                return said;
            }
            "" | "p" => return style.say(lists, dice, value, &self.cuts),
            "l" => return style.say(lists, dice, &piece(area..len), &[3]),
            "a" => piece(0..area),
            "r" => piece(0..6),
            "b" => piece(6..14),
            "bw" => return birthday(&piece(6..14), style, lists),
            "t" => piece(14..17),
            "17" => return style.say(lists, dice, &piece(0..17), &self.cuts),
            _ => match part.parse::<isize>() {
                Ok(tail) if tail < 0 => piece(len.saturating_sub(tail.unsigned_abs())..len),
                Ok(head) if part.starts_with('+') => piece(0..head.unsigned_abs()),
                Ok(at) => return self.nth(at.unsigned_abs(), most, wrong, style, lists, dice),
                Err(_) => value.clone(),
            },
        };
        style.group(lists, dice, &text)
    }

    fn nth(&self, at: usize, most: usize, wrong: bool, style: Style, lists: &Lists, dice: &mut Dice) -> Marked {
        let value = if wrong { &self.wrong } else { &self.value };
        let letters: Vec<char> = value.chars().collect();
        let local = self.kind == "landline" && most == 2;
        let letters = if local {
            &letters[4.min(letters.len())..]
        } else {
            &letters[..]
        };
        let text: String = letters.iter().collect();
        let size = text.chars().count().div_ceil(most);
        let cuts: Vec<usize> = match (self.kind.as_str(), most) {
            ("mobile", 3) => vec![3, 4],
            ("id", 3) => vec![6, 8],
            ("card", 4) => vec![4, 4, 4],
            ("landline", 2) => vec![3],
            _ => vec![size; most - 1],
        };
        let parts = cut(&text, &cuts);
        style.group(lists, dice, parts.get(at - 1).map_or("", String::as_str))
    }
}

fn upper(dice: &mut Dice) -> String {
    char::from(b'A' + dice.roll(26) as u8).to_string()
}

/// An identity card's number; its last digit may be an X. Only some have a right check digit: others misspeak or mishear.
fn identity(dice: &mut Dice, x: bool) -> String {
    const REGIONS: [&str; 8] = [
        "370502", "370503", "370523", "410102", "510104", "320106", "130102", "230102",
    ];
    let year = if dice.chance(30) {
        1900
    } else {
        dice.between(1935, 2010)
    };
    let body = format!(
        "{}{year}{:02}{:02}{}",
        dice.pick(&REGIONS),
        dice.between(1, 12),
        dice.between(1, 28),
        dice.digits(3)
    );
    let last = if x || dice.chance(10) {
        "X".to_owned()
    } else {
        dice.roll(10).to_string()
    };
    body + &last
}

/// The number with one of its last digits changed.
fn other(value: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = value.chars().collect();
    let last = chars.len().saturating_sub(1);
    let at = last.saturating_sub(dice.roll(2));
    if let Some(slot) = chars.get_mut(at) {
        *slot = char::from(b'0' + dice.roll(10) as u8);
    }
    chars.into_iter().collect()
}

fn birthday(digits: &str, style: Style, lists: &Lists) -> Marked {
    let mut out = Marked::default();
    let (year, rest) = digits.split_at(4);
    let (month, day) = rest.split_at(2);
    let number = |text: &str| match (style.spoken, text.parse::<usize>()) {
        (true, Ok(value)) => lists.count(value),
        _ => text.trim_start_matches('0').to_owned(),
    };
    let year: String = year.chars().map(|c| style.digit(lists, c)).collect();
    for (text, unit) in [(year, 0), (number(month), 1), (number(day), 2)] {
        out.push(&text, MUST);
        out.push(lists.date_units.get(unit), Mark::May);
    }
    out
}

/// Letters and digits of an account.
fn user(lists: &Lists, dice: &mut Dice) -> String {
    let name = lists.users.any(dice);
    let len = dice.between(1, 4);
    match dice.roll(5) {
        0 => name.to_owned(),
        1 => format!("{name}{}", dice.one(&lists.underscore)) + &dice.digits(len),
        2 => format!("{name}{}{}", dice.one(&lists.underscore), lists.users.any(dice)),
        _ => format!("{name}{}", dice.digits(len)),
    }
}

fn tail_digits(value: &str) -> &str {
    let head = value.trim_end_matches(|c: char| c.is_ascii_digit());
    if head.len() == value.len() {
        value
    } else {
        &value[head.len()..]
    }
}

/// The account, the sign, the provider.
fn mail(user: &str, qq: bool, lists: &Lists, dice: &mut Dice) -> Marked {
    let digits;
    let user = if qq || dice.chance(15) {
        let len = dice.between(7, 10);
        digits = dice.digits(len);
        digits.as_str()
    } else {
        user
    };
    let mut out = Marked::must(user, Label::Number);
    let rest = format!(
        "{}{}{}{}",
        dice.one(&lists.at),
        dice.one(&lists.providers),
        dice.one(&lists.dot),
        dice.one(&lists.endings)
    );
    out.push(&rest, Mark::May);
    out
}

/// An address that is spelled letter by letter.
fn spelled(user: &str, lists: &Lists, dice: &mut Dice) -> Marked {
    let mut out = Marked::default();
    let pause = [lists.pauses[0].as_str(), " "][dice.roll(2)];
    for (at, c) in user.chars().enumerate() {
        out.push(if at > 0 { pause } else { "" }, Mark::May);
        let mark = if c.is_ascii_alphanumeric() { MUST } else { Mark::May };
        out.push(&c.to_string(), mark);
    }
    let rest = mail("", false, lists, dice);
    out.0.extend(rest.0.into_iter().filter(|(_, mark)| *mark == Mark::May));
    out
}
