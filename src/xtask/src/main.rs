//! Developer commands: `cargo xtask ci`, `cargo xtask bench NAME`, `cargo xtask schema`.

use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::{Parser, Subcommand};

/// Developer commands of the Sidetone workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", version, after_help = "Example: cargo xtask bench media")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that must hold before a change lands: format, lints, docs, tests, arrows.
    Ci,
    /// Measures in a release build and prints one JSON line of figures.
    Bench {
        /// `media`, `speech`, `hints` or `call`.
        name: String,
        /// Passed on, for example `--data DIR`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Writes the JSON Schema and the examples of `docs/` anew from the types.
    Schema,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Task::Ci => ci(),
        Task::Bench { name, args } => {
            let mut all = vec![
                "run",
                "--quiet",
                "--release",
                "--package",
                "sidetone-bench",
                "--",
                &name,
            ];
            all.extend(args.iter().map(String::as_str));
            cargo(&all, &[])
        }
        Task::Schema => cargo(
            &[
                "run",
                "--quiet",
                "--package",
                "sidetone-app",
                "--",
                "schema",
                "--write",
                "docs/schema",
            ],
            &[],
        ),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// One run of cargo.
struct Step {
    name: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
}

/// In the order in which they fail fastest.
const STEPS: [Step; 4] = [
    Step {
        name: "format",
        args: &["fmt", "--all", "--check"],
        env: &[],
    },
    Step {
        name: "lints",
        args: &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        env: &[],
    },
    Step {
        name: "docs",
        args: &["doc", "--workspace", "--no-deps", "--locked"],
        env: &[("RUSTDOCFLAGS", "-D warnings")],
    },
    Step {
        name: "tests",
        args: &["test", "--workspace", "--locked"],
        env: &[],
    },
];

fn ci() -> Result<(), String> {
    for step in STEPS {
        let begun = Instant::now();
        eprintln!("── {}: cargo {}", step.name, step.args.join(" "));
        cargo(step.args, step.env)?;
        eprintln!("── {}: done in {:.0?}", step.name, begun.elapsed());
    }
    Ok(())
}

fn cargo(args: &[&str], env: &[(&str, &str)]) -> Result<(), String> {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status = Command::new(&program)
        .args(args)
        .envs(env.iter().copied())
        .status()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo {} failed ({status})", args.join(" ")))
    }
}
