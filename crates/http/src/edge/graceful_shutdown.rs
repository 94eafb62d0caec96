//! Stopping without cutting anybody off: whoever wants to come in is turned away, whoever is inside gets
//! one more answer, which says that it is the last.

use std::any::Any;
use std::net::{Shutdown, TcpListener};
#[cfg(target_os = "linux")]
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::dev::Extensions;
use socket2::SockRef;
use tokio::sync::watch;

/// The longest that connections which bring nothing are waited for.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// How many connections are open.
#[derive(Clone, Default)]
pub(crate) struct OpenConnections(watch::Sender<usize>);

/// A connection, as long as it is open.
struct Open(watch::Sender<usize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

impl OpenConnections {
    /// What counts a connection that has just been opened.
    pub(crate) fn count(&self) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync + 'static {
        let count = self.0.clone();
        move |_, of_connection| {
            count.send_modify(|open| *open += 1);
            of_connection.insert(Open(count.clone()));
        }
    }

    /// Waits until all are closed. A connection that is closed while a request is on its way to it loses
    /// the request, so those that are quiet are left open for a while.
    pub(crate) async fn closed(&self, drain_timeout: Duration) {
        let mut count = self.0.subscribe();
        let closed = count.wait_for(|open| *open == 0);
        // Those that are still quiet then have nothing to say.
        let _ = tokio::time::timeout(QUIET_MAX.min(drain_timeout / 8), closed).await;
    }
}

/// An interface that no machine has: the numbers of interfaces are small.
#[cfg(target_os = "linux")]
const NO_INTERFACE: Option<NonZeroU32> = NonZeroU32::new(i32::MAX as u32);

/// Refuses connections from now on. Those that the system has taken, but the server has not, are served.
///
/// The socket is bound to an interface that does not exist, so the system finds no listener for a new
/// connection. It stays a listener: accepting from a socket that was shut down would fail.
pub(crate) fn turn_away(listener: &TcpListener) {
    let socket = SockRef::from(listener);
    #[cfg(target_os = "linux")]
    if socket.bind_device_by_index_v4(NO_INTERFACE).is_ok() {
        return;
    }
    // Systems without that option, and Linux before 5.7.
    if let Err(error) = socket.shutdown(Shutdown::Both) {
        tracing::warn!(%error, "new connections could not be refused");
    }
}
