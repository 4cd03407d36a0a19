//! Rows of a library that speak to a program: calls do not show them, and whoever builds the file should know.

use sidetone_domain::WrittenFilter;
use sidetone_knowledge::Node;
use sidetone_knowledge::snapshot::Contents;

/// Texts that are learned from as ordinary ones: enough for how statutes are written.
const LEARNED: usize = 4_000;
/// Rows that are named; of the others the number is told.
const NAMED: usize = 100;

/// Names them on stderr.
pub(super) fn warn(contents: &Contents) {
    let found = among(contents);
    for node in found.iter().take(NAMED) {
        eprintln!(
            "worth knowing: node {} ({}) speaks to a program: calls will not show it",
            node.id, node.title
        );
    }
    if found.len() > NAMED {
        eprintln!("worth knowing: and {} more", found.len() - NAMED);
    }
}

fn among(contents: &Contents) -> Vec<&Node> {
    let nodes = &contents.nodes;
    let every = nodes.len().div_ceil(LEARNED).max(1);
    let texts: Vec<String> = nodes.iter().step_by(every).map(|node| node.body.clone()).collect();
    let turns = contents.turns.iter().map(|(_, text)| text.as_str());
    let filter = WrittenFilter::learn(turns, &texts);
    let commands = |node: &&Node| {
        let texts = [node.title.as_str(), &node.body, &node.provenance.doc_title];
        filter.unless_commanding(texts).is_none()
    };
    // A hundred thousand articles are minutes of one core.
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let part = nodes.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = nodes
            .chunks(part)
            .map(|part| scope.spawn(move || part.iter().filter(commands).collect::<Vec<_>>()))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_default())
            .collect()
    })
}
