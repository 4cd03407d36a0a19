//! Runs every test; what needs a real switch or server gets a second try, said aloud.
//!
//! A real switch on a machine that others load may answer later than a test waits. One failure of such a test is
//! reported and tried again by itself; two failures are a failure. Tests without real parts get one try.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{cargo, once};

/// Packages whose integration tests start real switches, servers or browsers.
const REAL_PARTS: [&str; 6] = [
    "sidetone-asterisk",
    "sidetone-freeswitch",
    "sidetone-shell",
    "sidetone-desk",
    "sidetone-e2e",
    "sidetone-phones",
];

/// Every test of the workspace; `daemon` and `desk` are the programs that end-to-end tests start.
pub(crate) fn run(daemon: &str, desk: &str) -> Result<(), String> {
    let env = [("SIDETONE_BINARY", daemon), ("SIDETONE_DESK_BINARY", desk)];
    let all = ["test", "--workspace", "--locked", "--no-fail-fast"];
    let (ok, report) = watched(&all, &env)?;
    if ok {
        return Ok(());
    }
    let failed = failed_targets(&report);
    let again = second_try(&failed).ok_or_else(|| match failed.as_slice() {
        [] => "the tests failed".to_owned(),
        failed => format!("these tests failed: {}", failed.join(", ")),
    })?;
    for target in again {
        eprintln!("── SECOND TRY: {target} failed once; see above");
        // By its package alone it would have other features, and everything below it would be built again.
        cargo(&["test", "--workspace", "--locked", "--test", target], &env)?;
        eprintln!("── SECOND TRY: {target} passed");
    }
    Ok(())
}

/// Runs cargo, shows what it prints, and keeps its own report of what failed.
fn watched(args: &[&str], env: &[(&str, &str)]) -> Result<(bool, Vec<String>), String> {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut child = once(Command::new(&program).args(args))
        .envs(env.iter().copied())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    let mut report = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            eprintln!("{line}");
            if is_target(&line) {
                report.push(line);
            }
        }
    }
    let status = child.wait().map_err(|error| format!("{program}: {error}"))?;
    Ok((status.success(), report))
}

/// Cargo's line for a failed target: four blanks and its options in backquotes.
fn is_target(line: &str) -> bool {
    line.starts_with("    `-p ") && line.ends_with('`')
}

fn failed_targets(report: &[String]) -> Vec<String> {
    report
        .iter()
        .map(|line| line.trim().trim_matches('`').to_owned())
        .collect()
}

/// Names of the targets to try again; `None` if one of the failures may not be.
fn second_try(failed: &[String]) -> Option<Vec<&str>> {
    let targets: Option<Vec<&str>> = failed
        .iter()
        .map(|target| {
            let (package, test) = target.strip_prefix("-p ")?.split_once(" --test ")?;
            REAL_PARTS.contains(&package).then_some(test)
        })
        .collect();
    targets.filter(|targets| !targets.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_with_real_parts_are_tried_again() {
        let lines = ["error: 2 targets failed:", "    `-p sidetone-asterisk --test ivr`"].map(str::to_owned);
        let report: Vec<String> = lines.into_iter().filter(|line| is_target(line)).collect();
        let failed = failed_targets(&report);
        assert_eq!(second_try(&failed), Some(vec!["ivr"]));
        let logic = [failed[0].clone(), "-p sidetone-media --test golden".to_owned()];
        assert_eq!(second_try(&logic), None);
        assert_eq!(second_try(&["-p sidetone-asterisk --lib".to_owned()]), None);
        assert_eq!(second_try(&[]), None);
    }
}
