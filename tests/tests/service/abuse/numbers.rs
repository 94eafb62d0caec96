//! Numbers at and beyond their edges.

use reqwest::Method;
use serde_json::json;
use stagedoor_domain::Role;
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    amounts_at_the_edges_of_whole_numbers_make_and_lose_no_point,
    seats_prices_and_pages_at_the_edges_of_whole_numbers_are_refused,
    prices_that_come_to_more_than_a_revenue_can_hold_are_refused,
    one_request_makes_at_most_100_000_seats,
    a_rooms_policy_at_the_edges_of_whole_numbers_is_refused,
);

/// What is no amount of points, as it stands in JSON.
const NO_AMOUNTS: [&str; 26] = [
    "0",
    "-0",
    "-1",
    "0.5",
    "1.5",
    "-1.0",
    "1e-1",
    "9007199254740992",
    "9007199254740993.0",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "1e18",
    "1e300",
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "\"1\"",
    "true",
    "null",
    "[1]",
    "{}",
];

async fn send(person: &Person<'_>, method: Method, path: &str, body: String) -> Answer {
    let request = person.request(method, path).header("content-type", "application/json");
    person.send(request.body(body)).await
}

async fn amounts_at_the_edges_of_whole_numbers_make_and_lose_no_point(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    fan.charge(100).await;
    let id = fan.get("/api/v1/users/me").await.text_at("id");
    for amount in NO_AMOUNTS {
        for path in ["/api/v1/points/charges", "/api/v1/points/uses"] {
            let refused = send(&fan, Method::POST, path, format!("{{\"amount\":{amount}}}")).await;
            assert_eq!(refused.refusal(), (400, "VALIDATION"), "{amount}");
        }
        for path in ["/point/charge", "/point/use", "/payments/charges"] {
            let body = format!("{{\"userId\":\"{id}\",\"amount\":{amount}}}");
            // The `ticketing` contract takes a number as text, too.
            if !(path == "/payments/charges" && amount.starts_with('"')) {
                let refused = send(&fan, Method::PATCH, path, body).await;
                assert!([400, 404].contains(&refused.status.as_u16()), "{amount}: {refused:?}");
            }
        }
    }
    for text in ["", " 1", "0", "-1", "1e3", "0x10", "9223372036854775808", "１"] {
        let charge = json!({"userId": id, "amount": text});
        let refused = fan.patch("/payments/charges", charge).await;
        assert!([400, 404].contains(&refused.status.as_u16()), "{text}: {refused:?}");
    }
    assert_eq!(fan.balance().await, 100);

    for whole in ["1.0", "1e0", "10e-1"] {
        let body = format!("{{\"amount\":{whole}}}");
        assert_eq!(send(&fan, Method::POST, "/api/v1/points/charges", body).await.status, 201);
    }
    let most = json!({"amount": 9_007_199_254_740_991_i64 - 103});
    assert_eq!(fan.post("/api/v1/points/charges", most).await.status, 201);
    let one_more = fan.post("/api/v1/points/charges", json!({"amount": 1})).await;
    assert_eq!(one_more.refusal(), (409, "BALANCE_TOO_LARGE"));
    assert_eq!(fan.balance().await, 9_007_199_254_740_991);
    assert_eq!(service.audit().await, []);
}

