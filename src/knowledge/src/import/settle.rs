//! Making rows fit together: whatever has a fault is taken out, then what hung on it, until nothing has one.

use std::collections::{HashMap, HashSet};

use super::Turn;
use super::report::Report;
use crate::check::{self, edge_faults};
use crate::fault::FaultKind;
use crate::load::{Parsed, Row};
use crate::model::{Edge, Layer, Node, NodeId, Relation};
use crate::snapshot::Contents;

pub(crate) fn settle(mut parsed: Parsed, turns: Vec<Row<Turn>>, mut report: Report) -> (Contents, Report) {
    let edges = std::mem::take(&mut parsed.edges);
    let numbers: HashMap<String, u32> = parsed
        .files
        .iter()
        .enumerate()
        .map(|(at, name)| (name.clone(), at as u32))
        .collect();
    loop {
        let faults = check::check(&parsed);
        let quoted: HashSet<(u32, u32)> = parsed
            .nodes
            .iter()
            .filter(|row| matches!(row.value.layer, Layer::Policy | Layer::Case))
            .map(|row| (row.file, row.line))
            .collect();
        let mut bad: HashSet<(u32, u32)> = HashSet::new();
        for fault in faults {
            // A fault of no row, such as that there are no topics, is none of an import's.
            let Some(&file) = numbers.get(&fault.file).filter(|_| fault.line > 0) else {
                continue;
            };
            // A statute's and a court's own words are quoted as they are, figures and all.
            if matches!(fault.kind, FaultKind::LiteralFigure(_)) && quoted.contains(&(file, fault.line as u32)) {
                continue;
            }
            bad.insert((file, fault.line as u32));
            report.reject(&parsed.files, file, fault.line as u32, fault.kind);
        }
        if bad.is_empty() {
            break;
        }
        drop_rows(&mut parsed.topics, &bad);
        drop_rows(&mut parsed.nodes, &bad);
        drop_rows(&mut parsed.figures, &bad);
    }
    let edges = settle_edges(&parsed, edges, &mut report);
    let contents = Contents {
        topics: values(parsed.topics),
        nodes: values(parsed.nodes),
        edges,
        figures: values(parsed.figures),
        turns: meant(turns),
    };
    (contents, report)
}

fn drop_rows<T>(rows: &mut Vec<Row<T>>, bad: &HashSet<(u32, u32)>) {
    rows.retain(|row| !bad.contains(&(row.file, row.line)));
}

fn values<T>(rows: Vec<Row<T>>) -> Vec<T> {
    rows.into_iter().map(|row| row.value).collect()
}

/// Turns that ask for something. One for a node that is not there finds nothing.
fn meant(turns: Vec<Row<Turn>>) -> Vec<(NodeId, String)> {
    let turns = turns.into_iter().map(|row| row.value);
    turns.filter_map(|turn| Some((turn.node?, turn.text))).collect()
}

fn settle_edges(parsed: &Parsed, edges: Vec<Row<Edge>>, report: &mut Report) -> Vec<Edge> {
    let nodes: HashMap<&str, &Node> = parsed
        .nodes
        .iter()
        .map(|row| (row.value.id.as_str(), &row.value))
        .collect();
    let mut kept: Vec<Row<Edge>> = Vec::with_capacity(edges.len());
    for row in edges {
        let faults = edge_faults(&row.value, &nodes);
        let (file, line) = (row.file, row.line);
        if faults.is_empty() {
            kept.push(row);
        }
        for fault in faults {
            report.reject(&parsed.files, file, line, fault);
        }
    }
    let closing = circles(&kept);
    for &at in &closing {
        if let Some(Row { file, line, value }) = kept.get(at) {
            let kind = FaultKind::Cycle {
                from: value.from.clone(),
                to: value.to.clone(),
            };
            report.reject(&parsed.files, *file, *line, kind);
        }
    }
    let closing: HashSet<usize> = closing.into_iter().collect();
    let straight = kept.into_iter().enumerate().filter(|(at, _)| !closing.contains(at));
    straight.map(|(_, row)| row.value).collect()
}

/// Edges of succession that close a circle, by their place: without them none is left.
fn circles(edges: &[Row<Edge>]) -> Vec<usize> {
    let mut after: HashMap<&str, Vec<(usize, &str)>> = HashMap::new();
    for (at, row) in edges.iter().enumerate() {
        if matches!(row.value.rel, Relation::Supersedes | Relation::Repeals) {
            after.entry(&row.value.from).or_default().push((at, &row.value.to));
        }
    }
    let mut starts: Vec<&str> = after.keys().copied().collect();
    starts.sort_unstable();
    let (mut open, mut done) = (HashSet::new(), HashSet::new());
    let mut closing = Vec::new();
    for start in starts {
        if done.contains(start) {
            continue;
        }
        // Depth first without recursion: a node and how many of its edges were followed.
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        open.insert(start);
        while let Some((node, followed)) = path.last_mut() {
            let node = *node;
            let next = after.get(node).and_then(|next| next.get(*followed));
            *followed += 1;
            match next {
                None => {
                    open.remove(node);
                    done.insert(node);
                    path.pop();
                }
                Some(&(at, to)) if open.contains(to) => closing.push(at),
                Some(&(_, to)) if !done.contains(to) => {
                    open.insert(to);
                    path.push((to, 0));
                }
                Some(_) => {}
            }
        }
    }
    closing.sort_unstable();
    closing
}
