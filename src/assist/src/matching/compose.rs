//! Hints worded from nodes and dated rows; nothing is said that they do not hold.

use sidetone_knowledge::calc::{Birth, CallerFacts, Outcome, WorkerKind};
use sidetone_knowledge::{CalcRule, Confidence, Figure, KnowledgeView, Node, SourceRef, Status};
use sidetone_schema::{Calc, CalcInput, Case, Channel, HintKind, Source, SourceStatus, Tier, Trigger};

use super::candidate::Candidate;
use super::highlight::highlights;
use super::place::Place;
use crate::understand::{Ask, Intent, Slots, Understanding, Worker};

/// From here an answer is sure enough to be must-say.
const SURE: f32 = 0.58;
/// Marks what an administrator has to replace.
const SAMPLE: &str = "示例";

/// Words hints for one ask.
pub(super) struct Composer<'a> {
    pub(super) view: &'a KnowledgeView<'a>,
    pub(super) turn: &'a Understanding,
    pub(super) ask: &'a Ask,
    pub(super) place: &'a Place,
}

/// What the sources are worth together.
struct Backing {
    sources: Vec<Source>,
    weakest: Confidence,
}

impl Composer<'_> {
    /// The answer, its risks behind it; none where a figure has no row on the day.
    pub(super) fn answer(&self, node: &Node, score: f32) -> Option<Candidate> {
        let rendered = self.view.render(node).ok()?;
        let mut body = rendered.text;
        let mut figures = rendered.figures;
        for risk in node.risks.iter().take(2) {
            if let Ok(risk) = self.view.render_text(risk) {
                body.push_str(" 注意：");
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
            candidate.title = format!("{}（{}年{}月）", candidate.title, day.year(), day.month());
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
                let (facts, outcome) = candidate.body.split_once('。').unwrap_or((&candidate.body, ""));
                candidate.case = Some(Case {
                    facts: facts.to_owned(),
                    outcome: outcome.trim().to_owned(),
                });
            }
            _ => {}
        }
        Some(candidate)
    }

    /// A figure worked out; none while the caller has not said what it needs.
    pub(super) fn calc(&self, node: &Node, score: f32) -> Option<Candidate> {
        let rule = node.calc.as_ref()?;
        let from_base = matches!(rule, CalcRule::Product { .. });
        if from_base && (self.ask.supplies || !self.ask.intents.contains(&Intent::Amount)) {
            return None;
        }
        let outcome = self.view.calc(rule, &facts(&self.turn.slots)).ok()?;
        let backing = self.backing(node, &outcome.figures);
        let tier = backing.tier(Tier::MustSay);
        let body = format!("{}：{}{}。", outcome.name, outcome.formula, tail(&outcome));
        let mut candidate = self.candidate(node, HintKind::Calc, tier, (score + 0.08).min(1.0), body, backing);
        candidate.title = match sampled(node) {
            true => format!("{SAMPLE}：{} {}{}", outcome.name, outcome.result, outcome.unit),
            false => format!("{} {}{}", outcome.name, outcome.result, outcome.unit),
        };
        candidate.title = self.place.mark(&candidate.title);
        candidate.sharpens = Some(self.place.key(&format!("answer:{}", node.id)));
        candidate.calc = Some(wire_calc(outcome));
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
        candidate
    }

    fn candidate(
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
        if sample && !title.contains(SAMPLE) && !body.contains(SAMPLE) {
            title = format!("{title}（{SAMPLE}）");
            body.push_str("（示例数据，以当地公布为准）");
        }
        let names: Vec<&str> = node.channels.iter().map(|channel| channel.name.as_str()).collect();
        let wanted = self
            .ask
            .intents
            .iter()
            .find(|intent| node.intents.iter().any(|of| of == intent.as_str()));
        Candidate {
            node: node.id.clone(),
            topic: node.topic.clone(),
            intent: wanted.copied().unwrap_or(self.ask.intent()),
            kind,
            tier,
            trigger: Trigger {
                segment_id: self.turn.segment.as_str().to_owned(),
                intent: format!("{}/{}", node.topic, self.ask.intent()),
                entities: self.turn.wire_entities(),
            },
            title: self.place.mark(&title),
            region: self.place.wire(),
            highlights: highlights(&body, &names),
            body,
            sources: backing.sources,
            score: score.clamp(0.0, 1.0),
            dedup_key: self.place.key(&format!("{}:{}", kind_name(kind), node.id)),
            sharpens: None,
            channels: None,
            calc: None,
            case: None,
        }
    }

    fn backing(&self, node: &Node, figures: &[&Figure]) -> Backing {
        let own = self.view.source_of(node);
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
    /// No source, a sample or a single unsure source: never must-say.
    fn tier(&self, wanted: Tier) -> Tier {
        let unsure = self.sources.is_empty() || self.weakest >= Confidence::C;
        if unsure { wanted.max(Tier::Useful) } else { wanted }
    }
}

fn sampled(node: &Node) -> bool {
    node.provenance.confidence == Confidence::D
}

fn tail(outcome: &Outcome<'_>) -> String {
    let said = outcome
        .formula
        .ends_with(&format!("{}{}", outcome.result, outcome.unit));
    match said {
        true => String::new(),
        false if outcome.formula.ends_with(&outcome.result) => outcome.unit.clone(),
        false => format!("，即{}{}", outcome.result, outcome.unit),
    }
}

fn facts(slots: &Slots) -> CallerFacts {
    CallerFacts {
        paid_months: slots.paid,
        service_months: slots.served,
        monthly_wage: slots
            .wage
            .and_then(|wage| crate::understand::decimal(wage).parse().ok()),
        birth: slots.born.and_then(|(year, month)| {
            Some(Birth {
                year: i32::from(year),
                month: u32::try_from(month?).ok()?,
            })
        }),
        worker: match slots.worker {
            Some(Worker::Man) => Some(WorkerKind::Man),
            Some(Worker::WomanCadre) => Some(WorkerKind::Woman55),
            Some(Worker::WomanWorker) => Some(WorkerKind::Woman50),
            Some(Worker::Woman) | None => None,
        },
    }
}

fn channels(node: &Node) -> Option<Vec<Channel>> {
    let wire = |channel: &sidetone_knowledge::ChannelInfo| Channel {
        kind: channel.kind.clone(),
        name: channel.name.clone(),
        note: channel.note.clone(),
    };
    (!node.channels.is_empty()).then(|| node.channels.iter().map(wire).collect())
}

fn wire_calc(outcome: Outcome<'_>) -> Calc {
    Calc {
        formula: outcome.formula,
        inputs: outcome
            .inputs
            .into_iter()
            .map(|input| CalcInput {
                name: input.name,
                value: input.value,
                origin: input.origin,
            })
            .collect(),
        result: outcome.result,
        unit: outcome.unit,
    }
}

fn wire_source(source: SourceRef<'_>) -> Source {
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
    }
}

const fn kind_name(kind: HintKind) -> &'static str {
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
    }
}
