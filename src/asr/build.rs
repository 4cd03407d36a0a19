//! Says how to get the libraries of sherpa-onnx when they are missing, and puts them beside what is
//! built. Programs look for them in their own folder, in `../lib/sidetone` and in `../lib`.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

const LIBRARIES: [&str; 2] = ["libsherpa-onnx-c-api.so", "libonnxruntime.so"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=SHERPA_ONNX_LIB_DIR");
    if env::var_os("CARGO_FEATURE_SHERPA").is_none() || env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    for place in ["$ORIGIN", "$ORIGIN/../lib/sidetone", "$ORIGIN/../lib"] {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{place}");
    }
    let from = PathBuf::from(env::var_os("SHERPA_ONNX_LIB_DIR").unwrap_or_else(|| "../../models/lib".into()));
    for library in LIBRARIES {
        let file = from.join(library);
        println!("cargo:rerun-if-changed={}", file.display());
        if !file.is_file() {
            return Err(format!("{} is missing; fetch it with `models/fetch-native.sh`", file.display()).into());
        }
        for to in program_folders()? {
            copy(&file, &to.join(library))?;
        }
    }
    Ok(())
}

/// `target/<profile>` and its `deps`, where programs and tests lie, wherever the target folder is.
fn program_folders() -> Result<[PathBuf; 2], Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // <profile>/build/<package>-<hash>/out
    let profile = out.ancestors().nth(3).ok_or("OUT_DIR is not where cargo puts it")?;
    Ok([profile.to_owned(), profile.join("deps")])
}

/// A copy that a running test never sees half-written.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if fs::metadata(to).is_ok_and(|there| fs::metadata(from).is_ok_and(|source| source.len() == there.len())) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let partial = to.with_extension(format!("so.{}", std::process::id()));
    fs::copy(from, &partial)?;
    fs::rename(partial, to)
}
