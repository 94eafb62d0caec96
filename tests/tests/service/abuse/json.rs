//! Bodies that are made to cost their reader dear, or to be read in two ways.

use reqwest::Method;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::json;
use stagedoor_domain::Role;
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    json_that_is_nested_deeply_is_refused,
    json_with_huge_lists_numbers_or_names_is_refused,
    json_with_a_field_twice_is_refused,
    json_in_another_encoding_is_refused,
    a_body_that_is_too_long_is_refused_whether_its_length_is_told_or_not,
    a_body_of_another_kind_is_not_read_as_json,
);

async fn charge(person: &Person<'_>, body: impl Into<reqwest::Body>) -> Answer {
    let request = person.request(Method::POST, "/api/v1/points/charges");
    person.send(request.header(CONTENT_TYPE, "application/json").body(body)).await
}

async fn json_that_is_nested_deeply_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let id = fan.get("/api/v1/users/me").await.text_at("id");
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        assert_eq!(charge(&fan, nested.clone()).await.refusal(), (400, "VALIDATION"));
        let in_field = format!("{{\"amount\":{nested}}}");
        assert_eq!(charge(&fan, in_field).await.refusal(), (400, "VALIDATION"));
        let unfinished = open.repeat(10_000);
        assert_eq!(charge(&fan, unfinished).await.refusal(), (400, "VALIDATION"));

        // An older contract overlooks fields that it does not know, however deep they are.
        let overlooked = format!("{{\"userId\":\"{id}\",\"amount\":1,\"more\":{nested}}}");
        let request = fan.request(Method::PATCH, "/point/charge");
        let request = request.header(CONTENT_TYPE, "application/json").body(overlooked);
        assert_eq!(fan.send(request).await.status, 200);
    }
    assert_eq!(fan.balance().await, 2);
}

async fn json_with_huge_lists_numbers_or_names_is_refused(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let holder = service.holder(&sale).await;
    let id = &sale.schedule_id;
    let hold = async |body| holder.post("/api/v1/reservations", body).await;
    let ids = vec![sale.room_id.clone(); 1_500];
    let numbers: Vec<i32> = (1..10_000).collect();
    for body in [
        json!({"scheduleId": id, "seatIds": ids}),
        json!({"scheduleId": id, "seatNumbers": numbers}),
        json!({"scheduleId": id, "seatNumbers": []}),
    ] {
        assert_eq!(hold(body).await.refusal(), (400, "VALIDATION"));
    }
    let digits = "9".repeat(60_000);
    let names: String = (0..4_000).map(|i| format!("\"field{i}\":1,")).collect();
    for body in [
        format!("{{\"amount\":{digits}}}"),
        format!("{{\"amount\":0.5{digits}}}"),
        format!("{{\"amount\":1e{digits}}}"),
        format!("{{\"amount\":-{digits}}}"),
        format!("{{{names}\"amount\":1}}"),
        format!("{{\"{}\":1,\"amount\":1}}", "x".repeat(60_000)),
        format!("{{\"amount\":1{}", " ".repeat(60_000)),
    ] {
        assert_eq!(charge(&holder, body).await.refusal(), (400, "VALIDATION"));
    }
    let organizer = service.new_user_as(Role::Organizer).await;
    let schedules = vec![service.a_schedule(1); 21];
    let many = organizer.post("/api/v1/concerts", json!({"title": "Many", "schedules": schedules}));
    assert_eq!(many.await.refusal(), (400, "VALIDATION"));
}

async fn json_with_a_field_twice_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    for body in [
        r#"{"amount":1,"amount":1000000}"#,
        r#"{"amount":1,"\u0061mount":1000000}"#,
        r#"{"amount":1} {"amount":1000000}"#,
        r#"{"amount":1}]"#,
    ] {
        assert_eq!(charge(&fan, body).await.refusal(), (400, "VALIDATION"), "{body}");
    }
    assert_eq!(fan.balance().await, 0);
}

async fn json_in_another_encoding_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let text = r#"{"amount":1}"#;
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [
        utf_16,
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        b"{\"amount\":1,\"\xFF\":1}".to_vec(),
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec(),
        b"\0".to_vec(),
    ] {
        assert_eq!(charge(&fan, body).await.refusal(), (400, "VALIDATION"));
    }
    // A body that says that it is packed is not unpacked.
    let request = fan.request(Method::POST, "/api/v1/points/charges");
    let packed = request.header(CONTENT_ENCODING, "gzip").header(CONTENT_TYPE, "application/json");
    let refused = fan.send(packed.body(b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec())).await;
    assert_eq!(refused.refusal(), (415, "UNSUPPORTED_CONTENT_ENCODING"));
}

async fn a_body_that_is_too_long_is_refused_whether_its_length_is_told_or_not(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let long = format!("{{\"amount\":1,\"note\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(charge(&fan, long.clone()).await.refusal(), (413, "BODY_TOO_LARGE"));

    let pieces: Vec<_> = long.as_bytes().chunks(1_000).map(<[u8]>::to_vec).collect();
    let pieces = futures_util::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let in_pieces = charge(&fan, reqwest::Body::wrap_stream(pieces)).await;
    assert_eq!(in_pieces.refusal(), (413, "BODY_TOO_LARGE"));
}

async fn a_body_of_another_kind_is_not_read_as_json(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/jsonp",
        "",
    ] {
        let request = fan.request(Method::POST, "/api/v1/points/charges");
        let request = request.header(CONTENT_TYPE, kind).body(r#"{"amount":1}"#);
        let refused = fan.send(request).await;
        assert_eq!(refused.refusal(), (415, "UNSUPPORTED_MEDIA_TYPE"), "{kind}");
    }
    assert_eq!(fan.balance().await, 0);
}