async fn seats_prices_and_pages_at_the_edges_of_whole_numbers_are_refused(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let holder = service.holder(&sale).await;
    for number in NO_AMOUNTS {
        let id = &sale.schedule_id;
        for body in [
            format!("{{\"scheduleId\":\"{id}\",\"seatNumbers\":[{number}]}}"),
            format!("{{\"scheduleId\":\"{id}\",\"bestAvailable\":{number}}}"),
        ] {
            let refused = send(&holder, Method::POST, "/api/v1/reservations", body).await;
            assert!([400, 404].contains(&refused.status.as_u16()), "{number}: {refused:?}");
        }
        let page = holder.get(&format!("/api/v1/payments?limit={number}")).await;
        assert_eq!(page.code(), "VALIDATION", "{number}: {page:?}");
    }

    let organizer = service.new_user_as(Role::Organizer).await;
    let concert = organizer.post("/api/v1/concerts", json!({"title": "Mine"})).await;
    let path = format!("/api/v1/concerts/{}/schedules", concert.text_at("id"));
    for field in ["rows", "columns", "price"] {
        for number in NO_AMOUNTS {
            let mut schedule = service.a_schedule(1);
            schedule["seatMap"][field] = json!("?");
            let body = schedule.to_string().replace("\"?\"", number);
            let refused = send(&organizer, Method::POST, &path, body).await;
            assert_eq!(refused.code(), "VALIDATION", "{field} {number}: {refused:?}");
        }
    }
    let mut product = service.a_schedule(50_000);
    product["seatMap"]["columns"] = json!(50_000);
    assert_eq!(organizer.post(&path, product).await.code(), "VALIDATION");
}

async fn prices_that_come_to_more_than_a_revenue_can_hold_are_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let hall = |seats: i64, price: i64| {
        let mut plan = service.a_schedule(1);
        plan["seatMap"] = json!({"rows": 1, "columns": seats, "price": price});
        json!({"title": "t", "schedules": [plan]})
    };
    let (quarter, most) = ((1_i64 << 51) - 1, (1_i64 << 53) - 1);
    for (seats, price) in [(4_200, quarter), (5, quarter), (1_000, most / 1_000 + 1)] {
        let refused = organizer.post("/api/v1/concerts", hall(seats, price)).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"));
        assert_eq!(refused.body["errors"][0]["field"], "seatMap.price", "{refused:?}");
    }

    let concert = organizer.post("/api/v1/concerts", hall(4, quarter)).await;
    let fan = service.new_user().await.join(&concert.text_at("id")).await.0;
    let schedule_id = &concert.body["schedules"][0]["id"];
    let hold = json!({"scheduleId": schedule_id, "seatNumbers": [1, 2, 3, 4]});
    let held = fan.post("/api/v1/reservations", hold).await;
    fan.charge(most).await;
    let paid = fan.post("/api/v1/payments", json!({"reservationId": held.text_at("id")})).await;
    let sales = format!("/api/v1/concerts/{}/sales", concert.text_at("id"));

    assert_eq!(paid.number_at("amount"), 4 * quarter);
    assert_eq!(organizer.get(&sales).await.body[0]["revenue"], 4 * quarter);
    assert_eq!(service.audit().await, []);
}

async fn one_request_makes_at_most_100_000_seats(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let dates: Vec<_> = (0..20).map(|_| service.a_schedule(5_000)).collect();

    let refused =
        organizer.post("/api/v1/concerts", json!({"title": "t", "schedules": dates})).await;

    assert_eq!(refused.refusal(), (400, "VALIDATION"));
    assert_eq!(refused.body["errors"][0]["field"], "schedules", "{refused:?}");
    let concerts = organizer.get("/api/v1/concerts").await;
    assert_eq!(concerts.body["items"], json!([]));
}

async fn a_rooms_policy_at_the_edges_of_whole_numbers_is_refused(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let operator = service.new_user_as(Role::Operator).await;
    let path = sale.room();
    let before = operator.get(&path).await.body;
    // To leave a field alone, it may be null; a capacity may be none.
    let numbers = NO_AMOUNTS.iter().filter(|number| !["null", "0", "-0"].contains(number));
    for number in numbers {
        for field in ["capacity", "admitBatch", "admitIntervalSeconds", "idleSeconds"] {
            let body = format!("{{\"{field}\":{number}}}");
            let refused = send(&operator, Method::PATCH, &path, body).await;
            assert_eq!(refused.code(), "VALIDATION", "{field} {number}: {refused:?}");
        }
    }
    assert_eq!(operator.get(&path).await.body["policy"], before["policy"]);
}
