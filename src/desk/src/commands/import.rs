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
    let done = open(&arguments.archive)?
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

pub(super) fn retain(arguments: &RetainArguments) -> Result<(), String> {
    let from = jiff::Timestamp::now().as_millisecond() - i64::from(arguments.days) * DAY_MS;
    let gone = open(&arguments.archive)?.retain_from(from).map_err(|e| e.to_string())?;
    println!(r#"{{"removed":{gone}}}"#);
    Ok(())
}

pub(super) fn open(path: &Path) -> Result<Archive, String> {
    Archive::open(Some(path)).map_err(|e| e.to_string())
}
