//! What runs are made with.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use stagedoor_http::SigningKeys;

use crate::service::SIGNING_KEY;
use crate::store::{Store, StoreKind};

const ROUNDS: usize = 3;
const RUN_TIME: Duration = Duration::from_secs(2);
/// By how much a short run has less of everything.
const SHORTENED: u64 = 10;

/// What runs are made with.
pub struct Bench {
    pub server_url: String,
    pub program: PathBuf,
    /// Where the report goes, and embedded stores.
    pub report: PathBuf,
    /// How long a run lasts, how many rounds count, and how many warm up before.
    pub run_time: Duration,
    pub rounds: usize,
    pub warm_ups: usize,
    short: bool,
    pub keys: SigningKeys,
}

impl Bench {
    pub fn new(server_url: String, program: PathBuf, report: PathBuf, short: bool) -> Result<Self> {
        ensure!(program.exists(), "{} is missing: run `make build`", program.display());
        let keys = SigningKeys::parse(SIGNING_KEY).map_err(anyhow::Error::msg)?;
        let (run_time, rounds, warm_ups) =
            if short { (Duration::from_secs(1), 1, 0) } else { (RUN_TIME, ROUNDS, 1) };
        Ok(Self { server_url, program, report, run_time, rounds, warm_ups, short, keys })
    }

    /// How many of something there are: fewer in a short run.
    pub fn size(&self, count: u64) -> u64 {
        if self.short { count / SHORTENED } else { count }
    }

    /// How many distinct requests last through a run at this rate.
    pub fn supply(&self, per_second: u64) -> u64 {
        per_second * self.run_time.as_secs()
    }

    /// The number of runs of each side; one more is at half the rate.
    pub fn runs(&self) -> u64 {
        (self.rounds + self.warm_ups) as u64 + 1
    }

    /// A migrated store of this name, with nothing in it.
    pub async fn new_store(&self, kind: StoreKind, name: &str) -> Result<Store> {
        let store = match kind {
            StoreKind::Postgres => Store::postgres(&self.server_url, name)?,
            StoreKind::Embedded => Store::embedded(&self.report)?,
        };
        store.stagedoor(&self.program, &["migrate", "up"]).await?;
        store.prepare()?;
        Ok(store)
    }
}
