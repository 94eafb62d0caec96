//! Tokens that were not issued, or not for this use.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_tests::service::{Home, SIGNING_KEY, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_token_with_the_algorithm_none_is_refused,
    a_token_signed_with_another_key_is_refused,
    a_token_whose_header_names_another_algorithm_is_refused,
    a_token_of_an_unknown_key_id_is_refused,
    a_token_whose_claims_were_edited_is_refused,
    a_token_for_another_audience_or_without_an_end_is_refused,
    a_token_that_has_run_out_is_refused,
    a_token_does_not_do_what_the_other_kind_is_for,
    a_queue_token_in_the_sessions_cookie_is_refused,
    a_forged_bearer_token_is_not_saved_by_a_good_cookie,
    two_authorization_headers_are_refused,
    keys_are_rotated_without_signing_users_out_and_an_old_key_is_dropped,
);

const ANOTHER_KEY: &str = "a signing key that is not the one of the service";

/// The parts of a token, to be put together in another way.
struct Parts {
    header: Value,
    claims: Value,
    signature: String,
}

impl Parts {
    fn of(token: &str) -> Self {
        let mut parts = token.split('.');
        let mut json = || {
            let bytes = URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        };
        let (header, claims) = (json(), json());
        Self { header, claims, signature: parts.next().unwrap().to_owned() }
    }

    fn with_header(&self, field: &str, value: &str) -> Self {
        let mut header = self.header.clone();
        header[field] = json!(value);
        Self { header, claims: self.claims.clone(), signature: self.signature.clone() }
    }

    fn with_claim(&self, field: &str, value: Value) -> Self {
        let mut claims = self.claims.clone();
        claims[field] = value;
        Self { header: self.header.clone(), claims, signature: self.signature.clone() }
    }

    fn message(&self) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(&self.header), part(&self.claims))
    }

    /// With the signature that it had.
    fn as_it_was_signed(&self) -> String {
        format!("{}.{}", self.message(), self.signature)
    }

    /// With an HMAC of SHA-256 by a key, whatever the header says.
    fn signed_with(&self, key: &str) -> String {
        let key = EncodingKey::from_secret(key.as_bytes());
        let message = self.message();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256);
        format!("{message}.{}", signature.unwrap())
    }
}

/// Checks that nothing that needs a token takes this one.
async fn assert_refused(service: &Service, token: &str) {
    let forger = service.with_token(token);
    for (method, path) in [
        (Method::GET, "/api/v1/users/me"),
        (Method::GET, "/api/v1/points"),
        (Method::GET, "/api/v1/queue-tokens/me"),
        (Method::GET, "/api/v1/queue-tokens/me/events"),
        (Method::DELETE, "/api/v1/queue-tokens/me"),
        (Method::GET, "/queue/status"),
        (Method::GET, "/metrics"),
    ] {
        let refused = forger.send(forger.request(method, path)).await;
        assert_eq!(refused.refusal(), (401, "UNAUTHENTICATED"), "{token}");
    }
}

/// The parts of an access token and of a queue token.
async fn genuine(service: &Service) -> [Parts; 2] {
    let sale = service.on_sale(1, json!({})).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    [Parts::of(&fan.token.unwrap()), Parts::of(&holder.token.unwrap())]
}

async fn a_token_with_the_algorithm_none_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for parts in genuine(&service).await {
        for none in ["none", "None", "NONE", "nOnE", ""] {
            let unsigned = parts.with_header("alg", none);
            assert_refused(&service, &format!("{}.", unsigned.message())).await;
            assert_refused(&service, &unsigned.message()).await;
            assert_refused(&service, &unsigned.as_it_was_signed()).await;
        }
    }
}

async fn a_token_signed_with_another_key_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for parts in genuine(&service).await {
        assert_refused(&service, &parts.signed_with(ANOTHER_KEY)).await;
        assert_refused(&service, &parts.signed_with("")).await;
        // A key that the token brings along is not a key of the service.
        let brought =
            parts.with_header("jku", "https://forger.example/keys").with_header("x5c", "");
        assert_refused(&service, &brought.signed_with(ANOTHER_KEY)).await;
        let ours = service.with_token(&parts.signed_with(SIGNING_KEY));
        assert_eq!(ours.get("/api/v1/users/me").await.status, 200, "the tests sign well");
    }
}

async fn a_token_whose_header_names_another_algorithm_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for parts in genuine(&service).await {
        for algorithm in ["RS256", "HS384", "HS512", "ES256", "PS256", "EdDSA", "hs256"] {
            let confused = parts.with_header("alg", algorithm);
            assert_refused(&service, &confused.signed_with(SIGNING_KEY)).await;
            assert_refused(&service, &confused.as_it_was_signed()).await;
        }
    }
}

async fn a_token_of_an_unknown_key_id_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for mut parts in genuine(&service).await {
        for id in ["", "0", "../../dev/null", "' OR ''='", "AAAAAAAA"] {
            let unknown = parts.with_header("kid", id);
            assert_refused(&service, &unknown.signed_with(SIGNING_KEY)).await;
        }
        parts.header.as_object_mut().unwrap().remove("kid");
        assert_refused(&service, &parts.signed_with(SIGNING_KEY)).await;
    }
}

