//! Venues, halls, seat plans, and dates made from them.

use reqwest::Method;
use reqwest::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_domain::ports::Clock;
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    of_two_organizers_who_edit_a_venue_at_once_one_has_to_read_it_again,
    a_plan_is_exported_as_it_was_imported_and_each_change_is_a_version,
    a_date_is_sold_by_the_plan_it_was_made_with,
    the_best_seats_of_a_part_of_a_date_are_held,
    attendees_are_exported_with_what_is_printed_on_their_seats,
    a_date_of_rows_and_columns_has_an_equal_plan,
    a_hall_of_50_000_seats_is_imported_and_sold,
);

const RESERVATIONS: &str = "/api/v1/reservations";

/// ```text
/// A   1 2 | 3w      an aisle after the second seat, a place for a wheelchair
/// ```
fn a_plan(standing: i64) -> Value {
    json!({
        "stage": {"x": -2, "y": -4, "width": 4, "height": 3, "label": "무대"},
        "zones": [
            {"code": "R", "name": "R석", "colour": "#7b3fa0"},
            {"code": "S", "name": "스탠딩", "colour": "#0f766e"},
        ],
        "sections": [
            {"name": "1층", "zone": "R", "x": -1.5, "y": 0, "rows": [{
                "label": "A", "seats": 3, "curve": 0.25, "aisles": [2],
                "exceptions": [{"seat": 3, "kind": "ACCESSIBLE"}],
            }]},
            {"name": "Arena", "zone": "S", "x": -2, "y": 2,
                "standing": {"capacity": standing, "width": 4, "height": 2}},
        ],
    })
}

async fn put(person: &Person<'_>, path: &str, body: Value) -> Answer {
    person.send(person.request(Method::PUT, path).json(&body)).await
}

/// A hall with this plan, of a venue that the organizer makes.
async fn a_hall(organizer: &Person<'_>, plan: Value) -> Answer {
    let venue = json!({"name": "예술의전당", "timeZone": "Asia/Seoul"});
    let venue = organizer.post("/api/v1/venues", venue).await;
    let path = format!("/api/v1/venues/{}/halls", venue.text_at("id"));
    let hall = organizer.post(&path, json!({"name": "콘서트홀", "plan": plan})).await;
    assert_eq!(hall.status, 201, "{hall:?}");
    hall
}

/// A date that is on sale, with this choice of seats.
fn a_date(service: &Service, seats: Value) -> Value {
    let now = service.clock.now();
    let at = |seconds| {
        let at = now + time::Duration::seconds(seconds);
        at.format(&time::format_description::well_known::Rfc3339).unwrap()
    };
    let mut date = json!({
        "startsAt": at(86_400), "endsAt": at(90_000),
        "bookingOpensAt": at(-60), "bookingClosesAt": at(3_600),
    });
    date.as_object_mut().unwrap().extend(seats.as_object().unwrap().clone());
    date
}

async fn announced(organizer: &Person<'_>, date: Value) -> Answer {
    let concert = json!({"title": "겨울밤의 콘서트", "schedules": [date]});
    let concert = organizer.post("/api/v1/concerts", concert).await;
    assert_eq!(concert.status, 201, "{concert:?}");
    concert
}

async fn of_two_organizers_who_edit_a_venue_at_once_one_has_to_read_it_again(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let operator = service.new_user_as(Role::Operator).await;
    let hall = a_hall(&organizer, a_plan(1)).await;
    let path = format!("/api/v1/venues/{}", hall.text_at("venueId"));
    let seen = service.anyone().get(&path).await.header(ETAG.as_str());
    let edit = async |person: &Person<'_>, tag: &str, name: &str| {
        let request = person.request(Method::PATCH, &path).header(IF_MATCH, tag);
        person.send(request.json(&json!({"name": name}))).await
    };

    let (one, other) =
        tokio::join!(edit(&organizer, &seen, "Opera"), edit(&operator, &seen, "House"));

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{one:?} {other:?}");
    let newest = service.anyone().get(&path).await;
    let done = if one.status == 200 { &one } else { &other };
    assert_eq!(newest.body, done.body);
    let again = edit(&operator, &newest.header(ETAG.as_str()), "Hall").await;
    assert_eq!((again.status.as_u16(), again.text_at("name")), (200, "Hall".to_owned()));
    let blind = organizer.patch(&path, json!({"name": "Blind"})).await;
    assert_eq!(blind.refusal(), (428, "PRECONDITION_REQUIRED"));
    let stranger = service.new_user_as(Role::Organizer).await;
    assert_eq!(edit(&stranger, "*", "Mine").await.refusal(), (403, "FORBIDDEN"));
}

