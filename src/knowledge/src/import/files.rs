//! Folders, archives and files on the disk.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::{Importer, takes};

/// Told after each file: how many files and rows were read so far.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize);

impl Importer {
    /// Reads a file, a `.tar` or `.tar.zst` of files, or a folder with the folders in it. What an import does not take is
    /// left out, of a folder without a word. Names in the report begin with the path that was given.
    ///
    /// # Errors
    /// When something cannot be read; names it.
    pub fn path(&mut self, path: &Path, progress: Progress<'_>) -> io::Result<()> {
        self.within(path, progress)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }

    fn within(&mut self, path: &Path, progress: Progress<'_>) -> io::Result<()> {
        let name = path.to_string_lossy();
        if path.is_dir() {
            let mut files = Vec::new();
            walk(path, &mut files)?;
            for file in files {
                self.feed(&file.to_string_lossy(), File::open(&file)?, progress)?;
            }
            Ok(())
        } else if name.ends_with(".tar.zst") {
            self.archive(&name, &mut zstd::Decoder::new(File::open(path)?)?, progress)
        } else if name.ends_with(".tar") {
            self.archive(&name, &mut BufReader::new(File::open(path)?), progress)
        } else {
            self.feed(&name, File::open(path)?, progress)
        }
    }

    fn archive(&mut self, name: &str, from: &mut dyn Read, progress: Progress<'_>) -> io::Result<()> {
        let mut archive = tar::Archive::new(from);
        for entry in archive.entries()? {
            let entry = entry?;
            let path = entry.path()?.to_string_lossy().into_owned();
            if entry.header().entry_type().is_file() && takes(&path) {
                let path = path.trim_start_matches("./");
                self.feed(&format!("{name}/{path}"), entry, progress)?;
            }
        }
        Ok(())
    }

    fn feed(&mut self, name: &str, from: impl Read, progress: Progress<'_>) -> io::Result<()> {
        self.file(name, &mut BufReader::with_capacity(1 << 16, from))?;
        let (files, rows) = self.progress();
        progress(files, rows);
        Ok(())
    }
}

/// Files that an import takes, in the order of their paths.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        // A link is not followed: it may lead back.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), files)?;
        } else if kind.is_file() && takes(&entry.path().to_string_lossy()) {
            files.push(entry.path());
        }
    }
    Ok(())
}
