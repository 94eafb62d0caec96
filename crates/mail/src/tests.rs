//! The sender against mail servers that refuse, break off, or say nothing. The others are `aiosmtpd`'s.

mod aiosmtpd;
mod smtp;
mod tls;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use lettre::transport::smtp::client::CertificateStore;
use stagedoor_domain::ports::MailFile;
use stagedoor_domain::{Email, Instant, PersonName};

use super::*;
use smtp::{Reply, Smtp};

const PASSWORD: &str = "correct horse";
const SUBJECT: &str = "예매가 완료되었습니다: 무대 뒤 🎭";

fn message() -> MailMessage {
    MailMessage {
        id: "0193f2a0-1".to_owned(),
        at: Instant::from_unix_timestamp(1_796_000_000).unwrap(),
        name: PersonName::parse("김하늘").unwrap(),
        email: Email::parse("haneul@example.com").unwrap(),
        subject: SUBJECT.to_owned(),
        text: "안녕하세요.\n.\n좌석 7".to_owned(),
        html: "<p>안녕하세요.</p>".to_owned(),
        files: Vec::new(),
    }
}

fn from() -> MailFrom {
    "무대 뒤 <tickets@stagedoor.test>".parse().unwrap()
}

/// A sender to a server on this machine: `smtp` or `smtps`, and parameters.
fn sender_to(url: String) -> SmtpSender {
    SmtpSender::new(url.parse().unwrap(), None, from()).unwrap()
}

fn sender(address: SocketAddr) -> SmtpSender {
    sender_to(format!("smtp://{address}"))
}

/// A sender that trusts this certificate and no other, and gives up after `time`.
fn trusting(url: String, der: &[u8], time: Duration) -> SmtpSender {
    let server: SmtpServer = url.parse().unwrap();
    let password = server.user.is_some().then(|| SecretString::from(PASSWORD));
    let tls = TlsParameters::builder(server.host.clone())
        .certificate_store(CertificateStore::None)
        .add_root_certificate(Certificate::from_der(der.to_vec()).unwrap());
    SmtpSender::with_tls(server, password.as_ref(), from(), tls, time).unwrap()
}

/// A sender that gives up soon.
fn impatient(address: SocketAddr) -> SmtpSender {
    let sender = sender(address);
    SmtpSender { exchange_time_max: Duration::from_secs(1), ..sender }
}

#[tokio::test]
async fn an_e_mail_that_the_server_takes_is_written_in_ascii_and_ends_with_a_farewell() {
    let (address, session) = Smtp::default().start().await;

    let answer = sender(address).send(&message()).await;

    assert_eq!(answer, MailAnswer::Taken);
    let session = session.await.unwrap();
    assert_eq!(
        session.commands,
        [
            "EHLO stagedoor.test",
            "MAIL FROM:<tickets@stagedoor.test>",
            "RCPT TO:<haneul@example.com>",
            "DATA",
            "QUIT"
        ]
    );
    assert!(session.message.is_ascii());
    for line in [
        "Auto-Submitted: auto-generated",
        "Message-ID: <0193f2a0-1@stagedoor.test>",
        "MIME-Version: 1.0",
    ] {
        assert!(session.message.lines().any(|found| found == line), "{}", session.message);
    }
    assert!(session.message.lines().all(|line| line.len() <= 998));
}

