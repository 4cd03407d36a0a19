//! Text with what each of its characters is.

use sidetone_assist::privacy::Label;

/// What must become of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// It stays.
    Stay,
    /// It may be covered.
    May,
    /// It must be covered, whatever it is.
    Cover,
    /// It must be covered as this.
    Must(Label),
}

/// Characters with their marks.
#[derive(Clone, Debug, Default)]
pub(super) struct Marked(pub(super) Vec<(char, Mark)>);

impl Marked {
    pub(super) fn push(&mut self, text: &str, mark: Mark) {
        self.0.extend(text.chars().map(|c| (c, mark)));
    }

    pub(super) fn stay(&mut self, text: &str) {
        self.push(text, Mark::Stay);
    }

    pub(super) fn must(text: &str, label: Label) -> Self {
        let mut marked = Self::default();
        marked.push(text, Mark::Must(label));
        marked
    }

    pub(super) fn plain(text: &str) -> Self {
        let mut marked = Self::default();
        marked.stay(text);
        marked
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(c, _)| *c).collect()
    }
}
