//! What of a turn is written down: each of its sentences, what it would be in the record, and how surely.

use sidetone_base::Role;
use sidetone_domain::{Note, Pack, Speaker};
use sidetone_language::{Act, zh};
use sidetone_schema::Party;

/// Characters of a sentence; a longer one is cut between its clauses.
const LONGEST: usize = 60;

/// A sentence, and what it may be in the record.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(super) segment: String,
    pub(super) role: Role,
    /// As it was said.
    pub(super) text: String,
    pub(super) note: Note,
    /// How likely that is, 0 to 1.
    pub(super) share: f32,
    /// The caller's newest intent until then, `topic/intent`.
    pub(super) serves: Option<String>,
    /// Of a to-do, who does it.
    pub(super) who: Option<Party>,
}

impl Noted {
    /// What it was understood as, as the wire names it.
    pub(super) const fn understood(&self) -> &'static str {
        match self.note {
            Note::Advice => Act::Advise.as_str(),
            Note::Todo => Act::Promise.as_str(),
            Note::Risk => Act::Warn.as_str(),
            Note::Nothing => Act::Chat.as_str(),
        }
    }
}

/// What of a turn may be written down, in order.
pub(super) fn noted(pack: &Pack, role: Role, segment: &str, serves: Option<&String>, text: &str) -> Vec<Noted> {
    let speaker = match role {
        Role::Agent => Speaker::Agent,
        Role::Caller => Speaker::Caller,
    };
    let read = |sentence: String| {
        let best = pack.notes().read(speaker, &sentence, text).into_iter().next();
        let (note, share) = best.filter(|(note, _)| *note != Note::Nothing)?;
        Some(Noted {
            segment: segment.to_owned(),
            role,
            note,
            share,
            serves: serves.cloned(),
            who: (note == Note::Todo).then(|| who(pack, speaker, &sentence)),
            text: sentence,
        })
    };
    sentences(text).into_iter().filter_map(read).collect()
}

/// What an agent promises the agent does; what an agent advises, and what a caller says, the caller.
fn who(pack: &Pack, speaker: Speaker, sentence: &str) -> Party {
    let shares = pack.acts().read(speaker, sentence, sentence);
    let share = |wanted| {
        shares
            .iter()
            .find(|(act, _)| *act == wanted)
            .map_or(0.0, |(_, share)| *share)
    };
    match speaker {
        Speaker::Agent if share(Act::Promise) >= share(Act::Advise) => Party::Agent,
        _ => Party::Caller,
    }
}

/// A turn's sentences, without the marks around them.
fn sentences(text: &str) -> Vec<String> {
    let marks = &zh().marks;
    let mut out = Vec::new();
    for sentence in text.split(|c| marks.sentence.contains(&c)) {
        let mut part = String::new();
        for clause in sentence.split_inclusive(|c| marks.clause.contains(&c)) {
            if !part.is_empty() && part.chars().count() + clause.chars().count() > LONGEST {
                out.push(std::mem::take(&mut part));
            }
            part.push_str(clause);
        }
        out.push(part);
    }
    let bare = |part: String| part.trim_matches(|c: char| c == ' ' || marks.ends_clause(c)).to_owned();
    let mut out: Vec<String> = out.into_iter().map(bare).collect();
    out.retain(|part| part.chars().any(char::is_alphanumeric));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_cut_between_its_clauses() {
        let long = "您先去窗口，".repeat(12);
        let cut = sentences(&format!("好的。{long}"));
        assert_eq!(cut.len(), 3);
        assert!(cut.iter().all(|part| part.chars().count() <= LONGEST));
        assert_eq!(cut[0], "好的");
        assert!(sentences("。！，").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_turn_is_cut(text in "\\PC{0,80}|[我您去办的，。？领取钱1-9]{0,200}") {
            for part in sentences(&text) {
                proptest::prop_assert!(!part.is_empty());
            }
        }
    }
}
