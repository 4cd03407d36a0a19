//! The seven-element wrap-up, from what was said and agreed.
//!
//! Each turn is cut into statements by what they do (`statement`). What the agent advised, promised and warned of, and what
//! the caller will do, are entries where authors' records keep such sentences (`worth`, `chosen`), in their words without fillers (`entry`); policies are those whose rule the agent
//! stated (`policies`). Wanted: each topic that the caller asked about is there, answered or not; what was only mentioned is
//! not. Each entry says what was heard, what it was understood as and which intent it serves (`checks`).

mod checks;
mod chosen;
mod entry;
mod found;
mod policies;
mod praise;
mod record;
mod satisfaction;
mod statement;
mod subject;
mod worth;

use jiff::civil::Date;
use sidetone_base::Role;
use sidetone_domain::Pack;
use sidetone_knowledge::{Knowledge, KnowledgeView, Node, RegionCode};
use sidetone_language::{Act, Phrases, fill, zh};
use sidetone_schema::{Element, ElementMethod, Topic, Wrapup, WrapupElements};

pub(crate) use record::Record;
use record::TopicRecord;

/// A statement as sure as this is an entry.
const SURE: f32 = 0.45;
/// Characters that say something.
const WORDS: usize = 8;
/// Where nothing is sure, the surest from here on is one; an element that has not even that, though it was said, is not complete.
const LIKELY: f32 = 0.35;

impl Record {
    /// As it stands.
    pub(crate) fn wrapup(&self, pack: &Pack) -> Wrapup {
        let (kb, phrases) = (pack.knowledge().as_ref(), pack.phrases());
        let policies = policies::used(self, kb, phrases);
        let said = self.weighed();
        let advice = chosen::advice(&said);
        let todos = chosen::todos(&said, phrases);
        let risks = chosen::risks(&said, &self.complaint);
        let (subject, request_type) = (self.subject(pack), self.request_type(phrases));
        let mut checks = vec![
            self.check_of("subject", &subject),
            self.check_of("request_type", &request_type),
        ];
        for (name, list) in [
            ("policies", &policies),
            ("advice", &advice),
            ("todos", &todos),
            ("risks", &risks),
        ] {
            checks.extend(list.checks(name));
        }
        let satisfaction = self.satisfaction();
        checks.push(self.check_of("satisfaction", &satisfaction));
        let elements = WrapupElements {
            subject,
            request_type,
            policies: policies.element(phrases),
            advice: advice.element(phrases),
            todos: todos.element(phrases),
            risks: risks.element(phrases),
            satisfaction,
        };
        let asked = self.asked();
        let topics: Vec<Topic> = asked.iter().map(|of| topic(of)).collect();
        Wrapup {
            complete: self.complete(&elements),
            summary: summary(&elements, &asked, phrases),
            elements,
            topics,
            checks: checks.into_iter().flatten().collect(),
            engine: None,
        }
    }

    /// Every topic's best node, then every topic's second: a long topic leaves room for the others.
    fn each_node(&self, kb: &Knowledge, mut each: impl FnMut(&KnowledgeView<'_>, &Node, &TopicRecord)) {
        let ranks = self.topics.iter().map(|topic| topic.nodes.len()).max().unwrap_or(0);
        for rank in 0..ranks {
            for topic in &self.topics {
                let Some((id, (day, region))) = topic.nodes.get(rank) else {
                    continue;
                };
                let view = kb.view(*day, region);
                if let Some(node) = kb.node(id) {
                    each(&view, node, topic);
                }
            }
        }
    }

    /// What the base says on the call's topics: title, text and document of each node, once.
    pub(crate) fn rows(&self, kb: &Knowledge) -> Vec<String> {
        let mark = zh().marks.title;
        let mut rows = Vec::new();
        self.each_node(kb, |view, node, _| {
            let source = view.source_of(node);
            let body = view.render(node).map(|body| body.text).unwrap_or_default();
            let row = format!("{}{mark}{body} {}{}", node.title, source.title, source.doc_no);
            if !rows.contains(&row) {
                rows.push(row);
            }
        });
        rows
    }

    /// Whether each element is filled: "none" fills it only where nothing was said of it.
    fn complete(&self, elements: &WrapupElements) -> bool {
        let filled = |text: &String| !text.trim().is_empty();
        let lists = [
            (&elements.policies, None),
            (&elements.advice, Some((Act::Advise, Role::Agent))),
            (&elements.todos, Some((Act::Promise, Role::Agent))),
            (&elements.risks, Some((Act::Warn, Role::Agent))),
        ];
        let kept = |(list, said): &(&Element<Vec<String>>, Option<(Act, Role)>)| {
            let none = list.method == ElementMethod::Default;
            let dropped = none && said.is_some_and(|(act, role)| self.was_said(act, role));
            !dropped && !list.value.is_empty() && list.value.iter().all(filled)
        };
        filled(&elements.subject.value) && filled(&elements.request_type.value) && lists.iter().all(kept)
    }

    fn was_said(&self, act: Act, role: Role) -> bool {
        let mut said = self.said.iter().filter(|said| said.role == role);
        said.any(|said| {
            let words = entry::advice(&said.statement.text);
            said.statement.act == act && said.statement.share >= LIKELY && words.chars().count() >= WORDS
        })
    }
}

fn topic(topic: &TopicRecord) -> Topic {
    Topic {
        topic: topic.topic.clone(),
        name: topic.name.clone(),
        intent: topic.intent().as_str().to_owned(),
        evidence: topic.evidence.clone(),
        resolved: topic.answered,
    }
}

fn summary(elements: &WrapupElements, topics: &[&TopicRecord], phrases: &Phrases) -> String {
    let (words, marks) = (&phrases.wrapup, &zh().marks);
    let subject = ("subject", elements.subject.value.as_str());
    if topics.is_empty() {
        return fill(&words.nothing_asked, &[subject]);
    }
    let named = |topic: &&TopicRecord| {
        let intent = phrases.intent(topic.intent().as_str());
        fill(&words.topic, &[("topic", &topic.name), ("intent", intent)])
    };
    let about: Vec<String> = topics.iter().map(named).collect();
    let list = marks.list.to_string();
    let open = topics.iter().filter(|topic| !topic.answered);
    let open: Vec<&str> = open.map(|topic| topic.name.as_str()).collect();
    let outcome = match open.is_empty() {
        true => words.answered.clone(),
        false => fill(&words.open, &[("topics", &open.join(&list))]),
    };
    let request = ("request", elements.request_type.value.as_str());
    let about = about.join(&list);
    let mut text = fill(
        &words.summary,
        &[subject, request, ("topics", &about), ("outcome", &outcome)],
    );
    if elements.todos.method != ElementMethod::Default {
        let todos = elements.todos.value.join(&marks.entries.to_string());
        text.push_str(&fill(
            &words.todos,
            &[("todos", todos.trim_end_matches(marks.full_stop()))],
        ));
    }
    text
}

/// The day and the place that a node was read for.
pub(crate) type ReadAs = (Date, RegionCode);
