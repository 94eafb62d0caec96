//! The images of posters: a driven adapter that decodes uploaded pictures and makes JPEG files of them.

mod picture;

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::Invalid;
use stagedoor_domain::ports::{RenderPosters, StoreError, SubmitError};
use stagedoor_domain::poster::{PictureFormat, RenderedPoster};
use tokio::sync::Semaphore;

/// The number of pictures that are decoded at once. Each takes a processor, and up to 250 MiB.
const RUNNING_MAX: usize = 1;
/// The number of pictures that may wait for decoding. Each has a file of up to [`stagedoor_domain::Poster::BYTES_MAX`].
const WAITING_MAX: usize = 4;

/// Makes posters on threads that serve no requests.
pub struct PosterRenderer {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for PosterRenderer {
    fn default() -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(RUNNING_MAX + WAITING_MAX)),
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
        }
    }
}

#[async_trait]
impl RenderPosters for PosterRenderer {
    async fn render(
        &self,
        format: PictureFormat,
        file: Vec<u8>,
    ) -> Result<Result<RenderedPoster, Invalid>, SubmitError> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| SubmitError::Overloaded)?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|_| SubmitError::Overloaded)?;
        let made = tokio::task::spawn_blocking(move || {
            let made = picture::render(format, &file);
            // The work continues when the client disconnects, so it holds its permits until it ends.
            drop((admitted, running));
            made
        });
        Ok(made.await.map_err(|error| StoreError::Unavailable(error.to_string()))?)
    }
}

#[cfg(test)]
mod tests;
