//! What the masker's weights were learned from, as one number: they are learned anew when it changes.

use std::path::{Path, PathBuf};

use super::authors;
use super::learn::read;

/// A hash of all that is in the folder but the weights.
pub(super) fn of(folder: &Path) -> Result<u64, String> {
    let written = authors::files(folder, &[])?;
    let own = ["lists.toml", "lines.txt"].map(|name| folder.join(name));
    let files: Vec<&PathBuf> = own.iter().chain(&written).collect();
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    for file in files {
        hash.take(read(file)?.replace('\r', "").as_bytes());
    }
    Ok(hash.0)
}

/// FNV-1a.
struct Hash(u64);

impl Hash {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_those_of_the_lines() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/zh/masking");
        let weights = std::fs::read(folder.join("weights.bin")).unwrap();
        assert_eq!(
            weights[..8],
            of(&folder).unwrap().to_le_bytes(),
            "lines, authors or lists have changed: run `cargo xtask bench pii-learn`"
        );
    }
}
