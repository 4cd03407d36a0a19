//! `sidetone knowledge`

mod explain;
mod gaps;
mod opinions;
mod query;
mod spoken_to;
mod write;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sidetone_base::Mapped;
use sidetone_domain::Pack;
use sidetone_knowledge::import::{Importer, Report};
use sidetone_knowledge::snapshot::{Contents, Snapshot};

use super::StoreArgs;
use crate::config::known_region;

/// Builds, checks, imports and asks knowledge bases.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sidetone knowledge check /etc/sidetone/knowledge                       every fault of a line's folder\n  \
    sidetone knowledge import statutes/ terms.ttl --out imported/          other formats as rows\n  \
    sidetone knowledge build knowledge/12333 laws.tar.zst --out kb.snap    one file of all of it\n  \
    sidetone knowledge query \"2024年灵活就业最低交多少\" --as-of 2024-08-01 --region 370100\n\n\
    Formats: *.jsonl (topics, nodes, edges, figures), *.csv (the same), *.ttl and *.nt (SKOS, RDF), *.md (statutes),\n\
    folders and archives (.tar, .tar.zst) of them. knowledge/README.md has the details.")]
pub(super) struct KnowledgeArgs {
    #[command(subcommand)]
    command: KnowledgeCommand,
}

#[derive(Subcommand, Debug)]
enum KnowledgeCommand {
    /// Writes one file of everything, for `knowledge.library`
    Build(BuildArgs),
    /// Names every fault of a line's folder, of rows to be imported, or of a built file
    Check(CheckArgs),
    /// Turns other formats into rows (JSONL)
    Import(ImportArgs),
    /// Says how much is in a folder or a built file
    Stats(StatsArgs),
    /// Prints what would be shown for a question, ranked, with the reasons
    Query(query::QueryArgs),
    /// Prints how a caller's turn was understood: what was weighed, what was refused and why
    Explain(explain::ExplainArgs),
    /// Turns a built file back into rows (JSONL)
    Export(ExportArgs),
    /// Shows what callers asked and the base lacks, from Redis
    Gaps(gaps::GapsArgs),
}

#[derive(Args, Debug)]
struct BuildArgs {
    #[command(flatten)]
    from: Sources,
    /// The file to write; it takes the place of an old one in one step
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args, Debug)]
struct ImportArgs {
    #[command(flatten)]
    from: Sources,
    /// The folder for the rows
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// What is read.
#[derive(Args, Debug)]
struct Sources {
    /// Folders, archives and files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Writes nothing if any row is rejected
    #[arg(long)]
    strict: bool,
}

#[derive(Args, Debug)]
struct CheckArgs {
    /// A line's folder (with pack.toml), rows in any format, or a built file
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Args, Debug)]
struct StatsArgs {
    /// A folder, rows in any format, or a built file
    #[arg(required_unless_present = "feedback", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// One JSON line
    #[arg(long)]
    json: bool,
    /// Instead: what agents did with the hints of each node, and by how much it moves the node, from Redis
    #[arg(long, conflicts_with = "paths")]
    feedback: bool,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Args, Debug)]
