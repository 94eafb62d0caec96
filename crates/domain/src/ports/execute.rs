//! Writing.

use async_trait::async_trait;

use crate::working_set::Corrupt;
use crate::{Command, Instant, Key, Submission, Verdict};

/// A store that carries out a batch of commands of one kind in one transaction.
///
/// - It MUST lock and load what the commands [need](crate::Needs), have
///   [`decide_all`](crate::decide_all) decide on it, write the changes and commit.
/// - It MUST NOT read a row before the lock that guards it is held.
/// - It MUST take locks in this order, ids sorted inside each kind: sign-ups, users (owners of
///   idempotency keys), concerts, venues, halls, rooms, ranges of sequence numbers, queue tokens, schedules, point accounts, webhooks. A
///   room guards its tokens' states, a schedule guards its seats and reservations, a hall its plans.
/// - It MUST load the idempotency records of the submissions, with their owners locked.
/// - It MUST roll back when fewer or more rows are written than were changed.
/// - It MUST answer one verdict for each submission, in their order.
#[async_trait]
pub trait Execute<C: Command>: Send + Sync {
    /// Carries out the batch as of `now`.
    ///
    /// # Errors
    /// A failure of the store, which concerns the whole batch.
    async fn execute(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError>;

    /// Carries out one command without a key as of `now`.
    ///
    /// # Errors
    /// As [`Self::execute`].
    async fn execute_one(
        &self,
        command: C,
        now: Instant,
    ) -> Result<Result<C::Success, C::Refusal>, StoreError> {
        let verdicts = self.execute(&[Submission::new(command)], now).await?;
        let no_answer = || StoreError::Corrupt(format!("{} got no answer", C::NAME));
        match verdicts.into_iter().next().ok_or_else(no_answer)? {
            Ok(success) => Ok(Ok(success)),
            Err(refused) => C::Key::rule(refused).map(Err).ok_or_else(no_answer),
        }
    }
}

/// Where one command at a time is handed in.
#[async_trait]
pub trait Submit<C: Command>: Send + Sync {
    /// Has the command carried out and answers its verdict once it is durable.
    ///
    /// # Errors
    /// The command was not taken, or the store failed.
    async fn submit(&self, submission: Submission<C>) -> Result<Verdict<C>, SubmitError>;
}

/// A failure of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Nothing was applied; the same may be tried again.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Nothing was applied, because another batch was faster; the same may be tried again at once.
    #[error("another batch was faster: {0}")]
    Overtaken(String),
    /// It may have been applied or not; only a repetition that is idempotent may be tried.
    #[error("the store did not say whether it applied the change: {0}")]
    OutcomeUnknown(String),
    /// Data that break the rules were found, or about to be written. Nothing was applied.
    #[error("the stored data are inconsistent: {0}")]
    Corrupt(String),
}

impl From<Corrupt> for StoreError {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt.to_string())
    }
}

/// Why a submitted command has no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Too much is waiting; nothing was applied.
    #[error("too much is waiting")]
    Overloaded,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(any(test, feature = "mock"))]
mockall::mock! {
    /// A mocked store for one kind of command.
    pub Execute<C: Command> {}

    #[async_trait]
    impl<C: Command> Execute<C> for Execute<C> {
        async fn execute(
            &self,
            submissions: &[Submission<C>],
            now: Instant,
        ) -> Result<Vec<Verdict<C>>, StoreError>;
    }
}

#[cfg(any(test, feature = "mock"))]
mockall::mock! {
    /// A mocked place to hand in one kind of command.
    pub Submit<C: Command> {}

    #[async_trait]
    impl<C: Command> Submit<C> for Submit<C> {
        async fn submit(&self, submission: Submission<C>) -> Result<Verdict<C>, SubmitError>;
    }
}
