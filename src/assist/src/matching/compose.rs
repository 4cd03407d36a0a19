//! Hints worded from nodes and dated rows; nothing is said that they do not hold.

use sidetone_knowledge::{Confidence, Figure, KnowledgeView, Node, SourceRef, Status, calc};
use sidetone_language::{Phrases, fill, zh};
use sidetone_schema::{Case, Channel, HintKind, Source, SourceStatus, Tier, Trigger};

use super::candidate::Candidate;
use super::highlight::highlights;
use super::place::Place;
use crate::understand::{Ask, Understanding};

/// From here an answer is sure enough to be must-say.
const SURE: f32 = 0.58;

/// Words hints for one ask.
pub(super) struct Composer<'a> {
    pub(super) view: &'a KnowledgeView<'a>,
    pub(super) turn: &'a Understanding,
    pub(super) ask: &'a Ask,
    pub(super) place: &'a Place,
    pub(super) phrases: &'a Phrases,
}

/// What the sources are worth together.
pub(super) struct Backing {
    pub(super) sources: Vec<Source>,
    pub(super) weakest: Confidence,
}

impl Composer<'_> {
    /// The answer, its risks behind it; none where a figure has no row on the day.
    pub(super) fn answer(&self, node: &Node, score: f32) -> Option<Candidate> {
        let rendered = self.view.render(node).ok()?;
        let mut body = rendered.text;
        let mut figures = rendered.figures;
        for risk in node.risks.iter().take(2) {
            if let Ok(risk) = self.view.render_text(risk) {
                body.push_str(&self.phrases.hints.caution);
                body.push_str(&risk.text);
                figures.extend(risk.figures);
            }
        }
        let backing = self.backing(node, &figures);
        let tier = match score >= SURE {
            true => backing.tier(Tier::MustSay),
            false => Tier::Useful,
        };
        let day = self.ask.as_of.map(|day| format!(":{day}")).unwrap_or_default();
        let mut candidate = self.candidate(node, HintKind::Answer, tier, score, body, backing);
        candidate.dedup_key.push_str(&day);
        if let Some(day) = self.ask.as_of {
            candidate.title = fill(
                &self.phrases.hints.as_of,
                &[("title", &candidate.title), ("month", &calc::month(day))],
            );
        }
        candidate.channels = channels(node);
        Some(candidate)
    }

    /// What the best answer cites, where it is done, a case.
    pub(super) fn linked(&self, node: &Node, kind: HintKind, score: f32, places: bool) -> Option<Candidate> {
        let rendered = self.view.render(node).ok()?;
        let backing = self.backing(node, &rendered.figures);
        let tier = match kind {
            HintKind::Policy => Tier::Useful,
            HintKind::Channel if places => Tier::Useful,
            _ => Tier::Background,
        };
        let mut candidate = self.candidate(node, kind, tier, score, rendered.text, backing);
        match kind {
            HintKind::Channel => candidate.channels = Some(channels(node).unwrap_or_default()),
            HintKind::Case => {
                let (facts, outcome) = candidate
                    .body
                    .split_once(zh().marks.full_stop())
                    .unwrap_or((&candidate.body, ""));
                candidate.case = Some(Case {
                    facts: facts.to_owned(),
                    outcome: outcome.trim().to_owned(),
                });
            }
            _ => {}
        }
        Some(candidate)
    }

    /// As [`Self::linked`], of the topic of the answer that it hangs behind: that is what was asked.
    pub(super) fn behind(
        &self,
        answer: &Node,
        node: &Node,
        kind: HintKind,
        score: f32,
        places: bool,
    ) -> Option<Candidate> {
        let mut candidate = self.linked(node, kind, score, places)?;
        candidate.topic.clone_from(&answer.topic);
        candidate.trigger.intent = format!("{}/{}", answer.topic, self.ask.intent());
        Some(candidate)
    }

    /// Says that the place has no answer of its own where the line has one, `node`: its figure is not the place's.
    pub(super) fn nothing_there(&self, node: &Node, score: f32) -> Candidate {
        let (title, body) = self.place.nothing(&self.ask.topic_name);
        let backing = Backing {
            sources: Vec::new(),
            weakest: Confidence::C,
        };
        let mut candidate = self.candidate(node, HintKind::Answer, Tier::Useful, score, body, backing);
        candidate.title = title;
        candidate.dedup_key = self.place.key(&format!("nothing:{}", self.ask.topic));
        candidate.is_nothing = true;
        candidate
    }

    pub(super) fn candidate(
        &self,
        node: &Node,
        kind: HintKind,
        tier: Tier,
        score: f32,
        mut body: String,
        backing: Backing,
    ) -> Candidate {
        let sample = backing.weakest == Confidence::D;
        let mut title = node.title.clone();
        let marked = &self.phrases.sample;
        if sample && !title.contains(&marked.mark) && !body.contains(&marked.mark) {
            title = fill(&marked.title, &[("title", &title)]);
            body = fill(&marked.body, &[("body", &body)]);
        }
        let names: Vec<&str> = node.channels.iter().map(|channel| channel.name.as_str()).collect();
        let wanted = self
            .ask
            .intents
            .iter()
            .find(|intent| node.intents.iter().any(|of| of == intent.as_str()));
        let trigger = Trigger {
            segment_id: self.turn.segment.as_str().to_owned(),
            intent: format!("{}/{}", node.topic, self.ask.intent()),
            entities: self.turn.wire_entities(),
        };
        Candidate {
            node: node.id.clone(),
            topic: node.topic.clone(),
            intent: wanted.copied().unwrap_or(self.ask.intent()),
            title: self.place.mark(&title),
            region: self.place.wire(),
            highlights: highlights(&body, &names),
            body,
            sources: backing.sources,
            score: score.clamp(0.0, 1.0),
            dedup_key: self.place.key(&format!("{}:{}", kind_name(kind), node.id)),
            ..Candidate::of(kind, tier, trigger)
        }
    }

    pub(super) fn backing(&self, node: &Node, figures: &[&Figure]) -> Backing {
        self.backing_of(self.view.source_of(node), figures)
    }

    /// What a document and the rows of figures are worth together.
    pub(super) fn backing_of(&self, own: SourceRef<'_>, figures: &[&Figure]) -> Backing {
        let mut backing = Backing {
            sources: Vec::new(),
            weakest: own.confidence,
        };
        let rows = figures.iter().map(|figure| self.view.source_of_figure(figure));
        for source in std::iter::once(own).chain(rows) {
            backing.weakest = backing.weakest.max(source.confidence);
            let wire = wire_source(source);
            if !wire.title.is_empty() && !backing.sources.contains(&wire) {
                backing.sources.push(wire);
            }
        }
        backing
    }
}

