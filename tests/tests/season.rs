//! A season: two venues, three halls and twelve concerts, a moved date, and a cancelled one whose 500 holders are refunded
//! while the service is killed twice.

use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_domain::ports::Clock;
use stagedoor_tests::process::{Server, run};
use stagedoor_tests::service::{OnSale, Person, Service, StoreKind};
use time::format_description::well_known::Rfc3339;

/// How many people have a ticket of the date that is cancelled.
const HOLDERS: usize = 500;
/// How many concerts there are besides those of the moved and the cancelled date.
const OTHER_CONCERTS: usize = 10;
/// How many people use the service at the same time.
const AT_ONCE: usize = 16;

fn date(sale: &OnSale) -> String {
    format!("/api/v1/schedules/{}", sale.schedule_id)
}

/// Has a fan buy a seat; answers the fan's access token.
async fn buy(fan: Person<'_>, sale: &OnSale, seat: i32) -> String {
    fan.charge(10_000).await;
    let (inside, _) = fan.join(&sale.concert_id).await;
    let held = inside.post("/api/v1/reservations", sale.seats(&[seat])).await.text_at("id");
    let paid = inside.post("/api/v1/payments", json!({"reservationId": held})).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    fan.token.expect("a fan has signed in")
}

/// Sells this number of seats of a date, each to another fan; answers their access tokens.
async fn sell(service: &Service, sale: &OnSale, count: usize) -> Vec<String> {
    let fans = service.people(count).await;
    let buying = (1..).zip(fans).map(|(seat, fan)| buy(fan, sale, seat));
    stream::iter(buying).buffer_unordered(AT_ONCE).collect().await
}

/// A season on sale: the cancelled date's sale and the tokens of its holders, the moved date's, and the others'.
struct Season {
    cancelled: (OnSale, Vec<String>),
    moved: (OnSale, Vec<String>),
    others: Vec<(OnSale, Vec<String>)>,
}

/// A plan of rows of ten seats.
fn a_plan(rows: usize) -> Value {
    let row = |number: usize| json!({"label": format!("{number}"), "seats": 10, "aisles": [5]});
    let rows: Vec<_> = (1..=rows).map(row).collect();
    json!({
        "stage": {"x": 0, "y": -4, "width": 10, "height": 3},
        "zones": [{"code": "R", "name": "R", "colour": "#7b3fa0"}],
        "sections": [{"name": "Stalls", "zone": "R", "x": 0, "y": 0, "rows": rows}],
    })
}

/// The halls of two venues: one in the first, two in the second.
async fn three_halls(service: &Service) -> Vec<String> {
    let organizer = service.new_user_as(Role::Organizer).await;
    let mut halls = Vec::new();
    for (venue, rows) in [("Seoul", vec![HOLDERS / 10]), ("Busan", vec![1, 2])] {
        let body = json!({"name": venue, "timeZone": "Asia/Seoul"});
        let venue = organizer.post("/api/v1/venues", body).await.text_at("id");
        for rows in rows {
            let body = json!({"name": format!("{rows} rows"), "plan": a_plan(rows)});
            let hall = organizer.post(&format!("/api/v1/venues/{venue}/halls"), body).await;
            assert_eq!(hall.status, 201, "{hall:?}");
            halls.push(hall.text_at("id"));
        }
    }
    halls
}

/// A concert on sale in a hall, whose room admits every user at once.
async fn on_sale_in(service: &Service, hall: &str) -> OnSale {
    let mut schedule = service.a_schedule(1);
    let fields = schedule.as_object_mut().expect("an object");
    fields.remove("seatMap");
    fields.insert("plan".to_owned(), json!({"hallId": hall, "prices": {"R": 10_000}}));
    let everyone = json!({"capacity": 1_000_000, "admitBatch": 1_000_000});
    service.on_sale_on(schedule, everyone).await
}