struct ExportArgs {
    /// The built file
    file: PathBuf,
    /// The folder for the rows
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(args: &KnowledgeArgs) -> Result<(), String> {
    match &args.command {
        KnowledgeCommand::Build(args) => build(args),
        KnowledgeCommand::Check(args) => check(&args.paths),
        KnowledgeCommand::Import(args) => {
            let contents = accepted(&args.from)?;
            write::rows(&contents, &args.out)
        }
        KnowledgeCommand::Gaps(args) => gaps::run(args),
        KnowledgeCommand::Stats(args) if args.feedback => opinions::run(&args.store, args.json),
        KnowledgeCommand::Stats(args) => stats(args),
        KnowledgeCommand::Query(args) => query::run(args),
        KnowledgeCommand::Explain(args) => explain::run(args),
        KnowledgeCommand::Export(args) => {
            let snapshot = open(&args.file)?;
            let contents = Contents {
                topics: snapshot.topics().to_vec(),
                nodes: snapshot.entries().filter_map(|entry| entry.node()).collect(),
                edges: snapshot.edges().collect(),
                figures: snapshot.figures().collect(),
                turns: Vec::new(),
            };
            write::rows(&contents, &args.out)
        }
    }
}

/// The region that is asked for: the one given, else the pack's own.
fn region(given: Option<&str>, pack: &Pack) -> Result<String, String> {
    let Some(given) = given else {
        return Ok(pack.info().region.clone());
    };
    known_region(given).map_err(|reason| format!("--region: {reason}"))?;
    Ok(given.to_owned())
}

/// Opens a built file.
fn open(path: &Path) -> Result<Snapshot, String> {
    let bytes = Mapped::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Snapshot::open(bytes).map_err(|error| format!("{} {error}", path.display()))
}

fn read(paths: &[PathBuf]) -> Result<(Contents, Report), String> {
    let mut importer = Importer::new();
    let shown = std::io::stderr().is_terminal();
    let mut last = 0;
    for path in paths {
        let mut progress = |files: usize, rows: usize| {
            if shown && rows / 10_000 != last {
                last = rows / 10_000;
                eprint!("\r{files} files, {rows} rows");
                let _ = std::io::stderr().flush();
            }
        };
        importer.path(path, &mut progress).map_err(|error| error.to_string())?;
    }
    let (files, rows) = importer.progress();
    let (start, end) = if shown { ("\r", "") } else { ("", "") };
    eprintln!("{start}{files} files, {rows} rows read; fitting them together{end}");
    Ok(importer.finish())
}

/// What is taken of the sources; what is not is named on stderr.
fn accepted(from: &Sources) -> Result<Contents, String> {
    let (contents, report) = read(&from.paths)?;
    if report.rejected > 0 || !report.skipped.is_empty() || report.unresolved_citations > 0 {
        eprintln!("{report}");
    }
    if from.strict && report.rejected > 0 {
        return Err(format!(
            "{} rows rejected, and --strict was given: nothing written",
            report.rejected
        ));
    }
    if contents.nodes.is_empty() {
        return Err("no node in what was read: nothing written".to_owned());
    }
    Ok(contents)
}

fn build(args: &BuildArgs) -> Result<(), String> {
    let contents = accepted(&args.from)?;
    let stats = write::snapshot(contents, &args.out)?;
    println!(
        "{}: {} nodes, {} edges, {} dated rows, {} MB",
        args.out.display(),
        stats.nodes,
        stats.edges,
        stats.figure_rows,
        stats.bytes.div_ceil(1_000_000)
    );
    Ok(())
}

fn check(paths: &[PathBuf]) -> Result<(), String> {
    let mut faulty = Vec::new();
    for path in paths {
        match fault_of(path) {
            Ok(said) => println!("{}: {said}", path.display()),
            Err(faults) => faulty.push(format!("{}: {faults}", path.display())),
        }
    }
    if faulty.is_empty() {
        Ok(())
    } else {
        Err(faulty.join("\n"))
    }
}

/// What there is, or all that is wrong with it.
fn fault_of(path: &Path) -> Result<String, String> {
    if path.join("pack.toml").is_file() {
        let pack = Pack::load(path).map_err(|faults| faults.to_string())?;
        let stats = pack.knowledge().stats();
        for commands in pack.commands() {
            println!("{}: worth knowing: {commands}", path.display());
        }
        for thin in pack.thin() {
            println!("{}: worth knowing: {thin}", path.display());
        }
        return Ok(format!(
            "valid: line {}, {} nodes, {} edges, {} dated rows, {} example turns",
            pack.info().id,
            stats.nodes,
            stats.edges,
            stats.figure_rows,
            pack.examples().len()
        ));
    }
    if path.is_file() && !sidetone_knowledge::import::takes(&path.to_string_lossy()) && !is_archive(path) {
        let stats = open(path)?.stats();
        return Ok(format!("valid: {} nodes, {} edges", stats.nodes, stats.edges));
    }
    if let Some(own) = pack_file(path) {
        return Err(format!(
            "{own} belongs to a line's folder, and pack.toml is missing: it says which line this is (knowledge/README.md)"
        ));
    }
    let (contents, report) = read(&[path.to_owned()])?;
    if report.rejected > 0 {
        return Err(report.to_string());
    }
    if !report.skipped.is_empty() {
        println!(
            "{}: worth knowing: not taken: {}",
            path.display(),
            report.skipped.join(", ")
        );
    }
    if contents.nodes.is_empty()
        && contents.topics.is_empty()
        && contents.edges.is_empty()
        && contents.figures.is_empty()
    {
        return Err("holds nothing: no row of topics, nodes, edges or figures".to_owned());
    }
    spoken_to::name(path, &contents);
    Ok(format!(
        "valid: {} nodes, {} edges",
        contents.nodes.len(),
        contents.edges.len()
    ))
}

/// A file of the folder that only a line's folder has.
fn pack_file(dir: &Path) -> Option<String> {
    const NAMES: [&str; 5] = ["cues.toml", "calls.toml", "regions.tsv", "scripts.jsonl", "risks.jsonl"];
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| NAMES.contains(&name.as_str()) || name.starts_with("examples"))
        .collect();
    names.sort_unstable();
    names.into_iter().next()
}

