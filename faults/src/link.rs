//! Network links of the nodes of a cluster: slow, and lossy when they are cut.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// The most chunks that may be on the way in one direction of a connection.
const CHUNKS_MAX: usize = 1_024;
const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// A proxy that forwards each chunk after a delay. When it is cut, it loses what is on the way, as a cable does and
/// as the kernel's loopback never does.
#[derive(Debug)]
pub struct Link {
    is_up: Arc<watch::Sender<bool>>,
    task: JoinHandle<()>,
}

impl Link {
    /// Listens on one port of this machine and forwards to another.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn open(port: u16, target: u16, delay: Duration) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.with_context(|| format!("port {port}"))?;
        let is_up = Arc::new(watch::Sender::new(true));
        let of_connections = Arc::clone(&is_up);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let is_up = of_connections.subscribe();
                tokio::spawn(async move { carry(client, target, delay, is_up).await });
            }
        });
        Ok(Self { is_up, task })
    }

    /// Ends all connections, loses their data, and accepts no more.
    pub fn cut(&self) {
        self.is_up.send_replace(false);
    }

    /// Accepts connections again.
    pub fn mend(&self) {
        self.is_up.send_replace(true);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(client: TcpStream, target: u16, delay: Duration, mut is_up: watch::Receiver<bool>) {
    if !*is_up.borrow() {
        return;
    }
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // When one way ends, both do, and whatever is still in a queue is lost.
    tokio::select! {
        () = one_way(from_client, to_server, delay) => {}
        () = one_way(from_server, to_client, delay) => {}
        _ = is_up.wait_for(|is_up| !is_up) => {}
    }
}

async fn one_way(from: OwnedReadHalf, to: OwnedWriteHalf, delay: Duration) {
    let (queue, on_the_way) = mpsc::channel(CHUNKS_MAX);
    tokio::join!(receive(from, queue, delay), deliver(to, on_the_way));
}

async fn receive(
    mut from: OwnedReadHalf,
    queue: mpsc::Sender<(Instant, Vec<u8>)>,
    delay: Duration,
) {
    let mut buffer = vec![0; CHUNK_BYTES_MAX];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let arrives = Instant::now() + delay;
        if queue.send((arrives, buffer[..count].to_vec())).await.is_err() {
            return;
        }
    }
}

async fn deliver(mut to: OwnedWriteHalf, mut on_the_way: mpsc::Receiver<(Instant, Vec<u8>)>) {
    while let Some((arrives, chunk)) = on_the_way.recv().await {
        sleep_until(arrives).await;
        if to.write_all(&chunk).await.is_err() {
            return;
        }
    }
}
