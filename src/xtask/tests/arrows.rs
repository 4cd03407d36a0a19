//! The floors of the workspace: dependencies point down, and only down.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

fn metadata() -> Value {
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Crates in the order of `members`, ground floor first, with what each depends on in the product.
fn floors(metadata: &Value) -> Vec<(String, Vec<String>)> {
    let packages: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p))
        .collect();
    metadata["workspace_members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| {
            let package = packages[id.as_str().unwrap()];
            let needs = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|d| d["kind"].is_null())
                .map(|d| d["name"].as_str().unwrap().to_owned())
                .collect();
            (package["name"].as_str().unwrap().to_owned(), needs)
        })
        .collect()
}

/// Ground floor first; `cargo metadata` sorts its members, so the order is stated here.
const ORDER: [&str; 29] = [
    "sidetone-base",
    "sidetone-metrics",
    "sidetone-schema",
    "sidetone-language",
    "sidetone-encoder",
    "sidetone-media",
    "sidetone-speech",
    "sidetone-knowledge",
    "sidetone-domain",
    "sidetone-assist",
    "sidetone-engine",
    "sidetone-asr",
    "sidetone-shell",
    "sidetone-telephony",
    "sidetone-asterisk",
    "sidetone-mod-wire",
    "sidetone-freeswitch",
    "mod_sidetone",
    "sidetone-app",
    "sidetone-archive",
    "sidetone-desk",
    "xtask",
    "sidetone-bench",
    "sidetone-bench-graph",
    "sidetone-bench-asks",
    "sidetone-bench-metrics",
    "sidetone-e2e",
    "sidetone-phones",
    "sidetone-fuzz",
];

#[test]
fn every_crate_has_a_floor() {
    for (name, _) in floors(&metadata()) {
        assert!(
            ORDER.contains(&name.as_str()),
            "{name} has no floor: add it to ORDER where it belongs"
        );
    }
}

#[test]
fn arrows_point_down() {
    let floor = |name: &str| ORDER.iter().position(|other| *other == name);
    for (name, needs) in floors(&metadata()) {
        for need in needs {
            if let Some(below) = floor(&need) {
                assert!(
                    below < floor(&name).unwrap(),
                    "{name} depends on {need}, which lies above it"
                );
            }
        }
    }
}

#[test]
fn nothing_below_the_shell_knows_a_runtime() {
    let sans_io = &ORDER[..10];
    let forbidden = ["tokio", "redis", "reqwest", "axum", "metrics", "tracing", "clap"];
    for (name, needs) in floors(&metadata())
        .into_iter()
        .filter(|(name, _)| sans_io.contains(&name.as_str()))
    {
        for need in needs {
            assert!(
                !forbidden.contains(&need.as_str()),
                "{name} is sans-IO and must not depend on {need}"
            );
        }
    }
}
