//! `sidetone schema`

use std::path::PathBuf;

use clap::Args;

/// Prints the JSON Schema of every event.
#[derive(Args)]
#[command(after_help = "Examples:\n  sidetone schema > event.schema.json\n  sidetone schema --write docs/schema")]
pub(super) struct SchemaArgs {
    /// Write `event.schema.json` into this folder instead of printing it
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
}

pub(super) fn run(args: &SchemaArgs) -> Result<(), String> {
    let text = text()?;
    let Some(dir) = &args.write else {
        print!("{text}");
        return Ok(());
    };
    std::fs::create_dir_all(dir).map_err(|error| format!("{} cannot be made: {error}", dir.display()))?;
    let path = dir.join(FILE);
    std::fs::write(&path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

const FILE: &str = "event.schema.json";

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
    fn the_checked_in_schema_is_the_types() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/schema")
            .join(FILE);
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            checked_in == text().unwrap(),
            "{} is stale: run `cargo xtask schema`",
            path.display()
        );
    }
}
