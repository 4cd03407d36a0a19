//! How a figure or a rule changed: two times side by side, and the whole row of years.

use jiff::civil::Date;
use sidetone_knowledge::calc::{Decimal, money, month, plain_decimal};
use sidetone_knowledge::{Direction, Figure, KnowledgeView, Layer, Node, Relation, Status};
use sidetone_language::{HintPhrases, View, fill, zh};
use sidetone_schema::{Compare, CompareRow, HintKind, HistoryItem, Tier};

use super::candidate::Candidate;
use super::compose::{Backing, Composer};
use crate::understand::{Found, meant_day};

/// Rows of a history that are read out; all of them are in its list.
const READ_OUT: usize = 6;
/// Rows of a history.
const MOST: usize = 24;
/// Answers beside the likeliest that a wanted view is looked for behind.
const BESIDE: usize = 3;

impl Composer<'_> {
    /// What the caller's words ask for beside the answer: a comparison, a history.
    pub(super) fn changes(&self, ranked: &[(&Node, f32)], today: Date) -> Vec<Candidate> {
        let Some(&(node, score)) = ranked.first() else {
            return Vec::new();
        };
        let wants = self.turn.view;
        let mut out = Vec::new();
        if wants == View::History || self.names(&self.view.knowledge().cues().history) {
            out.extend(self.past(ranked, score));
        }
        if self.compares() || self.names_two_times(today) {
            let of_times = || self.two_times(node, score, today).filter(|_| !self.place.is_away());
            let of_ways = || self.two_ways(ranked).filter(|_| wants == View::Compare);
            out.extend(of_times().or_else(of_ways));
        }
        out
    }

    /// Whether the turn wants things beside each other, by what it is like or by a word of the pack.
    pub(super) fn compares(&self) -> bool {
        self.turn.view == View::Compare || self.names(&self.view.knowledge().cues().compare)
    }

    fn names(&self, words: &[String]) -> bool {
        words.iter().any(|word| self.turn.text.contains(word.as_str()))
    }

    /// The history of the likeliest answer that has one, of its topic: of the likeliest alone also since when its document holds.
    pub(super) fn past(&self, ranked: &[(&Node, f32)], score: f32) -> Option<Candidate> {
        let topic = ranked.first().map(|(node, _)| &node.topic);
        let mut histories = ranked
            .iter()
            .take(BESIDE + 1)
            .filter(|(node, _)| Some(&node.topic) == topic)
            .filter_map(|&(node, _)| self.history(node, score));
        let first = histories.next()?;
        let changed = |history: &Candidate| history.history.as_ref().is_some_and(|items| items.len() > 1);
        match changed(&first) {
            true => Some(first),
            false => histories.find(changed).or(Some(first)),
        }
    }

    /// The first figure of an answer, or of what is worked out for it, that has ever changed, with its rows, oldest first.
    fn changed_figure(&self, node: &Node) -> Option<Vec<&Figure>> {
        let named = self.view.figures_in(&node.body).into_iter();
        let worked = self.view.knowledge().calculators_of(&node.id);
        named
            .chain(worked.flat_map(|calculator| calculator.reads()))
            .map(|id| self.view.figure_history(id))
            .find(|rows| rows.len() > 1)
    }

    /// Whether the turn names two different years: 一七年多少，现在多少 has but one, as the other is today.
    fn names_two_times(&self, today: Date) -> bool {
        let entities = self.turn.entities.iter();
        let mut years: Vec<i16> = entities
            .filter_map(|found| Some(self.named(found, today)?.0.year()))
            .collect();
        years.sort_unstable();
        years.dedup();
        years.len() == 2
    }

    fn two_times(&self, node: &Node, score: f32, today: Date) -> Option<Candidate> {
        let rows = self.changed_figure(node)?;
        let (older, newer) = self.pair(&rows, today)?;
        let words = &self.phrases.hints;
        let (left_when, right_when) = (since(words, older), since(words, newer));
        let sides = [(older, left_when.as_str()), (newer, right_when.as_str())];
        // The caller asks of two days; whether a document is in force is told of the day of the call.
        let now = self.view.knowledge().view(today, &self.place.code);
        let now = Composer { view: &now, ..*self };
        let backing = now.backing_of(now.view.source_of_figure(newer), &[older]);
        self.figures_beside(node, score, sides, backing)
    }

    /// Two rows of a figure, each with what it is called, beside each other.
    fn figures_beside(
        &self,
        node: &Node,
        score: f32,
        [(older, left_when), (newer, right_when)]: [(&Figure, &str); 2],
        backing: Backing,
    ) -> Option<Candidate> {
        let (left, right) = (plain_decimal(&older.value)?, plain_decimal(&newer.value)?);
        let difference = right.checked_sub(left)?;
        let unit = newer.unit.as_str();
        let words = &self.phrases.hints;
        let percent = percent(left, difference);
        let change = change(words, difference, unit, percent.as_deref());
        let parts = [
            ("label", newer.name.as_str()),
            ("left_when", left_when),
            ("left", &older.reading()),
            ("right_when", right_when),
            ("right", &newer.reading()),
            ("change", &change),
        ];
        let tier = backing.tier(Tier::MustSay);
        let body = fill(&words.compare_body, &parts);
        let mut candidate = self.candidate(node, HintKind::Compare, tier, (score + 0.05).min(1.0), body, backing);
        let title = fill(&words.compare_title, &[("label", &newer.name), ("change", &change)]);
        candidate.title = self.place.mark(&title);
        let key = format!("compare:{}:{left_when}:{right_when}", newer.id);
        candidate.dedup_key = self.place.key(&key);
        candidate.compare = Some(Compare {
            left: left_when.to_owned(),
            right: right_when.to_owned(),
            rows: vec![CompareRow {
                label: newer.name.clone(),
                left: older.reading(),
                right: newer.reading(),
                difference: Some(signed(difference, &difference.normalize().to_string(), unit)),
                percent,
            }],
        });
        Some(candidate)
    }

    /// A figure in the line's own place and in the one that the caller speaks of; where that has none, the line's own answer beside
    /// that there is nothing. `ranked` are answers of the line's own place.
    pub(super) fn two_places(&self, own: &KnowledgeView<'_>, ranked: &[(&Node, f32)]) -> Option<Candidate> {
        let [here, there] = self.place.beside()?;
        let figures = |&(node, score): &(&Node, f32)| {
            let id = *own.figures_in(&node.body).first()?;
            let (home, away) = (own.figure(id)?, self.view.figure(id)?);
            let backing = self.backing_of(self.view.source_of_figure(away), &[home]);
            let differ = home.region != away.region;
            differ.then(|| self.figures_beside(node, score, [(home, here), (away, there)], backing))?
        };
        let &(node, score) = ranked.first()?;
        let nothing = || match self.view.applies(node) && self.view.render(node).is_ok() {
            true => None,
            false => self.only_here(own, node, score),
        };
        ranked.iter().take(BESIDE).find_map(figures).or_else(nothing)
    }

    /// The line's own answer beside that there is none for the place that the caller speaks of.
    fn only_here(&self, own: &KnowledgeView<'_>, node: &Node, score: f32) -> Option<Candidate> {
        let [here, there] = self.place.beside()?;
        let home = own.render(node).ok()?;
        let (title, nothing) = self.place.nothing(&self.ask.topic_name);
        let backing = self.backing_of(own.source_of(node), &home.figures);
        let mut candidate = self.beside(node, score, [(here, &home.text), (there, &nothing)], backing);
        candidate.title = title;
        candidate.is_nothing = true;
        Some(candidate)
    }

    /// The likeliest answer beside the next that can be read out, first of its topic or of one that the turn names: two ways, and no
    /// two times.
    fn two_ways(&self, ranked: &[(&Node, f32)]) -> Option<Candidate> {
        let &(node, score) = ranked.first()?;
        let read_out = |(other, _): &&(&Node, f32)| self.view.render(other).is_ok();
        let others: Vec<_> = ranked.iter().skip(1).filter(read_out).collect();
        let near = |(other, _): &(&Node, f32)| other.topic == node.topic || self.turn.named.contains(&other.topic);
        let beside = others.iter().take(BESIDE).find(|other| near(other));
        let (other, _) = beside.or_else(|| others.first())?;
        let (left, right) = (self.view.render(node).ok()?, self.view.render(other).ok()?);
        let figures: Vec<&Figure> = left.figures.into_iter().chain(right.figures).collect();
        let backing = self.backing(node, &figures);
        let sides = [
            (node.title.as_str(), left.text.as_str()),
            (other.title.as_str(), right.text.as_str()),
        ];
        let mut candidate = self.beside(node, score, sides, backing);
        candidate.dedup_key = self.place.key(&format!("compare:{}:{}", node.id, other.id));
        Some(candidate)
    }

    /// Two texts beside each other, each with what it is about.
    fn beside(
        &self,
        node: &Node,
        score: f32,
        [(left, left_text), (right, right_text)]: [(&str, &str); 2],
        backing: Backing,
    ) -> Candidate {
        let words = &self.phrases.hints;
        let pair = [
            ("left", left),
            ("right", right),
            ("left_text", left_text),
            ("right_text", right_text),
        ];
        let body = fill(&words.compare_ways, &pair);
        let mut candidate = self.candidate(node, HintKind::Compare, Tier::Useful, score, body, backing);
        candidate.title = self.place.mark(&fill(&words.compare_ways_title, &pair));
        candidate.compare = Some(Compare {
            left: left.to_owned(),
            right: right.to_owned(),
            rows: vec![CompareRow {
                label: self.ask.topic_name.clone(),
                left: left_text.to_owned(),
                right: right_text.to_owned(),
                difference: None,
                percent: None,
            }],
        });
        candidate
    }

    /// The two rows that are meant: of the two days that were named; of the one that is compared with, and of the call's;
    /// else the one in force and the one before.
    fn pair<'r>(&self, rows: &[&'r Figure], today: Date) -> Option<(&'r Figure, &'r Figure)> {
        let at = |day: Date| rows.iter().position(|row| holds(row, day));
        let mut days: Vec<(Date, bool)> = self
            .turn
            .entities
            .iter()
            .filter_map(|found| self.named(found, today))
            .collect();
        days.sort();
        let (older, newer) = match days.as_slice() {
            [(first, _), .., (last, _)] if first != last => (at(*first)?, at(*last)?),
            [(day, true), ..] => (at(*day)?, at(today)?),
            [(day, false), ..] => (at(*day)?.checked_sub(1)?, at(*day)?),
            [] => (at(today)?.checked_sub(1)?, at(today)?),
        };
        Some((*rows.get(older)?, *rows.get(newer)?))
    }

    /// A day that is named, and whether it is the one to compare with: 比去年, 跟2024年相比. This year is today.
    fn named(&self, found: &Found, today: Date) -> Option<(Date, bool)> {
        let named = meant_day(&found.value)?;
        let date = if named.year() == today.year() {
            named.min(today)
        } else {
            named
        };
        let than = &self.view.knowledge().cues().than;
        let text: Vec<char> = self.turn.text.chars().collect();
        let before: String = text.get(..found.range.start)?.iter().collect();
        let after: String = text.get(found.range.end..)?.iter().collect();
        let is = than
            .iter()
            .any(|word| before.ends_with(word.as_str()) || after.starts_with(word.as_str()));
        Some((date, is))
    }

    fn history(&self, node: &Node, score: f32) -> Option<Candidate> {
        let (label, items, backing) = if let Some(rows) = self.changed_figure(node) {
            let newest = rows.last()?;
            let items: Vec<HistoryItem> = rows.iter().map(|row| figure_item(row, self.view.date())).collect();
            let backing = self.backing_of(self.view.source_of_figure(newest), &rows);
            (newest.name.clone(), items, backing)
        } else {
            let documents = lineage(self.view, node);
            let newest = *documents.last()?;
            let item = |document: &&Node| document_item(self.view, document);
            let items: Vec<HistoryItem> = documents.iter().map(item).collect();
            (newest.provenance.doc_title.clone(), items, self.backing(newest, &[]))
        };
        let tier = backing.tier(Tier::MustSay).max(Tier::Useful);
        let words = &self.phrases.hints;
        let text = read_out(words, &label, &items, self.view.date());
        let mut candidate = self.candidate(node, HintKind::History, tier, (score + 0.05).min(1.0), text, backing);
        candidate.title = self.place.mark(&fill(&words.history_title, &[("label", &label)]));
        candidate.dedup_key = self.place.key(&format!("history:{}:{}", node.id, self.view.date()));
        candidate.history = Some(items);
        Some(candidate)
    }
}

