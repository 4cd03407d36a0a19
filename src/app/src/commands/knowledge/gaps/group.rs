//! Gaps that ask the same, as one.

use std::collections::{BTreeMap, BTreeSet};

use sidetone_domain::Pack;
use sidetone_schema::{Body, Envelope, GapCandidate, KnowledgeGap, Timestamp};

/// Different wordings, answers and nodes of a group that are kept.
const WORDINGS: usize = 8;
const ANSWERS: usize = 5;
const NEAREST: usize = 3;

/// Questions that ask the same.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) count: usize,
    pub(super) calls: usize,
    /// The topic that most of them are likely about.
    pub(super) topic: Option<String>,
    pub(super) topic_name: Option<String>,
    /// Mean of how likely the base has an answer.
    pub(super) in_base: f32,
    pub(super) questions: Vec<String>,
    /// What agents answered.
    pub(super) answers: Vec<String>,
    /// By their mean share, best first.
    pub(super) candidates: Vec<GapCandidate>,
    /// Places that were asked about, and how often.
    pub(super) regions: BTreeMap<String, usize>,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// The gaps themselves.
    pub(super) gaps: Vec<KnowledgeGap>,
}

/// Groups the gaps among `events`, the largest first.
pub(super) fn collect(pack: &Pack, events: Vec<Envelope>) -> Vec<Group> {
    let mut gaps: Vec<Option<(String, Timestamp, KnowledgeGap)>> = events
        .into_iter()
        .filter_map(|event| match event.body {
            Body::KnowledgeGap(gap) => Some(Some((event.call_id, event.ts, *gap))),
            _ => None,
        })
        .collect();
    // What agents answer alike was asked alike, whatever the words.
    let texts: Vec<String> = gaps.iter().flatten().map(|(_, _, gap)| said(gap)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let groups = pack.groups(&texts).into_iter();
    groups
        .filter_map(|places| {
            let members = places.into_iter().filter_map(|at| gaps.get_mut(at)?.take());
            group(members.collect())
        })
        .collect()
}

/// A gap's question, and what the agent answered.
fn said(gap: &KnowledgeGap) -> String {
    format!("{}，{}", gap.question, gap.answer.as_deref().unwrap_or_default())
}

fn group(members: Vec<(String, Timestamp, KnowledgeGap)>) -> Option<Group> {
    let (first, last) = (
        members.iter().map(|(_, at, _)| *at).min()?,
        members.iter().map(|(_, at, _)| *at).max()?,
    );
    let count = members.len();
    let calls: BTreeSet<&str> = members.iter().map(|(call, _, _)| call.as_str()).collect();
    let calls = calls.len();
    let gaps: Vec<KnowledgeGap> = members.into_iter().map(|(_, _, gap)| gap).collect();
    let (mut topics, mut regions, mut shares) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for gap in &gaps {
        if let Some(topic) = &gap.topic {
            *topics.entry((topic.clone(), gap.topic_name.clone())).or_insert(0_usize) += 1;
        }
        *regions.entry(gap.region.clone()).or_insert(0) += 1;
        for near in &gap.candidates {
            *shares.entry(near.node.clone()).or_insert(0.0) += near.share;
        }
    }
    let topic = topics
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(topic, _)| topic);
    let (topic, topic_name) = topic.unzip();
    let mut candidates: Vec<GapCandidate> = shares
        .into_iter()
        .map(|(node, share)| GapCandidate {
            node,
            share: share / count as f32,
        })
        .collect();
    candidates.sort_by(|a, b| b.share.total_cmp(&a.share));
    candidates.truncate(NEAREST);
    Some(Group {
        count,
        calls,
        topic,
        topic_name: topic_name.flatten(),
        in_base: gaps.iter().map(|gap| gap.in_base).sum::<f32>() / count as f32,
        questions: different(gaps.iter().map(|gap| &gap.question), WORDINGS),
        answers: different(gaps.iter().filter_map(|gap| gap.answer.as_ref()), ANSWERS),
        candidates,
        regions,
        first,
        last,
        gaps,
    })
}

/// The first different texts.
fn different<'a>(texts: impl Iterator<Item = &'a String>, most: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for text in texts {
        if out.len() < most && !out.contains(text) {
            out.push(text.clone());
        }
    }
    out
}
