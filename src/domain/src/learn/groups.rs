//! Texts that say the same, together.

use sidetone_knowledge::Knowledge;

use super::text::{Bag, Sparse, Vocabulary};
use crate::example::Example;

/// What characters weigh in the likeness of two texts; syllables weigh the rest.
const CHARS: f32 = 0.6;
/// So alike texts say the same.
const ALIKE: f32 = 0.25;
/// Members of a group that a text is compared with.
const COMPARED: usize = 8;

/// Groups of texts that are alike, by their words and their sounds, each as places in `texts`: the largest first, and
/// within a group in order. How telling a word is comes from the base, its examples and the texts themselves.
pub(crate) fn groups(knowledge: &Knowledge, examples: &[Example], texts: &[&str]) -> Vec<Vec<usize>> {
    let nodes = knowledge.nodes();
    let asked = nodes
        .iter()
        .flat_map(|node| std::iter::once(&node.title).chain(&node.asked_as));
    let known = asked
        .map(String::as_str)
        .chain(examples.iter().map(|e| e.text.as_str()));
    let vocabulary = Vocabulary::of(known.chain(texts.iter().copied()));
    let bags: Vec<Bag> = texts.iter().map(|text| vocabulary.bag(text)).collect();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for at in 0..bags.len() {
        let likeness = |group: &Vec<usize>| {
            let members = group.iter().take(COMPARED);
            members
                .map(|member| alike(&bags[at], &bags[*member]))
                .fold(0.0, f32::max)
        };
        let nearest = groups
            .iter()
            .map(likeness)
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, likeness)| *likeness >= ALIKE);
        match nearest {
            Some((group, _)) => groups[group].push(at),
            None => groups.push(vec![at]),
        }
    }
    // The sort keeps the order of equals: that of the texts.
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

/// How alike two texts are, 0 to 1.
fn alike(one: &Bag, other: &Bag) -> f32 {
    CHARS * cosine(&one.chars, &other.chars) + (1.0 - CHARS) * cosine(&one.sounds, &other.sounds)
}

fn cosine(one: &Sparse, other: &Sparse) -> f32 {
    let mut theirs = other.entries.iter().peekable();
    let mut sum = 0.0;
    for (run, weight) in &one.entries {
        while theirs.next_if(|(at, _)| at < run).is_some() {}
        if let Some((_, other)) = theirs.next_if(|(at, _)| at == run) {
            sum += weight * other;
        }
    }
    sum * one.scale() * other.scale()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn ways_to_ask_one_thing_are_together_and_others_apart() {
        let knowledge = Knowledge::load(Path::new("../../knowledge/it-helpdesk")).unwrap();
        let texts = [
            "公司的平板电脑能不能借回家用",
            "食堂的饭卡丢了去哪补",
            "我想把平板电脑借回家用几天行吗",
            "饭卡丢了在哪儿能补一张",
            "平板能借回家吗",
            "会议室的白板笔没水了",
            "食堂的饭咔丢了去哪儿补",
        ];
        let grouped = groups(&knowledge, &[], &texts);
        assert_eq!(grouped, [vec![0, 2, 4], vec![1, 3, 6], vec![5]]);
    }

    proptest::proptest! {
        #[test]
        fn every_text_is_in_one_group(texts in proptest::collection::vec("\\PC{0,12}", 0..12)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let knowledge = Knowledge::load(Path::new("../../knowledge/it-helpdesk")).unwrap();
            let mut all = groups(&knowledge, &[], &texts).concat();
            all.sort_unstable();
            proptest::prop_assert_eq!(all, (0..texts.len()).collect::<Vec<_>>());
        }
    }
}
