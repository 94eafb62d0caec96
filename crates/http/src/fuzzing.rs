//! Every parser of external input, for property tests and fuzzers. Each function panics only if a parser
//! does, or if it breaks a promise.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::LazyLock;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as ValueError, StrDeserializer};
use stagedoor_domain::concert::Description;
use stagedoor_domain::room::RoomMessage;
use stagedoor_domain::{Email, Instant, Page, PersonName, SeatPlan, Title, UserId};
use time::Duration;
use uuid::Uuid;

use crate::auth::metrics_token::MetricsToken;
use crate::auth::signing_keys::SigningKeys;
use crate::auth::{bearer, session_cookie};
use crate::contracts::{ost, reservation, ticketing};
use crate::edge::allowed_origins::AllowedOrigins;
use crate::edge::client_address::{ProxyHeader, TrustedProxies};
use crate::pages;
use crate::v1::{concert, hall, password, payment, point, room, schedule, session, user, venue};
use crate::wire::error::ApiError;
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::language::Language;
use crate::wire::local_time::LocalTime;
use crate::wire::paging::{PageBody, PageQuery};
use crate::wire::request_id::RequestId;
use crate::wire::timestamps::Timestamp;
use crate::wire::{body, ids};

const NOW: Instant = time::macros::datetime!(2026-11-21 10:00 UTC);
static INDEX: LazyLock<pages::Index> = LazyLock::new(|| pages::Index::new("UTC"));
const KEY: &str = "a key for fuzzers and for nothing else";

/// Reads bytes as a body; a refusal names its field.
fn read<T: DeserializeOwned>(bytes: &[u8]) {
    match body::read::<T>(bytes) {
        Ok(_) => {}
        Err(ApiError::Validation(error)) => assert!(!error.field.is_empty(), "no field is named"),
        Err(error) => panic!("refused in another way: {error:?}"),
    }
}

/// Bodies of every operation.
pub fn bodies(bytes: &[u8]) {
    read::<user::SignUpBody>(bytes);
    read::<user::NewNameBody>(bytes);
    read::<password::NewPasswordBody>(bytes);
    read::<session::LogInBody>(bytes);
    read::<concert::NewConcertBody>(bytes);
    read::<schedule::SchedulePlanBody>(bytes);
    read::<venue::NewVenueBody>(bytes);
    read::<venue::VenueEditBody>(bytes);
    read::<hall::NewHallBody>(bytes);
    read::<crate::v1::reservation::HoldBody>(bytes);
    read::<payment::PayBody>(bytes);
    read::<point::AmountBody>(bytes);
    read::<room::PolicyEditBody>(bytes);
    read::<ost::booking::Hold>(bytes);
    read::<ost::concert::NewConcert>(bytes);
    read::<ost::concert::NewSeries>(bytes);
    read::<ost::concert_queue::Entry>(bytes);
    read::<ost::payment::HeldSeatPayment>(bytes);
    read::<ost::point::Change>(bytes);
    read::<ost::token::Wish>(bytes);
    read::<reservation::TokenWish>(bytes);
    read::<reservation::SeatWish>(bytes);
    read::<reservation::ReservationPayment>(bytes);
    read::<ticketing::concert::Hold>(bytes);
    read::<ticketing::payment::Charge>(bytes);
    read::<ticketing::payment::Pay>(bytes);
    read::<ticketing::queue::Entry>(bytes);
    seat_plans(bytes);
}

/// Seat plans: one that is read is written so that it can be read again, and a refusal names its place.
fn seat_plans(bytes: &[u8]) {
    let Ok(document) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
    match SeatPlan::parse(&document, "plan") {
        Ok(plan) => {
            let written = serde_json::to_value(&plan).unwrap_or_default();
            assert_eq!(SeatPlan::parse(&written, "plan"), Ok(plan));
        }
        Err(refused) => assert!(refused.field.starts_with("plan"), "{refused}"),
    }
}

/// Tells a repeated request from another: JSON is compared by its value.
pub fn fingerprints(bytes: &[u8]) {
    let fingerprint = |bytes: &[u8]| {
        let req = TestRequest::post().insert_header(("idempotency-key", "key")).to_http_request();
        let key = IdempotencyKey::from_request(&req, &mut Payload::None).into_inner();
        key.ok().and_then(|key| key.idempotency(UserId::NONE, bytes)).map(|key| key.fingerprint)
    };
    let first = fingerprint(bytes);
    assert!(first.is_some());
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes)
        && let Ok(spelled_anew) = serde_json::to_vec_pretty(&value)
        // The last digit of a huge fraction may get lost; no operation takes one.
        && serde_json::from_slice(&spelled_anew).is_ok_and(|read: serde_json::Value| read == value)
    {
        assert_eq!(first, fingerprint(&spelled_anew));
    }
}

fn keys() -> &'static SigningKeys {
    static KEYS: LazyLock<Option<SigningKeys>> = LazyLock::new(|| SigningKeys::parse(KEY).ok());
    let Some(keys) = &*KEYS else { panic!("the key is long enough") };
    keys
}

