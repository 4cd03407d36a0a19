//! Takes facts into the archive, and takes them out again.

use std::path::{Path, PathBuf};

use sidetone_archive::Archive;

const DAY_MS: i64 = 86_400_000;

/// Facts as JSON lines.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArguments {
    /// The file; docs/METRICS.md says what a line holds.
    file: PathBuf,
    /// The archive, made if it is not there.
    #[arg(long, default_value = "sidetone.duckdb")]
    archive: PathBuf,
}

/// A caller to be forgotten.
#[derive(Debug, clap::Args)]
pub(super) struct ForgetArguments {
    /// The salted hash of the caller's number.
    #[arg(long)]
    ani_hash: String,
    /// The archive.
    #[arg(long, default_value = "sidetone.duckdb")]
    archive: PathBuf,
}

/// Days as Parquet files.
#[derive(Debug, clap::Args)]
pub(super) struct ParquetArguments {
    /// The folder; each day is a folder in it.
    #[arg(long)]
    out: PathBuf,
    /// Days from this one on (Asia/Shanghai).
    #[arg(long, default_value = "2020-01-01")]
    from: jiff::civil::Date,
    /// Days before this one.
    #[arg(long, default_value = "2100-01-01")]
    to: jiff::civil::Date,
    /// The archive.
    #[arg(long, default_value = "sidetone.duckdb")]
    archive: PathBuf,
}

/// How long contacts are kept.
#[derive(Debug, clap::Args)]
pub(super) struct RetainArguments {
    /// Contacts that ended longer ago go.
    #[arg(long)]
    days: u32,
    /// The archive.
    #[arg(long, default_value = "sidetone.duckdb")]
    archive: PathBuf,
}

pub(super) fn run(arguments: &ImportArguments) -> Result<(), String> {
    let text = std::fs::read_to_string(&arguments.file).map_err(|e| format!("{}: {e}", arguments.file.display()))?;
    let done = Archive::open(Some(&arguments.archive))
        .map_err(|e| e.to_string())?
        .import(text.lines())
        .map_err(|e| e.to_string())?;
    for (line, error) in &done.bad {
        eprintln!("{}, line {line}: {error}", arguments.file.display());
    }
    println!(
        r#"{{"taken":{},"known":{},"bad":{}}}"#,
        done.taken,
        done.known,
        done.bad.len()
    );
    if done.bad.is_empty() {
        Ok(())
    } else {
        Err(format!("{} lines are no facts; all others stand", done.bad.len()))
    }
}

pub(super) fn forget(arguments: &ForgetArguments) -> Result<(), String> {
    let gone = open(&arguments.archive)?
        .forget(&arguments.ani_hash)
        .map_err(|e| e.to_string())?;
    println!(r#"{{"removed":{gone}}}"#);
    Ok(())
}

pub(super) fn parquet(arguments: &ParquetArguments) -> Result<(), String> {
    let days = open(&arguments.archive)?
        .export(&arguments.out, midnight(arguments.from)?, midnight(arguments.to)?)
        .map_err(|error| error.to_string())?;
    println!(r#"{{"days":{days}}}"#);
    Ok(())
}

/// A day's begin in Shanghai, ms UTC.
fn midnight(day: jiff::civil::Date) -> Result<i64, String> {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
    let begin = day.to_zoned(zone).map_err(|error| error.to_string())?;
    Ok(begin.timestamp().as_millisecond())
}

pub(super) fn retain(arguments: &RetainArguments) -> Result<(), String> {
    let from = jiff::Timestamp::now().as_millisecond() - i64::from(arguments.days) * DAY_MS;
    let gone = open(&arguments.archive)?.retain_from(from).map_err(|e| e.to_string())?;
    println!(r#"{{"removed":{gone}}}"#);
    Ok(())
}

/// An archive that is there: a name that is mistyped makes none, and is not answered with nothing.
pub(super) fn open(path: &Path) -> Result<Archive, String> {
    if !path.is_file() {
        let cure = "--archive names the file that `sidetone-desk archive` or `import` made";
        return Err(format!("{}: there is no archive; {cure}", path.display()));
    }
    Archive::open(Some(path)).map_err(|e| e.to_string())
}
