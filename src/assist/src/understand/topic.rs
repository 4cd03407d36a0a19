//! Which topic a question is about, when it names one, several, or none.

use jiff::civil::Date;
use sidetone_knowledge::TopicId;

use super::entity::{Found, Value};
use super::intent::{Intent, intents};
use super::lexicon::{Lexicon, Likeness, TermAt, TopicIx};
use super::question::{Mood, mood};
use super::text::{clauses, slice, starts_with};
use super::{Ask, Understanding};

/// Below this nothing points to a topic.
const FLOOR: f32 = 0.42;
/// What the topic of the turns before weighs.
const CARRY: f32 = 0.5;
/// Caller's turns after which a topic that is not spoken of fades.
const FADES_AFTER: u32 = 6;

/// What the call is about at this moment.
#[derive(Clone, Default)]
pub(crate) struct Context {
    topic: Option<TopicIx>,
    intents: Vec<Intent>,
    /// Caller's turns since.
    age: u32,
    /// Topics that the turn before asked about.
    last: Vec<TopicId>,
    agent_asked: bool,
}

impl Context {
    /// The agent's turn ended; what they ask, the caller's next turn may answer.
    pub(crate) fn agent_spoke(&mut self, mood: Mood) {
        self.agent_asked = mood == Mood::Question;
    }

    /// Whether the turn before was an agent's question.
    pub(crate) const fn agent_asked(&self) -> bool {
        self.agent_asked
    }

    fn carried(&self) -> Option<TopicIx> {
        self.topic.filter(|_| self.age <= FADES_AFTER)
    }

    /// The open question that a turn without one supplies figures for.
    pub(crate) fn supplied(&self, lexicon: &Lexicon, text: &[char]) -> Option<Ask> {
        let (topic, topic_name) = lexicon.topic(self.carried()?)?.clone();
        let spans_regions = lexicon.spans_regions(&topic);
        Some(Ask {
            topic,
            topic_name,
            intents: if self.intents.is_empty() {
                vec![Intent::Amount]
            } else {
                self.intents.clone()
            },
            is_question: false,
            carried: true,
            supplies: true,
            confidence: if self.agent_asked { 0.7 } else { 0.5 },
            words: text.iter().collect(),
            alike: Vec::new(),
            as_of: None,
            spans_regions,
        })
    }

    /// Remembers a caller's turn; gives the topics that it takes back.
    pub(crate) fn heard(
        &mut self,
        lexicon: &Lexicon,
        turn: &Understanding,
        terms: &[TermAt],
        corrects: bool,
    ) -> Vec<TopicId> {
        self.agent_asked = false;
        let asked: Vec<TopicId> = turn
            .asks
            .iter()
            .filter(|a| !a.supplies)
            .map(|a| a.topic.clone())
            .collect();
        let mut retracted = Vec::new();
        if let Some(ask) = turn.asks.last() {
            if corrects && turn.asks.iter().any(|ask| !ask.carried) {
                retracted = self
                    .last
                    .iter()
                    .filter(|topic| !asked.contains(topic))
                    .cloned()
                    .collect();
            }
            self.topic = lexicon.topic_ix(&ask.topic);
            self.intents.clone_from(&ask.intents);
            self.age = 0;
        } else {
            self.age += 1;
            // What someone tells about is what they will ask about, unless they had begun already.
            let named = terms
                .iter()
                .filter(|t| t.end - t.begin >= 3)
                .flat_map(|t| t.topics.first())
                .next();
            if let Some(named) = named
                && (self.carried().is_none() || corrects)
            {
                self.topic = Some(*named);
                self.intents.clear();
                self.age = 0;
            }
        }
        if !asked.is_empty() {
            self.last = asked;
        }
        retracted
    }
}

/// What a caller's turn asks.
pub(crate) struct Read {
    pub(crate) mood: Mood,
    pub(crate) asks: Vec<Ask>,
}

struct Clause {
    range: std::ops::Range<usize>,
    mood: Mood,
    intents: Vec<(Intent, f32)>,
}

/// Reads a caller's turn clause by clause; what lies before `cut` was taken back.
pub(crate) fn read(
    lexicon: &Lexicon,
    context: &Context,
    text: &[char],
    cut: usize,
    terms: &[TermAt],
    entities: &[Found],
) -> Read {
    let clauses: Vec<Clause> = clauses(text)
        .into_iter()
        .filter(|range| range.end > cut)
        .map(|range| range.start.max(cut)..range.end)
        .map(|range| Clause {
            mood: mood(&text[range.clone()]),
            intents: intents(&text[range.clone()]),
            range,
        })
        .collect();
    let mood = clauses.iter().map(|clause| clause.mood).max().unwrap_or(Mood::Phatic);
    let mut asks: Vec<Ask> = Vec::new();
    let mut within: Option<TopicIx> = None;
    for (at, clause) in clauses.iter().enumerate() {
        if clause.mood < Mood::Request {
            continue;
        }
        let scene = Scene::new(lexicon, context, text, terms, &clauses, at, within);
        let Some(found) = scene.topics() else { continue };
        within = found.topics.first().copied();
        for topic in &found.topics {
            let Some(ask) = scene.ask(*topic, &found, entities) else {
                continue;
            };
            merge(&mut asks, ask);
        }
    }
    Read { mood, asks }
}

