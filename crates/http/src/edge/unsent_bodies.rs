//! The memory of bodies that are being sent: bounded for all clients together, and for each of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::{Bytes, Data};
use parking_lot::{Mutex, MutexGuard};
use stagedoor_domain::UserId;

use crate::auth::bearer::bearer;
use crate::edge::client_address::rate_limit_prefix;
use crate::settings::HttpSettings;
use crate::wire::error::ApiError;

/// One client, and the bodies that are kept for the next reader, may use the whole divided by this.
const SHARES: usize = 8;
/// When a client with too many unread bytes may retry.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The bytes of long bodies in memory. A shared body counts once.
#[derive(Clone)]
pub(crate) struct UnsentBodies(Arc<Counts>);

struct Counts {
    bytes_max: usize,
    held: AtomicUsize,
    of_clients: Mutex<HashMap<Client, usize>>,
}

/// The client that a body is sent to: a user, or an address without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    User(UserId),
    Address(IpAddr),
}

/// Marks a response whose body is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SharedBy {
    /// By all readers, as long as the process runs.
    All,
    /// By the readers of one version, which was counted when it was made.
    Version,
}

/// A body that is being sent until this is dropped.
pub(crate) struct Sending {
    counts: Arc<Counts>,
    client: Client,
    bytes: usize,
    _memory: Option<Memory>,
}

/// Memory that counts until this is dropped.
struct Memory {
    counts: Arc<Counts>,
    bytes: usize,
}

/// A body that counts as long as any part of it is in use.
struct Counted {
    content: Box<[u8]>,
    _memory: Memory,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

impl UnsentBodies {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self(Arc::new(Counts {
            bytes_max,
            held: AtomicUsize::new(0),
            of_clients: Mutex::default(),
        }))
    }

    /// A body for any number of readers, in memory once.
    pub(crate) fn share(&self, content: Vec<u8>) -> Result<Bytes, ApiError> {
        let memory = self.hold(content.len())?;
        Ok(Bytes::from_owner(Counted { content: content.into_boxed_slice(), _memory: memory }))
    }

    /// Starts to send this number of bytes to a client. One body is always sent, however large.
    pub(crate) fn begin(
        &self,
        client: Client,
        bytes: usize,
        shared: Option<SharedBy>,
    ) -> Result<Option<Sending>, ApiError> {
        let memory = match shared {
            Some(SharedBy::All) => return Ok(None),
            Some(SharedBy::Version) => None,
            None => Some(self.hold(bytes)?),
        };
        let mut of_clients = self.0.of_clients();
        let unread = of_clients.entry(client).or_default();
        if *unread > 0 && *unread + bytes > self.bytes_of_one_max() {
            return Err(ApiError::RateLimited { wait: TRY_AGAIN_AFTER });
        }
        *unread += bytes;
        drop(of_clients);
        Ok(Some(Sending { counts: Arc::clone(&self.0), client, bytes, _memory: memory }))
    }

    /// The most bytes of one client.
    pub(crate) fn bytes_of_one_max(&self) -> usize {
        self.0.bytes_max / SHARES
    }

    /// Whether this number of bytes more would be accepted now.
    pub(crate) fn has_room_for(&self, bytes: usize) -> bool {
        self.0.takes(self.0.held.load(Ordering::Relaxed), bytes)
    }

    fn hold(&self, bytes: usize) -> Result<Memory, ApiError> {
        let counts = &self.0;
        let held = counts.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
            counts.takes(held, bytes).then_some(held + bytes)
        });
        held.map_err(|_| ApiError::Overloaded)?;
        Ok(Memory { counts: Arc::clone(counts), bytes })
    }

    /// How many bytes are in memory.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }
}

impl Counts {
    fn takes(&self, held: usize, bytes: usize) -> bool {
        held == 0 || held + bytes <= self.bytes_max
    }

    fn of_clients(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.of_clients.lock()
    }
}

impl Client {
    pub(crate) fn of(req: &HttpRequest) -> Option<Self> {
        if let Ok(bearer) = bearer(req) {
            return Some(Self::User(bearer.user_id));
        }
        let settings = req.app_data::<Data<HttpSettings>>()?;
        Some(Self::Address(rate_limit_prefix(settings.trusted_proxies.client_of(req))))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.counts.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        let mut of_clients = self.counts.of_clients();
        let Some(unread) = of_clients.get_mut(&self.client) else { return };
        *unread = unread.saturating_sub(self.bytes);
        if *unread == 0 {
            of_clients.remove(&self.client);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(last: u8) -> Client {
        Client::Address(Ipv4Addr::new(192, 0, 2, last).into())
    }

    #[test]
    fn bodies_in_memory_are_bounded_together_and_counted_until_their_last_reader_is_done() {
        let unsent = UnsentBodies::new(1_000);

        let first = unsent.share(vec![0; 600]).unwrap();
        let reader = first.slice(500..);
        assert_eq!(unsent.share(vec![0; 401]).err(), Some(ApiError::Overloaded));
        assert_eq!(unsent.begin(address(1), 401, None).err(), Some(ApiError::Overloaded));
        drop(first);
        assert_eq!(unsent.held_bytes(), 600);
        drop(reader);

        assert!(unsent.share(vec![0; 2_000]).is_ok(), "one is always taken");
        assert_eq!(unsent.held_bytes(), 0);
    }

    #[test]
    fn a_client_has_an_eighth_of_all_and_others_are_sent_theirs() {
        let unsent = UnsentBodies::new(8_000);
        let begin = |client, bytes, shared| unsent.begin(client, bytes, shared);

        let first = begin(address(1), 600, None).unwrap();
        let second = begin(address(1), 400, Some(SharedBy::Version)).unwrap();
        let too_much = begin(address(1), 1, None).err();
        assert_eq!(too_much, Some(ApiError::RateLimited { wait: TRY_AGAIN_AFTER }));
        assert_eq!(unsent.held_bytes(), 600, "what is refused or shared is not counted");
        assert!(begin(address(1), 9_999, Some(SharedBy::All)).unwrap().is_none());
        assert!(begin(address(2), 1_000, None).is_ok());

        drop((first, second));
        assert!(begin(address(1), 5_000, None).is_ok(), "one is always sent");
        assert!(unsent.0.of_clients().is_empty());
    }
}
