//! From meaning to knowledge: by graph from a business node to what it cites, where it is done and
//! which cases show it; as of the day and in the region of the call.

mod advise;
mod article;
mod calculate;
mod candidate;
mod change;
mod compose;
mod highlight;
mod looked_up;
mod place;

use jiff::civil::Date;
use sidetone_base::Role;
use sidetone_domain::Pack;
use sidetone_knowledge::{Direction, KnowledgeView, Layer, Node, RegionCode, Relation, TopicId};
use sidetone_language::{Manner, View};
use sidetone_schema::{HintKind, Tier};

use advise::Adviser;
pub use candidate::Candidate;
use compose::Composer;
pub(crate) use compose::kind_name;
pub use compose::wire_source;
pub(crate) use looked_up::look_up;
pub(crate) use place::Place;

use crate::config::AssistConfig;
use crate::library::{Library, Looked};
use crate::understand::{Ask, Intent, Understanding, clause_moods, meant_day};

/// Answers for one ask of one turn.
const ANSWERS: usize = 3;
/// What comes nearest to a turn without a question is its matter where it is likelier than nothing.
const IN_BASE: f32 = 0.5;
/// Finds of a search for the case that a caller wants to hear of.
const FOUND: usize = 20;
/// Another answer beside the first must be this likely.
const ALSO: f32 = 0.15;

/// What was found for one ask.
pub(crate) struct Found {
    pub(crate) candidates: Vec<Candidate>,
    /// The business nodes that answer it, best first.
    pub(crate) nodes: Vec<String>,
    /// Whose rows they were read with.
    pub(crate) region: RegionCode,
    /// The day whose rows they were read with.
    pub(crate) day: Date,
    /// What the library had of them.
    pub(crate) looked: Vec<Looked>,
}

