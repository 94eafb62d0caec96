//! Concerts of organizers: what is told of them, and drafts, published, cancelled and deleted ones.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_concert_is_read_by_its_id_and_by_its_slug,
    fields_of_a_concert_that_break_a_rule_are_named,
    a_draft_is_shown_to_its_organizer_and_to_operators_alone,
    a_draft_does_not_exist_in_any_contract,
    a_published_draft_is_on_sale_at_once,
    a_cancelled_concert_sells_nothing_and_says_so,
    a_concert_with_sales_is_not_deleted_and_not_cancelled_without_a_reason,
    a_concert_with_sales_is_cancelled_with_a_reason_and_refunded,
    a_deleted_concert_is_gone_everywhere,
    an_edit_needs_the_version_that_its_author_has_seen,
    null_and_empty_text_clear_what_may_be_empty,
    a_copy_of_a_concert_is_a_draft_with_its_texts,
    concerts_are_found_by_words_and_dates,
    a_concert_says_whether_it_can_be_booked_and_why_not,
    an_account_is_read_with_a_concert_that_its_user_may_see,
);

const CONCERTS: &str = "/api/v1/concerts";

fn path(concert: &Answer) -> String {
    format!("{CONCERTS}/{}", concert.text_at("id"))
}

/// A draft of an organizer with one date.
async fn draft(service: &Service) -> (Person<'_>, Answer) {
    let organizer = service.new_user_as(Role::Organizer).await;
    let schedules = [service.a_schedule(1)];
    let body = json!({"title": "첫 공연", "state": "DRAFT", "schedules": schedules});
    let made = organizer.post(CONCERTS, body).await;
    assert_eq!((made.status.as_u16(), made.text_at("state").as_str()), (201, "DRAFT"));
    (organizer, made)
}

fn titles(list: &Answer) -> Vec<&str> {
    list.body["items"].as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect()
}

async fn a_concert_is_read_by_its_id_and_by_its_slug(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let told = json!({
        "title": "진격의 거인 OST 콘서트", "subtitle": "앙코르 공연", "description": "1부\n\n2부",
        "tags": ["OST", "오케스트라"], "runningMinutes": 120, "ageLimit": 12,
    });

    let made = organizer.post(CONCERTS, told.clone()).await;

    assert_eq!(made.status, 201, "{made:?}");
    let slug = made.text_at("slug");
    assert!(slug.starts_with("진격의-거인-ost-콘서트-"), "{slug}");
    for name in [made.text_at("id"), slug.clone(), slug.to_uppercase()] {
        let read = service.anyone().get(&format!("{CONCERTS}/{name}")).await;
        assert_eq!(read.status, 200, "{name}");
        for (field, value) in told.as_object().unwrap() {
            assert_eq!(read.body[field], *value, "{field}");
        }
        assert_eq!((&read.body["id"], &read.body["slug"]), (&made.body["id"], &json!(slug)));
    }
    let unknown = service.anyone().get(&format!("{CONCERTS}/no-such-concert-00000000")).await;
    assert_eq!(unknown.refusal(), (404, "CONCERT_NOT_FOUND"));
    let plain = organizer.post(CONCERTS, json!({"title": "Plain"})).await;
    for (field, value) in [
        ("subtitle", json!("")),
        ("tags", json!([])),
        ("runningMinutes", Value::Null),
        ("ageLimit", Value::Null),
        ("state", json!("PUBLISHED")),
    ] {
        assert_eq!(plain.body[field], value, "{field}");
    }
}

async fn fields_of_a_concert_that_break_a_rule_are_named(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    for (field, value) in [
        ("subtitle", json!("가".repeat(201))),
        ("subtitle", json!("a\nb")),
        ("tags", json!(["jazz", "JAZZ"])),
        ("tags", json!([""])),
        ("tags", json!(["x".repeat(31)])),
        ("tags", json!((0..11).map(|n| n.to_string()).collect::<Vec<_>>())),
        ("runningMinutes", json!(0)),
        ("runningMinutes", json!(1_441)),
        ("ageLimit", json!(-1)),
        ("ageLimit", json!(100)),
        ("state", json!("CANCELLED")),
        ("venue", json!("?")),
    ] {
        let refused = organizer.post(CONCERTS, json!({"title": "t", field: value})).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{field}: {value}");
        assert_eq!(refused.body["errors"][0]["field"], field, "{refused:?}");
    }
}

