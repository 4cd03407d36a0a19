//! libFuzzer on the target that `SIDETONE_FUZZ` names; started by `cargo xtask fuzz`.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use sidetone_fuzz::Target;

static TARGET: OnceLock<Target> = OnceLock::new();

fn chosen() -> Target {
    let name = std::env::var("SIDETONE_FUZZ").unwrap_or_default();
    sidetone_fuzz::target(&name).unwrap_or_else(|| {
        let names: Vec<&str> = sidetone_fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("SIDETONE_FUZZ={name:?} is none of {}", names.join(", "));
        std::process::exit(2)
    })
}

fuzz_target!(|data: &[u8]| TARGET.get_or_init(chosen)(data));
