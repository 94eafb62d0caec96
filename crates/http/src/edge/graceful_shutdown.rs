//! Graceful shutdown: close the listener, and send `Connection: close` with every remaining response.

use std::any::Any;
use std::net::{Shutdown, TcpListener};
#[cfg(target_os = "linux")]
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::dev::Extensions;
use socket2::SockRef;
use tokio::sync::watch;

/// The longest wait for connections that send no request.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// How many connections are open.
#[derive(Clone, Default)]
pub(crate) struct OpenConnections(watch::Sender<usize>);

/// A connection that is open until this is dropped.
struct Open(watch::Sender<usize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

impl OpenConnections {
    /// A function that counts a connection when it is opened.
    pub(crate) fn count(&self) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync + 'static {
        let count = self.0.clone();
        move |_, of_connection| {
            count.send_modify(|open| *open += 1);
            of_connection.insert(Open(count.clone()));
        }
    }

    /// Waits until all are closed. A connection that is closed while a request is on its way loses the
    /// request, so idle connections are left open for a while.
    pub(crate) async fn closed(&self, drain_timeout: Duration) {
        let mut count = self.0.subscribe();
        let closed = count.wait_for(|open| *open == 0);
        // Connections that are still idle then are closed.
        let _ = tokio::time::timeout(QUIET_MAX.min(drain_timeout / 8), closed).await;
    }
}

/// The index of an interface that no machine has: indexes of interfaces are small.
#[cfg(target_os = "linux")]
const NO_INTERFACE: Option<NonZeroU32> = NonZeroU32::new(i32::MAX as u32);

/// Refuses new connections. Those that the system has accepted are still served.
///
/// The socket is bound to an interface that does not exist, so the system finds no listener for a new
/// connection. The socket stays a listener: accepting from a socket that was shut down would fail.
pub(crate) fn refuse_new_connections(listener: &TcpListener) {
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
