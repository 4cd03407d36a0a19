//! Where what was learned from a pack is kept: in the daemon's folder, or for who may not write there in the user's cache.

use std::fmt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::parts::may_write;

/// The folder in the user's cache.
const NAME: &str = "sidetone";
/// Nobody else's: what was learned holds words of callers' turns.
const OWN: u32 = 0o700;

/// Where files of what was learned lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Beside what the daemon keeps.
    State(PathBuf),
    /// In the user's cache, as the first folder cannot be written.
    Cache { state: PathBuf, folder: PathBuf },
    /// Nowhere.
    Memory { state: PathBuf, tried: Option<PathBuf> },
}

impl Keep {
    /// For this process, by its environment.
    pub(super) fn here(state: &Path) -> Self {
        Self::of(state, cache(|name| std::env::var_os(name).map(PathBuf::from)))
    }

    /// The state's folder if it can be written; else that of the cache, which is made where it is not there.
    fn of(state: &Path, cache: Option<PathBuf>) -> Self {
        if may_write(state) {
            return Self::State(state.to_owned());
        }
        let state = state.to_owned();
        let made = |folder: &PathBuf| {
            let made = std::fs::DirBuilder::new().recursive(true).mode(OWN).create(folder);
            made.is_ok() && may_write(folder)
        };
        match cache {
            Some(folder) if made(&folder) => Self::Cache { state, folder },
            tried => Self::Memory { state, tried },
        }
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::State(folder) | Self::Cache { folder, .. } => Some(folder),
            Self::Memory { .. } => None,
        }
    }
}

/// What a user wants to know of it; nothing where all is as configured.
impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(_) => Ok(()),
            Self::Cache { state, folder } => write!(
                f,
                "{} cannot be written: what is learned from the pack is kept in {}",
                state.display(),
                folder.display()
            ),
            Self::Memory { state, tried } => {
                write!(f, "{} cannot be written", state.display())?;
                match tried {
                    Some(tried) => write!(f, ", nor can {}", tried.display())?,
                    None => write!(f, ", and neither XDG_CACHE_HOME nor HOME is set")?,
                }
                write!(f, ": the pack is learned anew each time, for some seconds")
            }
        }
    }
}

/// The folder for this program's caches. A relative path counts as none, as the XDG base directories have it.
fn cache(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join(NAME))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A folder of its own, and in it one that cannot be written: for root, who may write everywhere, there is a file in its place.
    fn folders(test: &str) -> (PathBuf, PathBuf) {
        let root = std::env::temp_dir().join(format!("sidetone-keep-{test}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&root));
        let shut = root.join("shut");
        std::fs::create_dir_all(&shut).unwrap();
        std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o500)).unwrap();
        if may_write(&shut) {
            std::fs::remove_dir(&shut).unwrap();
            std::fs::write(&shut, "").unwrap();
        }
        (root, shut)
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_replaced_by_the_users_cache() {
        let (root, shut) = folders("cache");
        let folder = root.join("cache/sidetone");
        let keep = Keep::of(&shut, Some(folder.clone()));
        assert_eq!(keep.folder(), Some(folder.as_path()));
        assert!(keep.to_string().ends_with(&folder.display().to_string()), "{keep}");
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        // Where the daemon's folder can be written it is used, and nothing is said.
        let keep = Keep::of(&root, Some(folder));
        assert_eq!((keep.folder(), keep.to_string().as_str()), (Some(root.as_path()), ""));
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn without_a_folder_what_is_learned_stays_in_memory() {
        let (root, shut) = folders("memory");
        for cache in [Some(shut.join("sidetone")), None] {
            let keep = Keep::of(&shut, cache);
            assert_eq!(keep.folder(), None);
            assert!(keep.to_string().contains("learned anew"), "{keep}");
        }
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn the_cache_is_where_the_environment_says() {
        let of = |xdg: Option<&str>, home: Option<&str>| {
            cache(|name| match name {
                "XDG_CACHE_HOME" => xdg.map(PathBuf::from),
                _ => home.map(PathBuf::from),
            })
        };
        assert_eq!(of(Some("/c"), Some("/h")), Some("/c/sidetone".into()));
        assert_eq!(of(Some("relative"), Some("/h")), Some("/h/.cache/sidetone".into()));
        assert_eq!(of(None, None), None);
    }
}