async fn a_plan_is_exported_as_it_was_imported_and_each_change_is_a_version(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let hall = a_hall(&organizer, a_plan(2)).await;
    let path = format!("/api/v1/halls/{}", hall.text_at("id"));
    let plan_path = format!("{path}/plan");

    let same = put(&organizer, &plan_path, a_plan(2)).await;
    let changed = put(&organizer, &plan_path, a_plan(3)).await;

    assert_eq!((same.number_at("planVersion"), changed.number_at("planVersion")), (1, 2));
    let anyone = service.anyone();
    assert_eq!(anyone.get(&path).await.body, changed.body);
    for (version, standing) in [(1, 2), (2, 3)] {
        let export = anyone.get(&format!("{path}/plans/{version}")).await;
        assert_eq!(export.body, a_plan(standing), "version {version}");
        let known = export.header(ETAG.as_str());
        let request = anyone.request(Method::GET, &format!("{path}/plans/{version}"));
        assert_eq!(anyone.send(request.header(IF_NONE_MATCH, known)).await.status, 304);
    }
    assert_eq!(anyone.get(&format!("{path}/plans/3")).await.code(), "SEAT_PLAN_NOT_FOUND");
    let halls = format!("/api/v1/venues/{}/halls", hall.text_at("venueId"));
    assert_eq!(anyone.get(&halls).await.body["items"], json!([changed.body]));
    assert_eq!(service.audit().await, []);
}

