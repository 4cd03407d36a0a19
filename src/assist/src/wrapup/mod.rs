//! The seven-element wrap-up, from what was heard, what it means and what was wanted.
//!
//! Heard: cues in the turns. Means: the nodes that matched. Wanted: each topic that the caller asked about
//! is there, answered or not; what was only mentioned is not.

mod cues;
mod phrase;
mod policies;
mod praise;
mod record;

use jiff::civil::Date;
use sidetone_knowledge::{Knowledge, KnowledgeView, Node, RegionCode};
use sidetone_schema::{Element, ElementMethod, Topic, Wrapup, WrapupElements};

use policies::Policies;
pub(crate) use record::Record;
use record::TopicRecord;

/// Says that there is none.
const NONE: &str = "无";
/// Entries of one element.
const MOST: usize = 8;
/// Entries of 处理建议.
const MOST_ADVICE: usize = 5;

impl Record {
    /// As it stands.
    pub(crate) fn wrapup(&self, kb: &Knowledge) -> Wrapup {
        let policies = self.policies(kb);
        let risks = self.list(kb, |view, node| rendered(view, &node.risks));
        let elements = WrapupElements {
            subject: self.subject(),
            request_type: self.request_type(),
            policies,
            advice: self.advice(kb),
            todos: self.todos(kb),
            risks,
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
        let summary = summary(&elements, &self.topics);
        Wrapup {
            complete: complete(&elements),
            elements,
            topics,
            summary,
        }
    }

    /// What the answers rest on: first the answers' own documents, then those that they cite.
    fn policies(&self, kb: &Knowledge) -> Element<Vec<String>> {
        let mut found = Policies::default();
        let mut evidence = Vec::new();
        self.each_node(kb, |view, node, topic| {
            found.own(view, node, self.place(topic));
            merge(&mut evidence, &topic.evidence);
        });
        self.each_node(kb, |view, node, topic| found.cited(view, node, self.place(topic)));
        or_none(Element {
            value: found.into_names(),
            evidence,
            confidence: 0.8,
            method: ElementMethod::Knowledge,
        })
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
        or_none(element)
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

    /// What the caller was, or would be, told.
    fn advice(&self, kb: &Knowledge) -> Element<Vec<String>> {
        let mut element = Element {
            value: Vec::new(),
            evidence: Vec::new(),
            confidence: 0.75,
            method: ElementMethod::Knowledge,
        };
        self.each_node(kb, |view, node, topic| {
            if let Ok(body) = view.render(node) {
                merge(&mut element.evidence, &topic.told);
                phrase::add(&mut element.value, &phrase::brief(&node.title, &body.text), MOST_ADVICE);
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
        or_none(element)
    }

    /// What the agent promised, then what the matter itself demands.
    fn todos(&self, kb: &Knowledge) -> Element<Vec<String>> {
        let mut element = self.list(kb, |view, node| rendered(view, &node.todos));
        if self.promised.is_empty() {
            return element;
        }
        if element.method == ElementMethod::Default {
            element.value.clear();
        }
        for (segment, words) in &self.promised {
            merge(&mut element.value, &[format!("坐席承诺：{words}")]);
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

fn or_none(mut element: Element<Vec<String>>) -> Element<Vec<String>> {
    if element.value.is_empty() {
        element = Element {
            value: vec![NONE.to_owned()],
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

fn summary(elements: &WrapupElements, topics: &[TopicRecord]) -> String {
    if topics.is_empty() {
        return format!("{}来电，未提出具体业务问题。", elements.subject.value);
    }
    let about: Vec<String> = topics
        .iter()
        .map(|topic| format!("{}（{}）", topic.name, topic.intent().label()))
        .collect();
    let open: Vec<&str> = topics
        .iter()
        .filter(|topic| !topic.answered)
        .map(|topic| topic.name.as_str())
        .collect();
    let outcome = if open.is_empty() {
        "均已答复".to_owned()
    } else {
        format!("{}尚未答复", open.join("、"))
    };
    let mut text = format!(
        "{}来电{}{}，{outcome}。",
        elements.subject.value,
        elements.request_type.value,
        about.join("、")
    );
    if elements.todos.method != ElementMethod::Default {
        text.push_str(&format!(
            "待办：{}。",
            elements.todos.value.join("；").trim_end_matches('。')
        ));
    }
    text
}

/// The day and the place that a node was read for.
pub(crate) type ReadAs = (Date, RegionCode);
