//! The words that the masker knows: `words.txt` and `cues.txt`, read once.

use std::sync::LazyLock;

/// A list of `words.txt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Filler,
    NoUnit,
    PublicPlace,
    Province,
    Letter,
    MailSign,
    MailPart,
    MailDot,
    Road,
    Estate,
    House,
    HomeCue,
    AddressEdge,
    NameCue,
    SureNameCue,
    NameEdge,
    Surname,
    NoName,
    Counter,
    Twice,
}

impl List {
    const fn name(self) -> &'static str {
        match self {
            Self::Filler => "filler",
            Self::NoUnit => "no unit",
            Self::PublicPlace => "public place",
            Self::Province => "province",
            Self::Letter => "letter",
            Self::MailSign => "mail sign",
            Self::MailPart => "mail part",
            Self::MailDot => "mail dot",
            Self::Road => "road",
            Self::Estate => "estate",
            Self::House => "house",
            Self::HomeCue => "home cue",
            Self::AddressEdge => "address edge",
            Self::NameCue => "name cue",
            Self::SureNameCue => "sure name cue",
            Self::NameEdge => "name edge",
            Self::Surname => "surname",
            Self::NoName => "no name",
            Self::Counter => "counter",
            Self::Twice => "twice",
        }
    }
}

type Words = Vec<Vec<char>>;

/// Every list with its name, the longest words first.
static LISTS: LazyLock<Vec<(&'static str, Words)>> = LazyLock::new(|| {
    let mut lists: Vec<(&'static str, Words)> = Vec::new();
    for line in include_str!("words.txt").lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            lists.push((name, Vec::new()));
        } else if let (false, Some((_, words))) = (line.starts_with('#'), lists.last_mut()) {
            words.extend(line.split_whitespace().map(|word| word.chars().collect()));
        }
    }
    for (_, words) in &mut lists {
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    }
    lists
});

fn longest(rest: &[char], words: &Words) -> Option<usize> {
    words.iter().find(|word| rest.starts_with(word)).map(Vec::len)
}

/// How long the longest word of the list is that stands at the head of `rest`.
pub(super) fn head(rest: &[char], list: List) -> Option<usize> {
    let (_, words) = LISTS.iter().find(|(name, _)| *name == list.name())?;
    longest(rest, words)
}

/// How long the longest word of the list is that stands at the end of `text`.
pub(super) fn tail(text: &[char], list: List) -> Option<usize> {
    let (_, words) = LISTS.iter().find(|(name, _)| *name == list.name())?;
    words.iter().find(|word| text.ends_with(word)).map(Vec::len)
}

/// Whether a character is a word of the list.
pub(super) fn is(c: char, list: List) -> bool {
    head(&[c], list).is_some()
}

/// Whether a word of the list stands anywhere in `text`.
pub(super) fn within(text: &[char], list: List) -> bool {
    (0..text.len()).any(|at| head(&text[at..], list).is_some())
}

/// How many digits may stand before the unit at the head of `rest`.
pub(super) fn unit(rest: &[char]) -> Option<usize> {
    if head(rest, List::NoUnit).is_some() {
        return None;
    }
    LISTS.iter().find_map(|(name, words)| {
        let most = name.strip_prefix("unit ")?.parse().ok()?;
        longest(rest, words).map(|_| most)
    })
}
