//! Positions that are as new as what other processes tell.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use stagedoor_domain::RoomId;
use stagedoor_domain::ports::{LineSync, Maintenance, StoreError, WaitingLines};
use tokio::time::{sleep_until, timeout};

use super::{PulseSweep, Sweep};
use crate::lines::{Company, LineFollower, PeerWatch};

/// How long a process that was alone waits for a late pulse before it counts as cut off.
const PULSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Lets lines catch up with the store while other processes tell positions too.
pub struct PeerSync<S: ?Sized> {
    follower: Arc<LineFollower<S>>,
    pulse: Arc<PulseSweep<S>>,
    peers: Arc<PeerWatch>,
}

impl<S: Maintenance + ?Sized + 'static> PeerSync<S> {
    /// Asks `pulse` whether there are others when `peers` does not know, and `follower` for changes.
    pub fn new(
        follower: Arc<LineFollower<S>>,
        pulse: Arc<PulseSweep<S>>,
        peers: Arc<PeerWatch>,
    ) -> Self {
        Self { follower, pulse, peers }
    }

    /// What this process may do, once it knows.
    async fn company(&self) -> Result<Company, StoreError> {
        match self.peers.company() {
            Company::Unknown { found_peers: true } => self.pulse().await?,
            Company::Unknown { found_peers: false } => {
                // A failed pulse, too, leaves this process cut off.
                if timeout(PULSE_TIMEOUT, self.pulse()).await.is_err() {
                    self.peers.cut_off();
                }
            }
            known => return Ok(known),
        }
        Ok(self.peers.company())
    }

    /// Pulses in a task of its own: it goes on when the caller waits no longer, so that the
    /// heartbeats it writes are not lost.
    async fn pulse(&self) -> Result<(), StoreError> {
        let pulse = Arc::clone(&self.pulse);
        let pulsed = tokio::spawn(async move { pulse.sweep_once().await });
        pulsed.await.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }
}

#[async_trait]
impl<S: Maintenance + WaitingLines + ?Sized + 'static> LineSync for PeerSync<S> {
    fn is_current(&self) -> bool {
        self.peers.is_alone()
    }

    async fn catch_up(&self, room_id: RoomId) -> Result<(), StoreError> {
        match self.company().await? {
            Company::Alone => Ok(()),
            Company::WithPeers(tells_from) => {
                sleep_until(tells_from).await;
                self.follower.catch_up(room_id).await
            }
            Company::Unknown { .. } => {
                Err(StoreError::Unavailable("the process has no recent pulse".to_owned()))
            }
        }
    }
}
