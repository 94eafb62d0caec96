//! Bytes as they are sent, for requests that no HTTP client would make.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long the server may take to close a connection that it is done with.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends these bytes and reads all answers, until the server closes the connection.
///
/// # Panics
/// When it does not.
pub async fn exchange(address: SocketAddr, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    // A server that has refused the head may close before it has read the rest.
    let _ = stream.write_all(bytes.as_ref()).await;
    let mut answers = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answers)).await;
    let _ = read.expect("the server closes the connection");
    String::from_utf8_lossy(&answers).into_owned()
}

/// The statuses of all answers.
pub fn statuses(answers: &str) -> Vec<u16> {
    let rest = answers.split("HTTP/1.1 ").skip(1);
    rest.filter_map(|answer| answer.get(..3)?.parse().ok()).collect()
}
