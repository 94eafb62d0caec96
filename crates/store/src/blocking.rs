//! Running blocking work of a store outside of the async runtime's threads.

use stagedoor_domain::ports::StoreError;

/// Runs `work` on a thread for blocking tasks.
pub(crate) async fn blocking<T: Send + 'static, E: From<StoreError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    let done = tokio::task::spawn_blocking(work).await;
    let failed = || StoreError::OutcomeUnknown("a blocking store task failed".to_owned());
    done.unwrap_or_else(|_| Err(failed().into()))
}
