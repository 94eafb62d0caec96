//! A receiver of webhooks that answers badly, breaks off, says nothing, and is down.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::history::{Micros, now};
use crate::outlet::Outlet;

/// What is answered to events that come for the first time, in turn.
const ANSWERS: [Answer; 12] = [
    Answer::Taken,
    Answer::Taken,
    Answer::Failure,
    Answer::Taken,
    Answer::Taken,
    Answer::Silence,
    Answer::Taken,
    Answer::Taken,
    Answer::Closed,
    Answer::Taken,
    Answer::Taken,
    Answer::Taken,
];
/// How many requests get no answer at one time: each occupies one of the few that the service makes at once.
const SILENT_MAX: usize = 3;
/// For longer than the service waits for an answer.
const SILENCE: Duration = Duration::from_secs(12);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_BYTES_MAX: usize = 256 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// 200.
    Taken,
    /// 500.
    Failure,
    /// None: the connection stays open.
    Silence,
    /// None: the connection is closed.
    Closed,
}

/// A request that was received whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reception {
    /// When.
    pub at: Micros,
    /// The header `webhook-id`.
    pub id: String,
    /// The header `webhook-timestamp`.
    pub timestamp: String,
    /// The header `webhook-signature`.
    pub signature: String,
    /// The body.
    pub body: String,
    /// Whether it was answered with 200. Until then it must be sent again.
    pub is_taken: bool,
}

/// What was received, and how it is answered.
#[derive(Debug, Default)]
struct Book {
    receptions: Vec<Reception>,
    known: BTreeSet<String>,
    silent: usize,
    is_good: bool,
}

impl Book {
    /// Notes a request. Only the first one of an event is answered badly.
    fn note(&mut self, reception: Reception) -> Answer {
        let turn = self.known.len();
        let is_new = self.known.insert(reception.id.clone());
        let answer = match ANSWERS[turn % ANSWERS.len()] {
            _ if !is_new || self.is_good => Answer::Taken,
            Answer::Silence if self.silent >= SILENT_MAX => Answer::Closed,
            answer => answer,
        };
        self.receptions.push(Reception { is_taken: answer == Answer::Taken, ..reception });
        answer
    }
}

/// A server on a port of its own.
#[derive(Debug)]
pub struct Receiver {
    /// Where events are to be sent.
    pub url: String,
    book: Arc<Mutex<Book>>,
    outlet: Outlet,
}

impl Receiver {
    /// Starts it.
    ///
    /// # Errors
    /// There is no port to be had.
    pub fn start() -> Result<Self> {
        let book: Arc<Mutex<Book>> = Arc::default();
        let notes = Arc::clone(&book);
        let outlet = Outlet::open(move |stream| {
            let book = Arc::clone(&notes);
            // A request that breaks off was not received.
            async move { drop(answer(stream, &book).await) }
        })?;
        Ok(Self { url: format!("http://{}/events", outlet.address), book, outlet })
    }

    /// Refuses connections, or accepts them again.
    pub fn set_up(&self, is_up: bool) {
        self.outlet.set_up(is_up);
    }

    /// Answers 200 from now on.
    pub fn be_good(&self) {
        self.book.lock().is_good = true;
    }

    /// What was received so far, in this order.
    pub fn receptions(&self) -> Vec<Reception> {
        self.book.lock().receptions.clone()
    }
}

async fn answer(mut stream: TcpStream, book: &Mutex<Book>) -> Result<()> {
    let reception = timeout(REQUEST_TIMEOUT, receive(&mut stream)).await??;
    let answer = book.lock().note(reception);
    let status = match answer {
        Answer::Taken => "200 OK",
        Answer::Failure => "500 Internal Server Error",
        Answer::Closed => return Ok(()),
        Answer::Silence => {
            book.lock().silent += 1;
            // The service gives up and closes the connection.
            let _ = timeout(SILENCE, stream.read_u8()).await;
            book.lock().silent -= 1;
            return Ok(());
        }
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    Ok(stream.shutdown().await?)
}

/// Reads one request to its end.
async fn receive(stream: &mut TcpStream) -> Result<Reception> {
    let mut bytes = Vec::new();
    loop {
        if let Some(reception) = parse(&bytes)? {
            return Ok(reception);
        }
        ensure!(bytes.len() < REQUEST_BYTES_MAX, "the request is too long");
        ensure!(stream.read_buf(&mut bytes).await? > 0, "the request broke off");
    }
}

/// A request with the `content-length` that the service sends; nothing if more of it is to come.
fn parse(bytes: &[u8]) -> Result<Option<Reception>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end])?;
    let header = |name: &str| {
        let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut values = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let length: usize = header("content-length").parse().context("a content-length")?;
    let Some(body) = bytes[end + 4..].get(..length) else { return Ok(None) };
    Ok(Some(Reception {
        at: now(),
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: std::str::from_utf8(body)?.to_owned(),
        is_taken: false,
    }))
}
