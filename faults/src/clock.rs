//! A clock that a test steps, for a program that does not know.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

const SHIM: &str = include_str!("clock_shim.c");

/// What makes a program read another time of day than the machine's.
#[derive(Debug)]
pub struct SteppedClock {
    shim: PathBuf,
    file: PathBuf,
}

impl SteppedClock {
    /// Builds it in a directory, with the machine's C compiler. It starts with the machine's time.
    ///
    /// # Errors
    /// There is no compiler, or it failed.
    pub fn build(directory: &Path) -> Result<Self> {
        let source = directory.join("clock.c");
        let shim = directory.join("clock.so");
        std::fs::write(&source, SHIM)?;
        let built = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .args([&shim, &source])
            .output()
            .context("stepping a clock takes a C compiler, `cc`")?;
        ensure!(built.status.success(), "cc: {}", String::from_utf8_lossy(&built.stderr));
        let clock = Self { shim, file: directory.join("clock") };
        clock.step_to(0)?;
        Ok(clock)
    }

    /// Moves the time of day ahead of the machine's by this number of seconds, at once.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn step_to(&self, seconds_ahead: i64) -> Result<()> {
        // The file is mapped by the program, so it must stay the same file.
        let mut options = std::fs::File::options();
        let file = options.create(true).truncate(false).write(true).open(&self.file)?;
        std::os::unix::fs::FileExt::write_all_at(&file, &seconds_ahead.to_ne_bytes(), 0)?;
        Ok(())
    }

    /// What a program needs in its environment to go by this clock.
    pub fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [("LD_PRELOAD", self.shim.clone()), ("FAULTS_CLOCK", self.file.clone())]
    }
}