impl Season {
    async fn open(service: &Service) -> Self {
        let halls = three_halls(service).await;
        let large = on_sale_in(service, &halls[0]).await;
        let holders = sell(service, &large, HOLDERS).await;
        let moved = on_sale_in(service, &halls[1]).await;
        let movers = sell(service, &moved, 3).await;
        let mut others = Vec::new();
        for number in 0..OTHER_CONCERTS {
            let sale = on_sale_in(service, &halls[number % halls.len()]).await;
            let fans = sell(service, &sale, 2).await;
            others.push((sale, fans));
        }
        Self { cancelled: (large, holders), moved: (moved, movers), others }
    }
}

/// Moves a date by a month; its holders may cancel until then.
async fn move_date(service: &Service, sale: &OnSale) {
    let organizer = sale.organizer(service);
    let in_days = |days| {
        let instant = service.clock.now() + time::Duration::days(days);
        instant.format(&Rfc3339).expect("an instant")
    };
    let body = json!({"startsAt": in_days(30), "endsAt": in_days(31)});
    let request = organizer.request(Method::PATCH, &date(sale)).header("If-Match", "*");
    let moved = organizer.send(request.json(&body)).await;
    assert_eq!(moved.status, 200, "{moved:?}");
}

async fn progress(server: &Server, sale: &OnSale) -> Value {
    let path = format!("{}/cancellation", date(sale));
    let (status, body) = server.ask(Method::GET, &path, Some(&sale.organizer), None).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn balance(server: &Server, token: &str) -> i64 {
    let (status, body) = server.ask(Method::GET, "/api/v1/points", Some(token), None).await;
    assert_eq!(status, 200, "{body}");
    body["balance"].as_i64().expect("a balance")
}

async fn a_season(kind: StoreKind) {
    let service = Service::start(kind).await;
    let season = Season::open(&service).await;
    let (sale, holders) = &season.cancelled;
    move_date(&service, &season.moved.0).await;
    let home = service.stop().await;

    let server = Server::start(&home, &[]);
    let path = format!("{}/cancellation", date(sale));
    let reason = Some(json!({"reason": "The hall is flooded."}));
    let (status, body) = server.ask(Method::POST, &path, Some(&sale.organizer), reason).await;
    assert_eq!((status, &body["reason"]), (200, &json!("The hall is flooded.")));
    drop(server);
    let server = Server::start(&home, &[]);
    while progress(&server, sale).await["refunded"] == 0 {}
    drop(server);
    let server = Server::start(&home, &[]);
    while progress(&server, sale).await["toRefund"] != 0 {}

    assert_eq!(progress(&server, sale).await["refunded"], json!(HOLDERS));
    assert_refunded_once(&server, holders).await;
    for (_, fans) in season.others.iter().chain([&season.moved]) {
        for fan in fans {
            assert_eq!(balance(&server, fan).await, 0, "their tickets stay");
        }
    }
    a_holder_of_the_moved_date_cancels(&server, &season.moved.1[0]).await;
    assert!(server.terminate().0.success());
    let audit = run(&home, &["audit"]);
    let said = String::from_utf8_lossy(&audit.stdout);
    assert!(audit.status.success(), "{said}");
}

async fn assert_refunded_once(server: &Server, holders: &[String]) {
    for holder in holders {
        let path = "/api/v1/points/history";
        let (_, history) = server.ask(Method::GET, path, Some(holder), None).await;
        let items = history["items"].as_array().expect("a page").iter();
        let kinds: Vec<_> = items.map(|entry| entry["kind"].as_str().expect("a kind")).collect();
        assert_eq!(kinds, ["REFUND", "USE", "CHARGE"]);
        assert_eq!(balance(server, holder).await, 10_000);
    }
}

async fn a_holder_of_the_moved_date_cancels(server: &Server, holder: &str) {
    let path = "/api/v1/reservations?status=CONFIRMED";
    let (_, tickets) = server.ask(Method::GET, path, Some(holder), None).await;
    let id = tickets["items"][0]["id"].as_str().expect("a ticket").to_owned();
    let path = format!("/api/v1/reservations/{id}/cancellation");
    let (status, body) = server.ask(Method::POST, &path, Some(holder), Some(json!({}))).await;
    assert_eq!((status, &body["balance"]), (201, &json!(10_000)), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_season_survives_two_kills_on_the_embedded_store() {
    a_season(StoreKind::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_season_survives_two_kills_on_postgres() {
    a_season(StoreKind::Postgres).await;
}
