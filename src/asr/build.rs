//! Builds the bridge to CTranslate2, and puts the recognisers' shared libraries beside what is built. Says how to
//! get them when they are missing. Programs look for them in their own folder, in `../lib/sidetone` and in `../lib`.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Its folder. Apart from the rest: the build script of sherpa-onnx-sys writes every library beside its own over what
/// lies in the target folder, which a running test must not see happen to a library that it has mapped.
const FOLDER: &str = "ctranslate2";
const CTRANSLATE2: &str = "libctranslate2-42c542ff.so.4.8.4";
/// What CTranslate2 is linked to, by the name that it asks for.
const OPENMP: &str = "libgomp-e985bcbb.so.1.0.0";
const SHERPA: [&str; 2] = ["libsherpa-onnx-c-api.so", "libonnxruntime.so"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=SHERPA_ONNX_LIB_DIR");
    println!("cargo:rerun-if-changed=native");
    if env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    let from = PathBuf::from(env::var_os("SHERPA_ONNX_LIB_DIR").unwrap_or_else(|| "../../models/lib".into()));
    for place in ["$ORIGIN", "$ORIGIN/../lib/sidetone", "$ORIGIN/../lib"] {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{place}");
    }
    let sherpa = env::var_os("CARGO_FEATURE_SHERPA").is_some();
    for library in [CTRANSLATE2, OPENMP] {
        lay_out(&from.join(FOLDER), library)?;
    }
    for library in SHERPA.iter().filter(|_| sherpa) {
        lay_out(&from, library)?;
    }
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .opt_level(2)
        .include(from.join("include"))
        // Foreign headers are not ours to mend.
        .flag_if_supported("-Wno-unused-parameter")
        .file("native/whisper.cpp")
        .try_compile("sidetone-whisper")?;
    println!(
        "cargo:rustc-link-search=native={}",
        fs::canonicalize(from.join(FOLDER))?.display()
    );
    println!("cargo:rustc-link-lib=dylib:+verbatim={CTRANSLATE2}");
    Ok(())
}

/// Puts a library where programs and tests find it.
fn lay_out(from: &Path, library: &str) -> Result<(), Box<dyn Error>> {
    let file = from.join(library);
    println!("cargo:rerun-if-changed={}", file.display());
    if !file.is_file() {
        return Err(format!("{} is missing; fetch it with `models/fetch-native.sh`", file.display()).into());
    }
    for to in program_folders()? {
        place(&file, &to.join(library))?;
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

/// A copy that a running test never sees half-written. No link: the build script of sherpa-onnx-sys copies the same
/// files to the same places, and would through a link write over what it reads.
fn place(from: &Path, to: &Path) -> std::io::Result<()> {
    let same = |there: fs::Metadata| fs::metadata(from).is_ok_and(|source| source.len() == there.len());
    if fs::symlink_metadata(to).is_ok_and(same) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let partial = to.with_extension(format!("part.{}", std::process::id()));
    fs::copy(from, &partial)?;
    fs::rename(partial, to)
}
