//! Places and their codes (GB/T 2260).

use std::collections::HashMap;
use std::fmt;

/// Places as callers name them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    places: Vec<Place>,
    /// Indices into `places` by the names' first characters, the longest names first.
    by_first: HashMap<char, Vec<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    name: String,
    chars: Vec<char>,
    code: String,
    /// Behind the name, what makes it the whole name.
    suffixes: Vec<char>,
    /// The name is part of ordinary words: only with its suffix it is a place.
    full_only: bool,
}

/// A line that is no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionFault {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for RegionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl Regions {
    /// Reads a table, a place a line: code, name, what may stand behind the name, and `full` where the bare name is
    /// part of ordinary words; tabs between, `#` begins a comment. What has no fault is kept.
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<RegionFault>) {
        let (mut regions, mut faults) = (Self::default(), Vec::new());
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            match place(line).and_then(|place| regions.add(place)) {
                Ok(()) => {}
                Err(what) => faults.push(RegionFault { line: at + 1, what }),
            }
        }
        (regions, faults)
    }

    /// These places and those of `more`, which win where a name is in both.
    #[must_use]
    pub fn with(&self, more: &Self) -> Self {
        let mut all = more.clone();
        for place in &self.places {
            // A name of `more` is the line's own.
            let _: Result<(), String> = all.add(place.clone());
        }
        all
    }

    fn add(&mut self, place: Place) -> Result<(), String> {
        if self.places.iter().any(|known| known.name == place.name) {
            return Err(format!("`{}` is there twice", place.name));
        }
        let Some(&first) = place.chars.first() else {
            return Err("no name".to_owned());
        };
        let of_first = self.by_first.entry(first).or_default();
        let len = place.chars.len();
        let longer = of_first.iter().take_while(|at| self.places[**at].chars.len() >= len);
        of_first.insert(longer.count(), self.places.len());
        self.places.push(place);
        Ok(())
    }

    /// The place that is named at the head of `text`: how many characters, and its code.
    #[must_use]
    pub fn head(&self, text: &[char]) -> Option<(usize, &str)> {
        let candidates = self.by_first.get(text.first()?)?;
        candidates.iter().find_map(|at| {
            let place = self.places.get(*at)?;
            let len = place.chars.len();
            let suffixed = text.starts_with(&place.chars) && text.get(len).is_some_and(|c| place.suffixes.contains(c));
            let named = text.starts_with(&place.chars) && (suffixed || !place.full_only);
            named.then_some((len + usize::from(suffixed), place.code.as_str()))
        })
    }

    /// What callers call the place with this code.
    #[must_use]
    pub fn name(&self, code: &str) -> Option<&str> {
        self.places
            .iter()
            .find(|place| place.code == code)
            .map(|place| place.name.as_str())
    }
}

fn place(line: &str) -> Result<Place, String> {
    let mut fields = line.split('\t');
    let (Some(code), Some(name)) = (fields.next(), fields.next()) else {
        return Err("a code, a tab and a name are wanted".to_owned());
    };
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("`{code}` is no code of six digits"));
    }
    let suffixes = fields.next().unwrap_or_default().chars().collect();
    let full_only = match fields.next() {
        None | Some("") => false,
        Some("full") => true,
        Some(other) => return Err(format!("`{other}` is neither empty nor `full`")),
    };
    Ok(Place {
        name: name.to_owned(),
        chars: name.chars().collect(),
        code: code.to_owned(),
        suffixes,
        full_only,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zh;

    fn at_head(regions: &Regions, text: &str) -> Option<(usize, String)> {
        let chars: Vec<char> = text.chars().collect();
        regions.head(&chars).map(|(len, code)| (len, code.to_owned()))
    }

    #[test]
    fn a_place_is_named_with_or_without_its_suffix() {
        let regions = &zh().regions;
        assert_eq!(at_head(regions, "济南市历下"), Some((3, "370100".to_owned())));
        assert_eq!(at_head(regions, "济南交的"), Some((2, "370100".to_owned())));
        assert_eq!(at_head(regions, "黑龙江省"), Some((4, "230000".to_owned())));
        assert_eq!(regions.name("370100"), Some("济南"));
        assert_eq!(at_head(regions, "保定点医院"), None);
        assert_eq!(at_head(regions, "保定市"), Some((3, "130600".to_owned())));
        assert_eq!(at_head(regions, ""), None);
    }

    #[test]
    fn a_lines_own_places_go_before() {
        let (own, faults) =
            Regions::parse("370502\t东营区\n370500\t东营港\n# none\n\n37\t利津\nx\n370522\t利津\t县\tsome\n");
        let places: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            places,
            [
                "line 5: `37` is no code of six digits",
                "line 6: a code, a tab and a name are wanted",
                "line 7: `some` is neither empty nor `full`"
            ]
        );
        let all = zh().regions.with(&own);
        assert_eq!(at_head(&all, "东营区里"), Some((3, "370502".to_owned())));
        assert_eq!(at_head(&all, "东营的"), Some((2, "370500".to_owned())));
        assert_eq!(at_head(&zh().regions, "东营区"), Some((2, "370500".to_owned())));
    }

    #[test]
    fn every_province_is_there_and_every_city_lies_in_one() {
        let regions = &zh().regions;
        let provinces = regions.places.iter().filter(|place| place.code.ends_with("0000"));
        assert_eq!(provinces.count(), 34);
        for place in &regions.places {
            let province = format!("{}0000", &place.code[..2]);
            assert!(regions.name(&province).is_some(), "{}", place.name);
            assert!(place.code.ends_with("00"), "{}", place.name);
        }
        assert!(regions.places.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
