//! What the commands write.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use sidetone_knowledge::snapshot::{self, BuildError, Contents, SnapshotStats};

/// Writes a built file beside its place and moves it there: a daemon that has the old one mapped keeps it.
pub(super) fn snapshot(contents: Contents, out: &Path) -> Result<SnapshotStats, String> {
    let mut partial = out.as_os_str().to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = Path::new(&partial);
    let written = written(contents, partial).and_then(|stats| {
        std::fs::rename(partial, out)?;
        Ok(stats)
    });
    written.map_err(|error| {
        let _ = std::fs::remove_file(partial);
        format!("{} {error}", out.display())
    })
}

fn written(contents: Contents, path: &Path) -> Result<SnapshotStats, BuildError> {
    let mut file = BufWriter::new(File::create(path)?);
    let stats = snapshot::build(contents, &mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(stats)
}

/// Writes rows, a file for each kind. Files of these names must not be there.
pub(super) fn rows(contents: &Contents, dir: &Path) -> Result<(), String> {
    std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    file(dir, "topics.jsonl", &contents.topics)?;
    file(dir, "nodes.jsonl", &contents.nodes)?;
    file(dir, "edges.jsonl", &contents.edges)?;
    file(dir, "figures.jsonl", &contents.figures)?;
    println!(
        "{}: {} topics, {} nodes, {} edges, {} dated rows",
        dir.display(),
        contents.topics.len(),
        contents.nodes.len(),
        contents.edges.len(),
        contents.figures.len()
    );
    Ok(())
}

fn file<T: Serialize>(dir: &Path, name: &str, rows: &[T]) -> Result<(), String> {
    let path = dir.join(name);
    let write = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create_new(&path)?);
        for row in rows {
            serde_json::to_writer(&mut file, row)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    };
    write().map_err(|error| format!("{}: {error}", path.display()))
}
