//! Where an answer holds: the line's own place, or the one that the caller speaks of.

use sidetone_knowledge::{RegionCode, covers};
use sidetone_schema::HintRegion;

use crate::understand::region_name;

/// Wordings; not code, as they are Chinese.
const WORDS: &str = include_str!("../../data/place.tsv");

/// Where an answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Whose rows are read.
    pub(crate) code: RegionCode,
    /// The place's name, where it is not the line's own.
    away: Option<&'static str>,
}

impl Place {
    /// Of a caller who spoke of `spoken`, on a line for `own`. A province that the line lies in says nothing new; a district of
    /// the line's city has its own rows first, and is no other place.
    pub(crate) fn of(own: &str, spoken: Option<&str>) -> Self {
        let code = spoken.filter(|code| !covers(code, own)).unwrap_or(own);
        let away = if covers(own, code) { None } else { region_name(code) };
        Self {
            code: code.to_owned(),
            away,
        }
    }

    pub(crate) const fn is_away(&self) -> bool {
        self.away.is_some()
    }

    /// A title that says where it holds.
    pub(crate) fn mark(&self, title: &str) -> String {
        match self.away {
            Some(_) => format!("{title}{}", self.worded("mark", "")),
            None => title.to_owned(),
        }
    }

    /// Two places' answers are two hints.
    pub(crate) fn key(&self, key: &str) -> String {
        match self.away {
            Some(_) => format!("{key}:{}", self.code),
            None => key.to_owned(),
        }
    }

    /// Title and text that say that there is nothing for the place.
    pub(crate) fn nothing(&self, topic: &str) -> (String, String) {
        (self.worded("title", topic), self.worded("body", topic))
    }

    pub(crate) fn wire(&self) -> Option<HintRegion> {
        self.away.map(|name| HintRegion {
            code: self.code.clone(),
            name: name.to_owned(),
        })
    }

    fn worded(&self, which: &str, topic: &str) -> String {
        let mut lines = WORDS.lines().filter_map(|line| line.split_once('\t'));
        let text = lines.find(|(name, _)| *name == which).map_or("", |(_, text)| text);
        text.replace("{place}", self.away.unwrap_or_default())
            .replace("{topic}", topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_another_only_where_the_lines_rules_do_not_hold() {
        for (spoken, code, away) in [
            (None, "370500", false),
            (Some("370500"), "370500", false),
            (Some("370502"), "370502", false),
            (Some("370000"), "370500", false),
            (Some("370100"), "370100", true),
            (Some("110000"), "110000", true),
        ] {
            let place = Place::of("370500", spoken);
            assert_eq!((place.code.as_str(), place.is_away()), (code, away), "{spoken:?}");
        }
    }
}
