//! Builds the crate anew when a migration is added: the compiler watches only the files that it has embedded before.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
