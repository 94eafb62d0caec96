//! Joining a concert that has nothing left to book.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_concert_with_nothing_to_book_is_not_joined_by_any_contract,
    a_concert_that_is_sold_out_is_not_joined_until_a_ticket_is_cancelled,
    a_concert_is_joined_before_its_booking_opens,
);

/// A concert with one date of one seat, or with none.
async fn a_concert(service: &Service, schedules: Value) -> Value {
    let organizer = service.new_user_as(Role::Organizer).await;
    let body = json!({"title": "Small", "schedules": schedules});
    let made = organizer.post("/api/v1/concerts", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body
}

fn one_seat(service: &Service) -> Value {
    let mut schedule = service.a_schedule(1);
    schedule["seatMap"] = json!({"rows": 1, "columns": 1, "price": 10_000});
    schedule
}

async fn join(fan: &Person<'_>, concert: &Value) -> Answer {
    let path = format!("/api/v1/concerts/{}/queue-tokens", concert["id"].as_str().unwrap());
    let request = fan.request(Method::POST, &path).header("Accept-Language", "en");
    fan.send(request).await
}

/// All ways into the line of a concert are closed.
async fn assert_closed(fan: &Person<'_>, concert: &Value, code: &str, next_step: &str) {
    let user_id = fan.get("/api/v1/users/me").await.text_at("id");
    let refused = join(fan, concert).await;
    assert_eq!(refused.refusal(), (409, code), "{refused:?}");
    assert!(refused.text_at("detail").contains(next_step), "{refused:?}");
    let wish = json!({"userId": user_id, "concertId": concert["id"]});
    let reservation = fan.post("/queue/token", wish.clone()).await;
    assert_eq!(reservation.refusal(), (409, code), "{reservation:?}");
    let ticketing = fan.post("/queues", wish).await;
    let cannot_enter = json!({"error": "대기열에 진입할 수 없습니다."});
    assert_eq!((ticketing.status.as_u16(), ticketing.body), (400, cannot_enter));
    if let Some(schedule) = concert["schedules"].get(0) {
        let ost = fan.post("/token", json!({"userId": user_id, "seriesId": schedule["id"]})).await;
        assert_eq!(ost.refusal(), (409, code), "{ost:?}");
    }
}

async fn a_concert_with_nothing_to_book_is_not_joined_by_any_contract(kind: StoreKind) {
    let service = Service::start(kind).await;
    let dateless = a_concert(&service, json!([])).await;
    let closing = a_concert(&service, json!([one_seat(&service)])).await;
    let early = service.new_user().await;
    assert_eq!(join(&early, &closing).await.status, 201);

    service.clock.pass(Duration::from_secs(3_600));
    let fan = service.new_user().await;

    for concert in [dateless, closing] {
        assert_closed(&fan, &concert, "BOOKING_CLOSED", "Choose another concert").await;
    }
}

async fn a_concert_that_is_sold_out_is_not_joined_until_a_ticket_is_cancelled(kind: StoreKind) {
    let service = Service::start(kind).await;
    let concert = a_concert(&service, json!([one_seat(&service)])).await;
    let (fan, late) = (service.new_user().await, service.new_user().await);
    let inside = service.with_token(&join(&fan, &concert).await.text_at("token"));
    let waiting = service.new_user().await;
    let place = join(&waiting, &concert).await;
    fan.charge(10_000).await;
    let hold = json!({"scheduleId": concert["schedules"][0]["id"], "seatNumbers": [1]});
    let held = inside.post("/api/v1/reservations", hold).await;
    let pay = json!({"reservationId": held.body["id"]});
    assert_eq!(inside.post("/api/v1/payments", pay).await.status, 201);

    assert_closed(&late, &concert, "SOLD_OUT", "Look again later").await;
    let again = join(&waiting, &concert).await;
    assert_eq!((again.status.as_u16(), &again.body["id"]), (200, &place.body["id"]));

    let path = format!("/api/v1/reservations/{}/cancellation", held.text_at("id"));
    assert_eq!(fan.post(&path, json!({})).await.status, 201);
    assert_eq!(join(&late, &concert).await.status, 201);
    assert_eq!(service.audit().await, []);
}

async fn a_concert_is_joined_before_its_booking_opens(kind: StoreKind) {
    let service = Service::start(kind).await;
    let mut later = one_seat(&service);
    later["bookingOpensAt"] = service.a_schedule(1)["cancellationClosesAt"].clone();
    later["bookingClosesAt"] = later["startsAt"].clone();
    let concert = a_concert(&service, json!([later])).await;

    let joined = join(&service.new_user().await, &concert).await;

    assert_eq!(joined.status, 201, "{joined:?}");
}
