//! Organizers and operators take seats out of sale.

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{Events, OnSale, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    blocked_seats_are_shown_and_not_sold_in_any_contract,
    followers_of_a_date_hear_what_is_blocked_and_put_back_on_sale,
    a_conflict_names_the_seats_and_changes_nothing,
    a_request_to_block_names_the_field_that_is_wrong,
    no_other_user_blocks_seats,
);

const RESERVATIONS: &str = "/api/v1/reservations";

fn blocks(sale: &OnSale) -> String {
    format!("/api/v1/schedules/{}/seat-blocks", sale.schedule_id)
}

fn named(numbers: &[i32]) -> Value {
    json!({"seatNumbers": numbers, "reason": "The mixing desk stands here."})
}

async fn blocked_seats_are_shown_and_not_sold_in_any_contract(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let operator = service.new_user_as(Role::Operator).await;
    let date = format!("/api/v1/schedules/{}", sale.schedule_id);
    let fan = service.holder(&sale).await;
    let all = fan.get(&format!("{date}/seats")).await.body;
    let free = all.as_array().unwrap().len();
    let (second, third) = (&all[1]["id"], &all[2]["id"]);

    let blocked = organizer.post(&blocks(&sale), named(&[3, 2])).await;

    assert_eq!((blocked.status.as_u16(), &blocked.body["seatNumbers"]), (201, &json!([2, 3])));
    let listed = operator.get(&blocks(&sale)).await;
    assert_eq!(listed.body["items"], json!([blocked.body]));
    let seats = fan.get(&format!("{date}/seats")).await.body;
    assert_eq!((&seats[1]["status"], &seats[3]["status"]), (&json!("BLOCKED"), &json!("FREE")));
    let available = fan.get(&format!("{date}/seats?available=true")).await.body;
    assert_eq!(available.as_array().unwrap().len(), free - 2);
    let states = fan.get(&format!("{date}/seat-status")).await.text_at("states");
    assert!(states.starts_with("PA"), "seats 2 and 3 have both bits in the first byte: {states}");
    let sales = organizer.get(&format!("/api/v1/concerts/{}/sales", sale.concert_id)).await;
    assert_eq!((&sales.body[0]["blocked"], &sales.body[0]["held"]), (&json!(2), &json!(0)));

    let hold = json!({"scheduleId": sale.schedule_id, "seatIds": [second]});
    assert_eq!(fan.post(RESERVATIONS, hold).await.refusal(), (409, "SEAT_TAKEN"));
    let older = json!({"concertScheduleId": sale.schedule_id, "seatId": second});
    assert_eq!(fan.post("/reservation", older).await.status, 409);
    let sheets = fan.post(&format!("/concert/sheet/{}", sale.schedule_id), json!({})).await;
    let reserved = sheets.body.as_array().map(|it| it.iter().filter(|it| it["reserved"] == true));
    assert_eq!(reserved.map(Iterator::count), Some(2), "{sheets:?}");

    let removal = json!({"seatIds": [third]});
    let removed = operator.post(&format!("{}/removal", blocks(&sale)), removal).await;
    assert_eq!(removed.status, 204);
    let hold = json!({"scheduleId": sale.schedule_id, "seatNumbers": [3]});
    assert_eq!(fan.post(RESERVATIONS, hold).await.status, 201);
    let left = organizer.get(&blocks(&sale)).await;
    assert_eq!(left.body["items"][0]["seatNumbers"], json!([2]));
    let actions = operator.get("/api/v1/operator-actions?limit=2").await;
    let (unblocking, blocking) = (&actions.body["items"][0], &actions.body["items"][1]);
    assert_eq!(
        (&unblocking["kind"], &unblocking["seatNumbers"]),
        (&json!("SEATS_UNBLOCKED"), &json!([3]))
    );
    assert_eq!(
        (&blocking["kind"], &blocking["reason"]),
        (&json!("SEATS_BLOCKED"), &blocked.body["reason"])
    );
    assert_eq!(service.audit().await, []);
}

