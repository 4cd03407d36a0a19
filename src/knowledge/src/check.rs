//! Checks of a parsed base against itself.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use sidetone_base::printable;

use crate::advice::{Occasion, Risk, RiskRow};
use crate::calc::{Book, Known, plain_decimal};
use crate::fault::{Fault, FaultKind};
use crate::load::{Parsed, Row};
use crate::model::{Edge, Effective, Figure, Node, Relation};
use crate::region;
use crate::template::{self, Piece};

/// What callers can want of a topic.
const INTENTS: [&str; 10] = [
    "eligibility",
    "amount",
    "procedure",
    "materials",
    "deadline",
    "location",
    "status",
    "complaint",
    "definition",
    "other",
];

/// Every fault of the parsed rows, in order of file and line.
pub(crate) fn check(parsed: &Parsed) -> Vec<Fault> {
    let mut checker = Checker {
        parsed,
        faults: Vec::new(),
    };
    checker.topics();
    checker.figures();
    checker.nodes();
    checker.edges();
    checker.faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    checker.faults
}

struct Checker<'a> {
    parsed: &'a Parsed,
    faults: Vec<Fault>,
}

impl<'a> Checker<'a> {
    fn fault<T>(&mut self, row: &Row<T>, kind: FaultKind) {
        let (file, line) = self.parsed.place(row);
        self.faults.push(Fault { file, line, kind });
    }

    fn place_text<T>(&self, row: &Row<T>) -> String {
        let (file, line) = self.parsed.place(row);
        format!("{file}:{line}")
    }

    fn unique<T>(&mut self, rows: &'a [Row<T>], id: impl Fn(&T) -> &str) {
        let mut seen: HashMap<&str, &Row<T>> = HashMap::new();
        for row in rows {
            let name = id(&row.value);
            if let Some(first) = seen.get(name) {
                let kind = FaultKind::DuplicateId {
                    id: name.to_owned(),
                    first: self.place_text(first),
                };
                self.fault(row, kind);
            } else {
                seen.insert(name, row);
            }
            self.id(row, name);
        }
    }