async fn a_draft_is_shown_to_its_organizer_and_to_operators_alone(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, made) = draft(&service).await;
    let operator = service.new_user_as(Role::Operator).await;
    let other = service.new_user_as(Role::Organizer).await;
    let fan = service.new_user().await;
    let schedule = made.body["schedules"][0]["id"].as_str().unwrap();
    let (concert, slug) = (path(&made), format!("{CONCERTS}/{}", made.text_at("slug")));
    let schedules = format!("{concert}/schedules");
    let seats = format!("/api/v1/schedules/{schedule}/seats");

    for person in [&organizer, &operator] {
        for shown in [&concert, &slug, &schedules, &seats, &format!("{concert}/sales")] {
            assert_eq!(person.get(shown).await.status, 200, "{shown}");
        }
    }
    for person in [&other, &fan] {
        for hidden in [&concert, &slug, &schedules, &format!("{concert}/sales")] {
            assert_eq!(person.get(hidden).await.refusal(), (404, "CONCERT_NOT_FOUND"), "{hidden}");
        }
        assert_eq!(person.get(&seats).await.refusal(), (404, "SCHEDULE_NOT_FOUND"));
        assert!(titles(&person.get("/api/v1/users/me/concerts").await).is_empty());
        for change in ["publication", "cancellation", "schedules"] {
            let body = if change == "schedules" { service.a_schedule(1) } else { json!({}) };
            let refused = person.post(&format!("{concert}/{change}"), body).await;
            assert_eq!(refused.refusal(), (404, "CONCERT_NOT_FOUND"), "{change}");
        }
        assert_eq!(person.delete(&concert).await.refusal(), (404, "CONCERT_NOT_FOUND"));
    }
    assert_eq!(service.anyone().get(&concert).await.code(), "CONCERT_NOT_FOUND");
    assert!(titles(&organizer.get(CONCERTS).await).is_empty(), "the public list has no drafts");
    assert_eq!(titles(&organizer.get("/api/v1/users/me/concerts").await), ["첫 공연"]);
    for person in [&organizer, &fan] {
        let joined = person.post(&format!("{concert}/queue-tokens"), json!({})).await;
        assert_eq!(joined.refusal(), (404, "CONCERT_NOT_FOUND"));
    }
}

async fn a_draft_does_not_exist_in_any_contract(kind: StoreKind) {
    let service = Service::start(kind).await;
    service.open_the_site().await;
    let (_, made) = draft(&service).await;
    let other = service.on_sale(1, json!({})).await;
    service.refresh().await;
    let fan = service.new_user().await;
    let user_id = fan.get("/api/v1/users/me").await.text_at("id");
    let entered = fan.post("/api/v1/queue-tokens", json!({})).await;
    let site = service.with_token(&entered.text_at("token"));
    let concert = made.text_at("id");
    let schedule = made.body["schedules"][0]["id"].as_str().unwrap().to_owned();
    let hold = json!({"scheduleId": schedule, "seatNumbers": [1]});

    assert_eq!(site.post("/api/v1/reservations", hold).await.code(), "SCHEDULE_NOT_FOUND");
    let seats = site.get(&format!("/api/v1/schedules/{schedule}/seats")).await;
    assert_eq!(seats.refusal(), (404, "SCHEDULE_NOT_FOUND"));
    let listed = site.get(&format!("{CONCERTS}/{concert}/schedules")).await;
    assert_eq!(listed.refusal(), (404, "CONCERT_NOT_FOUND"));
    for path in [format!("/concerts/{concert}/dates"), format!("/concert/series/{concert}")] {
        assert_eq!(site.get(&path).await.status, 404, "{path}");
    }
    let sheets = site.request(Method::POST, &format!("/concert/sheet/{schedule}"));
    assert_eq!(site.send(sheets).await.status, 404);
    let token = json!({"userId": user_id, "seriesId": schedule});
    assert_eq!(fan.post("/token", token).await.status, 404);
    let token = json!({"userId": user_id, "concertId": concert});
    assert_eq!(fan.post("/queue/token", token.clone()).await.status, 404);
    assert_eq!(fan.post("/queues", token).await.status, 400, "as for an unknown concert");
    let known = fan.get("/concert").await;
    let known: Vec<_> = known.body.as_array().unwrap().iter().map(|it| &it["concertId"]).collect();
    assert_eq!(known, [&json!(other.concert_id)]);
}

