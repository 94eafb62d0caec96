//! Users confirm their addresses, reset their passwords and get their tickets by e-mail.

use reqwest::Method;
use serde_json::json;
use stagedoor_tests::mail_server::MailServer;
use stagedoor_tests::service::{Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_user_confirms_the_address_books_and_gets_the_tickets,
    a_password_is_reset_by_the_link_of_an_e_mail_once,
);

/// A service that sends e-mail to a server of its own.
async fn start(kind: StoreKind) -> (Service, MailServer) {
    let mail = MailServer::start().await;
    let url = mail.url.clone();
    let send = |settings: &mut stagedoor::Settings| {
        settings.mail.send_to(&url, "http://stagedoor.test").unwrap();
    };
    (Service::start_with(kind, send).await, mail)
}

async fn a_user_confirms_the_address_books_and_gets_the_tickets(kind: StoreKind) {
    let (service, mut mail) = start(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let user = service.new_user().await;
    let first = mail.next().await;
    assert_eq!(first.to, user.email().await);
    let (holder, _) = user.join(&sale.concert_id).await;
    let hold = || holder.post("/api/v1/reservations", sale.seats(&[1]));
    assert_eq!(hold().await.refusal(), (403, "EMAIL_NOT_VERIFIED"));

    let token = json!({"token": first.token("verify-email")});
    assert_eq!(service.anyone().post("/api/v1/email-verifications", token).await.status, 204);

    let held = hold().await;
    assert_eq!(held.status, 201, "{held:?}");
    user.charge(500_000).await;
    let paid = holder.post("/api/v1/payments", json!({"reservationId": held.text_at("id")})).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    let tickets = mail.next().await;
    assert_eq!(tickets.to, first.to);
    assert!(tickets.text.contains("Subject: Your booking: "), "{}", tickets.text);
    assert!(tickets.text.contains("Your booking is complete."), "{}", tickets.text);
}

async fn a_password_is_reset_by_the_link_of_an_e_mail_once(kind: StoreKind) {
    let (service, mut mail) = start(kind).await;
    let user = service.new_user().await;
    let email = user.email().await;
    mail.next().await;
    for address in ["unknown@example.com", &email] {
        let body = json!({"email": address});
        let asked = service.anyone().post("/api/v1/password-resets", body).await;
        assert_eq!(asked.status, 202, "{asked:?}");
    }
    let sent = mail.next().await;
    assert_eq!(sent.to, email);
    let path = format!("/api/v1/password-resets/{}", sent.token("reset-password"));
    let reset = || {
        let request = service.request(Method::PUT, &path);
        let request = request.json(&json!({"password": "another horse battery"}));
        async { service.anyone().send(request).await }
    };

    assert_eq!(reset().await.status, 204);

    assert_eq!(user.get("/api/v1/users/me").await.status, 401);
    let log_in = json!({"email": email, "password": "another horse battery"});
    assert_eq!(service.anyone().post("/api/v1/sessions", log_in).await.status, 200);
    assert_eq!(reset().await.refusal(), (410, "LINK_EXPIRED"));
}