/// Two clauses about one topic are one ask.
fn merge(asks: &mut Vec<Ask>, ask: Ask) {
    let Some(known) = asks.iter_mut().find(|known| known.topic == ask.topic) else {
        asks.push(ask);
        return;
    };
    if known.intents == [Intent::Other] {
        known.intents.clear();
    }
    for intent in ask.intents {
        if !known.intents.contains(&intent) && (intent != Intent::Other || known.intents.is_empty()) {
            known.intents.push(intent);
        }
    }
    known.is_question |= ask.is_question;
    known.carried &= ask.carried;
    known.confidence = known.confidence.max(ask.confidence);
    known.words.push('，');
    known.words.push_str(&ask.words);
    for (node, likeness) in ask.alike {
        match known.alike.iter_mut().find(|(id, _)| *id == node) {
            Some((_, best)) => *best = best.max(likeness),
            None => known.alike.push((node, likeness)),
        }
    }
    known.alike.sort_by(|a, b| b.1.total_cmp(&a.1));
}

/// One clause that asks, and everything around it.
struct Scene<'a> {
    lexicon: &'a Lexicon,
    context: &'a Context,
    text: &'a [char],
    terms: &'a [TermAt],
    clauses: &'a [Clause],
    at: usize,
    /// What the clause before asked about.
    within: Option<TopicIx>,
    /// Of the clause.
    alike: Likeness,
    /// Of the clause and what leads up to it.
    led: Likeness,
}

struct Topics {
    topics: Vec<TopicIx>,
    score: f32,
    named: bool,
}

impl<'a> Scene<'a> {
    fn new(
        lexicon: &'a Lexicon,
        context: &'a Context,
        text: &'a [char],
        terms: &'a [TermAt],
        clauses: &'a [Clause],
        at: usize,
        within: Option<TopicIx>,
    ) -> Self {
        let here = clauses[at].range.clone();
        let asked = |clause: &&Clause| clause.mood >= Mood::Request && !clause.intents.is_empty();
        let from = clauses[..at]
            .iter()
            .rev()
            .find(asked)
            .map_or(clauses[0].range.start, |clause| clause.range.end);
        let alike = lexicon.alike(&text[here.clone()]);
        let led = lexicon.alike(&text[from.min(here.start)..here.end]);
        Self {
            lexicon,
            context,
            text,
            terms,
            clauses,
            at,
            within,
            alike,
            led,
        }
    }

    fn clause(&self) -> &Clause {
        &self.clauses[self.at]
    }

    fn words(&self) -> &[char] {
        &self.text[self.clause().range.clone()]
    }

