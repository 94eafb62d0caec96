//! Encrypted connections.

use rcgen::CertifiedKey;

use super::*;

fn certificate() -> CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// A server that offers STARTTLS and authentication.
fn server(own: &CertifiedKey<rcgen::KeyPair>) -> Smtp {
    Smtp::default().certified(own).offering("STARTTLS").offering("AUTH PLAIN LOGIN")
}

#[tokio::test]
async fn user_and_password_are_told_only_when_the_connection_is_encrypted() {
    let own = certificate();
    for is_smtps in [true, false] {
        let (address, session) = match is_smtps {
            true => server(&own).start_with_tls().await,
            false => server(&own).start().await,
        };
        let port = address.port();
        let url = match is_smtps {
            true => format!("smtps://me@localhost:{port}"),
            false => format!("smtp://me@localhost:{port}?tls=required"),
        };

        let answer = trusting(url, own.cert.der(), EXCHANGE_TIME_MAX).send(&message()).await;

        assert_eq!(answer, MailAnswer::Taken);
        let session = session.await.unwrap();
        assert!(session.is_encrypted);
        let position = |verb: &str| session.commands.iter().position(|it| it.starts_with(verb));
        assert!(position("STARTTLS") < position("AUTH"), "{:?}", session.commands);
        assert_eq!(position("STARTTLS").is_none(), is_smtps);
    }
}

#[tokio::test]
async fn a_certificate_that_no_authority_signed_gets_no_e_mail() {
    let own = certificate();
    for is_smtps in [true, false] {
        let (address, session) = match is_smtps {
            true => server(&own).start_with_tls().await,
            false => server(&own).start().await,
        };
        let port = address.port();
        let url = match is_smtps {
            true => format!("smtps://localhost:{port}"),
            false => format!("smtp://localhost:{port}?tls=required"),
        };

        let answer = sender_to(url).send(&message()).await;

        assert_eq!(answer, MailAnswer::None(NoMailAnswer::Tls));
        let session = session.await.unwrap();
        assert!(!session.is_encrypted && session.message.is_empty(), "{session:?}");
    }
}

#[tokio::test]
async fn a_trusted_certificate_is_valid_for_its_name_alone() {
    let own = certificate();
    let (address, _session) = server(&own).start_with_tls().await;
    let url = format!("smtps://127.0.0.1:{}", address.port());

    let answer = trusting(url, own.cert.der(), EXCHANGE_TIME_MAX).send(&message()).await;

    assert_eq!(answer, MailAnswer::None(NoMailAnswer::Tls));
}

#[tokio::test]
async fn a_wrong_password_is_tried_again_later_and_is_no_refusal_of_the_e_mail() {
    let own = certificate();
    for (reply, expected) in [
        ("535 wrong", MailAnswer::None(NoMailAnswer::Credentials)),
        ("454 later", MailAnswer::Deferred { code: 454 }),
    ] {
        let server = server(&own).with("AUTH", Reply::Say(reply.to_owned()));
        let (address, _session) = server.start().await;
        let url = format!("smtp://me@localhost:{}?tls=required", address.port());

        let answer = trusting(url, own.cert.der(), EXCHANGE_TIME_MAX).send(&message()).await;

        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn a_server_that_offers_no_authentication_gets_no_e_mail_of_a_user() {
    let own = certificate();
    let server = Smtp::default().certified(&own).offering("STARTTLS");
    let (address, session) = server.start().await;
    let url = format!("smtp://me@localhost:{}?tls=required", address.port());

    let answer = trusting(url, own.cert.der(), EXCHANGE_TIME_MAX).send(&message()).await;

    assert_eq!(answer, MailAnswer::None(NoMailAnswer::Credentials));
    assert!(session.await.unwrap().message.is_empty());
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_a_timeout() {
    let own = certificate();
    // The server says nothing, as one that expects the client to speak TLS only later.
    let (address, _session) = Smtp::default().with("", Reply::Nothing).start().await;
    let url = format!("smtps://localhost:{}", address.port());

    let answer = trusting(url, own.cert.der(), Duration::from_secs(1)).send(&message()).await;

    assert_eq!(answer, MailAnswer::None(NoMailAnswer::Timeout));
}