fn holds(row: &Figure, day: Date) -> bool {
    let span = row.effective;
    span.effective_from.is_none_or(|from| from <= day) && span.effective_to.is_none_or(|to| day <= to)
}

/// `2025年10月起`, or that it is not known since when.
fn since(words: &HintPhrases, row: &Figure) -> String {
    when(words, row.effective.effective_from)
}

fn when(words: &HintPhrases, from: Option<Date>) -> String {
    match from {
        Some(from) => fill(&words.from, &[("month", &month(from))]),
        None => words.earlier.clone(),
    }
}

fn signed(difference: Decimal, text: &str, unit: &str) -> String {
    let sign = if difference > Decimal::ZERO { "+" } else { "" };
    format!("{sign}{text}{unit}")
}

/// Of the older value, two digits behind the point; `None` where that is 0.
fn percent(left: Decimal, difference: Decimal) -> Option<String> {
    let share = difference.checked_div(left)?.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(signed(difference, &money(share), "%"))
}

fn change(words: &HintPhrases, difference: Decimal, unit: &str, percent: Option<&str>) -> String {
    if difference.is_zero() {
        return words.compare_same.clone();
    }
    let phrase = if difference > Decimal::ZERO {
        &words.compare_up
    } else {
        &words.compare_down
    };
    let amount = format!("{}{unit}", difference.abs().normalize());
    let percent = percent.unwrap_or_default().trim_start_matches(['+', '-']);
    fill(phrase, &[("difference", &amount), ("percent", percent)])
}