#[tokio::test]
async fn a_permanent_answer_to_the_recipient_or_the_content_is_a_refusal() {
    for command in ["RCPT", "DATA", "."] {
        for (code, expected) in [
            (550, MailAnswer::Refused { code: 550 }),
            (552, MailAnswer::Refused { code: 552 }),
            (451, MailAnswer::Deferred { code: 451 }),
            (530, MailAnswer::Deferred { code: 530 }),
        ] {
            let reply = Reply::Say(format!("{code} <haneul@example.com>: no"));
            let (address, _session) = Smtp::default().with(command, reply).start().await;

            let answer = sender(address).send(&message()).await;

            assert_eq!(answer, expected, "{command} {code}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_concerns_the_service_is_not_the_e_mails_refusal() {
    for (command, code) in [("", 554), ("", 421), ("EHLO", 550), ("MAIL", 550), ("MAIL", 452)] {
        let reply = Reply::Say(format!("{code} no"));
        let (address, _session) = Smtp::default().with(command, reply).start().await;

        let answer = sender(address).send(&message()).await;

        assert_eq!(answer, MailAnswer::Deferred { code }, "{command} {code}");
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_at_some_command_is_a_timeout() {
    for command in ["", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let (address, _session) = Smtp::default().with(command, Reply::Nothing).start().await;

        let answer = impatient(address).send(&message()).await;

        assert_eq!(answer, MailAnswer::None(NoMailAnswer::Timeout), "{command}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_the_farewell_has_taken_the_e_mail_or_refused_it() {
    let (address, _session) = Smtp::default().with("QUIT", Reply::Nothing).start().await;
    assert_eq!(sender(address).send(&message()).await, MailAnswer::Taken);

    let refusing = Smtp::default().with("RCPT", Reply::Say("550 no".to_owned()));
    let (address, _session) = refusing.with("QUIT", Reply::Nothing).start().await;
    assert_eq!(sender(address).send(&message()).await, MailAnswer::Refused { code: 550 });
}

#[tokio::test]
async fn a_closed_port_a_broken_connection_and_another_protocol_are_failed_connections() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut addresses = vec![closed.local_addr().unwrap()];
    drop(closed);
    for (command, reply) in [
        ("", Reply::Close),
        ("MAIL", Reply::Close),
        (".", Reply::Close),
        ("", Reply::Say("HTTP/1.1 400 Bad Request".to_owned())),
    ] {
        addresses.push(Smtp::default().with(command, reply).start().await.0);
    }
    for address in addresses {
        let answer = sender(address).send(&message()).await;

        assert_eq!(answer, MailAnswer::None(NoMailAnswer::Connection), "{address}");
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_password_nor_message() {
    let (address, session) = Smtp::default().start().await;
    let url = format!("smtp://me@{address}?tls=required");
    let server = url.parse().unwrap();
    let sender = SmtpSender::new(server, Some(&PASSWORD.into()), from()).unwrap();

    let answer = sender.send(&message()).await;

    assert_eq!(answer, MailAnswer::None(NoMailAnswer::Tls));
    assert_eq!(session.await.unwrap().commands, ["EHLO stagedoor.test"]);
}

#[tokio::test]
async fn an_address_beyond_ascii_is_sent_only_to_a_server_that_takes_it() {
    let message = MailMessage { email: Email::parse("하늘@예시.한국").unwrap(), ..message() };
    let (address, _session) = Smtp::default().start().await;
    let refused = MailAnswer::Refused { code: ADDRESS_NOT_ALLOWED };
    assert_eq!(sender(address).send(&message).await, refused);

    let (address, session) = Smtp::default().offering("SMTPUTF8").start().await;
    assert_eq!(sender(address).send(&message).await, MailAnswer::Taken);
    let commands = session.await.unwrap().commands;
    assert_eq!(commands[1], "MAIL FROM:<tickets@stagedoor.test> SMTPUTF8 BODY=8BITMIME");
    assert_eq!(commands[2], "RCPT TO:<하늘@xn--vv4b11d.xn--3e0b707e>");
}

#[tokio::test]
async fn an_address_that_mail_servers_do_not_have_is_refused_without_a_connection() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    for email in ["a b@example.com", "a@exa_mple..com", "\"@example.com", "a<b@example.com"] {
        let Ok(email) = Email::stored(email) else { panic!("{email}") };
        let message = MailMessage { email, ..message() };

        let answer = sender(address).send(&message).await;

        assert_eq!(answer, MailAnswer::Refused { code: ADDRESS_NOT_ALLOWED }, "{message:?}");
    }
}

#[tokio::test]
async fn files_are_attached_and_images_are_shown_by_their_content_id() {
    let png = |id: Option<&str>, name: &str| MailFile {
        name: name.to_owned(),
        media_type: "image/png",
        bytes: vec![0, 1, 2, 250],
        content_id: id.map(str::to_owned),
    };
    let files = vec![png(None, "표.png"), png(Some("seat-7"), "seat.png")];
    let (address, session) = Smtp::default().start().await;

    sender(address).send(&MailMessage { files, ..message() }).await;

    let text = session.await.unwrap().message;
    let kinds: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("Content-Type: "))
        .map(|kind| kind.split(';').next().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "multipart/related",
            "text/html",
            "image/png",
            "image/png"
        ]
    );
    assert!(text.contains("Content-ID: <seat-7>\r\n"), "{text}");
    assert!(text.is_ascii());
}

#[test]
fn a_user_needs_a_password_and_a_password_needs_a_user() {
    let sender = |url: &str, password: Option<&str>| {
        let password = password.map(SecretString::from);
        SmtpSender::new(url.parse().unwrap(), password.as_ref(), from())
    };
    let missing = sender("smtps://me@mail.test", None);
    assert!(matches!(missing, Err(SenderError::PasswordMissing)), "{missing:?}");
    let unused = sender("smtps://mail.test", Some(PASSWORD));
    assert!(matches!(unused, Err(SenderError::UserMissing)), "{unused:?}");
    assert!(sender("smtps://me@mail.test", Some(PASSWORD)).is_ok());
}

#[test]
fn debug_output_has_neither_a_password_nor_what_is_sent() {
    let server = "smtps://me@mail.test".parse().unwrap();
    let sender = SmtpSender::new(server, Some(&PASSWORD.into()), from()).unwrap();

    let texts = [format!("{sender:?}"), format!("{:?}", message())];

    for secret in [PASSWORD, "haneul", "김하늘", SUBJECT, "안녕하세요"] {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{texts:?}");
    }
}