async fn a_token_whose_claims_were_edited_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let another_user = json!(service.new_user().await.get("/api/v1/users/me").await.text_at("id"));
    let [access, queue] = genuine(&service).await;
    for edited in [
        access.with_claim("sub", another_user.clone()),
        access.with_claim("exp", json!(i64::MAX)),
        access.with_claim("name", json!("Operator")),
        access.with_claim("role", json!("OPERATOR")),
        access.with_claim("aud", json!("stagedoor:queue")),
        queue.with_claim("userId", another_user),
        queue.with_claim("place", json!(1)),
        queue.with_claim("roomId", json!("00000000-0000-7000-8000-000000000000")),
        queue.with_claim("aud", json!("stagedoor:access")),
    ] {
        assert_refused(&service, &edited.as_it_was_signed()).await;
        assert_refused(&service, &edited.signed_with(ANOTHER_KEY)).await;
    }
}

async fn a_token_for_another_audience_or_without_an_end_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for mut parts in genuine(&service).await {
        for audience in [json!("stagedoor"), json!(""), json!(null), json!(7), json!([])] {
            let elsewhere = parts.with_claim("aud", audience);
            assert_refused(&service, &elsewhere.signed_with(SIGNING_KEY)).await;
        }
        for end in [json!("9999999999"), json!(null), json!(1e300), json!(-1)] {
            assert_refused(&service, &parts.with_claim("exp", end).signed_with(SIGNING_KEY)).await;
        }
        parts.claims.as_object_mut().unwrap().remove("exp");
        assert_refused(&service, &parts.signed_with(SIGNING_KEY)).await;
    }
}

async fn a_token_that_has_run_out_is_refused(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    assert_eq!(fan.get("/api/v1/users/me").await.status, 200);

    service.clock.pass(Duration::from_secs(3_600));
    assert_refused(&service, &fan.token.unwrap()).await;
    service.clock.pass(Duration::from_secs(86_400 - 3_600));
    assert_refused(&service, &holder.token.unwrap()).await;
}

async fn a_token_does_not_do_what_the_other_kind_is_for(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    let hold = json!({"scheduleId": sale.schedule_id, "bestAvailable": 1});
    let schedules = format!("/api/v1/concerts/{}/schedules", sale.concert_id);

    for refused in [
        fan.poll().await,
        fan.get(&schedules).await,
        fan.post("/api/v1/reservations", hold.clone()).await,
        fan.post("/api/v1/payments", json!({"reservationId": sale.room_id})).await,
        holder.post("/api/v1/concerts", json!({"title": "Mine"})).await,
        holder.get("/api/v1/rooms").await,
        holder.get("/metrics").await,
    ] {
        assert_eq!(refused.refusal(), (403, "FORBIDDEN"), "{refused:?}");
    }
    assert_eq!(holder.post("/api/v1/reservations", hold).await.status, 201);
}

async fn a_queue_token_in_the_sessions_cookie_is_refused(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    let by_cookie = async |token: &str, path: &str| {
        let cookie = format!("stagedoor_session={token}");
        let request = service.request(Method::GET, path).header("cookie", cookie);
        service.anyone().send(request).await
    };

    for path in ["/api/v1/users/me", "/api/v1/points", "/api/v1/queue-tokens/me"] {
        assert_eq!(by_cookie(holder.token.as_deref().unwrap(), path).await.status, 401);
    }
    assert_eq!(by_cookie(fan.token.as_deref().unwrap(), "/api/v1/points").await.status, 200);
}

async fn a_forged_bearer_token_is_not_saved_by_a_good_cookie(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let cookie = format!("stagedoor_session={}", fan.token.unwrap());

    for forged in ["Bearer x", "Bearer ", "Basic ZmFuOnN0YWdlZG9vcg==", ""] {
        let request = service.request(Method::GET, "/api/v1/points");
        let request = request.header("authorization", forged).header("cookie", &cookie);
        assert_eq!(service.anyone().send(request).await.code(), "UNAUTHENTICATED", "{forged}");
    }
}

async fn two_authorization_headers_are_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (one, other) = (service.new_user().await, service.new_user().await);

    for second in [&one, &other, &service.with_token("x")] {
        let request = one.request(Method::GET, "/api/v1/points");
        let request = request.bearer_auth(second.token.as_ref().unwrap());
        assert_eq!(service.anyone().send(request).await.code(), "UNAUTHENTICATED");
    }
    assert_eq!(one.get("/api/v1/points").await.status, 200);
}

/// Starts again with other signing keys on the same store.
async fn with_keys(home: Home, keys: &str) -> Service {
    Service::start_in(home, |settings| settings.signing_key = Some(keys.into())).await
}

async fn keys_are_rotated_without_signing_users_out_and_an_old_key_is_dropped(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let fan = service.new_user().await;
    let (holder, joined) = fan.join(&sale.concert_id).await;
    let (access, queue) = (fan.token.unwrap(), holder.token.unwrap());

    let service = with_keys(service.stop().await, &format!("{ANOTHER_KEY},{SIGNING_KEY}")).await;
    let place = service.with_token(&queue).poll().await;
    assert_eq!(place.body["id"], joined.body["id"], "the place in line is kept");
    let again = service.with_token(&access).join(&sale.concert_id).await.1;
    assert_eq!(again.body["id"], joined.body["id"]);
    let renewed = again.text_at("token");
    assert_ne!(Parts::of(&renewed).header["kid"], Parts::of(&queue).header["kid"]);

    let service = with_keys(service.stop().await, ANOTHER_KEY).await;
    assert_refused(&service, &access).await;
    assert_refused(&service, &queue).await;
    assert_eq!(service.with_token(&renewed).poll().await.status, 200);
}