async fn a_published_draft_is_on_sale_at_once(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, made) = draft(&service).await;
    let concert = path(&made);
    service.refresh().await;
    let publication = format!("{concert}/publication");
    let publish = || organizer.post_once(&publication, "once", json!({}));

    let published = publish().await;

    assert_eq!(
        (published.status.as_u16(), published.text_at("state").as_str()),
        (200, "PUBLISHED")
    );
    assert_eq!(published.body["bookable"], true);
    assert_eq!(published.body["slug"], made.body["slug"]);
    assert_eq!(publish().await.status, 200);
    let (fan, joined) = service.new_user().await.join(&made.text_at("id")).await;
    assert_eq!(joined.text_at("status"), "ACTIVE");
    let schedule = &made.body["schedules"][0]["id"];
    let hold = json!({"scheduleId": schedule, "seatNumbers": [1]});
    assert_eq!(fan.post("/api/v1/reservations", hold).await.status, 201);
    assert_eq!(titles(&fan.get(CONCERTS).await), ["첫 공연"]);
    assert_eq!(service.audit().await, []);
}

async fn a_cancelled_concert_sells_nothing_and_says_so(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, made) = draft(&service).await;
    let concert = path(&made);
    let cancellation = format!("{concert}/cancellation");
    let cancel = || organizer.post(&cancellation, json!({}));
    assert_eq!(cancel().await.refusal(), (409, "NOT_PUBLISHED"));
    organizer.post(&format!("{concert}/publication"), json!({})).await;
    let (fan, _) = service.new_user().await.join(&made.text_at("id")).await;
    fan.charge(100_000).await;
    let hold = |numbers: &[i32]| json!({"scheduleId": made.body["schedules"][0]["id"], "seatNumbers": numbers});
    let held = fan.post("/api/v1/reservations", hold(&[1])).await;

    let cancelled = cancel().await;

    assert_eq!(
        (cancelled.status.as_u16(), cancelled.text_at("state").as_str()),
        (200, "CANCELLED")
    );
    assert_eq!(
        (&cancelled.body["bookable"], &cancelled.body["nextDates"]),
        (&json!(false), &json!([]))
    );
    assert_eq!(cancel().await.status, 200);
    let refused = (409, "CONCERT_CANCELLED");
    let pay = json!({"reservationId": held.text_at("id")});
    assert_eq!(fan.post("/api/v1/payments", pay.clone()).await.refusal(), refused);
    assert_eq!(fan.post("/payment", pay).await.refusal(), refused);
    assert_eq!(fan.post("/api/v1/reservations", hold(&[2])).await.refusal(), refused);
    let newcomer = service.new_user().await;
    let joined = newcomer.post(&format!("{concert}/queue-tokens"), json!({})).await;
    assert_eq!(joined.refusal(), refused);
    let date = organizer.post(&format!("{concert}/schedules"), service.a_schedule(1)).await;
    assert_eq!(date.refusal(), refused);
    let again = organizer.post(&format!("{concert}/publication"), json!({})).await;
    assert_eq!(again.refusal(), refused);
    let dates = fan.get(&format!("/concerts/{}/dates", made.text_at("id"))).await;
    assert_eq!(dates.body["availableDates"], json!([]), "{dates:?}");
    assert_eq!(service.anyone().get(&concert).await.text_at("state"), "CANCELLED");
    assert_eq!(fan.balance().await, 100_000);
    assert_eq!(service.audit().await, []);
}

