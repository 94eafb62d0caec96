//! A server on a port of its own that can be down for a time.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Before a port is tried again that the system has not let go yet.
const PAUSE: Duration = Duration::from_millis(20);
const BACKLOG: u32 = 128;

/// A port, and what serves its connections. Dropping it ends it.
#[derive(Debug)]
pub struct Outlet {
    /// Where it listens.
    pub address: SocketAddr,
    is_up: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Outlet {
    /// Listens, and has `answer` serve each connection in a task of its own.
    ///
    /// # Errors
    /// There is no port to be had.
    pub fn open<A, S>(answer: A) -> Result<Self>
    where
        A: Fn(TcpStream) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        // Bound and not listening, it keeps the port from others while the server is down.
        let reserved = TcpSocket::new_v4()?;
        reserved.set_reuseaddr(true)?;
        reserved.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = reserved.local_addr()?;
        let (is_up, up) = watch::channel(true);
        let serving = tokio::spawn(serve(reserved, address, up, answer));
        Ok(Self { address, is_up, serving })
    }

    /// Refuses connections, or accepts them again.
    pub fn set_up(&self, is_up: bool) {
        self.is_up.send_replace(is_up);
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve<A, S>(
    _reserved: TcpSocket,
    address: SocketAddr,
    mut up: watch::Receiver<bool>,
    answer: A,
) where
    A: Fn(TcpStream) -> S,
    S: Future<Output = ()> + Send + 'static,
{
    loop {
        if up.wait_for(|is_up| *is_up).await.is_err() {
            return;
        }
        let Ok(listener) = listen(address) else {
            sleep(PAUSE).await;
            continue;
        };
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    tokio::spawn(answer(stream));
                }
                ended = up.wait_for(|is_up| !*is_up) => {
                    if ended.is_err() {
                        return;
                    }
                    break;
                }
            }
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket.listen(BACKLOG)?)
}
