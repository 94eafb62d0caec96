//! What stands between a service and PostgreSQL, and fails in the ways of a network.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// They go on.
    Clear,
    /// They go on later, each part by so much.
    Slow(Duration),
    /// They are dropped without notice.
    Swallow,
    /// Half of the next part from PostgreSQL goes on, then the connection ends.
    TruncateAnswers,
    /// Half of the next part to PostgreSQL goes on, then the connection ends.
    TruncateRequests,
    /// All connections end.
    Cut,
}

/// A proxy for TCP connections. It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    weather: Arc<watch::Sender<Weather>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Stands before a port of this machine.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn before(port: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let target = format!("127.0.0.1:{port}");
        let weather = Arc::new(watch::Sender::new(Weather::Clear));
        let of_connections = Arc::clone(&weather);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, weather) = (target.clone(), of_connections.subscribe());
                tokio::spawn(async move { carry(client, &target, weather).await });
            }
        });
        Ok(Self { address, weather, task })
    }

    /// Changes what becomes of the bytes from now on.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(client: TcpStream, target: &str, weather: watch::Receiver<Weather>) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let requests = one_way(from_client, to_server, weather.clone(), Weather::TruncateRequests);
    let answers = one_way(from_server, to_client, weather.clone(), Weather::TruncateAnswers);
    // When one way ends, both do: dropping the halves closes the connections.
    tokio::select! {
        () = requests => {}
        () = answers => {}
        () = cut(weather) => {}
    }
}

async fn cut(mut weather: watch::Receiver<Weather>) {
    // The sender of the modes may be dropped; then the mode stays as it is.
    if weather.wait_for(|now| *now == Weather::Cut).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn one_way(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    truncates: Weather,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let now = *weather.borrow();
        let sent = match now {
            Weather::Swallow => continue,
            Weather::Cut => return,
            Weather::Slow(time) => {
                tokio::time::sleep(time).await;
                to.write_all(&buffer[..count]).await
            }
            now if now == truncates => {
                let _ = to.write_all(&buffer[..count / 2]).await;
                return;
            }
            _ => to.write_all(&buffer[..count]).await,
        };
        if sent.is_err() {
            return;
        }
    }
}
