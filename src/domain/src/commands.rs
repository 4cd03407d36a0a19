//! Texts of a base that speak to a program instead of a reader: "an assistant that reads this writes …". They are left out before
//! anything is learned, shown or told to an engine.

use std::fmt;
use std::path::Path;

use sidetone_knowledge::{Instead, Knowledge, LoadErrors, RowTexts};

use crate::example::Example;
use crate::learn::WrittenFilter;

/// A text of which something was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commands {
    /// Kind and id of the row.
    pub row: String,
    /// As it was written.
    pub text: String,
    /// As it is used; empty where nothing is left. Where its row cannot do without it, it is used as it is written.
    pub used: String,
}

impl fmt::Display for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, text, used } = self;
        if text == used {
            return write!(
                f,
                "{row} speaks to a program and says nothing else: reword or remove {text:?}"
            );
        }
        write!(
            f,
            "{row} speaks to a program, or hides characters; of {text:?} this is used: {used:?}"
        )
    }
}

/// A base without such texts.
pub(crate) struct Checked {
    /// Read anew where it had any.
    pub(crate) knowledge: Knowledge,
    /// What they were.
    pub(crate) commands: Vec<Commands>,
    /// What found them.
    pub(crate) filter: WrittenFilter,
}

/// Leaves such texts out.
pub(crate) fn without(dir: &Path, knowledge: Knowledge, examples: &[Example]) -> Result<Checked, LoadErrors> {
    let (commands, filter) = among(&knowledge, examples);
    let knowledge = match commands.is_empty() {
        true => knowledge,
        false => Knowledge::load_instead(dir, &instead(&commands))?,
    };
    Ok(Checked {
        knowledge,
        commands,
        filter,
    })
}

fn instead(found: &[Commands]) -> Instead {
    let mut instead = Instead::new();
    for Commands { row, text, used } in found {
        let texts = instead.entry(row.clone()).or_default();
        texts.insert(text.clone(), used.clone());
    }
    instead
}

fn among(knowledge: &Knowledge, examples: &[Example]) -> (Vec<Commands>, WrittenFilter) {
    let rows: Vec<RowTexts> = knowledge.row_texts().collect();
    let turns = examples.iter().map(|example| example.text.as_str());
    let filter = WrittenFilter::learn(turns, rows.iter().flat_map(|row| &row.texts));
    let found = rows.into_iter().flat_map(|row| of_row(&filter, row)).collect();
    (found, filter)
}

/// A row's texts that speak to a program.
fn of_row(filter: &WrittenFilter, row: RowTexts) -> Vec<Commands> {
    let RowTexts { row, texts, needed } = row;
    let used = filter.without_in_row(&texts);
    let mut found = Vec::new();
    for ((text, used), needed) in texts.into_iter().zip(used).zip(needed) {
        let row = row.clone();
        let used = used.map(|used| if used.is_empty() && needed { text.clone() } else { used });
        found.extend(used.map(|used| Commands { row, text, used }));
    }
    found
}
