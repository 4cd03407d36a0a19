//! What a caller tells of their own case, as data: `calc/slots.toml`.

use serde::Deserialize;

use super::value::{Type, Value};

/// `[[slot]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotDef {
    /// Its name in formulas.
    pub id: String,
    /// What its value is.
    pub kind: SlotKind,
    /// As the agent sees it: `本单位工作年限`.
    pub name: String,
    /// What the agent asks for it.
    pub question: String,
    /// Behind its value on screen: `元/月`.
    #[serde(default)]
    pub unit: String,
    /// Words next to a value that make it this slot's.
    #[serde(default)]
    pub near: Vec<String>,
    /// Words next to a value that make it none of this slot.
    #[serde(default)]
    pub not_near: Vec<String>,
    /// It takes a value that no word belongs to.
    #[serde(default)]
    pub bare: bool,
    /// For `count`, `grade` and `percent`: what is said behind the number.
    #[serde(default)]
    pub measures: Vec<String>,
    /// The least and the greatest number that it takes.
    #[serde(default)]
    pub range: Option<(i64, i64)>,
    /// For `choice`.
    #[serde(default, rename = "choice")]
    pub choices: Vec<Choice>,
}

/// One value of a `choice` slot.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name in formulas.
    pub id: String,
    /// As the agent sees it.
    pub name: String,
    /// How it is said.
    pub words: Vec<String>,
    /// What is said with it by those who mean another.
    #[serde(default)]
    pub not_words: Vec<String>,
}

/// What a slot's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// Yuan.
    Money,
    /// A length of time, in months.
    Months,
    /// How long ago something was, in days: told as a length of time or as a date.
    Elapsed,
    /// `0.08` for 8 %.
    Percent,
    /// Grade of disability, 1 to 10.
    Grade,
    /// Year and month of birth, as the first day of that month.
    Birth,
    /// A day.
    Date,
    /// One of [`SlotDef::choices`], such as the kind of worker.
    Choice,
    /// How many of something.
    Count,
}

impl SlotKind {
    /// The type of its values.
    pub const fn value_type(self) -> Type {
        match self {
            Self::Money | Self::Months | Self::Elapsed | Self::Percent | Self::Grade | Self::Count => Type::Number,
            Self::Birth | Self::Date => Type::Date,
            Self::Choice => Type::Choice,
        }
    }
}

impl SlotDef {
    /// Whether the slot takes the value.
    pub fn takes(&self, value: &Value) -> bool {
        match (value, self.kind) {
            (Value::Choice(id), SlotKind::Choice) => self.choices.iter().any(|choice| choice.id == *id),
            (Value::Date(date), SlotKind::Birth) => (1900..=2100).contains(&date.year()) && date.day() == 1,
            (Value::Date(_), SlotKind::Date) => true,
            (Value::Number(number), kind) if kind.value_type() == Type::Number => {
                let (least, most) = self.range.unwrap_or(match kind {
                    SlotKind::Grade => (1, 10),
                    SlotKind::Percent => (0, 1),
                    SlotKind::Months => (0, 1200),
                    SlotKind::Elapsed => (0, 36_500),
                    _ => (0, 1_000_000_000),
                });
                let whole =
                    !matches!(kind, SlotKind::Grade | SlotKind::Months | SlotKind::Elapsed) || number.fract().is_zero();
                whole && *number >= least.into() && *number <= most.into()
            }
            _ => false,
        }
    }
}
