#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<&str>, &str)| stagedoor::settings::fuzzing::both(&input.0, input.1));
