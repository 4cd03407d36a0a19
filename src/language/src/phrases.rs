//! What agents and callers are shown or read.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Table;
use toml::Value;

use crate::Request;

/// Wordings. Names in braces are filled in with [`fill`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// Of a figure that an administrator has to replace.
    pub sample: Sample,
    /// What a caller wants of a topic, by the wire's name of the intent.
    pub intents: BTreeMap<String, String>,
    /// Of hints that are not for the line's own place.
    pub place: Place,
    /// Of what a caller called for before.
    pub caller: PastCalls,
    /// The wrap-up's sentences.
    pub wrapup: Wrapup,
    /// What was called for.
    pub requests: Requests,
    /// Hints' sentences.
    pub hints: Hints,
    /// Values as they are read.
    pub values: Values,
}

/// Of a figure that an administrator has to replace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The word that every such text holds.
    pub mark: String,
    /// `{title}`, marked.
    pub title: String,
    /// `{body}`, marked.
    pub body: String,
    /// A sentence behind a text that was cut before it said so.
    pub spoken: String,
}

/// Of hints that are not for the line's own place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The line's own, beside another.
    pub here: String,
    /// `{title}` of a hint for `{place}`.
    pub title: String,
    /// Of `{topic}` there is nothing for `{place}`: title …
    pub nothing_title: String,
    /// … and body.
    pub nothing_body: String,
}

/// Of what a caller called for before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastCalls {
    /// They called `{count}` times.
    pub title: String,
    /// One call: its `{date}` and its wrap-up's `{summary}`.
    pub call: String,
}

/// The wrap-up's sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrapup {
    /// Who calls, where nothing says so.
    pub caller: String,
    /// An element of which there is nothing.
    pub none: String,
    /// The agent does `{words}`.
    pub agent_does: String,
    /// The caller does `{words}`.
    pub caller_does: String,
    /// The caller, in place of what the agent calls them.
    pub caller_is: String,
    /// The caller is a `{subject}`, which is a `{kind}`.
    pub of_kind: String,
    /// It is `{subject}`'s matter, the caller's `{other}`.
    pub for_another: String,
    /// The title of a `{document}`.
    pub document: String,
    /// Characters that a title may have around it already.
    pub document_marks: String,
    /// Behind it, its `{number}`.
    pub number: String,
    /// What an article is `{about}`.
    pub about: String,
    /// One `{topic}` with what was wanted of it, `{intent}`.
    pub topic: String,
    /// Every topic was answered.
    pub answered: String,
    /// `{topics}` were not.
    pub open: String,
    /// `{subject}` called for `{request}` about `{topics}`, with `{outcome}`.
    pub summary: String,
    /// `{subject}` called and asked nothing.
    pub nothing_asked: String,
    /// What is left to do: `{todos}`.
    pub todos: String,
}

/// What was called for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// A wrong is reported.
    pub complaint: String,
    /// A thing is to be done.
    pub handling: String,
    /// Help is begged for.
    pub plea: String,
    /// A case is looked up.
    pub status: String,
    /// A question is asked.
    pub enquiry: String,
}

impl Requests {
    /// As a record has it.
    #[must_use]
    pub fn name(&self, request: Request) -> &str {
        match request {
            Request::Complaint => &self.complaint,
            Request::Handling => &self.handling,
            Request::Plea => &self.plea,
            Request::Status => &self.status,
            Request::Enquiry => &self.enquiry,
        }
    }
}

