//! Programs look for the recognisers' libraries beside themselves and in `../lib`.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for place in ["$ORIGIN", "$ORIGIN/../lib/sidetone", "$ORIGIN/../lib"] {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{place}");
    }
}
