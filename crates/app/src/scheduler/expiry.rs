//! Expiring what is overdue.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::{ExpireHolds, ExpireTokens};
use stagedoor_domain::ports::{Clock, Execute, StoreError};
use stagedoor_domain::{Command, NeverRefused};

use crate::periodic_job::PeriodicJob;

/// The most transactions of one run.
const ROUNDS_MAX: usize = 50;

macro_rules! expiry_job {
    ($(#[$doc:meta])* $job:ident, $name:literal, $command:expr, $of:ty, $most:expr) => {
        $(#[$doc])*
        pub struct $job<S: ?Sized> {
            store: Arc<S>,
            clock: Arc<dyn Clock>,
        }

        impl<S: Execute<$of> + ?Sized> $job<S> {
            /// Expires what is overdue in `store`.
            pub fn new(store: Arc<S>, clock: Arc<dyn Clock>) -> Self {
                Self { store, clock }
            }
        }

        #[async_trait]
        impl<S: Execute<$of> + ?Sized + 'static> PeriodicJob for $job<S> {
            fn name(&self) -> &'static str {
                $name
            }

            async fn run_once(&self) -> Result<(), StoreError> {
                expire(&*self.store, &*self.clock, &$command, $most).await
            }
        }
    };
}

expiry_job! {
    /// Records that overdue tokens have ended.
    TokenExpiryJob, "token_expiry", ExpireTokens, ExpireTokens, ExpireTokens::TOKENS_MAX
}

expiry_job! {
    /// Records that overdue holds have expired.
    HoldExpiryJob, "hold_expiry", ExpireHolds, ExpireHolds, ExpireHolds::RESERVATIONS_MAX
}

/// Repeats a command until it wrote fewer than it may.
async fn expire<C, S>(
    store: &S,
    clock: &dyn Clock,
    command: &C,
    most: usize,
) -> Result<(), StoreError>
where
    C: Command<Success = usize, Refusal = NeverRefused>,
    S: Execute<C> + ?Sized,
{
    for _ in 0..ROUNDS_MAX {
        let Ok(written) = store.execute_one(command.clone(), clock.now()).await?;
        metrics::counter!("stagedoor_expired_total", "command" => C::NAME)
            .increment(written as u64);
        if written < most {
            break;
        }
    }
    Ok(())
}
