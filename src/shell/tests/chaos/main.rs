//! Kills, failovers and silent connections at random moments of simulated calls, against two real redis-servers: no
//! final is lost or there twice, nothing is said in clear after `mask`, no command is lost.
//!
//! ```console
//! $ cargo test -p sidetone-shell --test chaos                                              # a small one, as in `make test`
//! $ cargo test -p sidetone-shell --test chaos -- --kills 100 --failovers 20 --silences 20 --calls 20 --seed 7
//! ```
//!
//! The process that is killed is this program once more (`daemon`): publisher, replicator and reader of commands as
//! `sidetone run` has them, and calls that say a sentence every so often.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod daemon;
mod judge;
#[path = "../contract/proxy.rs"]
#[allow(dead_code)]
mod proxy;
mod random;
mod stage;
#[path = "../contract/support.rs"]
#[allow(dead_code)]
mod support;

use std::process::ExitCode;

use random::Random;
use stage::Stage;

/// What is done to the calls.
#[derive(Clone, Copy, Debug)]
struct Plan {
    calls: u32,
    kills: u32,
    failovers: u32,
    silences: u32,
    seed: u64,
}

/// One of the things that happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    Kill,
    Failover,
    Silence,
}

/// `None` when the words are a filter for other tests.
fn plan(args: &[String]) -> Option<Plan> {
    let mut plan = Plan {
        calls: 5,
        kills: 5,
        failovers: 2,
        silences: 2,
        seed: 1,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|value| value.parse::<u32>().ok());
        match arg.as_str() {
            "--calls" => plan.calls = number()?,
            "--kills" => plan.kills = number()?,
            "--failovers" => plan.failovers = number()?,
            "--silences" => plan.silences = number()?,
            "--seed" => plan.seed = number()?.into(),
            "--test-threads" => drop(number()),
            // What is meant for tests that are functions.
            flag if flag.starts_with('-') && flag != "--list" => {}
            "chaos" => {}
            _ => return None,
        }
    }
    Some(plan)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    if let [word, folder, url, calls] = &args[..]
        && word == "daemon"
    {
        runtime.block_on(daemon::run(folder.as_ref(), url, calls.parse().unwrap()));
        return ExitCode::SUCCESS;
    }
    let Some(plan) = plan(&args) else {
        println!("chaos: another test was asked for");
        return ExitCode::SUCCESS;
    };
    let figures = runtime.block_on(rage(plan));
    println!("chaos {figures}");
    if figures.faults() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn rage(plan: Plan) -> judge::Figures {
    let mut random = Random(plan.seed);
    let mut stage = Stage::set(plan).await;
    let many = |blow, count: u32| std::iter::repeat_n(blow, count as usize);
    let mut blows: Vec<Blow> = many(Blow::Kill, plan.kills)
        .chain(many(Blow::Failover, plan.failovers))
        .chain(many(Blow::Silence, plan.silences))
        .collect();
    random.shuffle(&mut blows);
    for blow in blows {
        for _ in 0..random.below(3) {
            stage.command(&mut random).await;
        }
        random.pause(20, 500).await;
        match blow {
            Blow::Kill => stage.kill(),
            Blow::Failover => stage.failover(random.below(2) == 0).await,
            Blow::Silence => stage.silence(),
        }
    }
    stage.hang_up().await;
    judge::judge(plan, stage).await
}
