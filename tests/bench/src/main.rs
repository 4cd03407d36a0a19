//! Measurements: `cargo xtask bench NAME`. Prints one JSON line; never judges.

mod attacks;
mod call;
mod calls;
mod clips;
mod early;
mod hints;
mod itn;
mod load;
mod long;
mod media;
mod noise;
mod overhead;
mod pair;
mod pii;
mod processor;
mod soak;
mod speech;
mod tap;
mod wrapup;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_default();
    // A model is loaded in a process of its own before it is loaded here: this is that process.
    if name == "models" {
        return sidetone_app::main();
    }
    let rest: Vec<String> = args.collect();
    let run: fn(&[String]) -> Result<serde_json::Value, String> = match name.as_str() {
        "attacks" => attacks::run,
        "call" => call::run,
        "early" => early::run,
        "hints" => hints::run,
        "itn" => itn::run,
        "load" => load::run,
        "long" => long::run,
        "media" => media::run,
        "noise" => noise::run,
        "overhead" => overhead::run,
        "pii" => pii::run,
        "pii-learn" => pii::learn::run,
        "soak" => soak::run,
        "speech" => speech::run,
        "tap" => tap::run,
        "wrapup" => wrapup::run,
        other => {
            eprintln!(
                "no bench is named {other:?}: there are attacks, call, early, hints, itn, load, long, media, noise, overhead, pii, soak, speech, tap and wrapup"
            );
            return ExitCode::from(2);
        }
    };
    match run(&rest) {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("bench {name}: {reason}");
            ExitCode::FAILURE
        }
    }
}
