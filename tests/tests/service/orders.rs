//! Staff search reservations and their holders, export them, and end them.

use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_domain::ports::Clock;
use stagedoor_tests::service::{Answer, OnSale, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    an_organizer_searches_the_orders_of_an_own_concert_alone,
    an_operator_searches_all_orders_and_each_holder_is_recorded_once,
    attendees_are_exported_for_spreadsheets_and_no_cell_is_a_formula,
    staff_cancel_an_order_with_a_reason_and_the_holder_is_refunded,
    orders_and_exports_are_refused_to_others,
    sales_are_told_by_the_day_in_the_services_time_zone,
);

/// A fan of this name with paid tickets for these seats; the id of the reservation.
async fn buyer<'s>(
    service: &'s Service,
    sale: &OnSale,
    name: &str,
    seats: &[i32],
) -> (Person<'s>, String) {
    let fan = service.new_user().await;
    fan.patch("/api/v1/users/me", json!({"name": name})).await;
    let fan = fan.join(&sale.concert_id).await.0;
    fan.charge(10_000 * seats.len() as i64).await;
    let held = fan.post("/api/v1/reservations", sale.seats(seats)).await;
    let id = held.text_at("id");
    let paid = fan.post("/api/v1/payments", json!({"reservationId": id})).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    (fan, id)
}

fn found(answer: &Answer) -> Vec<&str> {
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|order| order["reservation"]["id"].as_str().unwrap()).collect()
}

async fn an_organizer_searches_the_orders_of_an_own_concert_alone(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let (_, of_kim) = buyer(&service, &sale, "Kim", &[1, 2]).await;
    let (_, of_lee) = buyer(&service, &sale, "Lee", &[3]).await;
    let orders = format!("/api/v1/orders?concertId={}", sale.concert_id);

    let all = organizer.get(&orders).await;
    assert_eq!(found(&all), [of_lee.as_str(), &of_kim]);
    let order = &all.body["items"][1];
    assert_eq!(order["holder"]["name"], "Kim");
    assert_eq!(order["reservation"]["status"], "CONFIRMED");
    assert_eq!(found(&organizer.get(&format!("{orders}&q=lee")).await), [of_lee.as_str()]);
    assert_eq!(found(&organizer.get(&format!("{orders}&q=2")).await), [of_kim.as_str()]);
    assert_eq!(found(&organizer.get(&format!("{orders}&q={of_kim}")).await), [of_kim.as_str()]);
    assert_eq!(found(&organizer.get(&format!("{orders}&status=HELD")).await), [""; 0]);

    let everywhere = organizer.get("/api/v1/orders").await;
    assert_eq!(everywhere.refusal(), (403, "FORBIDDEN"));
    let empty = organizer.get(&format!("{orders}&q=%20")).await;
    assert_eq!(empty.refusal(), (400, "VALIDATION"));
}

async fn an_operator_searches_all_orders_and_each_holder_is_recorded_once(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let operator = service.new_user_as(Role::Operator).await;
    let (fan, first) = buyer(&service, &sale, "Kim", &[1]).await;
    let again = fan.join(&sale.concert_id).await.0;
    again.post("/api/v1/reservations", sale.seats(&[2])).await;

    let all = operator.get("/api/v1/orders").await;

    assert_eq!(found(&all).len(), 2);
    assert_eq!(found(&operator.get("/api/v1/orders?status=CONFIRMED").await), [first]);
    let actions = operator.get("/api/v1/operator-actions").await;
    let reads = actions.body["items"].as_array().unwrap().iter();
    let reads: Vec<&Value> = reads.filter(|action| action["kind"] == "RESERVATIONS_READ").collect();
    assert_eq!(reads.len(), 2, "one for each of the two searches");
    let holder = &all.body["items"][0]["holder"]["id"];
    assert!(reads.iter().all(|read| &read["userId"] == holder));
}

