//! From meaning to knowledge: by graph from a business node to what it cites, where it is done and
//! which cases show it; as of the day and in the region of the call.

mod candidate;
mod compose;
mod highlight;
mod place;

use std::sync::Arc;

use sidetone_knowledge::{Direction, Knowledge, KnowledgeView, Layer, Node, RegionCode, Relation};
use sidetone_schema::HintKind;

pub use candidate::Candidate;
use compose::Composer;
pub(crate) use place::Place;

use crate::config::AssistConfig;
use crate::understand::{Ask, Intent, Understanding};

/// Answers for one topic of one turn.
const ANSWERS: usize = 2;
/// A second answer must come this near to the first.
const NEAR: f32 = 0.88;

/// What was found for one ask.
pub(crate) struct Found {
    pub(crate) candidates: Vec<Candidate>,
    /// The business nodes that answer it, best first.
    pub(crate) nodes: Vec<String>,
    /// Whose rows they were read with.
    pub(crate) region: RegionCode,
}

/// Finds what fits one ask of a turn.
pub(crate) fn find(kb: &Arc<Knowledge>, config: &AssistConfig, turn: &Understanding, ask: &Ask) -> Found {
    let day = ask.as_of.unwrap_or(config.date);
    let place = Place::of(&config.region, turn.slots.region.filter(|_| !ask.spans_regions));
    let view = kb.view(day, &place.code);
    let ranked = rank(&view, ask);
    let composer = Composer {
        view: &view,
        turn,
        ask,
        place: &place,
    };
    let mut found = Found {
        candidates: Vec::new(),
        nodes: Vec::new(),
        region: place.code.clone(),
    };
    found.candidates.extend(calculations(&composer, &ranked));
    if ask.supplies {
        return found;
    }
    if place.is_away() {
        let own = kb.view(day, &config.region);
        found.candidates.extend(nothing_there(&own, &composer));
    }
    let best = ranked.first().map_or(0.0, |(_, score)| *score);
    for (node, score) in ranked.iter().filter(|(_, score)| *score >= best * NEAR).take(ANSWERS) {
        // A node with a figure that is not known for that day is passed over: no sentence with a hole.
        let Some(answer) = composer.answer(node, *score) else {
            continue;
        };
        found.candidates.push(answer);
        found.nodes.push(node.id.clone());
        if found.nodes.len() == 1 {
            around(&composer, node, *score, &mut found.candidates);
        }
    }
    found
}

/// Where an answer of the line's own place is none of the place that the caller speaks of.
fn nothing_there(own: &KnowledgeView<'_>, composer: &Composer<'_>) -> Option<Candidate> {
    let ranked = rank(own, composer.ask);
    let best = ranked.first().map_or(0.0, |(_, score)| *score);
    let missing = ranked
        .iter()
        .take_while(|(_, score)| *score >= best * NEAR)
        .find(|(node, _)| !composer.view.applies(node) || composer.view.render(node).is_err());
    missing.map(|(node, score)| composer.nothing_there(node, *score))
}

/// Business nodes of the topic, best first.
fn rank<'a>(view: &KnowledgeView<'a>, ask: &Ask) -> Vec<(&'a Node, f32)> {
    let mut ranked: Vec<(&Node, f32)> = view
        .nodes_of(&ask.topic, None, Some(Layer::Business))
        .into_iter()
        .map(|node| {
            let likeness = ask
                .alike
                .iter()
                .find(|(id, _)| *id == node.id)
                .map_or(0.0, |(_, likeness)| *likeness);
            let score = fit(ask, node) + 0.5 * likeness - if ask.carried { 0.03 } else { 0.0 };
            (node, score.clamp(0.0, 1.0))
        })
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

/// How well a node answers what is wanted.
fn fit(ask: &Ask, node: &Node) -> f32 {
    let answers = |intent: Intent| node.intents.iter().any(|of| of == intent.as_str());
    let near = |intent: Intent| kin(intent).iter().any(|kin| answers(*kin));
    match ask.intents.as_slice() {
        [Intent::Other, ..] | [] => 0.4,
        [first, ..] if answers(*first) => 0.58,
        [_, second, ..] if answers(*second) => 0.52,
        [first, ..] if near(*first) && !ask.carried => 0.43,
        [first, ..] if near(*first) => 0.36,
        _ => 0.22,
    }
}

/// Intents that callers put in the same words.
const fn kin(intent: Intent) -> &'static [Intent] {
    match intent {
        Intent::Amount => &[Intent::Deadline, Intent::Definition],
        Intent::Deadline => &[Intent::Amount, Intent::Eligibility],
        Intent::Eligibility => &[Intent::Definition, Intent::Procedure],
        Intent::Procedure => &[Intent::Location, Intent::Materials],
        Intent::Materials | Intent::Status => &[Intent::Procedure],
        Intent::Location => &[Intent::Procedure, Intent::Complaint],
        Intent::Complaint => &[Intent::Procedure, Intent::Eligibility],
        Intent::Definition => &[Intent::Eligibility, Intent::Amount],
        Intent::Other => &[],
    }
}

/// Figures worked out: from the base alone where an amount is asked, else from what the caller said.
fn calculations(composer: &Composer<'_>, ranked: &[(&Node, f32)]) -> Option<Candidate> {
    ranked
        .iter()
        .filter(|(_, score)| *score >= 0.3)
        .take(4)
        .find_map(|(node, score)| composer.calc(node, *score))
}

/// What hangs together with the best answer.
fn around(composer: &Composer<'_>, node: &Node, score: f32, out: &mut Vec<Candidate>) {
    let view = composer.view;
    let places = matches!(
        composer.ask.intent(),
        Intent::Procedure | Intent::Location | Intent::Materials | Intent::Status | Intent::Complaint
    );
    let linked = [
        (Relation::Cites, Direction::Out, HintKind::Policy, 0.9),
        (
            Relation::HandledVia,
            Direction::Out,
            HintKind::Channel,
            if places { 0.97 } else { 0.7 },
        ),
        (Relation::Illustrates, Direction::In, HintKind::Case, 0.75),
    ];
    for (relation, direction, kind, share) in linked {
        let neighbours = view.neighbours(node, relation, direction);
        out.extend(
            neighbours
                .into_iter()
                .find_map(|other| composer.linked(other, kind, score * share, places)),
        );
    }
}