    fn id<T>(&mut self, row: &Row<T>, id: &str) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        if id.is_empty() || !id.chars().all(fits) {
            self.fault(row, FaultKind::BadId(id.to_owned()));
        }
    }

    fn topics(&mut self) {
        let parsed = self.parsed;
        if parsed.topics.is_empty() {
            self.faults.push(Fault {
                file: "topics.jsonl".to_owned(),
                line: 0,
                kind: FaultKind::MissingFile("topics"),
            });
        }
        self.unique(&parsed.topics, |topic| &topic.id);
        for row in &parsed.topics {
            if row.value.name.is_empty() {
                self.fault(row, FaultKind::Empty("name"));
            }
            if row.value.terms.is_empty() || row.value.terms.iter().any(|term| term.trim().is_empty()) {
                self.fault(row, FaultKind::Empty("terms"));
            }
        }
    }

    fn place_and_time<T>(&mut self, row: &Row<T>, region: &str, effective: Effective) {
        if !region::is_valid(region) {
            self.fault(row, FaultKind::BadRegion(region.to_owned()));
        }
        if let (Some(from), Some(to)) = (effective.effective_from, effective.effective_to)
            && to < from
        {
            self.fault(
                row,
                FaultKind::DatesReversed {
                    from: from.to_string(),
                    to: to.to_string(),
                },
            );
        }
    }

    fn figures(&mut self) {
        let parsed = self.parsed;
        let mut groups: HashMap<(&str, &str), Vec<&Row<Figure>>> = HashMap::new();
        for row in &parsed.figures {
            let figure = &row.value;
            self.id(row, &figure.id);
            if figure.name.is_empty() {
                self.fault(row, FaultKind::Empty("name"));
            }
            if figure.provenance.doc_title.is_empty() {
                self.fault(row, FaultKind::Empty("doc_title"));
            }
            self.place_and_time(row, &figure.region, figure.effective);
            if plain_decimal(&figure.value).is_none() {
                self.fault(row, FaultKind::BadValue(figure.value.clone()));
            }
            groups.entry((&figure.id, &figure.region)).or_default().push(row);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        for group in &mut groups {
            group.sort_by_key(|row| row.value.effective.effective_from);
            for pair in group.windows(2) {
                let (Some(older), Some(newer)) = (pair.first(), pair.get(1)) else {
                    continue;
                };
                let end = older.value.effective.effective_to;
                let begin = newer.value.effective.effective_from;
                // A row without a first day sorts first, so `begin` is open only if both are.
                if end.is_none() || begin.is_none() || end >= begin {
                    let kind = FaultKind::Overlap {
                        id: newer.value.id.clone(),
                        region: newer.value.region.clone(),
                        other: self.place_text(older),
                    };
                    self.fault(newer, kind);
                }
            }
        }
    }

    fn nodes(&mut self) {
        let parsed = self.parsed;
        let mut regions: HashMap<&str, Vec<&str>> = HashMap::new();
        for row in &parsed.figures {
            regions.entry(&row.value.id).or_default().push(&row.value.region);
        }
        let topics: HashMap<&str, ()> = parsed.topics.iter().map(|row| (row.value.id.as_str(), ())).collect();
        self.unique(&parsed.nodes, |node| &node.id);
        for row in &parsed.nodes {
            let node = &row.value;
            if !topics.contains_key(node.topic.as_str()) {
                self.fault(row, FaultKind::UnknownTopic(node.topic.clone()));
            }
            for intent in node.intents.iter().filter(|intent| !INTENTS.contains(&intent.as_str())) {
                self.fault(row, FaultKind::UnknownIntent(intent.clone()));
            }
            let texts = [
                ("title", &node.title),
                ("body", &node.body),
                ("doc_title", &node.provenance.doc_title),
            ];
            for (name, text) in texts {
                if text.trim().is_empty() {
                    self.fault(row, FaultKind::Empty(name));
                }
            }
            self.place_and_time(row, &node.region, node.effective);
            self.node_texts(row, &regions);
        }
    }

    fn node_texts(&mut self, row: &Row<Node>, regions: &HashMap<&str, Vec<&str>>) {
        let node = &row.value;
        let notes = node.channels.iter().filter_map(|channel| channel.note.as_ref());
        for text in [&node.title, &node.body]
            .into_iter()
            .chain(&node.todos)
            .chain(&node.risks)
            .chain(notes)
        {
            if !matches!(printable(text), Cow::Borrowed(_)) {
                self.fault(row, FaultKind::Unprintable(printable(text).into_owned()));
            }
            if let Some(literal) = template::literal_figure(text) {
                self.fault(row, FaultKind::LiteralFigure(literal));
            }
        }
        for text in [&node.body].into_iter().chain(&node.todos).chain(&node.risks) {
            let Some(pieces) = template::pieces(text) else {
                self.fault(row, FaultKind::Braces(text.clone()));
                continue;
            };
            for piece in pieces {
                if let Piece::Figure(id) = piece {
                    self.figure_for(row, id, regions);
                }
            }
        }
    }

    fn figure_for(&mut self, row: &Row<Node>, id: &str, regions: &HashMap<&str, Vec<&str>>) {
        match regions.get(id) {
            None => self.fault(row, FaultKind::UnknownFigure(id.to_owned())),
            Some(rows) => {
                let seen = region::chain(&row.value.region);
                if !rows.iter().any(|region| seen.iter().any(|code| code == region)) {
                    let kind = FaultKind::FigureElsewhere {
                        figure: id.to_owned(),
                        region: row.value.region.clone(),
                    };
                    self.fault(row, kind);
                }
            }
        }
    }

    fn edges(&mut self) {
        let parsed = self.parsed;
        let nodes: HashMap<&str, &Node> = parsed
            .nodes
            .iter()
            .map(|row| (row.value.id.as_str(), &row.value))
            .collect();
        for row in &parsed.edges {
            for kind in edge_faults(&row.value, &nodes) {
                self.fault(row, kind);
            }
        }
    }
}