async fn attendees_are_exported_for_spreadsheets_and_no_cell_is_a_formula(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let (_, of_kim) = buyer(&service, &sale, "김팬, \"Kim\"", &[1, 2]).await;
    let (_, of_robot) = buyer(&service, &sale, "=HYPERLINK(\"http://x\")", &[3]).await;
    let path = format!("/api/v1/concerts/{}/attendees.csv", sale.concert_id);

    let request = organizer.request(reqwest::Method::GET, &path);
    let answer = request.send().await.unwrap();

    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    assert!(header("content-disposition").starts_with("attachment; filename=\"attendees-"));
    assert_eq!(header("cache-control"), "no-store");
    let bytes = answer.bytes().await.unwrap();
    let table = std::str::from_utf8(&bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let lines: Vec<_> = table.split("\r\n").collect();
    assert_eq!(lines.len(), 5, "a heading, three seats, and the end: {table}");
    assert!(lines[0].starts_with("ticket,starts_at,section,row,column,seat,price,name,email"));
    assert!(lines[0].ends_with("paid_at,complimentary,row_label,seat_number"));
    assert!(lines[1].ends_with(",,1,3"), "row 1, seat 3: {table}");
    assert!(lines[1].starts_with(&of_robot) && lines[2].starts_with(&of_kim), "{table}");
    assert!(lines[1].contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{table}");
    assert!(lines[2].contains("\"김팬, \"\"Kim\"\"\""), "{table}");
}

async fn staff_cancel_an_order_with_a_reason_and_the_holder_is_refunded(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (organizer, operator) =
        (sale.organizer(&service), service.new_user_as(Role::Operator).await);
    let (fan, ticket) = buyer(&service, &sale, "Kim", &[1, 2]).await;
    let again = fan.join(&sale.concert_id).await.0;
    let held = again.post("/api/v1/reservations", sale.seats(&[5])).await.text_at("id");
    let cancel = async |staff: &Person<'_>, id: &str, reason: &str| {
        let path = format!("/api/v1/orders/{id}/cancellation");
        staff.post(&path, json!({"reason": reason})).await
    };

    assert_eq!(cancel(&organizer, &ticket, "\u{200b}").await.refusal(), (400, "VALIDATION"));
    let refunded = cancel(&organizer, &ticket, "Double booking.").await;
    let released = cancel(&operator, &held, "Asked by phone.").await;

    assert_eq!((refunded.status.as_u16(), refunded.text_at("status")), (200, "CANCELLED".into()));
    assert_eq!((released.status.as_u16(), released.text_at("status")), (200, "CANCELLED".into()));
    assert_eq!(fan.balance().await, 20_000);
    let twice = cancel(&operator, &ticket, "Again.").await;
    assert_eq!(twice.refusal(), (409, "RESERVATION_CANCELLED"));
    let actions = operator.get("/api/v1/operator-actions?limit=2").await;
    let reasons: Vec<_> = actions.body["items"].as_array().unwrap().iter().collect();
    assert_eq!(reasons[0]["reason"], "Asked by phone.");
    assert_eq!(reasons[1]["reservationId"], json!(ticket));
    assert_eq!(service.audit().await, []);
}

async fn orders_and_exports_are_refused_to_others(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, ticket) = buyer(&service, &sale, "Kim", &[1]).await;
    let stranger = service.new_user_as(Role::Organizer).await;
    let orders = format!("/api/v1/orders?concertId={}", sale.concert_id);
    let table = format!("/api/v1/concerts/{}/attendees.csv", sale.concert_id);
    let cancel = format!("/api/v1/orders/{ticket}/cancellation");

    let forbidden = (403, "FORBIDDEN");
    assert_eq!(stranger.get(&orders).await.refusal(), forbidden);
    assert_eq!(stranger.get(&table).await.refusal(), forbidden);
    assert_eq!(stranger.post(&cancel, json!({"reason": "Mine."})).await.refusal(), forbidden);
    assert_eq!(fan.get(&orders).await.refusal(), forbidden, "a queue token is no access token");
    assert_eq!(fan.balance().await, 0);
}

async fn sales_are_told_by_the_day_in_the_services_time_zone(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    buyer(&service, &sale, "Kim", &[1, 2]).await;
    buyer(&service, &sale, "Lee", &[3]).await;
    let path = format!("/api/v1/concerts/{}/sales/days", sale.concert_id);

    let days = sale.organizer(&service).get(&path).await;

    let seoul = time::UtcOffset::from_hms(9, 0, 0).unwrap();
    let today = service.clock.now().to_offset(seoul).date().to_string();
    let sold = json!([{"day": today, "scheduleId": sale.schedule_id, "section": "",
        "price": 10_000, "tickets": 3, "revenue": 30_000}]);
    assert_eq!(days.body, sold);
    assert_eq!(service.new_user().await.get(&path).await.refusal(), (403, "FORBIDDEN"));
}
