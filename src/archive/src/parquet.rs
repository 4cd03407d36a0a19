//! Facts as Parquet files, a folder for each day of Shanghai; and the same statements for ClickHouse over these files.

use std::path::{Path, PathBuf};

use sidetone_metrics::{Dimension, MetricId};

use crate::calendar::Calendar;
use crate::duck::DuckError;
use crate::formula::{formula, formula_text};
use crate::limits::Limits;
use crate::load::Archive;
use crate::write::{DERIVE, tables};

const DIALECT: &str = include_str!("../sql/clickhouse.sql");
const DAY_MS: i64 = 86_400_000;
const OFFSET_MS: i64 = 8 * 3_600_000;
/// Longer than any archive, ms UTC.
const EVER: (i64, i64) = (0, 9_000_000_000_000_000);
/// The folder of what belongs to no contact that began.
const NO_DAY: &str = "none";

/// Why files were not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The engine failed.
    #[error(transparent)]
    Duck(#[from] DuckError),
    /// A folder or file cannot be made.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
}

impl Archive {
    /// Writes each table of facts of the contacts that began in `[from, to)` (ms UTC) as `day=2026-11-20/TABLE.parquet`. A day's
    /// file takes the place of the one before when it is whole. Answers how many days were written.
    pub fn export(&self, folder: &Path, from: i64, to: i64) -> Result<usize, ExportError> {
        let days = self.duck().ints(&format!(
            "select distinct cast((t0 + {OFFSET_MS}) // {DAY_MS} as bigint) as day from
              (select t0 from c union all select t0 from s union all select coalesce(due, closed) from tk)
              where t0 >= {from} and t0 < {to} order by day"
        ))?;
        for day in &days {
            let (begin, end) = (day * DAY_MS - OFFSET_MS, (day + 1) * DAY_MS - OFFSET_MS);
            let name = jiff::Timestamp::from_millisecond(day * DAY_MS).unwrap_or_default();
            self.write_day(
                &folder.join(format!("day={}", name.strftime("%Y-%m-%d"))),
                |table| match table {
                    "s" => format!("t0 >= {begin} and t0 < {end}"),
                    "tk" => format!("coalesce(due, closed) >= {begin} and coalesce(due, closed) < {end}"),
                    _ => format!("call_id in (select call_id from c where t0 >= {begin} and t0 < {end})"),
                },
            )?;
        }
        self.write_day(&folder.join(format!("day={NO_DAY}")), |table| match table {
            "s" => "t0 is null".to_owned(),
            "tk" => "coalesce(due, closed) is null".to_owned(),
            _ => "call_id not in (select call_id from c)".to_owned(),
        })?;
        Ok(days.len())
    }

    fn write_day(&self, folder: &Path, rows: impl Fn(&str) -> String) -> Result<(), ExportError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| ExportError::File(path, error)
        };
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        for table in tables() {
            let (file, part) = (
                folder.join(format!("{table}.parquet")),
                folder.join(format!("{table}.part")),
            );
            let quoted = part.to_string_lossy().replace('\'', "''");
            self.duck().execute(&format!(
                "copy (select * from {table} where {}) to '{quoted}' (format parquet, compression zstd)",
                rows(table)
            ))?;
            std::fs::rename(&part, &file).map_err(failed(&file))?;
        }
        Ok(())
    }
}

/// Statements that make ClickHouse's tables from the files of a folder, as ClickHouse names it.
#[must_use]
pub fn clickhouse_setup(folder: &str, calendar: &Calendar) -> Vec<String> {
    let quoted = folder.replace('\'', "\\'");
    let mut all: Vec<String> = vec!["set join_use_nulls = 1, prefer_column_name_to_alias = 1".to_owned()];
    all.extend(statements(DIALECT));
    all.extend(tables().map(|table| {
        format!("create or replace table {table} engine = Memory as select * from file('{quoted}/day=*/{table}.parquet', Parquet)")
    }));
    let memory = |statement: String| {
        let at = [" as ", " as\n"]
            .iter()
            .filter_map(|word| statement.find(word))
            .min()
            .unwrap_or_default();
        let (head, query) = statement.split_at(at);
        format!("{} engine = Memory{query}", head.replace(" temp ", " "))
    };
    all.extend(statements(DERIVE).map(memory));
    all.push("create or replace table cal (a Int64, b Int64) engine = Memory".to_owned());
    let spans: Vec<String> = calendar.spans().map(|(a, b)| format!("({a}, {b})")).collect();
    all.push(format!("insert into cal values {}", spans.join(", ")));
    all.push(
        "create or replace table steps engine = Memory as select cast(number as Int64) as extra from numbers(3700)"
            .to_owned(),
    );
    all.push("create or replace table win (w Int64, a Int64, b Int64) engine = Memory".to_owned());
    all
}

/// The statement of a metric, the same for both engines: rows (w, group, numerator, denominator) over the table `win`.
#[must_use]
pub fn metric_statement(id: MetricId, by: Option<Dimension>, now: i64, limits: &Limits) -> Option<String> {
    // The windows of `win` say which facts are meant; bounds of them all are an engine's help only.
    let text = formula_text(formula(id)?.sql, by.map_or('-', Dimension::letter), now, EVER, limits);
    Some(format!(
        "select w, grp, cast(num as bigint), cast(den as bigint) from ({text}) as metric"
    ))
}

fn statements(sql: &str) -> impl Iterator<Item = String> {
    let code: String = sql
        .lines()
        .filter(|line| !line.starts_with("--"))
        .map(|line| format!("{line}\n"))
        .collect();
    let parts: Vec<String> = code.split(';').map(|part| part.trim().to_owned()).collect();
    parts.into_iter().filter(|part| !part.is_empty())
}