async fn followers_of_a_date_hear_what_is_blocked_and_put_back_on_sale(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let fan = service.holder(&sale).await;
    let path = format!("/api/v1/schedules/{}/seats/events", sale.schedule_id);
    let mut events = Events::of(fan.request(Method::GET, &path)).await;
    events.read_until(r#"{"all":true,"taken":[],"freed":[]}"#).await;

    organizer.post(&blocks(&sale), named(&[2, 3])).await;

    events.read_until(r#"{"all":false,"taken":[[2,3]],"blocked":[[2,3]],"freed":[]}"#).await;
    organizer.post(&format!("{}/removal", blocks(&sale)), json!({"seatNumbers": [3]})).await;
    events.read_until(r#"{"all":false,"taken":[],"freed":[[3,3]]}"#).await;
    let mut later = Events::of(fan.request(Method::GET, &path)).await;
    later.read_until(r#"{"all":true,"taken":[[2,2]],"blocked":[[2,2]],"freed":[]}"#).await;
}

async fn a_conflict_names_the_seats_and_changes_nothing(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let fan = service.holder(&sale).await;
    fan.post(RESERVATIONS, sale.seats(&[2, 4])).await;

    let refused = organizer.post(&blocks(&sale), named(&[1, 2, 3, 4])).await;
    assert_eq!(refused.refusal(), (409, "SEAT_TAKEN"));
    assert_eq!(refused.body["seatNumbers"], json!([2, 4]));
    let removal = json!({"seatNumbers": [1]});
    let refused = organizer.post(&format!("{}/removal", blocks(&sale)), removal).await;
    assert_eq!(refused.refusal(), (409, "SEAT_NOT_BLOCKED"));
    assert_eq!(refused.body["seatNumbers"], json!([1]));
    let unknown = organizer.post(&blocks(&sale), named(&[1, 9_999])).await;
    assert_eq!(unknown.refusal(), (404, "SEAT_NOT_FOUND"));

    assert_eq!(organizer.get(&blocks(&sale)).await.body["items"], json!([]));
    assert_eq!(service.audit().await, []);
}

async fn a_request_to_block_names_the_field_that_is_wrong(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let many: Vec<i32> = (1..=1_001).collect();
    for (body, field) in [
        (json!({"reason": "x"}), "seatIds, seatNumbers"),
        (json!({"reason": "x", "seatNumbers": [1], "seatIds": []}), "seatIds, seatNumbers"),
        (json!({"reason": "x", "seatNumbers": many}), "seatNumbers"),
        (json!({"reason": "x", "seatNumbers": [1, 1]}), "seatNumbers"),
        (json!({"reason": "\u{200b}", "seatNumbers": [1]}), "reason"),
        (json!({"reason": "x".repeat(301), "seatNumbers": [1]}), "reason"),
        (json!({"seatNumbers": [1]}), "reason"),
        (json!({"reason": "x", "seatNumbers": [1], "until": 1}), "until"),
    ] {
        let refused = organizer.post(&blocks(&sale), body.clone()).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{body}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains(field), "{detail}");
    }
}

async fn no_other_user_blocks_seats(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let stranger = service.new_user_as(Role::Organizer).await;
    let fan = service.new_user().await;
    let forbidden = (403, "FORBIDDEN");
    for other in [&stranger, &fan] {
        assert_eq!(other.post(&blocks(&sale), named(&[1])).await.refusal(), forbidden);
        assert_eq!(other.get(&blocks(&sale)).await.refusal(), forbidden);
        let removal = json!({"seatNumbers": [1]});
        let refused = other.post(&format!("{}/removal", blocks(&sale)), removal).await;
        assert_eq!(refused.refusal(), forbidden);
    }
    let nowhere = format!("/api/v1/schedules/{}/seat-blocks", sale.concert_id);
    let refused = sale.organizer(&service).post(&nowhere, named(&[1])).await;
    assert_eq!(refused.refusal(), (404, "SCHEDULE_NOT_FOUND"));
}