/// A token that was not issued is refused.
pub fn tokens(text: &str) {
    assert!(keys().verify(text, NOW).is_none(), "{text} was taken");
}

/// An issued token is refused when one byte of it changes.
pub fn changed_token(at: usize, byte: u8) {
    let keys = keys();
    let Ok(given) = keys.access_token(UserId(Uuid::nil()), "Fan", 0, NOW, 60) else {
        panic!("a token is signed");
    };
    assert!(keys.verify(&given, NOW + Duration::seconds(59)).is_some());
    let mut bytes = given.clone().into_bytes();
    let at = at % bytes.len();
    bytes[at] = byte;
    if let Ok(changed) = String::from_utf8(bytes)
        && changed != given
    {
        assert!(keys.verify(&changed, NOW).is_none(), "{changed} was taken for {given}");
    }
}

/// Cursors, limits and ids: a value that was read is written so that it can be read again.
pub fn cursors(text: &str) {
    let query = |cursor: Option<String>| PageQuery { limit: Some(text.to_owned()), cursor };
    let _ = query(None).size();
    if let Ok(Some(after)) = query(Some(text.to_owned())).after::<Uuid>() {
        let page = PageBody::of(Page { items: vec![0_u8], next: Some(after) }, |item| item);
        assert_eq!(query(page.next_cursor).after(), Ok(Some(after)));
    }
    if let Ok(Some(after)) = query(Some(text.to_owned())).after::<i64>() {
        let page = PageBody::of(Page { items: vec![0_u8], next: Some(after) }, |item| item);
        assert_eq!(query(page.next_cursor).after(), Ok(Some(after)));
    }
    if let Ok(id) = ids::parse_id::<UserId>(text, "id") {
        assert_eq!(ids::parse_id(&id.to_string(), "id"), Ok(id));
    }
}

/// Query strings of every operation that has one.
pub fn queries(text: &str) {
    let _ = Query::<PageQuery>::from_query(text);
    let _ = Query::<crate::v1::reservation::ReservationQuery>::from_query(text);
    let _ = Query::<schedule::ScheduleQuery>::from_query(text);
    let _ = Query::<schedule::SeatQuery>::from_query(text);
    let _ = Query::<crate::v1::seat_events::SeatEventsQuery>::from_query(text);
    let _ = Query::<user::UserQuery>::from_query(text);
    let _ = Query::<ost::OwnerQuery>::from_query(text);
}

/// Every header that is read, with the same value.
pub fn headers(bytes: &[u8]) {
    const NAMES: [&str; 11] = [
        "accept-encoding",
        "accept-language",
        "authorization",
        "content-type",
        "cookie",
        "host",
        "idempotency-key",
        "if-none-match",
        "origin",
        "sec-fetch-site",
        "x-request-id",
    ];
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    for name in NAMES {
        let header = (HeaderName::from_static(name), value.clone());
        look_at(&TestRequest::post().insert_header(header).to_http_request());
    }
}

fn look_at(req: &HttpRequest) {
    let _ = Language::of(req);
    let _ = body::is_json(req);
    let _ = INDEX.answer(req);
    let _ = IdempotencyKey::from_request(req, &mut Payload::None).into_inner();
    let _ = session_cookie::access_token(req);
    let _ = session_cookie::check_same_origin(req);
    if let Some(token) = bearer::token(req) {
        tokens(token);
    }
    let RequestId(id) = RequestId::of(req.headers());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!((1..=64).contains(&id.len()) && id.bytes().all(is_plain), "{id:?}");
}

/// A client's entry in the header of a trusted proxy, as it is or as a quoted host: the proxy's own report is
/// used.
pub fn client_addresses(text: &str) {
    const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
    const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    let table = [
        (ProxyHeader::XForwardedFor, "x-forwarded-for", format!("{text}, {CLIENT}")),
        (ProxyHeader::Forwarded, "forwarded", format!("{text}, for={CLIENT};proto=https")),
        (ProxyHeader::Forwarded, "forwarded", format!("for={CLIENT};host=\"{quoted}\"")),
        (ProxyHeader::Forwarded, "forwarded", format!("host=\"{quoted}\";for={CLIENT}")),
    ];
    for (header, name, line) in table {
        let Ok(value) = HeaderValue::from_str(&line) else { continue };
        let is_readable = line.is_ascii() && !quoted.contains('\\');
        let request = TestRequest::get().peer_addr(SocketAddr::new(PROXY, 80));
        let request = request.insert_header((name, value)).to_http_request();
        let proxies = TrustedProxies { networks: vec![PROXY.into()], header };
        let client = proxies.client_of(&request);
        let is_true = client == CLIENT || (client == PROXY && !is_readable);
        assert!(is_true, "{line:?} is taken to be from {client}");
    }
}

