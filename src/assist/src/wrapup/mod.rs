//! The seven-element wrap-up, from what was heard, what it means and what was wanted.
//!
//! Heard: cues in the turns. Means: the nodes that matched. Wanted: each topic that the caller asked about
//! is there, answered or not; what was only mentioned is not.

mod phrase;
mod policies;
mod praise;
mod record;

use jiff::civil::Date;
use sidetone_domain::Pack;
use sidetone_knowledge::{Knowledge, KnowledgeView, Node, RegionCode};
use sidetone_language::{Phrases, fill, zh};
use sidetone_schema::{Element, ElementMethod, Topic, Wrapup, WrapupElements};

use policies::Policies;
pub(crate) use record::Record;
use record::TopicRecord;

/// Entries of one element.
const MOST: usize = 8;
/// Entries of 处理建议.
const MOST_ADVICE: usize = 5;

impl Record {
    /// As it stands.
    pub(crate) fn wrapup(&self, pack: &Pack) -> Wrapup {
        let (kb, phrases) = (pack.knowledge().as_ref(), pack.phrases());
        let named = |list: Element<Vec<String>>| or_none(list, phrases);
        let risks = self.list(kb, |view, node| rendered(view, &node.risks));
        let elements = WrapupElements {
            subject: self.subject(phrases),
            request_type: self.request_type(phrases),
            policies: named(self.policies(kb, phrases)),
            advice: named(self.advice(kb, phrases)),
            todos: named(self.todos(kb, phrases)),
            risks: named(risks),
            satisfaction: self.satisfaction(),
        };
        let topics: Vec<Topic> = self
            .topics
            .iter()
            .map(|topic| Topic {
                topic: topic.topic.clone(),
                name: topic.name.clone(),
                intent: topic.intent().as_str().to_owned(),
                evidence: topic.evidence.clone(),
                resolved: topic.answered,
            })
            .collect();
        let summary = summary(&elements, &self.topics, phrases);
        Wrapup {
            complete: complete(&elements),
            elements,
            topics,
            summary,
            engine: None,
        }
    }

    /// What the answers rest on: first the answers' own documents, then those that they cite.
    fn policies(&self, kb: &Knowledge, phrases: &Phrases) -> Element<Vec<String>> {
        let mut found = Policies::default();
        let mut evidence = Vec::new();
        self.each_node(kb, |view, node, topic| {
            found.own(phrases, view, node, self.place(topic));
            merge(&mut evidence, &topic.evidence);
        });
        self.each_node(kb, |view, node, topic| {
            found.cited(phrases, view, node, self.place(topic))
        });
        Element {
            value: found.into_names(phrases),
            evidence,
            confidence: 0.8,
            method: ElementMethod::Knowledge,
        }
    }

    fn place(&self, topic: &TopicRecord) -> usize {
        self.topics
            .iter()
            .position(|known| known.topic == topic.topic)
            .unwrap_or_default()
    }

    /// One element from the nodes that matched.
    fn list(&self, kb: &Knowledge, read: impl Fn(&KnowledgeView<'_>, &Node) -> Vec<String>) -> Element<Vec<String>> {
        let mut element = Element {
            value: Vec::new(),
            evidence: Vec::new(),
            confidence: 0.8,
            method: ElementMethod::Knowledge,
        };
        self.each_node(kb, |view, node, topic| {
            let found = read(view, node);
            if !found.is_empty() {
                merge(&mut element.evidence, &topic.evidence);
            }
            for text in &found {
                phrase::add(&mut element.value, text, MOST);
            }
        });
        element
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
            rows.extend(rendered(view, &node.todos));
        });
        rows
    }

    /// What the caller was, or would be, told.
    fn advice(&self, kb: &Knowledge, phrases: &Phrases) -> Element<Vec<String>> {
        let mut element = Element {
            value: Vec::new(),
            evidence: Vec::new(),
            confidence: 0.75,
            method: ElementMethod::Knowledge,
        };
        self.each_node(kb, |view, node, topic| {
            if let Ok(body) = view.render(node) {
                merge(&mut element.evidence, &topic.told);
                phrase::add(
                    &mut element.value,
                    &phrase::brief(phrases, &node.title, &body.text),
                    MOST_ADVICE,
                );
            }
        });
        if element.value.is_empty() {
            let told: Vec<String> = self.topics.iter().flat_map(|topic| topic.words.clone()).collect();
            merge(&mut element.value, &told);
            element.method = ElementMethod::Heard;
            element.confidence = 0.6;
            for topic in &self.topics {
                merge(&mut element.evidence, &topic.told);
            }
        }
        element
    }

    /// What the agent promised, then what the matter itself demands.
    fn todos(&self, kb: &Knowledge, phrases: &Phrases) -> Element<Vec<String>> {
        let mut element = self.list(kb, |view, node| rendered(view, &node.todos));
        if self.promised.is_empty() {
            return element;
        }
        for (segment, words) in &self.promised {
            merge(
                &mut element.value,
                &[fill(&phrases.wrapup.promised, &[("words", words)])],
            );
            merge(&mut element.evidence, std::slice::from_ref(segment));
        }
        element.method = ElementMethod::Heard;
        element.confidence = 0.85;
        element
    }
}

fn rendered(view: &KnowledgeView<'_>, texts: &[String]) -> Vec<String> {
    texts
        .iter()
        .filter_map(|text| view.render_text(text).ok())
        .map(|rendered| rendered.text)
        .collect()
}

fn merge(into: &mut Vec<String>, from: &[String]) {
    for text in from {
        if into.len() < MOST && !into.contains(text) {
            into.push(text.clone());
        }
    }
}

/// What is empty says so.
fn or_none(mut element: Element<Vec<String>>, phrases: &Phrases) -> Element<Vec<String>> {
    if element.value.is_empty() {
        element = Element {
            value: vec![phrases.wrapup.none.clone()],
            evidence: Vec::new(),
            confidence: 0.6,
            method: ElementMethod::Default,
        };
    }
    element
}

fn complete(elements: &WrapupElements) -> bool {
    let lists = [&elements.policies, &elements.advice, &elements.todos, &elements.risks];
    let filled = |text: &String| !text.trim().is_empty();
    filled(&elements.subject.value)
        && filled(&elements.request_type.value)
        && lists
            .iter()
            .all(|list| !list.value.is_empty() && list.value.iter().all(filled))
}

fn summary(elements: &WrapupElements, topics: &[TopicRecord], phrases: &Phrases) -> String {
    let (words, marks) = (&phrases.wrapup, &zh().marks);
    let subject = ("subject", elements.subject.value.as_str());
    if topics.is_empty() {
        return fill(&words.nothing_asked, &[subject]);
    }
    let named = |topic: &TopicRecord| {
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