async fn a_date_is_sold_by_the_plan_it_was_made_with(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let hall = a_hall(&organizer, a_plan(2)).await;
    let prices = json!({"R": 9_000, "S": 5_000});
    let choice = json!({"plan": {"hallId": hall.body["id"], "prices": prices}});
    let concert = announced(&organizer, a_date(&service, choice.clone())).await;
    let date = &concert.body["schedules"][0];
    put(&organizer, &format!("/api/v1/halls/{}/plan", hall.text_at("id")), a_plan(9)).await;

    assert_eq!((&date["hallId"], &date["planVersion"]), (&hall.body["id"], &json!(1)));
    assert_eq!(date["venue"]["timeZone"], "Asia/Seoul");
    let path = format!("/api/v1/schedules/{}", date["id"].as_str().unwrap());
    let (fan, _) = service.new_user().await.join(&concert.text_at("id")).await;
    let seats = fan.get(&format!("{path}/seats")).await.body;
    let third = &seats[2];
    let told = ["number", "row", "column", "price", "section", "rowLabel", "seatNumber", "kind"];
    let told = told.map(|field| third[field].clone());
    assert_eq!(json!(told), json!([3, 1, 4, 9_000, "1층", "A", 3, "ACCESSIBLE"]));
    assert_eq!((&seats[4]["kind"], &seats[4]["rowLabel"]), (&json!("STANDING"), &Value::Null));
    let mut priced = a_plan(2);
    priced["prices"] = prices;
    assert_eq!(fan.get(&format!("{path}/plan")).await.body, priced);

    let schedule_id = &date["id"];
    let best = json!({"scheduleId": schedule_id, "bestAvailable": 2});
    let held = fan.post(RESERVATIONS, best.clone()).await;
    let again = fan.post(RESERVATIONS, best).await;
    let standing = json!({"scheduleId": schedule_id, "seatNumbers": [5]});
    let standing = fan.post(RESERVATIONS, standing).await;

    let printed = |answer: &Answer| answer.body["seats"][0]["seatNumber"].clone();
    assert_eq!((printed(&held), held.body["totalPrice"].clone()), (json!(1), json!(18_000)));
    assert_eq!(again.code(), "SEAT_TAKEN", "a place for a wheelchair is not offered");
    assert_eq!((standing.status.as_u16(), printed(&standing)), (201, json!(2)));
    let status = fan.get(&format!("{path}/seat-status")).await;
    // Held are the seats 1, 2 and 5: two bits each from the lowest on, in bytes of four seats.
    assert_eq!(status.body, json!({"count": 5, "states": "BQE="}));
    let known = status.header(ETAG.as_str());
    let request = fan.request(Method::GET, &format!("{path}/seat-status"));
    assert_eq!(fan.send(request.header(IF_NONE_MATCH, known)).await.status, 304);
    let stranger = service.new_user().await;
    for part in ["plan", "seat-status"] {
        assert_eq!(stranger.get(&format!("{path}/{part}")).await.status, 403, "{part}");
    }
    let without = json!({"plan": {"hallId": hall.body["id"], "prices": {"R": 1}}});
    for (choice, status, field) in [
        (json!({}), 400, "seatMap, plan"),
        (without, 400, "plan.prices.S"),
        (json!({"plan": {"hallId": hall.body["id"], "version": 9, "prices": {}}}), 404, ""),
        (json!({"plan": {"hallId": schedule_id, "prices": {}}}), 404, ""),
    ] {
        let path = format!("/api/v1/concerts/{}/schedules", concert.text_at("id"));
        let refused = organizer.post(&path, a_date(&service, choice)).await;
        let named = refused.body["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!((refused.status.as_u16(), named), (status, field), "{refused:?}");
    }
    assert_eq!(service.audit().await, []);
}

async fn attendees_are_exported_with_what_is_printed_on_their_seats(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let hall = a_hall(&organizer, a_plan(2)).await;
    let prices = json!({"R": 9_000, "S": 5_000});
    let choice = json!({"plan": {"hallId": hall.body["id"], "prices": prices}});
    let concert = announced(&organizer, a_date(&service, choice)).await;
    let date = concert.body["schedules"][0]["id"].as_str().unwrap();
    let guest = service.new_user().await.get("/api/v1/users/me").await.text_at("email");
    let gift = json!({"email": guest, "seatNumbers": [3, 5], "reason": "Guest"});
    organizer.post(&format!("/api/v1/schedules/{date}/complimentary-tickets"), gift).await;

    let path = format!("/api/v1/concerts/{}/attendees.csv", concert.text_at("id"));
    let table = organizer.request(Method::GET, &path).send().await.unwrap().text().await.unwrap();

    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let at = |name: &str| lines[0].iter().position(|cell| cell.ends_with(name)).unwrap();
    let cells = |line: usize| {
        ["section", "row_label", "seat_number"].map(|name| lines[line][at(name)].to_owned())
    };
    assert_eq!(cells(1), ["1층", "A", "3"], "{table}");
    assert_eq!(cells(2), ["Arena", "", "2"], "{table}");
}

async fn the_best_seats_of_a_part_of_a_date_are_held(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let hall = a_hall(&organizer, a_plan(2)).await;
    let prices = json!({"R": 9_000, "S": 5_000});
    let choice = json!({"plan": {"hallId": hall.body["id"], "prices": prices}});
    let concert = announced(&organizer, a_date(&service, choice)).await;
    let schedule_id = &concert.body["schedules"][0]["id"];
    let (fan, _) = service.new_user().await.join(&concert.text_at("id")).await;
    let best = async |part: Value| {
        let mut body = json!({"scheduleId": schedule_id, "bestAvailable": 1});
        body.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        fan.post(RESERVATIONS, body).await
    };

    for (part, number) in [
        (json!({"section": "Arena"}), 4),
        (json!({"section": "1층", "zone": "R", "accessible": false}), 2),
        (json!({"accessible": true}), 3),
    ] {
        let held = best(part.clone()).await;
        assert_eq!(held.body["seats"][0]["number"], number, "{part}: {held:?}");
    }
    for (part, field) in [
        (json!({"section": "2층"}), "section"),
        (json!({"zone": "X"}), "zone"),
        (json!({"zone": ""}), "zone"),
        (json!({"accessible": "yes"}), "accessible"),
        (json!({"bestAvailable": null, "seatNumbers": [1], "zone": "R"}), "zone"),
    ] {
        let refused = best(part.clone()).await;
        let named = refused.body["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!((refused.status.as_u16(), named), (400, field), "{part}: {refused:?}");
    }
    assert_eq!(best(json!({"accessible": true})).await.code(), "SEAT_TAKEN");
    assert_eq!(service.audit().await, []);
}

async fn a_date_of_rows_and_columns_has_an_equal_plan(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let short = json!({"seatMap": {"rows": 2, "columns": 3, "price": 7_000, "label": "VIP"}});
    let concert = announced(&organizer, a_date(&service, short)).await;
    let date = &concert.body["schedules"][0];
    let path = format!("/api/v1/schedules/{}", date["id"].as_str().unwrap());

    let plan = organizer.get(&format!("{path}/plan")).await;
    let seats = organizer.get(&format!("{path}/seats")).await;

    assert_eq!(plan.body["prices"], json!({"1": 7_000}));
    assert_eq!(plan.body["sections"][0]["name"], "VIP");
    assert_eq!(plan.body["sections"][0]["rows"][1], json!({"label": "2", "seats": 3}));
    assert!(plan.header("cache-control").contains("immutable"));
    for absent in ["venue", "hallId", "planVersion"] {
        assert!(date.get(absent).is_none(), "{absent}");
    }
    assert!(seats.body[0].get("kind").is_none(), "{seats:?}");
}

/// Reports how long it takes: `cargo test … -- --nocapture`.
async fn a_hall_of_50_000_seats_is_imported_and_sold(kind: StoreKind) {
    let service =
        Service::start_with(kind, |settings| settings.server.request_timeout_seconds = 60).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let mut plan = a_plan(1);
    let row = |row: i64| json!({"label": row.to_string(), "seats": 25, "aisles": [12]});
    let rows: Vec<_> = (1..=500).map(row).collect();
    let section =
        |n: i64| json!({"name": n.to_string(), "zone": "R", "x": 0, "y": n, "rows": rows});
    plan["sections"] = (1..=4).map(section).collect();
    let bytes = plan.to_string().len();

    let begun = std::time::Instant::now();
    let hall = a_hall(&organizer, plan.clone()).await;
    let imported = begun.elapsed();
    let export = organizer.get(&format!("/api/v1/halls/{}/plans/1", hall.text_at("id"))).await;
    let choice = json!({"plan": {"hallId": hall.body["id"], "prices": {"R": 1_000}}});
    let begun = std::time::Instant::now();
    let concert = announced(&organizer, a_date(&service, choice)).await;
    let made = begun.elapsed();

    println!("{kind:?}: a plan of {bytes} bytes imported in {imported:?}, a date made in {made:?}");
    assert_eq!((hall.number_at("placeCount"), export.body), (50_000, plan));
    assert_eq!(concert.body["schedules"][0]["seatCount"], 50_000);
}
