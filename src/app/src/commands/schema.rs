//! `sidetone schema`

use std::path::{Path, PathBuf};

use clap::Args;

/// Prints the JSON Schema of every event, or writes it and the types made of it.
#[derive(Args)]
#[command(after_help = "Examples:\n  sidetone schema > event.schema.json\n  sidetone schema --write docs/schema")]
pub(super) struct SchemaArgs {
    /// Write `event.schema.json` into this folder instead of printing it
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Write `sidetone.d.ts` (TypeScript) and `sidetone.py` (Python) into this folder
    #[arg(long, value_name = "DIR")]
    types: Option<PathBuf>,
}

pub(super) fn run(args: &SchemaArgs) -> Result<(), String> {
    if let Some(dir) = &args.write {
        write(dir, FILE, &text()?)?;
    }
    if let Some(dir) = &args.types {
        write(dir, TYPESCRIPT, &sidetone_schema::typescript())?;
        write(dir, PYTHON, &sidetone_schema::python())?;
    }
    if args.write.is_none() && args.types.is_none() {
        print!("{}", text()?);
    }
    Ok(())
}

fn write(dir: &Path, name: &str, text: &str) -> Result<(), String> {
    std::fs::create_dir_all(dir).map_err(|error| format!("{} cannot be made: {error}", dir.display()))?;
    let path = dir.join(name);
    std::fs::write(&path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

const FILE: &str = "event.schema.json";
const TYPESCRIPT: &str = "sidetone.d.ts";
const PYTHON: &str = "sidetone.py";

fn text() -> Result<String, String> {
    let schema = sidetone_schema::json_schema();
    serde_json::to_string_pretty(&schema)
        .map(|text| text + "\n")
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_checked_in_is_made_of_the_types() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        for (path, made) in [
            (docs.join("schema").join(FILE), text().unwrap()),
            (docs.join("types").join(TYPESCRIPT), sidetone_schema::typescript()),
            (docs.join("types").join(PYTHON), sidetone_schema::python()),
        ] {
            let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                checked_in == made,
                "{} is stale: run `cargo xtask schema`",
                path.display()
            );
        }
    }
}
