//! Rules of the base, worked out for one caller.

use thiserror::Error;

use super::decimal::Decimal;
use super::retirement::{Birth, WorkerKind, retirement};
use super::severance::half_months;
use crate::model::{CalcRule, Figure};
use crate::view::KnowledgeView;

/// What the caller has said, as far as calculations need it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallerFacts {
    /// How long the insurance in question was paid, in months.
    pub paid_months: Option<u32>,
    /// How long the caller worked for the employer, in whole months.
    pub service_months: Option<u32>,
    /// Mean wage of the last twelve months, in yuan.
    pub monthly_wage: Option<Decimal>,
    /// Year and month of birth.
    pub birth: Option<Birth>,
    /// Which legal age applied before 2025.
    pub worker: Option<WorkerKind>,
}

/// Something that a caller has to say before a result can be worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// [`CallerFacts::paid_months`].
    PaidMonths,
    /// [`CallerFacts::service_months`].
    ServiceMonths,
    /// [`CallerFacts::birth`].
    Birth,
    /// [`CallerFacts::worker`].
    Worker,
}

impl Fact {
    /// What the agent asks for.
    pub fn question(self) -> &'static str {
        match self {
            Self::PaidMonths => "累计缴费多长时间",
            Self::ServiceMonths => "在本单位工作了多长时间",
            Self::Birth => "出生年月",
            Self::Worker => "性别；女职工是否在管理技术岗位",
        }
    }
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub name: String,
    /// As text, with its unit.
    pub value: String,
    /// Id of the figure, or `caller`.
    pub origin: String,
}

/// A result and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome<'a> {
    /// What the result is called.
    pub name: String,
    /// In words and figures: `4416 × 20% = 883.20`.
    pub formula: String,
    /// What went in.
    pub inputs: Vec<Input>,
    /// The result.
    pub result: String,
    /// Its unit; may be empty where the result says it.
    pub unit: String,
    /// The dated rows that went in.
    pub figures: Vec<&'a Figure>,
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalcError {
    /// The caller has not said enough yet.
    #[error("not known yet: {0:?}")]
    Needs(Vec<Fact>),
    /// No row of the figure is in force.
    #[error("no row of figure `{0}` is in force")]
    NoFigure(String),
    /// An input is out of range.
    #[error("an input is out of range")]
    OutOfRange,
}

/// Optional figure: 3 × this is the cap of the wage that severance counts.
const AVERAGE_WAGE: &str = "local_average_wage";

impl<'a> KnowledgeView<'a> {
    /// Works a rule out for a caller.
    pub fn calc(&self, rule: &CalcRule, facts: &CallerFacts) -> Result<Outcome<'a>, CalcError> {
        match rule {
            CalcRule::Product { figures, result, unit } => self.product(figures, result, unit),
            CalcRule::ByDuration { steps, result, unit } => by_duration(steps, result, unit, facts),
            CalcRule::Severance { result } => self.severance(result, facts),
            CalcRule::Retirement { result } => retirement_age(result, facts),
        }
    }

    fn product(&self, ids: &[String], result: &str, unit: &str) -> Result<Outcome<'a>, CalcError> {
        let mut value = Decimal::whole(1);
        let mut rows = Vec::new();
        for id in ids {
            let row = self.figure(id).ok_or_else(|| CalcError::NoFigure(id.clone()))?;
            let factor: Decimal = row.value.parse().map_err(|_| CalcError::OutOfRange)?;
            let factor = if row.unit == "%" { factor.percent() } else { factor };
            value = value.times(factor).ok_or(CalcError::OutOfRange)?;
            rows.push(row);
        }
        let result_text = if unit.contains('元') {
            value.money()
        } else {
            value.trimmed().to_string()
        };
        let factor = |row: &&Figure| {
            if row.unit == "%" {
                format!("{}%", row.value)
            } else {
                row.value.clone()
            }
        };
        let factors: Vec<String> = rows.iter().map(factor).collect();
        Ok(Outcome {
            name: result.to_owned(),
            formula: format!("{} = {result_text}", factors.join(" × ")),
            inputs: rows.iter().map(|row| from_row(row)).collect(),
            result: result_text,
            unit: unit.to_owned(),
            figures: rows,
        })
    }

    fn severance(&self, result: &str, facts: &CallerFacts) -> Result<Outcome<'a>, CalcError> {
        let months = facts
            .service_months
            .ok_or(CalcError::Needs(vec![Fact::ServiceMonths]))?;
        let mut halves = half_months(months, false);
        let mut inputs = vec![from_caller("工作年限", duration(months))];
        let mut figures = Vec::new();
        let Some(said) = facts.monthly_wage else {
            let factor = in_halves(halves);
            let formula = format!("工作{} → {factor}个月工资", duration(months));
            let (name, unit) = (result.to_owned(), "个月工资".to_owned());
            return Ok(Outcome {
                name,
                formula,
                inputs,
                result: factor,
                unit,
                figures,
            });
        };
        inputs.push(from_caller(
            "离职前十二个月平均工资",
            format!("{}元/月", said.trimmed()),
        ));
        let mut wage = said;
        if let Some(row) = self.figure(AVERAGE_WAGE) {
            let average: Decimal = row.value.parse().map_err(|_| CalcError::OutOfRange)?;
            let cap = average.times(Decimal::whole(3)).ok_or(CalcError::OutOfRange)?;
            if said > cap {
                wage = cap;
                halves = halves.min(24);
                inputs.push(from_row(row));
                figures.push(row);
            }
        }
        let factor: Decimal = in_halves(halves).parse().map_err(|_| CalcError::OutOfRange)?;
        let sum = wage.times(factor).ok_or(CalcError::OutOfRange)?.money();
        Ok(Outcome {
            name: result.to_owned(),
            formula: format!("{} × {factor}个月 = {sum}", wage.trimmed()),
            inputs,
            result: sum,
            unit: "元".to_owned(),
            figures,
        })
    }
}

