//! Fixed rows of nodes and figures, and the strings that they name by number.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::format::{put, u32_at};
use crate::model::{Confidence, Effective, Figure, Layer, Node, Provenance};

/// Bytes of a row, of a node as of a figure: twelve numbers.
pub(crate) const ROW: usize = 12 * 4;
/// Stands for a string that is not there.
const NONE: u32 = u32::MAX;

const LAYERS: [Layer; 4] = [Layer::Policy, Layer::Business, Layer::Case, Layer::Service];
const CONFIDENCES: [Confidence; 4] = [Confidence::A, Confidence::B, Confidence::C, Confidence::D];

/// Keys of a node that have a place of their own in its row; the others, which few nodes of the large graph have, are JSON.
const FIXED: [&str; 13] = [
    "id",
    "layer",
    "topic",
    "title",
    "body",
    "region",
    "effective_from",
    "effective_to",
    "doc_no",
    "doc_title",
    "article",
    "url",
    "confidence",
];

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    asked_as: Vec<String>,
}

fn rest(node: &Node) -> Option<String> {
    let Ok(Value::Object(mut keys)) = serde_json::to_value(node) else {
        return None;
    };
    keys.retain(|key, value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        !empty && !FIXED.contains(&key.as_str())
    });
    (!keys.is_empty()).then(|| Value::Object(keys).to_string())
}

/// Strings by number while a file is written. Short ones are written once.
#[derive(Default)]
pub(crate) struct Strings {
    text: Vec<u8>,
    ends: Vec<u8>,
    known: HashMap<String, u32>,
    count: u32,
}

/// A longer string is hardly ever there twice.
const SHARED: usize = 120;

impl Strings {
    /// A new string, whatever was there before.
    pub(crate) fn push(&mut self, text: &str) -> u32 {
        self.text.extend_from_slice(text.as_bytes());
        put(&mut self.ends, self.text.len() as u32);
        self.count += 1;
        self.count - 1
    }

    fn add(&mut self, text: &str) -> u32 {
        if text.len() > SHARED {
            return self.push(text);
        }
        if let Some(&number) = self.known.get(text) {
            return number;
        }
        let number = self.push(text);
        self.known.insert(text.to_owned(), number);
        number
    }

    fn add_some(&mut self, text: Option<&str>) -> u32 {
        text.map_or(NONE, |text| self.add(text))
    }

    /// Bytes of all strings so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Ends and text.
    pub(crate) fn finish(self) -> (Vec<u8>, Vec<u8>) {
        (self.ends, self.text)
    }
}

/// Strings by number in a file.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'a> {
    pub(crate) ends: &'a [u8],
    pub(crate) text: &'a [u8],
}

impl<'a> Texts<'a> {
    pub(crate) fn get(self, number: u32) -> Option<&'a str> {
        let at = number as usize;
        let begin = match at {
            0 => 0,
            _ => u32_at(self.ends, (at - 1).checked_mul(4)?)?,
        };
        let end = u32_at(self.ends, at.checked_mul(4)?)?;
        std::str::from_utf8(self.text.get(begin as usize..end as usize)?).ok()
    }

    fn or_empty(self, number: Option<u32>) -> &'a str {
        number.and_then(|number| self.get(number)).unwrap_or_default()
    }
}

/// The id is not in the row: the string of a node's number is its id.
pub(crate) fn write_node(node: &Node, strings: &mut Strings, out: &mut Vec<u8>) {
    put(out, strings.add(&node.title));
    put(out, strings.add(&node.body));
    put(out, strings.add(&node.topic));
    put_provenance(&node.provenance, strings, out);
    put(out, strings.add_some(rest(node).as_deref()));
    put_place(&node.region, node.effective, strings, out);
    put(out, node.layer as u32 | (node.provenance.confidence as u32) << 8);
}

pub(crate) fn write_figure(figure: &Figure, strings: &mut Strings, out: &mut Vec<u8>) {
    put(out, strings.add(&figure.id));
    put(out, strings.add(&figure.name));
    put(out, strings.add(&figure.value));
    put(out, strings.add(&figure.unit));
    put_provenance(&figure.provenance, strings, out);
    put_place(&figure.region, figure.effective, strings, out);
    put(out, (figure.provenance.confidence as u32) << 8);
}

fn put_provenance(of: &Provenance, strings: &mut Strings, out: &mut Vec<u8>) {
    put(out, strings.add(&of.doc_no));
    put(out, strings.add(&of.doc_title));
    put(out, strings.add_some(of.article.as_deref()));
    put(out, strings.add_some(of.url.as_deref()));
}

