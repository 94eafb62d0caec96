//! The sender against aiosmtpd, a mail server that others wrote. `tests/mail/server` installs and runs it.

use std::fs;
use std::process::Stdio;

use rcgen::CertifiedKey;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::*;

const USER: &str = "me@stagedoor.test";

/// A server that takes e-mail of [`USER`] alone, unless it is `plain`.
struct Server {
    _process: Child,
    _folder: TempDir,
    told: Lines<BufReader<ChildStdout>>,
    own: CertifiedKey<rcgen::KeyPair>,
    port: u64,
}

impl Server {
    async fn start(security: &str) -> Self {
        let mut command =
            Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/mail/server"));
        command.arg(security).stdout(Stdio::piped()).kill_on_drop(true);
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = TempDir::new().unwrap();
        if security != "plain" {
            let pem = folder.path().join("pem");
            fs::write(&pem, own.signing_key.serialize_pem() + &own.cert.pem()).unwrap();
            command.arg(pem).args([USER, PASSWORD]);
        }
        let mut process = command.spawn().unwrap();
        let told = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut server = Self { _process: process, _folder: folder, told, own, port: 0 };
        server.port = server.next().await["port"].as_u64().unwrap();
        server
    }

    /// What it tells next.
    async fn next(&mut self) -> Value {
        let line = self.told.next_line().await.unwrap().expect("the server runs");
        serde_json::from_str(&line).unwrap()
    }

    fn sender(&self, url: &str) -> SmtpSender {
        let url = url.replace("PORT", &self.port.to_string());
        trusting(url, self.own.cert.der(), EXCHANGE_TIME_MAX)
    }
}

fn to(email: &str) -> MailMessage {
    MailMessage { email: Email::parse(email).unwrap(), ..message() }
}

#[tokio::test]
async fn aiosmtpd_reads_korean_names_subjects_and_texts_as_they_were_written() {
    let mut server = Server::start("plain").await;
    let files = vec![
        MailFile {
            name: "입장권.txt".to_owned(),
            media_type: "text/plain; charset=utf-8",
            bytes: "좌석 7".into(),
            content_id: None,
        },
        MailFile {
            name: "seat.png".to_owned(),
            media_type: "image/png",
            bytes: vec![137, 80, 78, 71],
            content_id: Some("seat-7".to_owned()),
        },
    ];

    let sender = server.sender("smtp://localhost:PORT");
    let answer = sender.send(&MailMessage { files, ..message() }).await;

    assert_eq!(answer, MailAnswer::Taken);
    let told = server.next().await;
    assert_eq!(told["defects"], json!([]));
    assert_eq!(told["sender"], "tickets@stagedoor.test");
    assert_eq!(told["recipients"], json!(["haneul@example.com"]));
    let headers = &told["headers"];
    assert_eq!(headers["To"], "김하늘 <haneul@example.com>");
    assert_eq!(headers["From"], "무대 뒤 <tickets@stagedoor.test>");
    assert_eq!(headers["Subject"], SUBJECT);
    assert_eq!(headers["Auto-Submitted"], "auto-generated");
    assert_eq!(headers["Message-ID"], "<0193f2a0-1@stagedoor.test>");
    assert_eq!(headers["Date"], "Mon, 30 Nov 2026 00:53:20 +0000");
    let text = message().text.replace('\n', "\r\n");
    let parts = told["parts"].as_array().unwrap();
    let content = |part: &Value| part["content"].as_str().unwrap().trim_end().to_owned();
    assert_eq!(content(&parts[0]).replace("\r\n", "\n"), text.replace("\r\n", "\n"));
    assert_eq!(content(&parts[1]), message().html);
    assert_eq!(parts[2]["id"], "<seat-7>");
    assert_eq!(parts[2]["content"], "iVBORw==");
    assert_eq!(parts[3]["name"], "입장권.txt");
    assert_eq!(content(&parts[3]), "좌석 7");
}

#[tokio::test]
async fn aiosmtpd_refuses_an_unknown_recipient_and_defers_a_busy_one() {
    let server = Server::start("plain").await;
    let sender = server.sender("smtp://localhost:PORT");
    for (email, expected) in [
        ("unknown@example.com", MailAnswer::Refused { code: 550 }),
        ("busy@example.com", MailAnswer::Deferred { code: 451 }),
        ("haneul@example.com", MailAnswer::Taken),
    ] {
        assert_eq!(sender.send(&to(email)).await, expected, "{email}");
    }
}

#[tokio::test]
async fn aiosmtpd_takes_an_address_beyond_ascii() {
    let mut server = Server::start("plain").await;

    let answer = server.sender("smtp://localhost:PORT").send(&to("하늘@example.com")).await;

    assert_eq!(answer, MailAnswer::Taken);
    assert_eq!(server.next().await["recipients"], json!(["하늘@example.com"]));
}

#[tokio::test]
async fn aiosmtpd_takes_e_mail_of_a_known_user_over_starttls() {
    let mut server = Server::start("starttls").await;
    let url = "smtp://me%40stagedoor.test@localhost:PORT?tls=required";

    assert_eq!(server.sender(url).send(&message()).await, MailAnswer::Taken);

    let told = server.next().await;
    assert_eq!((&told["is_encrypted"], &told["user"]), (&json!(true), &json!(USER)));
    // Without encryption and a user the server takes nothing.
    let answer = server.sender("smtp://localhost:PORT").send(&message()).await;
    assert_eq!(answer, MailAnswer::Deferred { code: 530 });
    let other = url.replace("me%40", "you%40");
    let answer = server.sender(&other).send(&message()).await;
    assert_eq!(answer, MailAnswer::None(NoMailAnswer::Credentials));
}

#[tokio::test]
async fn aiosmtpd_takes_e_mail_over_tls_from_the_first_byte_on() {
    let mut server = Server::start("smtps").await;
    let url = "smtps://me%40stagedoor.test@localhost:PORT";

    assert_eq!(server.sender(url).send(&message()).await, MailAnswer::Taken);
    assert_eq!(server.next().await["recipients"], json!(["haneul@example.com"]));

    let sender = sender_to(format!("smtps://localhost:{}", server.port));
    assert_eq!(sender.send(&message()).await, MailAnswer::None(NoMailAnswer::Tls));
}
