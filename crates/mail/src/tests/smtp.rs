//! A mail server, written by hand: what it answers can be anything.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rcgen::CertifiedKey;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the server does at a command.
pub(super) enum Reply {
    Say(String),
    /// It stays connected and answers nothing.
    Nothing,
    Close,
}

/// What the server was told.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) commands: Vec<String>,
    pub(super) message: String,
    pub(super) is_encrypted: bool,
}

/// A server for one connection that takes everything, but for what it is told to do otherwise.
#[derive(Default)]
pub(super) struct Smtp {
    /// By the first word of a command; "" is the greeting, "." the end of the message.
    replies: HashMap<&'static str, Reply>,
    extensions: Vec<&'static str>,
    acceptor: Option<TlsAcceptor>,
}

impl Smtp {
    /// Answers a command so.
    pub(super) fn with(mut self, command: &'static str, reply: Reply) -> Self {
        self.replies.insert(command, reply);
        self
    }

    /// Offers an extension.
    pub(super) fn offering(mut self, extension: &'static str) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Has a certificate, to be used with STARTTLS.
    pub(super) fn certified(mut self, own: &CertifiedKey<rcgen::KeyPair>) -> Self {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        self.acceptor = Some(TlsAcceptor::from(Arc::new(config)));
        self
    }

    /// Serves the first connection. The task ends with it.
    pub(super) async fn start(self) -> (SocketAddr, JoinHandle<Session>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let stream = listener.accept().await.unwrap().0;
            let mut session = Session::default();
            let mut stream = BufReader::new(stream);
            if self.serve(&mut stream, &mut session, true).await {
                let acceptor = self.acceptor.as_ref().unwrap();
                if let Ok(stream) = acceptor.accept(stream.into_inner()).await {
                    session.is_encrypted = true;
                    self.serve(&mut BufReader::new(stream), &mut session, false).await;
                }
            }
            session
        });
        (address, task)
    }

    /// As [`Self::start`], encrypted from the first byte on.
    pub(super) async fn start_with_tls(self) -> (SocketAddr, JoinHandle<Session>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let stream = listener.accept().await.unwrap().0;
            let mut session = Session::default();
            if let Ok(stream) = self.acceptor.as_ref().unwrap().accept(stream).await {
                session.is_encrypted = true;
                self.serve(&mut BufReader::new(stream), &mut session, true).await;
            }
            session
        });
        (address, task)
    }

    /// Answers commands until the connection ends. Answers whether it is to be encrypted now.
    async fn serve<S>(&self, stream: &mut S, session: &mut Session, greets: bool) -> bool
    where
        S: AsyncBufReadExt + AsyncRead + AsyncWrite + Unpin,
    {
        if greets && !self.reply(stream, "", "220 ready").await {
            return false;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
                return false;
            }
            let line = line.trim_end().to_owned();
            let verb = line.split(' ').next().unwrap_or_default().to_owned();
            session.commands.push(line);
            let usual = match verb.as_str() {
                "EHLO" => self.greeting(session.is_encrypted),
                "STARTTLS" => "220 go ahead".to_owned(),
                "AUTH" => "235 welcome".to_owned(),
                "DATA" => "354 go ahead".to_owned(),
                _ => "250 taken".to_owned(),
            };
            if !self.reply(stream, &verb, &usual).await {
                return false;
            }
            if verb == "STARTTLS" {
                return true;
            }
            let takes_data = verb == "DATA" && !self.replies.contains_key("DATA");
            if takes_data {
                session.message = message(stream).await;
                if !self.reply(stream, ".", "250 taken").await {
                    return false;
                }
            }
        }
    }

    fn greeting(&self, is_encrypted: bool) -> String {
        let offered = self.extensions.iter().filter(|it| !(is_encrypted && **it == "STARTTLS"));
        let lines: Vec<_> = offered.map(|extension| format!("250-{extension}\r\n")).collect();
        format!("250-server\r\n{}250 HELP", lines.concat())
    }

    /// Answers a command; whether the connection goes on.
    async fn reply<S>(&self, stream: &mut S, command: &str, usual: &str) -> bool
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let text = match self.replies.get(command) {
            None => usual,
            Some(Reply::Say(text)) => text,
            Some(Reply::Close) => return false,
            Some(Reply::Nothing) => {
                let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
                return false;
            }
        };
        stream.write_all(format!("{text}\r\n").as_bytes()).await.is_ok()
            && stream.flush().await.is_ok()
    }
}

/// Reads a message to its end, without the dots that the protocol adds.
async fn message(stream: &mut (impl AsyncBufReadExt + Unpin)) -> String {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or_default() == 0 || line == ".\r\n" {
            return message;
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
