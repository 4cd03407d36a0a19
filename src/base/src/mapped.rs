//! Files that are read where they lie.

use std::fs::File;
use std::io;
use std::path::Path;

/// A file in memory, shared with the page cache: opening it reads nothing, and what is not asked for costs nothing.
///
/// Whoever replaces such a file writes another and renames it: who cuts the file itself short ends every process that has
/// it mapped.
#[derive(Debug)]
pub struct Mapped(memmap2::Mmap);

impl Mapped {
    /// Maps a file.
    ///
    /// # Errors
    /// When it cannot be opened or mapped.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
        }
        // SAFETY: the map is private and read only, and its readers check every bound and every number that they read, so
        // that bytes which change under them give wrong answers at worst. That nobody shortens the file is the contract above.
        #[allow(unsafe_code)]
        let map = unsafe { memmap2::MmapOptions::new().map_copy_read_only(&file) }?;
        Ok(Self(map))
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_bytes_and_a_folder_is_none() {
        let path = std::env::temp_dir().join(format!("sidetone-mapped-{}", std::process::id()));
        std::fs::write(&path, b"abc").unwrap();
        assert_eq!(Mapped::open(&path).unwrap().as_ref(), b"abc");
        std::fs::remove_file(&path).unwrap();
        assert!(Mapped::open(&path).is_err());
        assert!(Mapped::open(&std::env::temp_dir()).is_err());
    }
}
