//! What a dialplan gets of a turn: its meaning, and an answer short enough to be read out.

use sidetone_assist::{Candidate, Understanding};
use sidetone_base::{Said, Summary};
use sidetone_language::{SamplePhrases, zh};
use sidetone_schema::{HintKind, Tier, Wrapup};

/// Characters of a reply: some 25 seconds of speech, as long as anybody listens to a machine.
const REPLY: usize = 120;
/// Slots that are remembered for a call. There are seven kinds.
const SLOTS: usize = 16;

/// Fills in what the turn was understood to mean. Of a turn about two things, the one it asks for most.
pub(crate) fn understand(said: &mut Said, turn: &Understanding) {
    if let Some(ask) = turn.asks.first() {
        said.topic = Some(ask.topic.clone());
        said.topic_name = Some(ask.topic_name.clone());
        said.intent = Some(ask.intent().as_str().to_owned());
    }
    for entity in turn.wire_entities() {
        let value = entity.value.unwrap_or(entity.text);
        remember(&mut said.slots, entity.kind, value);
    }
}

/// The last value of each kind counts, as in the Redis hash.
pub(crate) fn remember(slots: &mut Vec<(String, String)>, name: String, value: String) {
    if let Some((_, known)) = slots.iter_mut().find(|(known, _)| *known == name) {
        *known = value;
    } else if slots.len() < SLOTS {
        slots.push((name, value));
    }
}

/// The best answer among what was found, as it can be read out.
pub(crate) fn reply(candidates: &[Candidate], sample: &SamplePhrases) -> Option<String> {
    let rank = |kind| match kind {
        HintKind::Calc => Some(0),
        HintKind::Answer => Some(1),
        HintKind::Policy | HintKind::Channel => Some(2),
        _ => None,
    };
    candidates
        .iter()
        .filter(|candidate| candidate.tier <= Tier::Useful)
        .filter_map(|candidate| Some(((rank(candidate.kind)?, candidate.tier), candidate)))
        .min_by(|(a, one), (b, other)| a.cmp(b).then(other.score.total_cmp(&one.score)))
        .map(|(_, candidate)| speakable(&candidate.body, sample))
        .filter(|text| !text.is_empty())
}

/// One sentence for whoever takes the call, from the wrap-up as it stands.
pub(crate) fn summary(draft: &Wrapup, slots: &[(String, String)]) -> Summary {
    let newest = draft.topics.last();
    Summary {
        text: draft.summary.clone(),
        topic: newest.map(|topic| topic.topic.clone()),
        topic_name: newest.map(|topic| topic.name.clone()),
        slots: slots.to_vec(),
    }
}

/// The text, cut to what is listened to; however short, it says of a figure that it is a sample.
fn speakable(body: &str, sample: &SamplePhrases) -> String {
    let marks = &zh().marks;
    let plain: String = body
        .chars()
        .filter(|c| !matches!(c, '*' | '#' | '`' | '_' | '>' | '|'))
        .collect();
    let mut plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if !plain.is_empty() && !plain.ends_with(&marks.sentence[..]) && !plain.ends_with(&marks.closing[..]) {
        plain.push(marks.full_stop());
    }
    if plain.chars().count() <= REPLY {
        return plain;
    }
    let short = cut(&plain, REPLY);
    if plain.contains(&sample.mark) && !short.contains(&sample.mark) {
        return cut(&plain, REPLY.saturating_sub(sample.spoken.chars().count())) + &sample.spoken;
    }
    short
}

/// Whole sentences up to `most` characters; of a sentence that alone is longer, whole clauses.
fn cut(text: &str, most: usize) -> String {
    let marks = &zh().marks;
    let head: String = text.chars().take(most).collect();
    let after = |ends: &[char]| {
        head.rfind(ends)
            .and_then(|at| Some(at + head[at..].chars().next()?.len_utf8()))
    };
    let end = after(&marks.sentence).or_else(|| after(&marks.clause));
    let text = end.map_or(head.as_str(), |end| &head[..end]);
    match text.strip_suffix(&marks.clause[..]) {
        Some(text) => format!("{text}{}", marks.full_stop()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speakable(body: &str) -> String {
        super::speakable(body, &zh().phrases.sample)
    }

    #[test]
    fn a_reply_ends_with_a_sentence() {
        assert_eq!(speakable("**可以**领。\n带身份证。"), "可以领。 带身份证。");
        let long = format!("甲。{}。", "乙".repeat(130));
        assert_eq!(speakable(&long), "甲。");
        let clauses = format!("{}，{}", "甲".repeat(60), "乙".repeat(90));
        assert_eq!(speakable(&clauses), format!("{}。", "甲".repeat(60)));
        assert_eq!(speakable(&"甲".repeat(200)).chars().count(), REPLY);
    }

    #[test]
    fn a_sample_says_so_however_short() {
        let body = format!("每月2000元。{}（示例数据，以当地公布为准）", "乙".repeat(130));
        assert_eq!(speakable(&body), "每月2000元。示例数据，以当地公布为准。");
    }

    #[test]
    fn the_last_value_of_a_slot_counts() {
        let mut slots = Vec::new();
        for (name, value) in [("duration", "P1Y"), ("region", "370500"), ("duration", "P6Y")] {
            remember(&mut slots, name.to_owned(), value.to_owned());
        }
        assert_eq!(slots[0], ("duration".to_owned(), "P6Y".to_owned()));
        assert_eq!(slots.len(), 2);
    }
}
