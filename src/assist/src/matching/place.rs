//! Where an answer holds: the line's own place, or the one that the caller speaks of.

use sidetone_domain::Pack;
use sidetone_knowledge::{RegionCode, covers};
use sidetone_language::{PlacePhrases, fill};
use sidetone_schema::HintRegion;

/// Where an answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Whose rows are read.
    pub(crate) code: RegionCode,
    /// Where it is not the line's own.
    away: Option<Away>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Away {
    /// What callers call the place.
    name: String,
    words: PlacePhrases,
}

impl Place {
    /// Of a caller who spoke of `spoken`, on a line for `own`. A province that the line lies in says nothing new; a district of
    /// the line's city has its own rows first, and is no other place.
    pub(crate) fn of(pack: &Pack, own: &str, spoken: Option<&str>) -> Self {
        let code = spoken.filter(|code| !covers(code, own)).unwrap_or(own);
        let name = pack.regions().name(code).filter(|_| !covers(own, code));
        let away = name.map(|name| Away {
            name: name.to_owned(),
            words: pack.phrases().place.clone(),
        });
        Self {
            code: code.to_owned(),
            away,
        }
    }

    /// The line's own.
    pub(crate) fn own(own: &str) -> Self {
        Self {
            code: own.to_owned(),
            away: None,
        }
    }

    pub(crate) const fn is_away(&self) -> bool {
        self.away.is_some()
    }

    /// What the line's own place and another are called, where the caller speaks of another.
    pub(crate) fn beside(&self) -> Option<[&str; 2]> {
        let away = self.away.as_ref()?;
        Some([away.words.here.as_str(), away.name.as_str()])
    }

    /// A title that says where it holds.
    pub(crate) fn mark(&self, title: &str) -> String {
        match &self.away {
            Some(Away { name, words }) => fill(&words.title, &[("title", title), ("place", name)]),
            None => title.to_owned(),
        }
    }

    /// Two places' answers are two hints.
    pub(crate) fn key(&self, key: &str) -> String {
        match &self.away {
            Some(_) => format!("{key}:{}", self.code),
            None => key.to_owned(),
        }
    }

    /// Title and text that say that there is nothing for the place.
    pub(crate) fn nothing(&self, topic: &str) -> (String, String) {
        let Some(Away { name, words }) = &self.away else {
            return Default::default();
        };
        let texts = [("topic", topic), ("place", name.as_str())];
        (fill(&words.nothing_title, &texts), fill(&words.nothing_body, &texts))
    }

    pub(crate) fn wire(&self) -> Option<HintRegion> {
        self.away.as_ref().map(|away| HintRegion {
            code: self.code.clone(),
            name: away.name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_another_only_where_the_lines_rules_do_not_hold() {
        let pack = Pack::load(std::path::Path::new("../../knowledge/12333")).unwrap();
        for (spoken, code, away) in [
            (None, "370500", false),
            (Some("370500"), "370500", false),
            (Some("370502"), "370502", false),
            (Some("370000"), "370500", false),
            (Some("370100"), "370100", true),
            (Some("110000"), "110000", true),
        ] {
            let place = Place::of(&pack, "370500", spoken);
            assert_eq!((place.code.as_str(), place.is_away()), (code, away), "{spoken:?}");
        }
    }
}
