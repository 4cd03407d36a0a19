//! One wrap-up against its script's key.

use sidetone_schema::{Element, ElementMethod, Satisfaction, Wrapup};

use super::same::{Same, numbers, same_subject, stands_in};
use crate::hints::script::Script;

/// Of an entry's words, how many its evidence has to hold; a policy's name is its document's, so it holds few.
const EVIDENT: f64 = 0.5;
const EVIDENT_POLICY: f64 = 0.1;

/// Parts of a whole.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share(pub(crate) usize, pub(crate) usize);

impl Share {
    fn count(&mut self, good: bool) {
        self.0 += usize::from(good);
        self.1 += 1;
    }

    /// Of nothing, 1.
    pub(crate) fn value(self) -> f64 {
        if self.1 == 0 {
            1.0
        } else {
            self.0 as f64 / self.1 as f64
        }
    }
}

/// The four lists, in the order of the figures.
pub(crate) const LISTS: [&str; 4] = ["policies", "advice", "todos", "risks"];

/// Over all calls.
#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) subject: Share,
    pub(crate) request_type: Share,
    pub(crate) satisfaction: Share,
    /// Entries of the key that were found.
    pub(crate) found: [Share; 4],
    /// Entries written that the key does not have.
    pub(crate) wrong: [Share; 4],
    /// Of these, those that another list of the key has.
    pub(crate) misplaced: usize,
    pub(crate) complete: Share,
    pub(crate) evidence: Share,
    pub(crate) topics_found: Share,
    pub(crate) topics_right: Share,
    pub(crate) invented: usize,
    /// In plain words, for whoever wants to cure them.
    pub(crate) faults: Vec<String>,
    same: Same,
}

impl Figures {
    pub(crate) fn by(same: Same) -> Self {
        Self {
            same,
            ..Self::default()
        }
    }

    /// Counts one call.
    pub(crate) fn judge(&mut self, script: &Script, wrapup: &Wrapup, none: &str) {
        let (key, made) = (&script.wrapup, &wrapup.elements);
        let satisfaction = match made.satisfaction.value {
            Satisfaction::Satisfied => "satisfied",
            Satisfaction::Neutral => "neutral",
            Satisfaction::Dissatisfied => "dissatisfied",
        };
        let singles = [
            (
                "subject",
                &mut self.subject,
                key.subject.as_str(),
                made.subject.value.as_str(),
            ),
            (
                "request",
                &mut self.request_type,
                &key.request_type,
                &made.request_type.value,
            ),
            ("satisfaction", &mut self.satisfaction, &key.satisfaction, satisfaction),
        ];
        for (what, share, wanted, got) in singles {
            let right = wanted == got || what == "subject" && same_subject(wanted, got);
            share.count(right);
            if !right {
                self.faults
                    .push(format!("{}: {what}: {got}, not {wanted}", script.name));
            }
        }
        self.complete
            .count(key.subject == none || made.subject.method != ElementMethod::Default);
        self.complete.count(made.request_type.method != ElementMethod::Default);
        self.complete.count(true);
        self.known(script, &made.subject);
        self.known(script, &made.request_type);
        self.known(script, &made.satisfaction);
        let lists = [
            (&key.policies, &made.policies),
            (&key.advice, &made.advice),
            (&key.todos, &made.todos),
            (&key.risks, &made.risks),
        ];
        for (at, (wanted, element)) in lists.into_iter().enumerate() {
            self.list(at, script, wrapup, (wanted, element), none);
        }
        self.topics(script, wrapup);
    }

    fn list(
        &mut self,
        at: usize,
        script: &Script,
        wrapup: &Wrapup,
        (wanted, element): (&[String], &Element<Vec<String>>),
        none: &str,
    ) {
        let place = format!("{}: {}", script.name, LISTS[at]);
        let written: Vec<&String> = element.value.iter().filter(|text| *text != none).collect();
        for text in wanted {
            let found = written.iter().any(|entry| self.same.says(entry, text));
            self.found[at].count(found);
            if !found {
                self.faults.push(format!("{place} lack {text}"));
            }
        }
        for (number, entry) in written.iter().enumerate() {
            let wrong = !wanted.iter().any(|text| self.same.says(entry, text));
            self.wrong[at].count(wrong);
            if wrong {
                let key = &script.wrapup;
                let mut others = key.advice.iter().chain(&key.todos).chain(&key.risks);
                let elsewhere = others.any(|text| self.same.says(entry, text));
                self.misplaced += usize::from(elsewhere);
                let how = if elsewhere { "have elsewhere" } else { "have" };
                self.faults.push(format!("{place} {how} {entry}"));
            }
            let heard = said(script, evidence(wrapup, LISTS[at], number));
            let least = if at == 0 { EVIDENT_POLICY } else { EVIDENT };
            let evident = stands_in(entry, &heard) >= least;
            self.evidence.count(evident);
            if !evident {
                self.faults
                    .push(format!("{place}: {entry} is not what was said: {heard}"));
            }
            // A policy's number is its document's.
            if at > 0 {
                self.invented(script, &place, entry);
            }
        }
        if !wanted.is_empty() {
            self.complete.count(!written.is_empty());
        }
    }

    fn invented(&mut self, script: &Script, place: &str, entry: &str) {
        let heard: Vec<String> = script.turns.iter().flat_map(|turn| numbers(&turn.text)).collect();
        for number in numbers(entry).iter().filter(|number| !heard.contains(number)) {
            self.invented += 1;
            self.faults.push(format!("{place}: {number} of {entry} was not said"));
        }
    }

    fn topics(&mut self, script: &Script, wrapup: &Wrapup) {
        let found: Vec<&str> = wrapup.topics.iter().map(|topic| topic.topic.as_str()).collect();
        for topic in &script.topics {
            self.topics_found.count(found.contains(&topic.as_str()));
        }
        for topic in &found {
            self.topics_right
                .count(script.topics.iter().any(|known| known == topic));
        }
        if found.iter().map(ToString::to_string).collect::<Vec<_>>() != script.topics {
            self.faults
                .push(format!("{}: topics: {found:?}, not {:?}", script.name, script.topics));
        }
    }

    /// A value that is no default names turns of the call.
    fn known<T>(&mut self, script: &Script, element: &Element<T>) {
        if element.method == ElementMethod::Default {
            return;
        }
        let known = |segment: &String| turn_of(script, segment).is_some();
        self.evidence
            .count(!element.evidence.is_empty() && element.evidence.iter().all(known));
    }
}

/// The segments that an entry rests on.
fn evidence<'a>(wrapup: &'a Wrapup, element: &str, entry: usize) -> &'a [String] {
    let mut checks = wrapup.checks.iter();
    let of_entry = checks.find(|check| check.element == element && check.entry as usize == entry);
    of_entry.map_or(&[], |check| &check.heard)
}

fn turn_of<'a>(script: &'a Script, segment: &str) -> Option<&'a str> {
    let number: usize = segment.strip_prefix('s')?.parse().ok()?;
    Some(&script.turns.get(number.checked_sub(1)?)?.text)
}

fn said(script: &Script, segments: &[String]) -> String {
    let texts = segments.iter().filter_map(|segment| turn_of(script, segment));
    texts.collect::<Vec<_>>().join(" ")
}
