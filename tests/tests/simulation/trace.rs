//! What happened, as one number: two runs that did the same have the same.

use std::fmt::{self, Debug, Write};
use std::hash::{DefaultHasher, Hasher};

#[derive(Default)]
pub struct Trace(DefaultHasher);

impl Trace {
    pub fn note(&mut self, what: &impl Debug) {
        write!(self, "{what:?};").expect("a hasher takes everything");
    }

    pub fn digest(&self) -> u64 {
        self.0.finish()
    }
}

impl Write for Trace {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