/// Finds what fits one ask of a turn, and what the library has behind it.
pub(crate) fn find(
    (pack, library): (&Pack, Option<Library<'_>>),
    config: &AssistConfig,
    turn: &Understanding,
    ask: &Ask,
) -> Found {
    let as_of = ask.as_of.or_else(|| coming(pack, config, turn, ask));
    let ask = &Ask { as_of, ..ask.clone() };
    let day = ask.as_of.unwrap_or(config.date);
    let spoken = turn.slots.region.as_deref().filter(|_| !ask.spans_regions);
    let place = Place::of(pack, &config.region, spoken);
    let kb = pack.knowledge();
    let view = kb.view(day, &place.code);
    let ranked = rank(&view, config, ask);
    let composer = Composer {
        view: &view,
        turn,
        ask,
        place: &place,
        phrases: pack.phrases(),
    };
    let mut found = Found {
        candidates: Vec::new(),
        nodes: Vec::new(),
        region: place.code.clone(),
        day,
        looked: Vec::new(),
    };
    found.candidates.extend(composer.calculations(&ranked));
    if ask.supplies {
        return found;
    }
    if place.is_away() {
        let own = kb.view(day, &config.region);
        let beside = composer.two_places(&own, &rank(&own, config, ask));
        match beside.filter(|_| composer.compares()) {
            Some(beside) => found.candidates.push(beside),
            None => found.candidates.extend(not_there(&own, config, &composer)),
        }
    }
    for (place, (node, score)) in ranked.iter().take(ANSWERS).enumerate() {
        if place > 0 && *score < ALSO {
            break;
        }
        // A node with a figure that is not known for that day is passed over: no sentence with a hole.
        let Some(mut answer) = answer(&composer, node, *score) else {
            continue;
        };
        if let Some(first) = found.candidates.iter().find(|first| first.kind == HintKind::Answer) {
            // What is less likely never stands before what is more.
            answer.tier = answer.tier.max(first.tier);
        }
        found.candidates.push(answer);
        found.nodes.push(node.id.clone());
        if found.nodes.len() == 1 {
            found.candidates.extend(composer.changes(&ranked, config.date));
            around(&composer, &ranked, &mut found.candidates);
        }
    }
    if found.nodes.is_empty() && turn.view == View::History {
        found.candidates.extend(gone(&composer));
    }
    if let Some(library) = library {
        let first = found.nodes.first();
        let first = ranked.iter().find(|(node, _)| first == Some(&node.id)).copied();
        found.looked = composer.quote(library, first, &mut found.candidates);
    }
    found
}

/// The history of what holds no longer and has no answer of today.
fn gone(composer: &Composer<'_>) -> Option<Candidate> {
    let known = composer.ask.alike.iter();
    let known = known.filter_map(|(id, share)| Some((composer.view.knowledge().node(id)?, *share)));
    let nodes: Vec<(&Node, f32)> = known.collect();
    composer.past(&nodes, nodes.first()?.1)
}

/// Words to say and what to take care of, for a caller's turn; `nodes` are what was found for it. A turn that only tells may bring up a
/// risk: that a time limit is over is not asked.
pub(crate) fn advise(pack: &Pack, config: &AssistConfig, turn: &Understanding, nodes: &[String]) -> Vec<Candidate> {
    if turn.role != Role::Caller {
        return Vec::new();
    }
    let place = Place::of(pack, &config.region, turn.slots.region.as_deref());
    let asked = turn.asks.iter().map(|ask| &ask.topic);
    let mut topics: Vec<TopicId> = asked.chain(&turn.named).cloned().collect();
    if topics.is_empty() {
        // Who threatens, mourns or tells names no matter: it is what comes nearest, or that of the call.
        // Blame alone is no matter.
        let wanted = matches!(turn.view, View::Risk | View::Script) && turn.manner != Manner::Blame;
        let near = turn
            .nearest
            .nodes
            .first()
            .filter(|_| wanted || turn.nearest.in_base >= IN_BASE);
        let near = near.and_then(|(node, _)| pack.knowledge().node(node));
        let near = near.map(|node| node.topic.clone());
        let open = turn.open.clone();
        topics.extend(if wanted { near.or(open) } else { open.or(near) });
    }
    if topics.is_empty() {
        return Vec::new();
    }
    let view = pack.knowledge().view(config.date, &place.code);
    let adviser = Adviser {
        view: &view,
        turn,
        topics: &topics,
        nodes,
        place: &place,
        moods: clause_moods(&turn.text),
    };
    adviser.advice()
}

/// Of the service layer the answer is where it is done.
fn answer(composer: &Composer<'_>, node: &Node, score: f32) -> Option<Candidate> {
    match node.layer {
        Layer::Service => composer.linked(node, HintKind::Channel, score, true),
        _ => composer.answer(node, score),
    }
}

/// Where the likeliest answer holds in the line's own place and not in the one that the caller speaks of: with figures in it,
/// that the base has nothing for that place, as its figures are another's. Without, the line's own answer: who names another
/// place may well ask about this one (户口在外地，能在这边交吗).
fn not_there(own: &KnowledgeView<'_>, config: &AssistConfig, composer: &Composer<'_>) -> Option<Candidate> {
    let (node, score) = rank(own, config, composer.ask).into_iter().next()?;
    if composer.view.applies(node) && composer.view.render(node).is_ok() {
        return None;
    }
    if own.render(node).is_ok_and(|rendered| rendered.figures.is_empty()) {
        let here = Place::own(&config.region);
        let at_home = Composer {
            view: own,
            place: &here,
            ..*composer
        };
        return answer(&at_home, node, score);
    }
    Some(composer.nothing_there(node, score))
}

/// The day on which what the turn asks for holds, where that is not yet: the first day of the likeliest answer, or a later one that
/// the turn names.
fn coming(pack: &Pack, config: &AssistConfig, turn: &Understanding, ask: &Ask) -> Option<Date> {
    let (likeliest, _) = ask.alike.first()?;
    let from = pack.knowledge().node(likeliest)?.effective.effective_from?;
    let named = turn.entities.iter().filter_map(|found| meant_day(&found.value));
    (from > config.date).then(|| named.filter(|day| *day > from).max().unwrap_or(from))
}

/// Nodes that hold on the day and in the place, best first, with what agents think of them.
fn rank<'a>(view: &KnowledgeView<'a>, config: &AssistConfig, ask: &Ask) -> Vec<(&'a Node, f32)> {
    let known = ask
        .alike
        .iter()
        .filter_map(|(id, share)| Some((view.knowledge().node(id)?, *share)));
    let mut ranked: Vec<(&Node, f32)> = known
        .filter(|(node, _)| view.applies(node))
        .map(|(node, share)| (node, config.opinions.apply(&node.id, share)))
        .collect();
    if !config.opinions.is_empty() {
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    }
    ranked
}

