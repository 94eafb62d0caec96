//! The sender against receivers on TCP sockets.

mod receiver;

use std::net::{Ipv4Addr, TcpListener};
use std::time::SystemTime;

use reqwest::header::{HeaderMap, HeaderName};
use stagedoor_domain::Instant;
use stagedoor_domain::webhook::{WebhookSecret, WebhookUrl};
use standardwebhooks::Webhook;

use super::*;
use receiver::{Received, Silent};

const TODAYS_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
const FORMER_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQIhrs=";

fn sender(reach: Reach) -> WebhookSender {
    WebhookSender::new(reach).unwrap()
}

/// A sender that gives up soon.
fn impatient() -> WebhookSender {
    WebhookSender::with_timeout(Reach::Anywhere, Duration::from_secs(2)).unwrap()
}

/// A sender that trusts this certificate and no other.
fn trusting(der: &[u8]) -> WebhookSender {
    let reach = Reach::Anywhere;
    let client = client(reach, Duration::from_secs(ATTEMPT_SECONDS_MAX));
    let client = client.tls_certs_only([Certificate::from_der(der).unwrap()]).build().unwrap();
    WebhookSender { reach, client }
}

fn message(url: impl fmt::Display) -> WebhookMessage {
    WebhookMessage {
        url: WebhookUrl::stored(url.to_string()),
        secrets: [TODAYS_SECRET, FORMER_SECRET].map(|text| WebhookSecret::new(text.into())).into(),
        id: "msg_0193f2a0".to_owned(),
        at: Instant::from(SystemTime::now()),
        body: r#"{"type":"order.paid","data":{"name":"Zoë"}}"#.to_owned(),
    }
}

fn status(status: u16) -> WebhookAnswer {
    WebhookAnswer::Status { status, retry_after: None }
}

fn headers(received: &Received) -> HeaderMap {
    let lines = received.head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let name = |text: &str| text.parse::<HeaderName>().unwrap();
    lines.map(|(found, value)| (name(found), value.parse().unwrap())).collect()
}