async fn a_concert_with_sales_is_not_deleted_and_not_cancelled_without_a_reason(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, made) = draft(&service).await;
    let concert = path(&made);
    organizer.post(&format!("{concert}/publication"), json!({})).await;
    let (fan, _) = service.new_user().await.join(&made.text_at("id")).await;
    fan.charge(100_000).await;
    let hold = json!({"scheduleId": made.body["schedules"][0]["id"], "seatNumbers": [1]});
    let held = fan.post("/api/v1/reservations", hold).await.text_at("id");
    let refused = (409, "HAS_SALES");
    assert_eq!(organizer.delete(&concert).await.refusal(), refused);
    fan.post("/api/v1/payments", json!({"reservationId": held})).await;

    let cancelled = organizer.post(&format!("{concert}/cancellation"), json!({})).await;
    assert_eq!(cancelled.refusal(), refused);
    assert_eq!(organizer.delete(&concert).await.refusal(), refused);
    let stranger = service.new_user_as(Role::Organizer).await;
    let cancelled = stranger.post(&format!("{concert}/cancellation"), json!({})).await;
    assert_eq!(cancelled.refusal(), (403, "FORBIDDEN"));
    assert_eq!(stranger.delete(&concert).await.refusal(), (403, "FORBIDDEN"));

    let read = fan.get(&format!("/api/v1/reservations/{held}")).await;
    assert_eq!(read.text_at("status"), "CONFIRMED");
}

async fn a_concert_with_sales_is_cancelled_with_a_reason_and_refunded(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let organizer = sale.organizer(&service);
    let concert = format!("{CONCERTS}/{}", sale.concert_id);
    organizer.post(&format!("{concert}/schedules"), service.a_schedule(1)).await;
    let fan = service.holder(&sale).await;
    fan.charge(30_000).await;
    let held = fan.post("/api/v1/reservations", sale.seats(&[1, 2])).await.text_at("id");
    fan.post("/api/v1/payments", json!({"reservationId": held})).await;
    let holder = service.holder(&sale).await;
    let other = holder.post("/api/v1/reservations", sale.seats(&[3])).await.text_at("id");
    let cancel = format!("{concert}/cancellation");
    for (body, field) in [
        (json!({"reason": ""}), "reason"),
        (json!({"reason": "x".repeat(301)}), "reason"),
        (json!({"why": "x"}), "why"),
    ] {
        let refused = organizer.post(&cancel, body).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"));
        assert_eq!(refused.body["errors"][0]["field"], field);
    }

    let cancelled = organizer.post_once(&cancel, "key", json!({"reason": "Illness"})).await;

    assert_eq!(
        (cancelled.status.as_u16(), cancelled.text_at("state").as_str()),
        (200, "CANCELLED")
    );
    assert_eq!(cancelled.body["sale"], "CANCELLED");
    assert_eq!(cancelled.body["dates"].as_array().unwrap().len(), 2);
    service.run_jobs().await;
    let progress = organizer.get(&cancel).await;
    assert_eq!(progress.body, json!({"refunded": 1, "toRefund": 0, "toRelease": 0}));
    for (who, id) in [(&fan, held), (&holder, other)] {
        let read = who.get(&format!("/api/v1/reservations/{id}")).await;
        assert_eq!(read.text_at("status"), "CANCELLED");
    }
    assert_eq!(fan.balance().await, 30_000);
    let again = organizer.post_once(&cancel, "key", json!({"reason": "Illness"})).await;
    assert_eq!(again.status, 200);
    let dates = organizer.get(&format!("{concert}/schedules")).await;
    for date in dates.body["items"].as_array().unwrap() {
        assert_eq!(date["cancelReason"], "Illness");
    }
    let stranger = service.new_user_as(Role::Organizer).await;
    assert_eq!(stranger.get(&cancel).await.refusal(), (403, "FORBIDDEN"));
}

