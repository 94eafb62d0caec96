#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use stagedoor_tickets::TicketKeys;

static KEYS: LazyLock<TicketKeys> = LazyLock::new(|| {
    TicketKeys::parse("a secret for fuzzers and for nothing else").expect("a secret that is taken")
});

fuzz_target!(|text: &str| {
    assert_eq!(KEYS.verify(text), None, "a code was forged");
    let _ = stagedoor_tickets::draw(text);
});