fn by_duration<'a>(
    steps: &[(u32, u32)],
    result: &str,
    unit: &str,
    facts: &CallerFacts,
) -> Result<Outcome<'a>, CalcError> {
    let paid = facts.paid_months.ok_or(CalcError::Needs(vec![Fact::PaidMonths]))?;
    let months = steps
        .iter()
        .filter(|(from, _)| *from <= paid)
        .map(|&(_, months)| months)
        .max()
        .unwrap_or(0);
    Ok(Outcome {
        name: result.to_owned(),
        formula: format!("累计缴费{} → {months}{unit}", duration(paid)),
        inputs: vec![from_caller("累计缴费时间", duration(paid))],
        result: months.to_string(),
        unit: unit.to_owned(),
        figures: Vec::new(),
    })
}

fn retirement_age<'a>(result: &str, facts: &CallerFacts) -> Result<Outcome<'a>, CalcError> {
    let (Some(birth), Some(worker)) = (facts.birth, facts.worker) else {
        let missing = [
            (facts.birth.is_none(), Fact::Birth),
            (facts.worker.is_none(), Fact::Worker),
        ];
        return Err(CalcError::Needs(
            missing
                .into_iter()
                .filter(|(is, _)| *is)
                .map(|(_, fact)| fact)
                .collect(),
        ));
    };
    let reached = retirement(worker, birth).ok_or(CalcError::OutOfRange)?;
    let age = match reached.months {
        0 => format!("{}周岁", reached.years),
        months => format!("{}周岁{months}个月", reached.years),
    };
    let born = format!("{}年{}月", birth.year, birth.month);
    let when = format!("{}年{}月", reached.year, reached.month);
    let paid = duration(reached.minimum_paid_months);
    Ok(Outcome {
        name: result.to_owned(),
        formula: format!(
            "{born}出生 + 延迟{}个月 = {age}，{when}到龄，最低缴费年限{paid}",
            reached.delayed_by
        ),
        inputs: vec![
            from_caller("出生年月", born),
            from_caller("人员类别", worker.name().to_owned()),
        ],
        result: format!("{age}（{when}）"),
        unit: String::new(),
        figures: Vec::new(),
    })
}

fn from_row(row: &Figure) -> Input {
    Input {
        name: row.name.clone(),
        value: row.reading(),
        origin: row.id.clone(),
    }
}

fn from_caller(name: &str, value: String) -> Input {
    Input {
        name: name.to_owned(),
        value,
        origin: "caller".to_owned(),
    }
}

/// `3年6个月`.
fn duration(months: u32) -> String {
    match (months / 12, months % 12) {
        (0, rest) => format!("{rest}个月"),
        (years, 0) => format!("{years}年"),
        (years, rest) => format!("{years}年{rest}个月"),
    }
}

/// `7` halves → `3.5`.
fn in_halves(halves: u32) -> String {
    if halves.is_multiple_of(2) {
        (halves / 2).to_string()
    } else {
        format!("{}.5", halves / 2)
    }
}