async fn a_deleted_concert_is_gone_everywhere(kind: StoreKind) {
    let service = Service::start(kind).await;
    service.open_the_site().await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let (waiting, _) = service.new_user().await.join(&sale.concert_id).await;
    let owners = service.new_user_as(Role::Organizer).await;
    let made =
        owners.post(CONCERTS, json!({"title": "t", "schedules": [service.a_schedule(1)]})).await;
    let concert = path(&made);
    let (inside, _) = service.new_user().await.join(&made.text_at("id")).await;
    let seats =
        format!("/api/v1/schedules/{}/seats", made.body["schedules"][0]["id"].as_str().unwrap());
    assert_eq!(inside.get(&seats).await.status, 200, "its concert is remembered now");
    let entered = service.new_user().await.post("/api/v1/queue-tokens", json!({})).await;
    let site = service.with_token(&entered.text_at("token"));
    assert_eq!(site.get(&seats).await.status, 200);

    assert_eq!(owners.delete(&concert).await.status, 204);
    service.refresh().await;

    assert_eq!(owners.delete(&concert).await.refusal(), (404, "CONCERT_NOT_FOUND"));
    assert_eq!(service.anyone().get(&concert).await.refusal(), (404, "CONCERT_NOT_FOUND"));
    assert_eq!(site.get(&seats).await.refusal(), (404, "SCHEDULE_NOT_FOUND"));
    let newcomer = service.new_user().await;
    let joined = newcomer.post(&format!("{concert}/queue-tokens"), json!({})).await;
    assert_eq!(joined.refusal(), (404, "CONCERT_NOT_FOUND"));
    assert_eq!(inside.poll().await.status, 404);
    assert_eq!(waiting.poll().await.text_at("status"), "WAITING", "others wait as before");
    assert_eq!(service.audit().await, []);
}

async fn an_edit_needs_the_version_that_its_author_has_seen(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, made) = draft(&service).await;
    let concert = path(&made);
    let edit = |tag: &str, title: &str| {
        let request = organizer.request(Method::PATCH, &concert).header("If-Match", tag);
        organizer.send(request.json(&json!({"title": title})))
    };
    let seen = organizer.get(&concert).await.header("etag");
    assert_eq!(made.header("etag"), seen);

    let blind = organizer.patch(&concert, json!({"title": "Blind"})).await;
    assert_eq!(blind.refusal(), (428, "PRECONDITION_REQUIRED"));
    let first = edit(&seen, "First").await;
    assert_eq!((first.status.as_u16(), first.text_at("title").as_str()), (200, "First"));
    assert!(first.text_at("slug").starts_with("first-"), "{first:?}");
    assert_eq!(edit(&seen, "Second").await.refusal(), (412, "PRECONDITION_FAILED"));
    assert_eq!(
        edit(&format!("W/{}", first.header("etag")), "Weak").await.code(),
        "PRECONDITION_FAILED"
    );
    let published = organizer.post(&format!("{concert}/publication"), json!({})).await;
    assert_eq!(edit(&first.header("etag"), "Third").await.code(), "PRECONDITION_FAILED");
    let third = edit(&published.header("etag"), "Third").await;
    assert_eq!(
        (third.text_at("title"), third.text_at("slug")),
        ("Third".into(), first.text_at("slug"))
    );
    assert_eq!(organizer.get(&concert).await.header("etag"), third.header("etag"));
    assert_eq!(edit("*", "Any").await.status, 200);

    let other = service.new_user_as(Role::Organizer).await;
    let request = other.request(Method::PATCH, &concert).header("If-Match", "*");
    let refused = other.send(request.json(&json!({"title": "Theirs"}))).await;
    assert_eq!(refused.refusal(), (403, "FORBIDDEN"));
}