    /// The topic that most points to; a second one only when it is joined to the first by 和.
    fn topics(&self) -> Option<Topics> {
        let mut scores = vec![0.0_f32; self.lexicon.topic_count()];
        let mut named = vec![false; scores.len()];
        self.weigh_terms(&mut scores, &mut named);
        let own_words = named.iter().any(|named| *named);
        let anchored = own_words || !self.clause().intents.is_empty();
        self.weigh_likeness(&mut scores);
        let carries = self.clause().mood != Mood::Grievance && anchored;
        if let Some(topic) = self.within.or_else(|| self.context.carried().filter(|_| carries)) {
            scores[topic] += if own_words { CARRY * 0.4 } else { CARRY };
        }
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))?;
        if scores[best] < FLOOR {
            return None;
        }
        let mut topics = vec![best];
        topics.extend(self.joined(best));
        Some(Topics {
            topics,
            score: scores[best],
            named: named[best],
        })
    }

    fn weigh_terms(&self, scores: &mut [f32], named: &mut [bool]) {
        let here = &self.clause().range;
        for term in self.terms {
            let inside = here.contains(&term.begin);
            // Behind the question a term explains it only when nothing was named before.
            let nearness = match self.clauses.iter().position(|c| c.range.contains(&term.begin)) {
                _ if inside => 1.0,
                Some(other) if other < self.at && self.asked_already(other) => continue,
                Some(other) if other < self.at => 0.9 - 0.12 * (self.at - other - 1).min(4) as f32,
                Some(other) if self.clauses[other].mood >= Mood::Request => continue,
                _ => 0.5,
            };
            let weight = weight(term) * nearness;
            for &topic in &term.topics {
                scores[topic] = (scores[topic] + weight).min(scores[topic].max(weight) + 0.3);
                named[topic] = true;
            }
        }
    }

    /// A clause that asked by itself keeps its terms.
    fn asked_already(&self, other: usize) -> bool {
        self.clauses[other].mood >= Mood::Request && !self.clauses[other].intents.is_empty()
    }

    fn weigh_likeness(&self, scores: &mut [f32]) {
        for (topic, score) in scores.iter_mut().enumerate() {
            let own = self.alike.topics.get(topic).copied().unwrap_or(0.0);
            let led = self.led.topics.get(topic).copied().unwrap_or(0.0);
            *score += own.max(led * 0.95) * 0.8;
        }
    }

    fn joined(&self, best: TopicIx) -> Option<TopicIx> {
        let here = &self.clause().range;
        let inside: Vec<&TermAt> = self.terms.iter().filter(|term| here.contains(&term.begin)).collect();
        inside.windows(2).find_map(|pair| {
            let between = slice(self.text, pair[0].end..pair[1].begin);
            let joint = ["和", "跟", "与", "以及", "还有", "、"].contains(&between.as_str());
            let (a, b) = (pair[0].topics.first()?, pair[1].topics.first()?);
            match joint && a != b {
                true if *a == best => Some(*b),
                true if *b == best => Some(*a),
                _ => None,
            }
        })
    }

    fn ask(&self, topic: TopicIx, found: &Topics, entities: &[Found]) -> Option<Ask> {
        let (id, name) = self.lexicon.topic(topic)?.clone();
        let spans_regions = self.lexicon.spans_regions(&id);
        let clause = self.clause();
        let mut alike: Vec<(String, f32)> = Vec::new();
        for (at, likeness) in self.alike.nodes.iter().chain(&self.led.nodes) {
            let Some(entry) = self.lexicon.entry(*at).filter(|entry| entry.topic == topic) else {
                continue;
            };
            match alike.iter_mut().find(|(node, _)| *node == entry.node) {
                Some((_, best)) => *best = best.max(*likeness),
                None => alike.push((entry.node.clone(), *likeness)),
            }
        }
        alike.sort_by(|a, b| b.1.total_cmp(&a.1));
        alike.truncate(12);
        Some(Ask {
            topic: id,
            topic_name: name,
            intents: self.wanted(entities),
            is_question: clause.mood == Mood::Question,
            carried: !found.named,
            supplies: false,
            confidence: (0.35 + 0.5 * found.score).min(0.98),
            words: self.words().iter().collect(),
            alike,
            as_of: None,
            spans_regions,
        })
    }

    fn wanted(&self, entities: &[Found]) -> Vec<Intent> {
        let clause = self.clause();
        let mut sums = clause.intents.clone();
        if sums.is_empty() {
            // 最低工资是2200元，对不对？ asks about the amount in the clause before.
            let money = entities
                .iter()
                .any(|e| matches!(e.value, Value::Amount(_)) && e.range.start < clause.range.end);
            if clause.mood == Mood::Grievance {
                sums.push((Intent::Complaint, 1.0));
            } else if money {
                sums.push((Intent::Amount, 0.8));
            } else if let Some(before) = self.at.checked_sub(1) {
                sums.clone_from(&self.clauses[before].intents);
            }
        }
        let best = sums.first().map_or(0.0, |(_, weight)| *weight);
        let mut wanted: Vec<Intent> = sums
            .into_iter()
            .filter(|(_, weight)| *weight >= best * 0.6)
            .map(|(intent, _)| intent)
            .take(2)
            .collect();
        if wanted.is_empty() {
            wanted.push(Intent::Other);
        }
        wanted
    }
}

/// The longer a term, the surer; one that several topics share is worth less to each.
fn weight(term: &TermAt) -> f32 {
    let own = match term.end - term.begin {
        0..=1 => 0.3,
        2 => 0.6,
        3 => 0.75,
        4 => 0.9,
        _ => 1.0,
    };
    let own = if term.whole { own } else { 0.65 };
    own / (term.topics.len().max(1) as f32).sqrt()
}

/// Behind a date: it is the date that is asked about, not one on which something happened.
const ASKED_ABOUT: &[&str] = &[
    "的时候",
    "时候",
    "那时",
    "那会",
    "的标准",
    "标准",
    "的最低",
    "最低",
    "的缴费",
    "缴费",
    "的社保",
    "社保",
    "的基数",
    "基数",
    "年度",
    "的上限",
    "的下限",
    "是多少",
    "多少",
];

/// The past day that a turn asks about: 去年8月的时候, 2023年的标准.
pub(crate) fn as_of(text: &[char], entities: &[Found], today: Date) -> Option<Date> {
    entities.iter().find_map(|found| match found.value {
        Value::Date {
            year: Some(year),
            month,
            day,
        } if year >= 2010 => {
            let tail = text.get(found.range.end..)?;
            let tail = tail.strip_prefix(&['，']).unwrap_or(tail);
            let asked = ASKED_ABOUT.iter().any(|word| starts_with(tail, word));
            let day = Date::new(year, month.unwrap_or(7), day.unwrap_or(15)).ok()?;
            (asked && day < today && (month.is_some() || year < today.year())).then_some(day)
        }
        _ => None,
    })
}
