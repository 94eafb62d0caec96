//! A mail server that takes every e-mail and tells it.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// One e-mail that came.
#[derive(Debug)]
pub struct ReceivedMail {
    /// The address of the recipient.
    pub to: String,
    /// The headers and the parts, of which quoted-printable text is decoded as far as links need it.
    pub text: String,
}

impl ReceivedMail {
    /// The token of the link to a page.
    pub fn token(&self, page: &str) -> &str {
        let after = self.text.split_once(&format!("/pages/{page}#")).expect("a link").1;
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        &after[..end.unwrap_or(after.len())]
    }
}

/// A mail server on this machine, without encryption.
pub struct MailServer {
    /// Where it listens, as the setting `smtp-url`.
    pub url: String,
    mails: UnboundedReceiver<ReceivedMail>,
}

impl MailServer {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("smtp://{}", listener.local_addr().expect("an address"));
        let (sender, mails) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(receive(connection, sender.clone()));
            }
        });
        Self { url, mails }
    }

    /// The next e-mail.
    pub async fn next(&mut self) -> ReceivedMail {
        self.mails.recv().await.expect("the server runs")
    }
}

/// Serves one connection, of which the client expects the usual answers.
async fn receive(
    connection: TcpStream,
    sender: UnboundedSender<ReceivedMail>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(connection);
    stream.write_all(b"220 ready\r\n").await?;
    let (mut to, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if let Some(address) = line.strip_prefix("RCPT TO:<") {
            to = address.split('>').next().unwrap_or_default().to_owned();
        }
        if line.trim_end() != "DATA" {
            stream.write_all(b"250 taken\r\n").await?;
            continue;
        }
        stream.write_all(b"354 go ahead\r\n").await?;
        let mut text = String::new();
        while line != ".\r\n" {
            line.clear();
            stream.read_line(&mut line).await?;
            text.push_str(&line);
        }
        let text = text.replace("=\r\n", "").replace("=3D", "=");
        let _ = sender.send(ReceivedMail { to: to.clone(), text });
        stream.write_all(b"250 taken\r\n").await?;
    }
}
