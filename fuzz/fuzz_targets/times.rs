#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| stagedoor_http::fuzzing::times(input.0, input.1));