async fn null_and_empty_text_clear_what_may_be_empty(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let told = json!({"title": "t", "subtitle": "s", "description": "d", "tags": ["x"],
        "runningMinutes": 1, "ageLimit": 1});
    let concert = path(&organizer.post(CONCERTS, told.clone()).await);
    let edit = async |body: Value| {
        let request = organizer.request(Method::PATCH, &concert).header("If-Match", "*");
        organizer.send(request.json(&body)).await
    };
    let fields = ["title", "subtitle", "description", "tags", "runningMinutes", "ageLimit"];
    let read = |answer: &Answer| fields.map(|field| answer.body[field].clone());

    assert_eq!(read(&edit(json!({})).await), fields.map(|field| told[field].clone()));
    let cleared = edit(json!({"subtitle": null, "description": "", "tags": null,
        "runningMinutes": null, "ageLimit": null}))
    .await;
    let none = [json!("t"), json!(""), json!(""), json!([]), Value::Null, Value::Null];
    assert_eq!(read(&cleared), none);
    for (field, value) in [
        ("title", Value::Null),
        ("title", json!("")),
        ("tags", json!(["a", "A"])),
        ("runningMinutes", json!(0)),
        ("ageLimit", json!("old")),
        ("state", json!("PUBLISHED")),
        ("slug", json!("mine")),
    ] {
        let refused = edit(json!({field: value})).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{field}");
        assert_eq!(refused.body["errors"][0]["field"], field);
    }
}

async fn a_copy_of_a_concert_is_a_draft_with_its_texts(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let body = json!({"title": "First", "tags": ["x"], "ageLimit": 7,
        "schedules": [service.a_schedule(1)]});
    let made = organizer.post(CONCERTS, body).await;
    let copy = format!("{}/duplicate", path(&made));

    let copied = organizer.post_once(&copy, "once", json!({})).await;

    assert_eq!((copied.status.as_u16(), copied.text_at("state").as_str()), (201, "DRAFT"));
    for field in ["title", "tags", "ageLimit", "organizerId"] {
        assert_eq!(copied.body[field], made.body[field], "{field}");
    }
    assert_eq!(copied.body["schedules"], json!([]));
    assert_ne!(copied.body["slug"], made.body["slug"]);
    let again = organizer.post_once(&copy, "once", json!({})).await;
    assert_eq!(again.body["id"], copied.body["id"]);
    let own = organizer.get("/api/v1/users/me/concerts").await;
    assert_eq!(titles(&own), ["First", "First"]);
    let other = service.new_user_as(Role::Organizer).await;
    assert_eq!(other.post(&copy, json!({})).await.refusal(), (403, "FORBIDDEN"));
    let draft = format!("{}/duplicate", path(&copied));
    assert_eq!(other.post(&draft, json!({})).await.refusal(), (404, "CONCERT_NOT_FOUND"));
}

async fn concerts_are_found_by_words_and_dates(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    for title in ["겨울밤 콘서트", "Winter LIVE"] {
        let body = json!({"title": title, "schedules": [service.a_schedule(1)]});
        assert_eq!(organizer.post(CONCERTS, body).await.status, 201);
    }
    let dated = organizer.get(CONCERTS).await;
    let starts = dated.body["items"][1]["nextDates"][0].as_str().unwrap().to_owned();
    let find = async |query: &str| service.anyone().get(&format!("{CONCERTS}?{query}")).await;

    assert_eq!(titles(&find("q=LIVE%20winter").await), ["Winter LIVE"]);
    assert_eq!(titles(&find("q=%EA%B2%A8%EC%9A%B8").await), ["겨울밤 콘서트"]);
    assert!(titles(&find("q=%25").await).is_empty());
    assert_eq!(titles(&find(&format!("from={starts}&limit=1")).await).len(), 1);
    assert!(titles(&find(&format!("to={starts}")).await).is_empty());
    let id = dated.body["items"][1]["id"].as_str().unwrap().to_owned();
    let a_hundred = vec![id.as_str(); 100].join(",");
    assert_eq!(titles(&find(&format!("ids={a_hundred}")).await), ["겨울밤 콘서트"]);
    assert!(titles(&find(&format!("ids={id}&q=LIVE")).await).is_empty());
    for (query, field) in [
        ("q=", "q"),
        ("from=soon", "from"),
        ("to=2026", "to"),
        ("from=2026-12-24T10:00:00Z&to=2026-12-24T10:00:00Z", "to"),
        ("place=", "place"),
        ("ids=", "ids"),
        ("ids=nonsense", "ids"),
        (&format!("ids={id},"), "ids"),
        (&format!("ids={}", vec![id.as_str(); 101].join(",")), "ids"),
        ("venue=seoul", "query"),
    ] {
        let refused = find(query).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{query}");
        assert_eq!(refused.body["errors"][0]["field"], field, "{query}");
    }
}

