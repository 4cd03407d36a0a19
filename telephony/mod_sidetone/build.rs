//! How the parts are linked: the switch is not there when they are built or tested.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Unit tests link the module's code and call none of the switch's functions.
    println!("cargo::rustc-link-arg=-Wl,--unresolved-symbols=ignore-all");
    // The switch of our own offers its functions to the module that it loads.
    println!("cargo::rustc-link-arg-bins=-rdynamic");
    println!("cargo::rustc-link-arg-tests=-rdynamic");
}
