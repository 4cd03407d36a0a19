//! What `sidetone doctor` finds, for administrators: the command of the configuration, run when somebody asks.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use crate::users::Role;

/// A doctor that takes longer is ended.
const WAIT: Duration = Duration::from_secs(60);

/// A line of `doctor --json`.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Finding {
    severity: String,
    check: String,
    found: String,
    cure: String,
}

/// Runs the command; nothing of the request reaches it.
pub(super) async fn doctor(State(desk): State<Arc<Desk>>, session: Session) -> Result<Json<Vec<Finding>>, Refusal> {
    if session.role < Role::Admin {
        return Err(Refusal::Forbidden);
    }
    let (program, arguments) = desk.config.doctor.split_first().ok_or(Refusal::NotFound)?;
    // One at a time.
    let _turn = desk.doctor.try_acquire().map_err(|_| Refusal::SlowDown)?;
    let mut command = tokio::process::Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let run = tokio::time::timeout(WAIT, command.output());
    let output = match run.await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(Refusal::Question(format!("{program} does not start: {error}"))),
        Err(_) => return Err(Refusal::Question(format!("no answer in {} s", WAIT.as_secs()))),
    };
    let lines = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let findings = lines.map(serde_json::from_slice).collect::<Result<Vec<Finding>, _>>();
    match findings {
        Ok(findings) if !findings.is_empty() => Ok(Json(findings)),
        _ => Err(Refusal::Question(format!(
            "{program} printed no findings; is --json among its arguments?"
        ))),
    }
}
