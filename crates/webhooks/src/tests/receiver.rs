//! Receivers of webhooks, written by hand: what they answer can be anything.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;

use rcgen::CertifiedKey;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A request as it was received.
pub(super) struct Received {
    /// The request line and the headers.
    pub(super) head: String,
    pub(super) body: String,
}

impl Received {
    /// The value of a header, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// A port that accepts connections in the kernel and answers none of them.
pub(super) struct Silent(StdListener);

impl Silent {
    pub(super) fn start() -> Self {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(super) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// Whether there was a connection until now.
    pub(super) fn was_called(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// Answers one request with this text. The task ends with the request.
pub(super) async fn answer_once(answer: String) -> (SocketAddr, JoinHandle<Received>) {
    let (address, listener) = listen().await;
    let task = tokio::spawn(async move {
        let mut stream = accept(&listener).await;
        let received = receive(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        // The other side closes first, so that no answer is lost.
        let _ = stream.read(&mut [0]).await;
        received
    });
    (address, task)
}

/// Answers one request with a body that does not end. The task ends with the number of bytes that it could write.
pub(super) async fn answer_endlessly() -> (SocketAddr, JoinHandle<usize>) {
    let (address, listener) = listen().await;
    let task = tokio::spawn(async move {
        let mut stream = accept(&listener).await;
        receive(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        let mut bytes = 0;
        while let Ok(written) = stream.write(chunk.as_bytes()).await {
            bytes += written;
            if stream.write_all(&chunk.as_bytes()[written..]).await.is_err() {
                break;
            }
            bytes += chunk.len() - written;
        }
        bytes
    });
    (address, task)
}

/// A key and a certificate for the name `localhost`, signed by itself.
pub(super) fn certificate() -> CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// Answers one request over TLS with 204, if the client trusts the certificate. The task ends with the request.
pub(super) async fn answer_by_tls(
    own: &CertifiedKey<rcgen::KeyPair>,
) -> (SocketAddr, JoinHandle<Option<Received>>) {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (address, listener) = listen().await;
    let task = tokio::spawn(async move {
        let mut stream = acceptor.accept(accept(&listener).await).await.ok()?;
        let received = receive(&mut stream).await;
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        let _ = stream.read(&mut [0]).await;
        Some(received)
    });
    (address, task)
}

async fn listen() -> (SocketAddr, TcpListener) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    (listener.local_addr().unwrap(), listener)
}

async fn accept(listener: &TcpListener) -> TcpStream {
    listener.accept().await.unwrap().0
}

/// Reads one request with a body of the length that its headers tell.
async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Received {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let received = Received { head: head.to_owned(), body: body.to_owned() };
            let length: usize = received.header("content-length").unwrap().parse().unwrap();
            if received.body.len() >= length {
                return received;
            }
        }
        let mut buffer = [0; 4096];
        let length = stream.read(&mut buffer).await.unwrap();
        assert!(length > 0, "the request broke off: {text}");
        text.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
}
