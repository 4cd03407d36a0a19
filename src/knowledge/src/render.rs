//! Texts with their figures filled in.

use std::ops::Range;

use thiserror::Error;

use crate::model::Figure;
use crate::template::{self, Piece};
use crate::view::KnowledgeView;

/// A text that can be read out.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered<'a> {
    /// The text.
    pub text: String,
    /// Where its figures stand, in characters.
    pub highlights: Vec<Range<usize>>,
    /// The rows that the figures came from, one for each highlight.
    pub figures: Vec<&'a Figure>,
}

/// No row of a figure is in force on the date and in the region.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no row of figure `{figure}` is in force on {date}")]
pub struct MissingFigure {
    /// Figure.
    pub figure: String,
    /// The view's date.
    pub date: jiff::civil::Date,
}

impl Figure {
    /// Value and unit as they are read: `2400元/月`, `20%`.
    pub fn reading(&self) -> String {
        format!("{}{}", self.value, self.unit)
    }
}

pub(crate) fn render<'a>(view: &KnowledgeView<'a>, text: &str) -> Result<Rendered<'a>, MissingFigure> {
    let mut out = Rendered {
        text: String::new(),
        highlights: Vec::new(),
        figures: Vec::new(),
    };
    let mut chars = 0;
    // A loaded base has no unpaired braces; a text from elsewhere that has some is passed on as it is.
    for piece in template::pieces(text).unwrap_or_else(|| vec![Piece::Text(text)]) {
        match piece {
            Piece::Text(text) => {
                out.text.push_str(text);
                chars += text.chars().count();
            }
            Piece::Figure(id) => {
                let missing = || MissingFigure {
                    figure: id.to_owned(),
                    date: view.date(),
                };
                let figure = view.figure(id).ok_or_else(missing)?;
                let reading = figure.reading();
                let end = chars + reading.chars().count();
                out.text.push_str(&reading);
                out.highlights.push(chars..end);
                out.figures.push(figure);
                chars = end;
            }
        }
    }
    Ok(out)
}
