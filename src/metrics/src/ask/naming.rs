//! The metrics that the groups of concepts name, in the order in which they were said.

use std::collections::BTreeSet;

use super::concepts::{Bag, Named, Prefer, Unnamed, name};

/// Concepts that say how something is measured, not what.
const MEASURES: [&str; 4] = ["rate", "avg", "count", "total"];

/// Metrics, or why there are none. An empty list: nothing was said of any.
pub(super) fn metrics(groups: &[Bag], prefer: Prefer) -> Result<Vec<Named>, Unnamed> {
    // "How many" behind a mark belongs to what was said before.
    let mut said: Vec<Bag> = Vec::new();
    for bag in groups {
        match said.last_mut() {
            Some(last) if bag.strong.is_empty() => last.extend(bag),
            _ if bag.strong.is_empty() => {}
            _ => said.push(bag.clone()),
        }
    }
    let mut all = Bag::default();
    groups.iter().for_each(|bag| all.extend(bag));
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let whole = name(&all, prefer);
    if said.len() == 1 {
        return whole.map(|named| vec![named]);
    }
    let joined = said.iter().skip(1).any(|bag| bag.joined);
    // A list in which each member is a name.
    if said.iter().skip(1).all(|bag| bag.joined) {
        let each: Option<Vec<Named>> = said.iter().map(|bag| name(bag, prefer).ok()).collect();
        if let Some(each) = each.filter(|each| distinct(each) == each.len()) {
            return Ok(each);
        }
    }
    if let Ok(named) = &whole {
        // Two names that are whole each are two metrics, also where one takes in the words of the other.
        if let Some(several) = parted(&said, prefer, None, true).filter(|several| joined && distinct(several) > 1) {
            return Ok(several);
        }
        return Ok(vec![named.clone()]);
    }
    if let Some(several) = parted(&said, prefer, None, false).or_else(|| parted(&said, prefer, Some(&all), false)) {
        return Ok(several);
    }
    whole.map(|named| vec![named])
}

/// Names that follow each other without a mark, as they are spoken; none where that does not explain each of them.
pub(super) fn unmarked(groups: &[Bag], prefer: Prefer) -> Option<Vec<Named>> {
    let parts: Vec<Bag> = groups
        .iter()
        .flat_map(Bag::parts)
        .filter(|bag| !bag.strong.is_empty())
        .collect();
    let named: Vec<Named> = parts.iter().map(|bag| name(bag, prefer).ok()).collect::<Option<_>>()?;
    (named.len() > 1 && distinct(&named) == named.len()).then_some(named)
}

fn distinct(several: &[Named]) -> usize {
    several.iter().map(|named| named.id).collect::<BTreeSet<_>>().len()
}

/// The fewest runs of groups of which each names a metric, more than one with `several`; what the whole sentence says may
/// help with `all`.
fn parted(said: &[Bag], prefer: Prefer, all: Option<&Bag>, several: bool) -> Option<Vec<Named>> {
    let mut best: Vec<Option<Vec<Named>>> = vec![Some(Vec::new())];
    for end in 1..=said.len() {
        let mut choice: Option<Vec<Named>> = None;
        for start in 0..end {
            let Some(before) = best[start].clone() else { continue };
            if several && start == 0 && end == said.len() {
                continue;
            }
            let mut bag = Bag::default();
            said[start..end].iter().for_each(|part| bag.extend(part));
            // "…, which topics have the highest share": that alone is no second metric.
            if several && bag.strong.iter().all(|name| MEASURES.contains(&name.as_str())) {
                continue;
            }
            let helped = |all: &Bag| {
                let mut bag = bag.clone();
                bag.weak.extend(all.strong.iter().chain(&all.weak).cloned());
                name(&bag, prefer)
            };
            let found = name(&bag, prefer).ok().or_else(|| helped(all?).ok());
            let Some(named) = found else { continue };
            let mut list = before;
            list.push(named);
            if choice.as_ref().is_none_or(|other| list.len() < other.len()) {
                choice = Some(list);
            }
        }
        best.push(choice);
    }
    best.pop().flatten()
}