/// What is wrong with an edge between these nodes.
pub(crate) fn edge_faults(edge: &Edge, nodes: &HashMap<&str, &Node>) -> Vec<FaultKind> {
    let ends = [&edge.from, &edge.to].into_iter();
    let mut faults: Vec<FaultKind> = ends
        .filter(|end| !nodes.contains_key(end.as_str()))
        .map(|end| FaultKind::DanglingEdge(end.clone()))
        .collect();
    if edge.from == edge.to {
        faults.push(FaultKind::SelfEdge(edge.from.clone()));
    }
    let ends = matches!(edge.rel, Relation::Repeals | Relation::Supersedes);
    let open = |node: &&Node| node.effective.effective_to.is_none();
    if ends && nodes.get(edge.to.as_str()).is_some_and(open) {
        faults.push(FaultKind::RepealedWithoutEnd {
            by: edge.from.clone(),
            node: edge.to.clone(),
        });
    }
    faults
}

/// Scripts and risks: their ids, what they are tied to, and the conditions of risks.
pub(crate) fn risks(parsed: &Parsed, book: &Book, faults: &mut Vec<Fault>) -> Vec<Risk> {
    let mut checker = Checker {
        parsed,
        faults: Vec::new(),
    };
    let known = parsed.known();
    let topics: HashSet<&str> = parsed.topics.iter().map(|row| row.value.id.as_str()).collect();
    checker.unique(&parsed.scripts, |script| &script.id);
    for row in &parsed.scripts {
        checker.occasion(row, &row.value.on, &known, &topics);
        if row.value.say.is_empty() {
            checker.fault(row, FaultKind::Empty("say"));
        }
    }
    checker.unique(&parsed.risks, |risk| &risk.id);
    let mut risks = Vec::new();
    for row in &parsed.risks {
        checker.occasion(row, &row.value.on, &known, &topics);
        let effective = Effective {
            effective_from: row.value.effective_from,
            effective_to: row.value.effective_to,
        };
        checker.place_and_time(row, &row.value.region, effective);
        if let Some(literal) = template::literal_figure(&row.value.body) {
            checker.fault(row, FaultKind::LiteralFigure(literal));
        }
        checker.risk_text(row, book, &known);
        match Risk::build(book, &known, row.value.clone()) {
            Ok(risk) => risks.push(risk),
            Err(kind) => checker.fault(row, kind),
        }
    }
    faults.append(&mut checker.faults);
    risks
}

impl Checker<'_> {
    fn occasion<T>(&mut self, row: &Row<T>, on: &Occasion, known: &Known<'_>, topics: &HashSet<&str>) {
        for topic in on.topics.iter().filter(|topic| !topics.contains(topic.as_str())) {
            self.fault(row, FaultKind::UnknownTopic(topic.clone()));
        }
        for node in on.nodes.iter().filter(|node| !known.nodes.contains(node.as_str())) {
            self.fault(row, FaultKind::UnknownNode(node.clone()));
        }
    }

    fn risk_text(&mut self, row: &Row<RiskRow>, book: &Book, known: &Known<'_>) {
        let body = &row.value.body;
        let Some(pieces) = template::pieces(body) else {
            self.fault(row, FaultKind::Braces(body.clone()));
            return;
        };
        for piece in pieces {
            if let Piece::Figure(name) = piece
                && book.slot(name.strip_suffix(".before").unwrap_or(name)).is_none()
                && !known.figures.contains(name)
            {
                self.fault(row, FaultKind::UnknownFigure(name.to_owned()));
            }
        }
    }
}