#[tokio::test]
async fn a_receiver_verifies_the_signature_by_either_secret_and_by_no_other() {
    let (address, received) = receiver::answer_once("HTTP/1.1 204 No Content\r\n\r\n".into()).await;
    let message = message(format_args!("http://{address}/hooks?key=1"));

    let answer = sender(Reach::Anywhere).send(&message).await;

    assert_eq!(answer, status(204));
    let received = received.await.unwrap();
    let headers = headers(&received);
    for secret in [TODAYS_SECRET, FORMER_SECRET] {
        let verified = Webhook::new(secret).unwrap().verify(received.body.as_bytes(), &headers);
        assert!(verified.is_ok(), "{verified:?}");
    }
    let other = Webhook::new("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    assert!(other.verify(received.body.as_bytes(), &headers).is_err());
    let signature = received.header("webhook-signature").unwrap();
    assert_eq!(signature.split(' ').filter(|text| text.starts_with("v1,")).count(), 2);
}

#[tokio::test]
async fn a_request_has_the_message_and_no_header_beyond_what_it_needs() {
    let (address, received) = receiver::answer_once("HTTP/1.1 204 No Content\r\n\r\n".into()).await;
    let message = message(format_args!("http://{address}/hooks?key=1"));

    sender(Reach::Anywhere).send(&message).await;

    let received = received.await.unwrap();
    assert!(received.head.starts_with("POST /hooks?key=1 HTTP/1.1\r\n"), "{}", received.head);
    assert_eq!(received.body, message.body);
    assert_eq!(received.header("user-agent"), Some(USER_AGENT));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("webhook-id"), Some("msg_0193f2a0"));
    let seconds = message.at.unix_timestamp().to_string();
    assert_eq!(received.header("webhook-timestamp"), Some(seconds.as_str()));
    for absent in ["accept-encoding", "authorization", "cookie", "referer"] {
        assert_eq!(received.header(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn a_redirect_is_answered_and_not_followed() {
    let target = Silent::start();
    let location = format!("http://127.0.0.1:{}/", target.port());
    for code in [301, 302, 303, 307, 308] {
        let redirect = format!("HTTP/1.1 {code} X\r\nlocation: {location}\r\n");
        let redirect = redirect + "content-length: 0\r\n\r\n";
        let (address, _received) = receiver::answer_once(redirect).await;

        let answer =
            sender(Reach::Anywhere).send(&message(format_args!("http://{address}/"))).await;

        assert_eq!(answer, status(code));
    }
    assert!(!target.was_called());
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_a_timeout() {
    let silent = Silent::start();

    let message = message(format_args!("http://127.0.0.1:{}/", silent.port()));
    let answer = impatient().send(&message).await;

    assert_eq!(answer, WebhookAnswer::None(NoAnswer::Timeout));
    assert!(silent.was_called());
}

#[tokio::test]
async fn a_receiver_whose_body_does_not_come_has_answered_its_status() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort";
    let (address, _received) = receiver::answer_once(head.into()).await;

    let answer = impatient().send(&message(format_args!("http://{address}/"))).await;

    assert_eq!(answer, status(200));
}

#[tokio::test]
async fn of_an_endless_body_only_the_beginning_is_read() {
    // What is written beyond the bytes that are read stays in the sockets' buffers: a few MiB.
    const WRITTEN_MAX: usize = 32 * 1024 * 1024;
    let (address, written) = receiver::answer_endlessly().await;

    let answer = sender(Reach::Anywhere).send(&message(format_args!("http://{address}/"))).await;

    assert_eq!(answer, status(200));
    let written = written.await.unwrap();
    assert!((ANSWER_BYTES_MAX..WRITTEN_MAX).contains(&written), "{written}");
}

#[tokio::test]
async fn a_closed_port_and_an_answer_that_is_not_http_are_failed_connections() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let closed_address = closed.local_addr().unwrap();
    drop(closed);
    let (other_address, _received) = receiver::answer_once("SSH-2.0-x\r\n".into()).await;

    for address in [closed_address, other_address] {
        let answer =
            sender(Reach::Anywhere).send(&message(format_args!("http://{address}/"))).await;

        assert_eq!(answer, WebhookAnswer::None(NoAnswer::Connection), "{address}");
    }
}

#[tokio::test]
async fn no_connection_is_made_to_a_private_address_or_to_a_name_that_stands_for_one() {
    let silent = Silent::start();
    let port = silent.port();
    let mapped = "[::ffff:127.0.0.1]";
    for host in ["127.0.0.1", "2130706433", mapped, "localhost", "LOCALHOST"] {
        let message = message(format_args!("https://{host}:{port}/"));

        let answer = sender(Reach::Public).send(&message).await;

        assert_eq!(answer, WebhookAnswer::None(NoAnswer::PrivateAddress), "{host}");
    }
    assert!(!silent.was_called());
}

#[tokio::test]
async fn the_public_reach_sends_nothing_by_http() {
    let silent = Silent::start();

    let message = message(format_args!("http://localhost:{}/", silent.port()));
    let answer = sender(Reach::Public).send(&message).await;

    assert_eq!(answer, WebhookAnswer::None(NoAnswer::Connection));
    assert!(!silent.was_called());
}

#[tokio::test]
async fn a_name_without_an_address_is_an_unknown_host() {
    // No name server is asked for a label of more than 63 characters.
    let name = "a".repeat(64);
    for scheme in ["http", "https"] {
        let message = message(format_args!("{scheme}://{name}.test/"));

        let answer = sender(Reach::Anywhere).send(&message).await;

        assert_eq!(answer, WebhookAnswer::None(NoAnswer::UnknownHost), "{scheme}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_gets_no_request() {
    let (address, received) = receiver::answer_by_tls(&receiver::certificate()).await;

    let message = message(format_args!("https://localhost:{}/", address.port()));
    let answer = sender(Reach::Anywhere).send(&message).await;

    assert_eq!(answer, WebhookAnswer::None(NoAnswer::Certificate));
    assert!(received.await.unwrap().is_none());
}

#[tokio::test]
async fn a_trusted_certificate_is_valid_for_its_name_alone() {
    let own = receiver::certificate();
    let sender = trusting(own.cert.der());
    for (host, expected) in
        [("localhost", status(204)), ("127.0.0.1", WebhookAnswer::None(NoAnswer::Certificate))]
    {
        let (address, received) = receiver::answer_by_tls(&own).await;

        let message = message(format_args!("https://{host}:{}/", address.port()));
        let answer = sender.send(&message).await;

        assert_eq!(answer, expected, "{host}");
        drop(received);
    }
}

#[tokio::test]
async fn refusals_are_answered_with_the_time_that_the_receiver_asks_for() {
    for (code, field, asked) in [
        (410, "x: y", None),
        (429, "retry-after: 120", Some(120)),
        (429, "retry-after: soon", None),
        (503, "Retry-After: 1000000", Some(86_400)),
    ] {
        let refusal = format!("HTTP/1.1 {code} X\r\n{field}\r\ncontent-length: 0\r\n\r\n");
        let (address, _received) = receiver::answer_once(refusal).await;

        let answer =
            sender(Reach::Anywhere).send(&message(format_args!("http://{address}/"))).await;

        let retry_after = asked.map(Duration::from_secs);
        assert_eq!(answer, WebhookAnswer::Status { status: code, retry_after });
    }
}

#[tokio::test]
async fn a_message_without_a_usable_secret_is_not_sent() {
    let silent = Silent::start();
    let message = message(format_args!("http://127.0.0.1:{}/", silent.port()));
    for secrets in [vec![], vec![WebhookSecret::new("whsec_?".to_owned())]] {
        let message = WebhookMessage { secrets, ..message.clone() };

        let answer = impatient().send(&message).await;

        assert_eq!(answer, WebhookAnswer::None(NoAnswer::Connection));
    }
    assert!(!silent.was_called());
}

#[test]
fn debug_output_has_no_secret() {
    let message = message("https://example.com/");

    let texts = [format!("{message:?}"), format!("{:?}", sender(Reach::Public))];

    for secret in [TODAYS_SECRET, FORMER_SECRET] {
        let encoded = secret.trim_start_matches(WebhookSecret::PREFIX);
        assert!(texts.iter().all(|text| !text.contains(encoded)), "{texts:?}");
    }
}