impl Backing {
    pub(super) fn is_sample(&self) -> bool {
        self.weakest == Confidence::D
    }

    /// No source, a sample or a single unsure source: never must-say.
    pub(super) fn tier(&self, wanted: Tier) -> Tier {
        let unsure = self.sources.is_empty() || self.weakest >= Confidence::C;
        if unsure { wanted.max(Tier::Useful) } else { wanted }
    }
}

fn channels(node: &Node) -> Option<Vec<Channel>> {
    let wire = |channel: &sidetone_knowledge::ChannelInfo| Channel {
        kind: channel.kind.clone(),
        name: channel.name.clone(),
        note: channel.note.clone(),
        steps: channel.steps.clone(),
        materials: channel.materials.clone(),
        limit: channel.limit.clone(),
        url: channel.url.clone(),
    };
    (!node.channels.is_empty()).then(|| node.channels.iter().map(wire).collect())
}

/// A source as the wire tells it.
pub fn wire_source(source: SourceRef<'_>) -> Source {
    Source {
        doc_no: source.doc_no.to_owned(),
        title: source.title.to_owned(),
        article: source.article.map(str::to_owned),
        effective_from: source.effective_from.map(|day| day.to_string()),
        effective_to: source.effective_to.map(|day| day.to_string()),
        status: match source.status {
            Status::InForce => SourceStatus::InForce,
            Status::NotYet => SourceStatus::NotYet,
            Status::Repealed => SourceStatus::Repealed,
            Status::Sample => SourceStatus::Sample,
        },
        url: source.url.map(str::to_owned),
        ..Source::default()
    }
}

pub(crate) const fn kind_name(kind: HintKind) -> &'static str {
    match kind {
        HintKind::Answer => "answer",
        HintKind::Policy => "policy",
        HintKind::Case => "case",
        HintKind::Compare => "compare",
        HintKind::Channel => "channel",
        HintKind::History => "history",
        HintKind::Calc => "calc",
        HintKind::Script => "script",
        HintKind::Risk => "risk",
        HintKind::Caller => "caller",
    }
}