/// Names, titles and other text of users: a stored value can be read again unchanged.
pub fn texts(text: &str) {
    if let Ok(name) = PersonName::parse(text) {
        assert_eq!(PersonName::parse(name.as_str()), Ok(name));
    }
    if let Ok(email) = Email::parse(text) {
        assert_eq!(Email::parse(email.as_str()), Ok(email));
    }
    if let Ok(title) = Title::parse(text) {
        assert_eq!(Title::parse(title.as_str()), Ok(title));
    }
    if let Ok(description) = Description::parse(text) {
        assert_eq!(Description::parse(description.as_str()), Ok(description));
    }
    if let Ok(message) = RoomMessage::parse(text) {
        assert_eq!(RoomMessage::parse(message.as_str()), Ok(message));
    }
}

/// Instants, and local times of a zone: a value that was read is written so that it can be read again.
pub fn times(text: &str, zone: &str) {
    let reader: StrDeserializer<'_, ValueError> =
        serde::de::IntoDeserializer::into_deserializer(text);
    if let Ok(read) = Timestamp::deserialize(reader) {
        let written = serde_json::to_value(read).unwrap_or_default();
        assert_eq!(serde_json::from_value(written).ok(), Some(read));
    }
    let Some(zone) = LocalTime::of_zone(zone) else { return };
    if let Ok(instant) = zone.instant(text) {
        let written = zone.date_time(instant);
        assert_eq!(zone.instant(&written), Ok(instant), "{text} is written {written}");
        assert!(written.starts_with(&zone.date(instant)));
    }
}

/// Settings of operators: keys, origins and the metrics token. A refusal shows no letter of a secret.
pub fn settings(text: &str) {
    let _ = AllowedOrigins::parse(text);
    let refusals = |text: &str| [SigningKeys::parse(text).err(), MetricsToken::parse(text).err()];
    // A refusal may reveal whether a text repeats itself: each letter has a replacement.
    let masked: String = text.chars().map(next_letter).collect();
    assert_eq!(refusals(text), refusals(&masked), "a refusal reveals letters of {text}");
}

fn next_letter(letter: char) -> char {
    match letter {
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        letter if letter.is_ascii_alphanumeric() => char::from(letter as u8 + 1),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const FIELDS: &str = "name email password cookie title description schedules startsAt endsAt bookingOpensAt \
        bookingClosesAt seatMap rows columns price label scheduleId seatIds seatNumbers \
        bestAvailable section zone accessible amount userId ticketId paused plan hallId prices stage zones sections x y width height \
        timeZone address";
    const ZONES: [&str; 5] =
        ["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Asia/Atlantis", "../../etc"];

    /// JSON that is near to what some operation takes.
    fn nearly_a_body() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z".prop_map(Value::from),
            any::<u128>().prop_map(|id| Value::from(Uuid::from_u128(id).to_string())),
        ];
        leaf.prop_recursive(4, 32, 8, |inner| {
            let field = prop_oneof![4 => prop::sample::select(FIELDS.split(' ').collect::<Vec<_>>()).prop_map(str::to_owned), 1 => any::<String>()];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((field, inner), 0..8)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 64, failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn any_bytes_are_a_body_or_refused_by_a_field(bytes: Vec<u8>) {
            bodies(&bytes);
            fingerprints(&bytes);
        }

        #[test]
        fn any_json_is_a_body_or_refused_by_a_field(value in nearly_a_body()) {
            let text = value.to_string();
            bodies(text.as_bytes());
            fingerprints(text.as_bytes());
        }

        #[test]
        fn any_text_that_looks_like_a_token_is_refused(text in "(eyJ[A-Za-z0-9_-]{0,40}\\.?){0,4}\\PC{0,9}") {
            tokens(&text);
        }

        #[test]
        fn a_token_with_any_byte_changed_is_refused(at: usize, byte: u8) {
            changed_token(at, byte);
        }

        #[test]
        fn cursors_limits_and_ids_that_are_read_are_written_alike(text in "[A-Za-z0-9_-]{0,60}|\\PC*") {
            cursors(&text);
        }

        #[test]
        fn any_query_is_read_or_refused(text in "((limit|cursor|status|available|email|%[0-9a-f]{0,2})=?[^&]{0,9}&?){0,5}|\\PC*") {
            queries(&text);
        }

        #[test]
        fn any_header_is_read_or_overlooked(bytes in "([ -~]{0,30}[,;=\"*. ]?){0,4}|\\PC*") {
            headers(bytes.as_bytes());
        }

        #[test]
        fn no_client_says_for_a_proxy_where_it_comes_from(
            text in "((for|host|by)=?|[;,\"\\\\ ]|6\\.6\\.6\\.6){0,12}|\\PC*",
        ) {
            client_addresses(&text);
        }

        #[test]
        fn text_that_is_kept_is_kept_as_it_is(text in "[ \\u{200b}\\u{202e}\\u{feff}a-zA-Z@İ가\\u{301}\\n]{0,30}|\\PC*") {
            texts(&text);
        }

        #[test]
        fn times_that_are_read_are_written_alike(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-5][0-9])?|\\PC*",
            zone in prop::sample::select(&ZONES[..]),
        ) {
            times(&text, zone);
        }

        #[test]
        fn any_setting_is_read_or_refused_without_being_shown(text in "(https?://[a-z.:0-9]{0,20},?){0,3}|\\PC*") {
            settings(&text);
        }
    }
}
