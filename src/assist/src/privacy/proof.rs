//! Numbers that prove themselves by a check digit, before anything is said of what may be seen.

use std::ops::Range;

use sidetone_schema::RedactionKind;

use super::judge::{Shown, mark};
use super::shape;
use super::token::{Gap, Token};

/// Marks the identity cards whose check digit is right. `shown` has what the words around each digit say of it.
pub(super) fn identity_cards(tokens: &[Token], shown: &[Shown]) -> Vec<Option<RedactionKind>> {
    let mut marks = vec![None; tokens.len()];
    for begin in 0..(tokens.len() + 1).saturating_sub(shape::ID_CARD) {
        let card = begin..begin + shape::ID_CARD;
        let digits: Vec<u8> = tokens[card.clone()].iter().map(|token| token.value).collect();
        if shape::is_id_card(&digits) && is_whole(tokens, shown, &card) {
            mark(&mut marks, card, RedactionKind::IdCard);
        }
    }
    marks
}

/// One string in eleven has the right check digit. So a number that runs over punctuation begins and ends where groups do, one with words
/// between its groups has no amount among them, and a matter's number is a card only as a whole.
fn is_whole(tokens: &[Token], shown: &[Shown], card: &Range<usize>) -> bool {
    let parted = |at: usize, least: Gap| tokens.get(at).is_none_or(|token| token.gap >= least);
    let bounded = |least: Gap| parted(card.start, least) && parted(card.end, least);
    let widest = tokens[card.start + 1..card.end].iter().map(|token| token.gap).max();
    let of_matter = shown[card.clone()].iter().all(|shown| *shown == Shown::Reference);
    match widest {
        Some(Gap::Wall) | None => false,
        Some(Gap::Words) => bounded(Gap::Soft) && !shown[card.clone()].iter().any(|shown| shown.openly()),
        _ if of_matter => bounded(Gap::Words),
        Some(Gap::Clause) => bounded(Gap::Soft),
        Some(Gap::None | Gap::Soft) => true,
    }
}
