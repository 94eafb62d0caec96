//! A receiver of webhooks: an HTTP server that tells what it is sent.

use std::collections::HashMap;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// One request that came.
#[derive(Debug)]
pub struct Received {
    /// Its headers, by their names in lower case.
    pub headers: HashMap<String, String>,
    /// Its body as it was sent.
    pub body: String,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// A header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// A receiver that answers its first requests with statuses in turn, and all later ones with 200.
pub struct Receiver {
    /// Where it listens.
    pub url: String,
    requests: UnboundedReceiver<Received>,
}

impl Receiver {
    /// Starts one.
    pub async fn start(first_answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (sender, requests) = unbounded_channel();
        let answers = first_answers.to_vec();
        tokio::spawn(async move {
            let mut answers = answers.into_iter();
            while let Ok((connection, _)) = listener.accept().await {
                // One request for each connection, so that they come in the order in which they are sent.
                let answer = answers.next().unwrap_or(200);
                if receive(connection, answer, &sender).await.is_none() {
                    return;
                }
            }
        });
        Self { url, requests }
    }

    /// The next request.
    pub async fn next(&mut self) -> Received {
        self.requests.recv().await.expect("the receiver runs")
    }
}

async fn receive(
    connection: TcpStream,
    answer: u16,
    sender: &UnboundedSender<Received>,
) -> Option<()> {
    let mut connection = BufReader::new(connection);
    let (mut headers, mut line) = (HashMap::new(), String::new());
    while connection.read_line(&mut line).await.is_ok_and(|length| length > 2) {
        if let Some((name, value)) = line.split_once(": ") {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        line.clear();
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body).await.expect("a whole body");
    let text =
        format!("HTTP/1.1 {answer} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    connection.get_mut().write_all(text.as_bytes()).await.expect("the sender listens");
    sender.send(Received { headers, body: String::from_utf8(body).expect("text") }).ok()
}
