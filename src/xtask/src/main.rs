//! Developer commands: `cargo xtask ci`, `cargo xtask bench NAME`, `cargo xtask fuzz TARGET`, `cargo xtask schema`.

mod test_run;

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
        /// `asks`, `attacks`, `call`, `early`, `graph`, `hints`, `itn`, `library`, `load`, `media`, `metrics`, `noise`, `overhead`, `retrieval`,
        /// `pii`, `pii-learn`, `soak`, `speech`, `tap` or `wrapup`.
        name: String,
        /// Passed on, for example `--data DIR`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Feeds a parser bytes that libFuzzer thinks up, until it breaks or the time is over.
    #[command(after_help = "Example: cargo xtask fuzz sip --seconds 600\n\n\
        What it found interesting is kept in target/fuzz/corpus, what broke in target/fuzz/found.")]
    Fuzz {
        /// `aeap`, `ami`, `audiosocket`, `esl`, `fastagi`, `ground`, `modwire`, `recording`, `rtp`, `sdp`, `sip` or `srtp`.
        target: String,
        /// How long.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Writes the JSON Schema of `docs/`, and the TypeScript and Python made of it, anew from the types.
    Schema,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Task::Ci => ci(),
        Task::Bench { name, args } => bench(&name, &args),
        Task::Fuzz { target, seconds } => fuzz(&target, seconds),
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
                "--types",
                "docs/types",
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

fn bench(name: &str, args: &[String]) -> Result<(), String> {
    let run = |package| vec!["run", "--quiet", "--release", "--package", package, "--", name];
    let mut all = match name {
        // It starts the desk's own program, which cargo builds for it.
        "desk" => vec![
            "bench",
            "--quiet",
            "--package",
            "sidetone-desk",
            "--bench",
            "desk",
            "--",
        ],
        "graph" | "library" | "retrieval" => run("sidetone-bench-graph"),
        "asks" => run("sidetone-bench-asks"),
        "metrics" => run("sidetone-bench-metrics"),
        _ => run("sidetone-bench"),
    };
    all.extend(args.iter().map(String::as_str));
    cargo(&all, &[])
}

/// What libFuzzer needs of the compiler to see which code an input reaches.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks";
/// The flags above would otherwise reach build scripts, too, where nothing provides for them.
const HOST: &str = "x86_64-unknown-linux-gnu";

fn fuzz(target: &str, seconds: u32) -> Result<(), String> {
    let build = "build --release --package sidetone-fuzz --features libfuzzer --target-dir target/fuzz --target";
    let mut args: Vec<&str> = build.split(' ').collect();
    args.push(HOST);
    cargo(&args, &[("RUSTFLAGS", COVERAGE)])?;
    let corpus = format!("target/fuzz/corpus/{target}");
    let found = format!("target/fuzz/found/{target}/");
    for folder in [&corpus, &found] {
        std::fs::create_dir_all(folder).map_err(|error| format!("{folder}: {error}"))?;
    }
    let program = format!("target/fuzz/{HOST}/release/sidetone-fuzz");
    let status = Command::new(&program)
        .env("SIDETONE_FUZZ", target)
        .arg(&corpus)
        .arg(format!("tests/fuzz/seeds/{target}"))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={found}"))
        .args([
            "-max_len=8192",
            "-rss_limit_mb=1024",
            "-timeout=10",
            "-print_final_stats=1",
        ])
        .status()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{target} broke ({status}); the input is in {found}"))
    }
}

/// One run of cargo.
struct Step {
    name: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
}

/// In the order in which they fail fastest.
const CHECKS: [Step; 4] = [
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
            // What needs a real FreeSWITCH is not run here, and must not rot.
            "--features",
            "sidetone-freeswitch/real-freeswitch,sidetone-phones/real-freeswitch",
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
    // All at once: a package built by itself has other features, and everything below it is built again.
    Step {
        name: "build",
        args: &["build", "--workspace", "--all-targets", "--locked"],
        env: &[],
    },
];

fn ci() -> Result<(), String> {
    for step in CHECKS {
        timed(step.name, || cargo(step.args, step.env))?;
    }
    let own = std::env::current_exe().map_err(|error| format!("this program's own place: {error}"))?;
    let built = |name: &str| own.with_file_name(name).to_string_lossy().into_owned();
    let (daemon, desk) = (built("sidetone"), built("sidetone-desk"));
    timed("models", || done(Command::new(&daemon).args(["models", "fetch"])))?;
    // Tests that start them take these: building them under a test would replace libraries that it has loaded.
    timed("tests", || test_run::run(&daemon, &desk))
}

fn timed(name: &str, step: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let begun = Instant::now();
    eprintln!("── {name}");
    step()?;
    eprintln!("── {name}: done in {:.0?}", begun.elapsed());
    Ok(())
}

fn cargo(args: &[&str], env: &[(&str, &str)]) -> Result<(), String> {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    done(once(Command::new(program).args(args)).envs(env.iter().copied()))
}

/// A run that builds everything once keeps nothing for the next build: that would take gigabytes. Nor is it told of this program's
/// package: build scripts that look at that would run anew when the next one builds.
fn once(command: &mut Command) -> &mut Command {
    let of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_package)) {
        command.env_remove(name);
    }
    command.env("CARGO_INCREMENTAL", "0")
}

fn done(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} failed ({status})"))
    }
}