/// What hangs together with the best answer. The kind that the caller wants to see is as good as the answer, and is looked for behind the
/// less likely nodes, too.
fn around(composer: &Composer<'_>, ranked: &[(&Node, f32)], out: &mut Vec<Candidate>) {
    let wants = composer.turn.view;
    let places = wants == View::Channel
        || matches!(
            composer.ask.intent(),
            Intent::Procedure | Intent::Location | Intent::Materials | Intent::Status | Intent::Complaint
        );
    let linked = [
        (Relation::Cites, Direction::Out, HintKind::Policy, 0.9, View::Policy),
        (
            Relation::HandledVia,
            Direction::Out,
            HintKind::Channel,
            if places { 0.97 } else { 0.7 },
            View::Channel,
        ),
        (Relation::Illustrates, Direction::In, HintKind::Case, 0.75, View::Case),
    ];
    let Some((_, score)) = ranked.first() else { return };
    for (relation, direction, kind, share, of_view) in linked {
        let wanted = wants == of_view;
        let nodes = if wanted { ranked } else { &ranked[..1] };
        let mut linked = neighbours(composer, nodes, relation, direction);
        if wanted && kind == HintKind::Case {
            linked = closest_cases(composer, ranked, linked);
        }
        let score = if wanted { *score } else { score * score * share };
        let best = linked
            .into_iter()
            .find_map(|(node, other)| composer.behind(node, other, kind, score, wanted || places));
        out.extend(best.map(|mut best| {
            if wanted {
                best.tier = best.tier.min(Tier::Useful);
            }
            best
        }));
    }
}

/// What hangs on answers by one relation, each behind its answer, in the answers' order.
fn neighbours<'a>(
    composer: &Composer<'a>,
    answers: &[(&'a Node, f32)],
    relation: Relation,
    direction: Direction,
) -> Vec<(&'a Node, &'a Node)> {
    let of_answer = |(node, _): &(&'a Node, f32)| {
        let node = *node;
        let linked = composer.view.neighbours(node, relation, direction);
        linked.into_iter().map(move |other| (node, other))
    };
    answers.iter().flat_map(of_answer).collect()
}

/// Cases that hang on answers and the others of the likeliest answer's topic, in the order in which they are like the turn: a case is
/// told in the words of who asks for one, and the likeliest answer may have none, or one about something else.
fn closest_cases<'a>(
    composer: &Composer<'a>,
    ranked: &[(&'a Node, f32)],
    mut linked: Vec<(&'a Node, &'a Node)>,
) -> Vec<(&'a Node, &'a Node)> {
    let Some(&(first, _)) = ranked.first() else {
        return linked;
    };
    let hits = composer.view.search(&composer.turn.text, FOUND);
    let of_topic = hits
        .iter()
        .map(|hit| hit.node)
        .filter(|node| node.layer == Layer::Case && node.topic == first.topic);
    linked.extend(of_topic.map(|node| (first, node)));
    let place = |other: &Node| hits.iter().position(|hit| hit.node.id == other.id).unwrap_or(FOUND);
    linked.sort_by_key(|(node, other)| (place(other), node.topic != first.topic));
    linked
}
