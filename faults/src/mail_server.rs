//! A mail server that postpones, breaks off, and is down.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::outlet::Outlet;

/// What is answered to e-mails that come for the first time, in turn.
const ANSWERS: [Answer; 7] = [
    Answer::Taken,
    Answer::Taken,
    Answer::Deferred,
    Answer::Taken,
    Answer::Closed,
    Answer::Taken,
    Answer::Taken,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// 250.
    Taken,
    /// 451.
    Deferred,
    /// None: the connection is closed after the whole e-mail has come.
    Closed,
}

/// An e-mail that came whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The left part of its `Message-ID`.
    pub id: String,
    /// The address of its recipient.
    pub to: String,
    /// Its headers and its parts, with the ends of lines that quoted-printable adds taken away.
    pub text: String,
    /// Whether it was taken. Until then it must be sent again.
    pub is_taken: bool,
}

/// What came, and how it is answered.
#[derive(Debug, Default)]
struct Book {
    letters: Vec<Letter>,
    known: BTreeSet<String>,
    is_good: bool,
}

impl Book {
    /// Notes an e-mail. Only the first attempt of each is answered badly.
    fn note(&mut self, letter: Letter) -> Answer {
        let turn = self.known.len();
        let is_new = self.known.insert(letter.id.clone());
        let is_good = self.is_good || !is_new;
        let answer = if is_good { Answer::Taken } else { ANSWERS[turn % ANSWERS.len()] };
        self.letters.push(Letter { is_taken: answer == Answer::Taken, ..letter });
        answer
    }
}

/// A server on a port of its own, without encryption.
#[derive(Debug)]
pub struct MailServer {
    book: Arc<Mutex<Book>>,
    outlet: Outlet,
}

impl MailServer {
    /// Starts it.
    ///
    /// # Errors
    /// There is no port to be had.
    pub fn start() -> Result<Self> {
        let book: Arc<Mutex<Book>> = Arc::default();
        let notes = Arc::clone(&book);
        let outlet = Outlet::open(move |stream| {
            let book = Arc::clone(&notes);
            // An e-mail that breaks off did not come.
            async move { drop(receive(stream, &book).await) }
        })?;
        Ok(Self { book, outlet })
    }

    /// What the service needs to know of it.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let url = format!("smtp://{}", self.outlet.address);
        vec![
            ("STAGEDOOR_SMTP_URL", url.into()),
            ("STAGEDOOR_MAIL_FROM", "tickets@stagedoor.test".into()),
            ("STAGEDOOR_PUBLIC_URL", "https://stagedoor.test".into()),
        ]
    }

    /// Refuses connections, or accepts them again.
    pub fn set_up(&self, is_up: bool) {
        self.outlet.set_up(is_up);
    }

    /// Takes everything, or not.
    pub fn be_good(&self, is_good: bool) {
        self.book.lock().is_good = is_good;
    }

    /// What came so far, in this order.
    pub fn letters(&self) -> Vec<Letter> {
        self.book.lock().letters.clone()
    }
}

/// Serves one connection, of which the client expects the usual answers.
async fn receive(stream: TcpStream, book: &Mutex<Book>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 ready\r\n").await?;
    let (mut to, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        ensure!(stream.read_line(&mut line).await? > 0, "the client left");
        if let Some(address) = line.strip_prefix("RCPT TO:<") {
            address.split('>').next().unwrap_or_default().clone_into(&mut to);
        }
        if line.trim_end() != "DATA" {
            stream.write_all(b"250 taken\r\n").await?;
            continue;
        }
        stream.write_all(b"354 go ahead\r\n").await?;
        let letter = letter(&mut stream, &to).await?;
        let answer = book.lock().note(letter);
        match answer {
            Answer::Taken => stream.write_all(b"250 taken\r\n").await?,
            Answer::Deferred => stream.write_all(b"451 later\r\n").await?,
            Answer::Closed => return Ok(()),
        }
    }
}

/// The e-mail that follows, to its end.
async fn letter(stream: &mut BufReader<TcpStream>, to: &str) -> Result<Letter> {
    let (mut text, mut line) = (String::new(), String::new());
    while line != ".\r\n" {
        line.clear();
        ensure!(stream.read_line(&mut line).await? > 0, "the e-mail broke off");
        text.push_str(&line);
    }
    let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: <"));
    let id = id.and_then(|id| id.split_once('@')).context("a Message-ID")?.0.to_owned();
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    Ok(Letter { id, to: to.to_owned(), text, is_taken: false })
}
