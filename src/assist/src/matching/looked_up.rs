//! What a library says to a question that the line's own base does not answer.

use sidetone_domain::Pack;
use sidetone_knowledge::snapshot::Found;
use sidetone_knowledge::{KnowledgeView, Layer};
use sidetone_language::fill;
use sidetone_schema::{Case, HintKind, Tier, Trigger};

use super::article::{body, name, source_of};
use super::candidate::Candidate;
use super::compose::kind_name;
use super::highlight::highlights;
use super::place::Place;
use crate::config::AssistConfig;
use crate::library::{Library, Looked, Passage};
use crate::understand::{Intent, Understanding};

/// Of what is less likely a matter of the line nothing is looked up.
const OF_THE_LINE: f32 = 0.5;
/// A find that scores less does not stand out. All of these are strict: a card that nobody needs costs more than one that is missing.
const STANDS_OUT: f32 = 0.5;
/// So much of the question, of what it could reach, stands in the words of a statute that the line's business rests on.
const OF_BUSINESS: f32 = 0.05;
/// Of others, and of a case.
const OF_OTHERS: f32 = 0.3;
/// Entries that are looked at: the line's own come up too, and were weighed before.
const LOOKED_AT: usize = 64;

/// Looks a question up; at most one card.
pub(crate) fn look_up(
    library: Library<'_>,
    config: &AssistConfig,
    turn: &Understanding,
    topic: Option<&str>,
) -> (Looked, Option<Candidate>) {
    let pack = library.pack;
    let of_the_line = turn.nearest.in_base;
    if of_the_line < OF_THE_LINE {
        return (Looked::Nothing, None);
    }
    let place = Place::of(pack, &config.region, turn.slots.region.as_deref());
    let day = turn.asks.iter().find_map(|ask| ask.as_of).unwrap_or(config.date);
    let view = pack.knowledge().view(day, &place.code);
    let found = view.within(library.snapshot).search(&turn.text, LOOKED_AT);
    let Some(best) = found.into_iter().find(|found| is_news(pack, found)).filter(stands_out) else {
        return (Looked::Nothing, None);
    };
    let Some(passage) = library.read(best.entry) else {
        return (Looked::Command, None);
    };
    let confidence = of_the_line * best.score / (1.0 + best.score);
    let mut card = card(&view, library, turn, &passage, confidence);
    card.title = place.mark(&card.title);
    card.region = place.wire();
    card.dedup_key = place.key(&card.dedup_key);
    topic.unwrap_or(&passage.node.topic).clone_into(&mut card.topic);
    card.trigger.intent = format!("{}/{}", card.topic, card.intent);
    (Looked::Found, Some(card))
}

/// A statute's or a case's, and not the line's own.
fn is_news(pack: &Pack, found: &Found<'_>) -> bool {
    matches!(found.entry.layer(), Layer::Policy | Layer::Case) && pack.knowledge().node(found.entry.id()).is_none()
}

/// Business alone that leads to a statute is a guess: some of the question has to stand in its words.
fn stands_out(found: &Found<'_>) -> bool {
    let why = &found.why;
    let enough = if why.rests > 0.0 { OF_BUSINESS } else { OF_OTHERS };
    why.text >= enough && found.score >= STANDS_OUT
}

fn card(
    view: &KnowledgeView<'_>,
    library: Library<'_>,
    turn: &Understanding,
    passage: &Passage<'_>,
    confidence: f32,
) -> Candidate {
    let words = &library.pack.phrases().hints;
    let kind = match passage.node.layer {
        Layer::Case => HintKind::Case,
        _ => HintKind::Policy,
    };
    let trigger = Trigger {
        segment_id: turn.segment.as_str().to_owned(),
        intent: String::new(),
        entities: turn.wire_entities(),
    };
    let percent = format!("{:.0}", confidence * 100.0);
    let title = name(words, &passage.node);
    let body = body(words, passage, &turn.text);
    Candidate {
        node: passage.node.id.clone(),
        intent: Intent::Other,
        title: fill(&words.looked_up, &[("title", &title), ("percent", &percent)]),
        highlights: highlights(&body, &[]),
        case: (kind == HintKind::Case).then(|| Case {
            facts: body.clone(),
            outcome: String::new(),
        }),
        body,
        sources: vec![source_of(view, library, passage)],
        score: confidence,
        dedup_key: format!("{}:{}", kind_name(kind), passage.node.id),
        ..Candidate::of(kind, Tier::Background, trigger)
    }
}