fn put_place(region: &str, effective: Effective, strings: &mut Strings, out: &mut Vec<u8>) {
    put(out, strings.add(region));
    put(out, day(effective.effective_from));
    put(out, day(effective.effective_to));
}

/// `20251001`; 0 is open.
fn day(date: Option<Date>) -> u32 {
    date.map_or(0, |date| {
        u32::from(date.year().unsigned_abs()) * 10_000 + date.month() as u32 * 100 + date.day() as u32
    })
}

fn date(day: Option<u32>) -> Option<Date> {
    let day = day.filter(|&day| day != 0)?;
    Date::new((day / 10_000) as i16, (day / 100 % 100) as i8, (day % 100) as i8).ok()
}

/// A row where it lies.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    bytes: &'a [u8],
    texts: Texts<'a>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(section: &'a [u8], number: u32, texts: Texts<'a>) -> Option<Self> {
        let begin = (number as usize).checked_mul(ROW)?;
        let bytes = section.get(begin..begin.checked_add(ROW)?)?;
        Some(Self { bytes, texts })
    }

    fn field(self, at: usize) -> Option<u32> {
        u32_at(self.bytes, at * 4)
    }

    pub(crate) fn text(self, at: usize) -> &'a str {
        self.texts.or_empty(self.field(at))
    }

    fn some(self, at: usize) -> Option<&'a str> {
        let number = self.field(at).filter(|&number| number != NONE)?;
        self.texts.get(number)
    }

    pub(crate) fn effective(self, at: usize) -> Effective {
        Effective {
            effective_from: date(self.field(at)),
            effective_to: date(self.field(at + 1)),
        }
    }

    /// Whether the day, as [`day`] writes it, is within the dates at `at`; without making dates of them.
    pub(crate) fn holds(self, at: usize, on: u32) -> bool {
        let (from, to) = (self.field(at).unwrap_or(0), self.field(at + 1).unwrap_or(0));
        from <= on && (to == 0 || on <= to)
    }

    pub(crate) fn layer(self) -> Layer {
        let layer = self.field(11).unwrap_or(0) & 0xff;
        LAYERS.get(layer as usize).copied().unwrap_or(Layer::Policy)
    }

    fn provenance(self, at: usize) -> Provenance {
        let confidence = self.field(11).unwrap_or(0) >> 8;
        Provenance {
            doc_no: self.text(at).to_owned(),
            doc_title: self.text(at + 1).to_owned(),
            article: self.some(at + 2).map(str::to_owned),
            url: self.some(at + 3).map(str::to_owned),
            confidence: CONFIDENCES.get(confidence as usize).copied().unwrap_or(Confidence::D),
        }
    }

    pub(crate) fn article(self) -> Option<&'a str> {
        self.some(5)
    }

    pub(crate) fn asked_as(self) -> Vec<String> {
        let asked = self.some(7).and_then(|json| serde_json::from_str::<Asked>(json).ok());
        asked.unwrap_or_default().asked_as
    }

    /// `None` where the row is none that this program writes.
    pub(crate) fn node(self, id: &str) -> Option<Node> {
        let mut keys: Map<String, Value> = match self.some(7) {
            Some(json) => serde_json::from_str(json).ok()?,
            None => Map::new(),
        };
        let mut set = |key: &str, value: Value| keys.insert(key.to_owned(), value);
        set("id", id.into());
        set("layer", serde_json::to_value(self.layer()).ok()?);
        set("topic", self.text(2).into());
        set("title", self.text(0).into());
        set("body", self.text(1).into());
        set("region", self.text(8).into());
        for fixed in [
            serde_json::to_value(self.effective(9)).ok()?,
            serde_json::to_value(self.provenance(3)).ok()?,
        ] {
            if let Value::Object(fixed) = fixed {
                keys.extend(fixed);
            }
        }
        serde_json::from_value(Value::Object(keys)).ok()
    }

    pub(crate) fn figure(self) -> Figure {
        Figure {
            id: self.text(0).to_owned(),
            name: self.text(1).to_owned(),
            value: self.text(2).to_owned(),
            unit: self.text(3).to_owned(),
            region: self.text(8).to_owned(),
            effective: self.effective(9),
            provenance: self.provenance(4),
        }
    }
}

pub(crate) fn number_of(date: Date) -> u32 {
    day(Some(date))
}