/// Hints' sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hints {
    /// Before a risk, behind an answer.
    pub caution: String,
    /// The `{title}` of an answer as of another `{month}` than the call's.
    pub as_of: String,
    /// A calculation: `{name}`, `{formula}`, and [`Self::calc_is`] as `{tail}`.
    pub calc: String,
    /// The `{result}`, where the formula does not end with it.
    pub calc_is: String,
    /// The `{title}` of a calculation with sample figures.
    pub sample_calc: String,
    /// What has to be asked before `{name}` can be worked out: `{slots}`.
    pub ask_title: String,
    /// The same as `{questions}`.
    pub ask_body: String,
    /// `{questions}` that would make a result better.
    pub ask_more: String,
    /// A `{label}` and its `{change}`.
    pub compare_title: String,
    /// It rose by `{difference}`, `{percent}`.
    pub compare_up: String,
    /// It fell by as much.
    pub compare_down: String,
    /// It did not change.
    pub compare_same: String,
    /// `{label}`, `{left_when}` `{left}`, `{right_when}` `{right}`, `{change}`.
    pub compare_body: String,
    /// Two answers beside each other, `{left}` and `{right}`.
    pub compare_ways_title: String,
    /// The same with what each says, `{left_text}` and `{right_text}`.
    pub compare_ways: String,
    /// A row that holds from `{month}` on.
    pub from: String,
    /// A row of which that is not known.
    pub earlier: String,
    /// The years of `{label}`.
    pub history_title: String,
    /// A row: `{when}`, `{value}`.
    pub history_row: String,
    /// The row that holds in the month that is `{asked}` about.
    pub history_now: String,
    /// `{title}` and `{rows}`.
    pub history: String,
    /// The title of a `{document}`'s `{article}`.
    pub article_title: String,
    /// An `{article}` and its `{text}`.
    pub article: String,
    /// The `{title}` of what does not hold any more.
    pub ended_title: String,
    /// Its `{body}`, its `{last}` day and [`Self::ended_by`] as `{by}`.
    pub ended_body: String,
    /// What ended it, `{by}`.
    pub ended_by: String,
    /// The `{title}` of what the library's search found, and how sure it is in `{percent}`.
    pub looked_up: String,
}

/// Values as they are read. They are the language's: a pack's own are not heeded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// `{n}` years.
    pub years: String,
    /// `{n}` months.
    pub months: String,
    /// `{n}` days.
    pub days: String,
    /// `{n}` years of age.
    pub age: String,
    /// Year `{y}` and month `{m}`.
    pub month: String,
    /// With the day `{d}`.
    pub day: String,
    /// Grade `{n}`.
    pub grade: String,
}

/// The phrases of `base`, with those that `own` words differently; both are TOML.
pub(crate) fn overlaid(base: &str, own: &str) -> Result<Phrases, toml::de::Error> {
    let mut table: Table = toml::from_str(base)?;
    lay_over(&mut table, toml::from_str(own)?);
    table.try_into()
}

fn lay_over(base: &mut Table, own: Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(own)) => lay_over(base, own),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

impl Phrases {
    /// What is wanted of a topic, in words; `intent` is the wire's name.
    #[must_use]
    pub fn intent(&self, intent: &str) -> &str {
        self.intents.get(intent).map_or("", String::as_str)
    }
}

/// A phrase with each `{name}` replaced by its text. Texts are not looked into.
#[must_use]
pub fn fill(phrase: &str, texts: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(phrase.len());
    let mut rest = phrase;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        match behind.split_once('}') {
            Some((name, after)) => {
                let text = texts.iter().find(|(known, _)| *known == name);
                out.push_str(text.map_or("", |(_, text)| text));
                rest = after;
            }
            None => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_filled_in() {
        let texts = [("title", "{place}"), ("place", "济南")];
        assert_eq!(fill("{title}（{place}）", &texts), "{place}（济南）");
        assert_eq!(fill("{unknown}好{", &texts), "好{");
    }

    #[test]
    fn a_pack_words_single_phrases_anew() {
        let base = include_str!("../../../knowledge/zh/phrases.toml");
        let plain = overlaid(base, "").unwrap();
        let own = overlaid(base, "[requests]\nhandling = '报修'").unwrap();
        assert_eq!(own.requests.handling, "报修");
        assert_eq!(own.requests.enquiry, plain.requests.enquiry);
        assert_eq!(own.wrapup, plain.wrapup);
        let fault = overlaid(base, "[requests]\nrepair = '报修'").unwrap_err();
        assert!(fault.to_string().contains("repair"), "{fault}");
    }
}