async fn a_concert_says_whether_it_can_be_booked_and_why_not(kind: StoreKind) {
    let service = Service::start(kind).await;
    let mut date = service.a_schedule(1);
    date["seatMap"] = json!({"rows": 1, "columns": 1, "price": 10_000});
    let sale = service.on_sale_on(date, json!({})).await;
    let concert = format!("{CONCERTS}/{}", sale.concert_id);
    let said = async || {
        let read = service.anyone().get(&concert).await;
        let listed = service.anyone().get(CONCERTS).await;
        assert_eq!(listed.body["items"][0]["sale"], read.body["sale"]);
        assert_eq!(listed.body["items"][0]["paused"], read.body["paused"]);
        let date = &read.body["dates"][0];
        assert_eq!(date["scheduleId"], json!(sale.schedule_id));
        assert_eq!((&date["maxTicketsPerPerson"], &date["timeZone"]), (&json!(4), &Value::Null));
        (read.text_at("sale"), date["sale"].as_str().unwrap().to_owned())
    };
    let expected = |sale: &str, date: &str| (sale.to_owned(), date.to_owned());
    assert_eq!(said().await, expected("OPEN", "OPEN"));

    let operator = service.new_user_as(Role::Operator).await;
    for paused in [true, false] {
        operator.patch(&sale.room(), json!({"paused": paused})).await;
        service.refresh().await;
        assert_eq!(service.anyone().get(&concert).await.body["paused"], json!(paused));
    }
    let fan = service.holder(&sale).await;
    fan.charge(10_000).await;
    let held = fan.post("/api/v1/reservations", sale.seats(&[1])).await;
    assert_eq!(said().await, expected("HELD", "OPEN"));
    let body = json!({"reservationId": held.text_at("id")});
    assert_eq!(fan.post("/api/v1/payments", body).await.status, 201);
    assert_eq!(said().await, expected("SOLD_OUT", "SOLD_OUT"));
    let organizer = sale.organizer(&service);
    let dates = organizer.get(&format!("{concert}/schedules")).await;
    assert_eq!(dates.body["items"][0]["soldOut"], json!(true));
    let other = service.on_sale(1, json!({})).await;
    let cancel = format!("/api/v1/schedules/{}/cancellation", other.schedule_id);
    let cancelled = other.organizer(&service).post(&cancel, json!({"reason": "Illness"})).await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let other = format!("{CONCERTS}/{}", other.concert_id);
    assert_eq!(service.anyone().get(&other).await.text_at("sale"), "CANCELLED");
    for (hours, first, second) in [(1, "CLOSED", "CANCELLED"), (25, "NO_DATE", "NO_DATE")] {
        service.clock.pass(Duration::from_secs(3_600 * hours));
        assert_eq!(service.anyone().get(&concert).await.text_at("sale"), first);
        assert_eq!(service.anyone().get(&other).await.text_at("sale"), second);
    }
}

async fn an_account_is_read_with_a_concert_that_its_user_may_see(kind: StoreKind) {
    let service = Service::start(kind).await;
    let (organizer, made) = draft(&service).await;
    let fan = service.new_user().await;
    let me = |id: &str| format!("/api/v1/users/me?concertId={id}");
    let with_it = me(&made.text_at("id"));

    let (own, anothers) = (organizer.get(&with_it).await, fan.get(&with_it).await);

    let mut read = organizer.get(&path(&made)).await.body;
    read.as_object_mut().unwrap().remove("price");
    assert_eq!((own.status.as_u16(), &own.body["concert"]), (200, &read));
    assert_eq!((anothers.status.as_u16(), anothers.body.get("concert")), (200, None));
    assert_eq!(anothers.body["holds"], json!([]));
    let unknown = fan.get(&me("019a0000-0000-7000-8000-00000000dead")).await;
    assert_eq!((unknown.status.as_u16(), unknown.body.get("concert")), (200, None));
    assert_eq!(fan.get(&me("x")).await.status, 400);
    assert_eq!(service.anyone().get(&with_it).await.status, 401);
}