fn is_archive(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".tar") || name.ends_with(".tar.zst")
}

fn stats(args: &StatsArgs) -> Result<(), String> {
    for path in &args.paths {
        let rows = |contents: Contents| {
            (
                contents.topics.len(),
                contents.nodes,
                contents.edges.len(),
                contents.figures.len(),
            )
        };
        let built = path.is_file() && !sidetone_knowledge::import::takes(&path.to_string_lossy()) && !is_archive(path);
        let mut layers = std::collections::BTreeMap::new();
        let (topics, nodes, edges, figures, bytes) = if built {
            let snapshot = open(path)?;
            let stats = snapshot.stats();
            for entry in snapshot.entries() {
                *layers.entry(entry.layer()).or_insert(0_usize) += 1;
            }
            (
                stats.topics,
                stats.nodes,
                stats.edges,
                stats.figure_rows,
                Some(stats.bytes),
            )
        } else {
            let (topics, nodes, edges, figures) = rows(read(std::slice::from_ref(path))?.0);
            for node in &nodes {
                *layers.entry(node.layer).or_insert(0_usize) += 1;
            }
            (topics, nodes.len(), edges, figures, None)
        };
        let layers: serde_json::Map<String, serde_json::Value> = layers
            .into_iter()
            .map(|(layer, count)| (format!("{layer:?}").to_lowercase(), count.into()))
            .collect();
        if args.json {
            println!(
                "{}",
                serde_json::json!({"path": path.display().to_string(), "topics": topics, "nodes": nodes, "edges": edges,
                    "figure_rows": figures, "layers": layers, "bytes": bytes})
            );
        } else {
            println!("{}", path.display());
            println!("  {topics} topics, {nodes} nodes, {edges} edges, {figures} dated rows");
            for (layer, count) in layers {
                println!("  {count} nodes of layer {layer}");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = r#"{"id":"a","layer":"business","topic":"t","title":"补卡","body":"到网点补办。","region":"370000","doc_title":"办法","confidence":"B"}"#;

    /// A folder of its own for a test, gone with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, nodes: &str) -> Self {
            let path = std::env::temp_dir().join(format!("sidetone-knowledge-{name}-{}", std::process::id()));
            std::fs::create_dir_all(path.join("rows")).unwrap();
            std::fs::write(
                path.join("rows/topics.jsonl"),
                r#"{"id":"t","name":"题","terms":["题"]}"#,
            )
            .unwrap();
            std::fs::write(path.join("rows/nodes.jsonl"), nodes).unwrap();
            Self(path)
        }

        fn build(&self, strict: bool) -> Result<(), String> {
            build(&BuildArgs {
                from: Sources {
                    paths: vec![self.0.join("rows")],
                    strict,
                },
                out: self.0.join("kb.snapshot"),
            })
        }

        fn files(&self) -> Vec<String> {
            let entries = std::fs::read_dir(&self.0).unwrap();
            let mut names: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_is_built_is_exported_as_it_was_read() {
        let folder = Folder::new("built", NODE);
        folder.build(true).unwrap();
        let file = folder.0.join("kb.snapshot");
        assert!(check(std::slice::from_ref(&file)).is_ok());
        let export = KnowledgeArgs {
            command: KnowledgeCommand::Export(ExportArgs {
                file,
                out: folder.0.join("again"),
            }),
        };
        run(&export).unwrap();
        let exported = read(&[folder.0.join("again")]).unwrap();
        let given = read(&[folder.0.join("rows")]).unwrap();
        assert_eq!(exported.0.nodes, given.0.nodes);
        assert_eq!(exported.0.topics, given.0.topics);
        assert!(
            run(&export).unwrap_err().contains("topics.jsonl"),
            "what is there is not written over"
        );
    }

    #[test]
    fn what_is_no_base_is_not_called_one() {
        let folder = Folder::new("none", NODE);
        let said = |name: &str, text: &str| {
            let dir = folder.0.join("odd");
            std::fs::create_dir_all(&dir).unwrap();
            if !name.is_empty() {
                std::fs::write(dir.join(name), text).unwrap();
            }
            let said = fault_of(&dir);
            std::fs::remove_dir_all(&dir).unwrap();
            said
        };
        assert!(said("", "").unwrap_err().contains("holds nothing"));
        assert!(said("notes.txt", "x").unwrap_err().contains("holds nothing"));
        assert!(
            said("examples-a.jsonl", "{}")
                .unwrap_err()
                .contains("pack.toml is missing")
        );
        let steering = NODE.replace("补办。", "补办\\u001b[2J。");
        std::fs::write(folder.0.join("rows/nodes.jsonl"), steering).unwrap();
        let fault = fault_of(&folder.0.join("rows")).unwrap_err();
        assert!(
            fault.contains("control character") && !fault.contains('\u{1b}'),
            "{fault}"
        );
    }

    #[test]
    fn strict_writes_nothing_and_leaves_the_old_file() {
        let folder = Folder::new("strict", NODE);
        folder.build(true).unwrap();
        let before = std::fs::read(folder.0.join("kb.snapshot")).unwrap();
        std::fs::write(
            folder.0.join("rows/nodes.jsonl"),
            format!("{}\n{{\n", NODE.replace("补卡", "挂失")),
        )
        .unwrap();
        assert!(folder.build(true).unwrap_err().contains("1 rows rejected"));
        assert_eq!(std::fs::read(folder.0.join("kb.snapshot")).unwrap(), before);
        folder.build(false).unwrap();
        assert_ne!(std::fs::read(folder.0.join("kb.snapshot")).unwrap(), before);
        assert_eq!(folder.files(), ["kb.snapshot", "rows"], "nothing half-written is left");
    }

    #[test]
    fn a_fault_of_any_kind_is_named() {
        let folder = Folder::new("faults", "{\n");
        assert!(check(&[folder.0.join("rows")]).unwrap_err().contains("nodes.jsonl:1: "));
        let cut = folder.0.join("cut.snapshot");
        std::fs::write(&cut, b"STKNOW\r\n\x01\0\0\0").unwrap();
        assert!(check(std::slice::from_ref(&cut)).unwrap_err().contains("bytes long"));
        assert!(check(&[folder.0.join("gone")]).is_err());
    }
}