fn figure_item(row: &Figure, day: Date) -> HistoryItem {
    HistoryItem {
        effective_from: row.effective.effective_from.map(|day| day.to_string()),
        effective_to: row.effective.effective_to.map(|day| day.to_string()),
        value: row.reading(),
        doc_no: row.provenance.doc_no.clone(),
        doc_title: row.provenance.doc_title.clone(),
        in_force: holds(row, day),
    }
}

fn document_item(view: &KnowledgeView<'_>, node: &Node) -> HistoryItem {
    let source = view.source_of(node);
    HistoryItem {
        effective_from: source.effective_from.map(|day| day.to_string()),
        effective_to: source.effective_to.map(|day| day.to_string()),
        value: node.title.clone(),
        doc_no: source.doc_no.to_owned(),
        doc_title: source.title.to_owned(),
        in_force: matches!(source.status, Status::InForce) || view.applies(node),
    }
}

/// The documents that an answer cites, or the one that it is, with those before and after them, oldest first.
fn lineage<'a>(view: &KnowledgeView<'a>, node: &Node) -> Vec<&'a Node> {
    let mut found: Vec<&Node> = view.neighbours_any(node, Relation::Cites, Direction::Out);
    found.extend(
        view.knowledge()
            .node(&node.id)
            .filter(|node| node.layer == Layer::Policy),
    );
    let mut at = 0;
    while at < found.len() && found.len() < MOST {
        for relation in [Relation::Supersedes, Relation::Repeals, Relation::Amends] {
            for direction in [Direction::Out, Direction::In] {
                for other in view.neighbours_any(found[at], relation, direction) {
                    if !found.iter().any(|known| known.id == other.id) {
                        found.push(other);
                    }
                }
            }
        }
        at += 1;
    }
    // What has a history: a document that replaces or is replaced. Where there is none, since when the answer's document holds.
    let tied = |node: &&Node| {
        [Relation::Supersedes, Relation::Repeals, Relation::Amends]
            .into_iter()
            .any(|relation| {
                [Direction::Out, Direction::In]
                    .into_iter()
                    .any(|direction| !view.neighbours_any(node, relation, direction).is_empty())
            })
    };
    if found.iter().any(&tied) {
        found.retain(|node| tied(node));
    } else {
        found.retain(|node| node.effective.effective_from.is_some());
        found.truncate(1);
    }
    found.sort_by_key(|node| node.effective.effective_from);
    found.truncate(MOST);
    found
}

/// The newest rows, and which of them holds on the day that is asked about.
fn read_out(words: &HintPhrases, label: &str, items: &[HistoryItem], day: Date) -> String {
    let newest = items.len().saturating_sub(READ_OUT);
    let asked = month(day);
    let row = |item: &HistoryItem| {
        let from = item.effective_from.as_deref().and_then(|text| text.parse().ok());
        let phrase = if item.in_force {
            &words.history_now
        } else {
            &words.history_row
        };
        let when = when(words, from);
        fill(phrase, &[("when", &when), ("value", &item.value), ("asked", &asked)])
    };
    let rows: Vec<String> = items[newest..].iter().map(row).collect();
    let title = fill(&words.history_title, &[("label", label)]);
    let rows = rows.join(&zh().marks.entries.to_string());
    fill(&words.history, &[("title", &title), ("rows", &rows)])
}
