//! `mod_host --json`: how long the module's callback holds a media thread, in a switch of our own.
//!
//! Twenty legs in four formats at real pace for five seconds (`--seconds N`), a daemon that reads. Wall time holds
//! whatever else the machine does meanwhile; processor time is the callback's own.
#![allow(unsafe_code, unreachable_pub, missing_docs, dead_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::not_unsafe_ptr_arg_deref
)]

use std::time::Duration;

mod daemon;
mod module;
mod play;
mod switch;
mod xml;

const LEGS: usize = 20;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let seconds = args
        .iter()
        .position(|arg| arg == "--seconds")
        .and_then(|at| args.get(at + 1)?.parse().ok());
    let module = module::module();
    let daemon = daemon::Daemon::start(&module.socket);
    while module.status("daemon") != "connected" {
        std::thread::sleep(Duration::from_millis(5));
    }
    let players: Vec<_> = (0..LEGS)
        .map(|n| {
            let (rate, channels) = [(8000, 1), (16_000, 1), (48_000, 1), (48_000, 2)][n % 4];
            let session = switch::Session::create(&format!("bench-{n}"), rate, channels);
            assert_eq!(module.uuid_api(&format!("bench-{n} start")), "+OK\n");
            play::Player::start(&session)
        })
        .collect();
    std::thread::sleep(Duration::from_secs(seconds.unwrap_or(5)));
    let took: Vec<switch::Took> = players.into_iter().flat_map(play::Player::hang_up).collect();
    let sorted = |of: fn(&switch::Took) -> Duration| {
        let mut all: Vec<Duration> = took.iter().map(of).collect();
        all.sort_unstable();
        all
    };
    let (wall, cpu) = (sorted(|took| took.wall), sorted(|took| took.cpu));
    let at = |all: &[Duration], part: f64| all[((all.len() - 1) as f64 * part) as usize].as_nanos() as f64 / 1000.0;
    let frames = took.len();
    let lost: u64 = daemon.heard(|heard| heard.legs.values().map(|leg| leg.lost).sum());
    println!(
        "{{\"module_callback_us_p50\":{:.2},\"module_callback_us_p99\":{:.2},\"module_callback_us_p999\":{:.2},\
         \"module_callback_us_max\":{:.2},\"module_callback_cpu_us_p50\":{:.2},\"module_callback_cpu_us_p999\":{:.2},\
         \"callbacks\":{frames},\"legs\":{LEGS},\"frames_lost\":{lost}}}",
        at(&wall, 0.5),
        at(&wall, 0.99),
        at(&wall, 0.999),
        at(&wall, 1.0),
        at(&cpu, 0.5),
        at(&cpu, 0.999),
    );
}
