//! The entries of the records that are learned from, and how like one of them a sentence is.

use super::{LISTS, Written};
use crate::learn::near::Postings;
use crate::learn::text::{Bag, Vocabulary};

/// What the likeness to an entry counts whose call was about other matters.
const ELSEWHERE: f32 = 0.5;
/// The nearest entries whose mean tells, too.
const NEAREST: usize = 3;

/// Of each list: how like the nearest entry, and the nearest ones in the mean.
pub(super) type Likeness = [(f32, f32); LISTS];

/// One entry.
#[derive(Debug)]
struct Entry {
    list: usize,
    author: usize,
    topics: Vec<String>,
}

/// All entries.
#[derive(Debug)]
pub(super) struct Entries {
    entries: Vec<Entry>,
    /// In the same order.
    pub(super) bags: Vec<Bag>,
    postings: Postings,
}

impl Entries {
    pub(super) fn of(vocabulary: &Vocabulary, calls: &[Written]) -> Self {
        let (mut entries, mut bags) = (Vec::new(), Vec::new());
        for call in calls {
            for (list, texts) in call.lists.iter().enumerate() {
                for text in texts {
                    entries.push(Entry {
                        list,
                        author: call.author,
                        topics: call.topics.clone(),
                    });
                    bags.push(vocabulary.bag(text));
                }
            }
        }
        let postings = Postings::of(vocabulary.len(), u32::MAX, bags.iter().map(|bag: &Bag| &bag.chars));
        Self {
            entries,
            bags,
            postings,
        }
    }

    /// The entries of a list.
    pub(super) fn of_list(&self, list: usize) -> impl Iterator<Item = &Bag> {
        let all = self.entries.iter().zip(&self.bags);
        all.filter(move |(entry, _)| entry.list == list).map(|(_, bag)| bag)
    }

    /// How like them what was said in a call on `topics` is; what its own author wrote tells nothing.
    pub(super) fn likeness(&self, said: &Bag, topics: &[&str], author: Option<usize>) -> Likeness {
        let mut sums = vec![0.0; self.entries.len()];
        self.postings.add(&said.chars, 1.0, &mut sums);
        let mut nearest = [[0.0_f32; NEAREST]; LISTS];
        for (entry, sum) in self.entries.iter().zip(sums) {
            if author == Some(entry.author) {
                continue;
            }
            let is_near = entry.topics.iter().any(|topic| topics.contains(&topic.as_str()));
            let mut likeness = if is_near { sum } else { sum * ELSEWHERE };
            // Each place takes the better one and hands on the other.
            for place in &mut nearest[entry.list] {
                if likeness > *place {
                    std::mem::swap(place, &mut likeness);
                }
            }
        }
        nearest.map(|likeness| (likeness[0], likeness.iter().sum::<f32>() / NEAREST as f32))
    }
}
