//! Attacks that a text of the base carries: each is written behind the body of a node that the calls' hints come from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A copy of a pack with attacks in it; gone when dropped.
pub(super) struct Attacked(PathBuf);

impl Attacked {
    /// `attacks` by the node that carries each.
    pub(super) fn copy(pack: &Path, attacks: &BTreeMap<String, String>) -> Result<Self, String> {
        let copy = Self(std::env::temp_dir().join(format!("sidetone-attacked-{}", std::process::id())));
        copy_folder(pack, &copy.0, attacks)?;
        Ok(copy)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Attacked {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn copy_folder(from: &Path, to: &Path, attacks: &BTreeMap<String, String>) -> Result<(), String> {
    std::fs::create_dir_all(to).map_err(told(to))?;
    for entry in std::fs::read_dir(from).map_err(told(from))? {
        let path = entry.map_err(told(from))?.path();
        let Some(name) = path.file_name() else { continue };
        let copy = to.join(name);
        if path.is_dir() {
            copy_folder(&path, &copy, attacks)?;
        } else if name.to_string_lossy().starts_with("nodes-") {
            let text = std::fs::read_to_string(&path).map_err(told(&path))?;
            let lines = text.lines().map(|line| with_attack(line, attacks));
            let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
            std::fs::write(&copy, lines.join("\n")).map_err(told(&copy))?;
        } else {
            std::fs::copy(&path, &copy).map_err(told(&copy))?;
        }
    }
    Ok(())
}

/// The error of a file or a folder.
fn told(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

fn with_attack(line: &str, attacks: &BTreeMap<String, String>) -> Result<String, String> {
    if line.trim().is_empty() {
        return Ok(line.to_owned());
    }
    let mut node: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let attack = node["id"].as_str().and_then(|id| attacks.get(id));
    let (Some(attack), Some(body)) = (attack, node["body"].as_str()) else {
        return Ok(line.to_owned());
    };
    // The loader refuses a text with numbers or braces of its own.
    let attack = attack.replace(|c: char| c.is_ascii_digit() || matches!(c, '{' | '}'), "");
    node["body"] = Value::from(format!("{body}{attack}"));
    Ok(node.to_string())
}
