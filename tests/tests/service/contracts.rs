//! The documented contracts replayed: every operation in its source's order, happy and unhappy,
//! whole bodies compared.

mod closed_mode;
mod ost;
mod reservation;
mod ticketing;
mod user_queue;
mod week3;

use reqwest::Method;
use serde_json::Value;
use stagedoor::settings::{AuthMode, Switch};
use stagedoor_domain::Instant;
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;

/// An id that nothing has.
pub const NO_ID: &str = "01990000-0000-7000-8000-00000000dead";

/// A service where a bare `userId` gets a token.
pub async fn open(kind: StoreKind) -> Service {
    Service::start_with(kind, |settings| settings.auth_mode = AuthMode::Open).await
}

/// The same without the janitor.
pub async fn open_without_janitor(kind: StoreKind) -> Service {
    Service::start_with(kind, |settings| {
        settings.auth_mode = AuthMode::Open;
        settings.work.janitor = Switch::Off;
    })
    .await
}

/// A new user's id.
pub async fn user_id(service: &Service) -> String {
    service.new_user().await.get("/api/v1/users/me").await.text_at("id")
}

/// A request with a header of the `ost` contract.
pub async fn with_token_id(
    person: &Person<'_>,
    method: Method,
    path: &str,
    token_id: &str,
    body: Option<Value>,
) -> Answer {
    let request = person.request(method, path).header("tokenId", token_id);
    person.send(if let Some(body) = body { request.json(&body) } else { request }).await
}

/// The status and the body without what differs from run to run: known ids by their names, others
/// and times by what they are.
pub fn told(answer: &Answer, names: &[(&str, &str)]) -> (u16, Value) {
    (answer.status.as_u16(), normal(&answer.body, names))
}

fn normal(value: &Value, names: &[(&str, &str)]) -> Value {
    match value {
        Value::String(text) => Value::from(normal_text(text, names)),
        Value::Number(number) if number.as_i64() > Some(1_600_000_000_000) => "<ms>".into(),
        Value::Array(items) => items.iter().map(|item| normal(item, names)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), normal(value, names))).collect()
        }
        other => other.clone(),
    }
}

fn normal_text(text: &str, names: &[(&str, &str)]) -> String {
    let name = names.iter().find(|(id, _)| *id == text).map(|(_, name)| format!("<{name}>"));
    name.unwrap_or_else(|| {
        if text.parse::<stagedoor_domain::UserId>().is_ok() {
            "<id>".to_owned()
        } else if text.starts_with("eyJ") {
            "<jwt>".to_owned()
        } else if is_local_time(text) {
            "<local time>".to_owned()
        } else if Instant::parse(text, &Rfc3339).is_ok() {
            "<time>".to_owned()
        } else {
            text.to_owned()
        }
    })
}

fn is_local_time(text: &str) -> bool {
    Instant::parse(&format!("{text}+09:00"), &Rfc3339).is_ok()
}

/// An instant as clocks in Seoul show it, as `2026-12-24T19:00:00`.
pub fn in_seoul(instant: Instant) -> String {
    let local = instant.to_offset(UtcOffset::from_hms(9, 0, 0).unwrap());
    local.format(&Rfc3339).unwrap()[..19].to_owned()
}

/// The only date of a concert, in Seoul.
pub async fn date_of(service: &Service, concert_id: &str) -> String {
    let concert = service.anyone().get(&format!("/api/v1/concerts/{concert_id}")).await;
    let starts_at = concert.body["nextDates"][0].as_str().unwrap();
    in_seoul(Instant::parse(starts_at, &Rfc3339).unwrap())[..10].to_owned()
}
