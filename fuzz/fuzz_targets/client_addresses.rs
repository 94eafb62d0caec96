#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| stagedoor_http::fuzzing::client_addresses(text));
