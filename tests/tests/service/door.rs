//! The door: who checks tickets, the scans, and what the list and the count say of them.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{OnSale, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    an_evening_at_the_door,
    only_the_staff_of_a_concert_checks_its_tickets,
    a_used_ticket_stays_its_holders_until_staff_take_it_back,
    every_page_of_a_door_list_is_read_once,
);

/// A concert on sale that starts in six hours.
async fn start(kind: StoreKind) -> (Service, OnSale) {
    let service = Service::start(kind).await;
    let mut schedule = service.a_schedule(1);
    let later: Value = service.a_schedule(1)["bookingClosesAt"].clone();
    schedule["startsAt"] = later;
    schedule["cancellationClosesAt"] = schedule["startsAt"].clone();
    let sale = service.on_sale_on(schedule, json!({})).await;
    (service, sale)
}

/// A user who has paid for the seats with these numbers.
async fn a_party<'s>(service: &'s Service, sale: &OnSale, numbers: &[i32]) -> Person<'s> {
    let fan = service.new_user().await;
    fan.charge(100_000).await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    let held = holder.post("/api/v1/reservations", sale.seats(numbers)).await.text_at("id");
    let paid = holder.post("/api/v1/payments", json!({"reservationId": held})).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    fan
}

/// A user's tickets, the oldest first.
async fn tickets(person: &Person<'_>) -> Vec<Value> {
    let listed = person.get("/api/v1/tickets").await;
    let mut items = listed.body["items"].as_array().unwrap().clone();
    items.reverse();
    items
}

/// A user with the role for doors, whom the organizer has assigned to the concert.
async fn staff<'s>(service: &'s Service, sale: &OnSale) -> Person<'s> {
    let staff = service.new_user_as(Role::Door).await;
    let path = format!("/api/v1/concerts/{}/door-staff", sale.concert_id);
    let email = json!({"email": staff.email().await});
    let assigned = sale.organizer(service).post(&path, email).await;
    assert_eq!(assigned.status, 201, "{assigned:?}");
    staff
}

fn scan(sale: &OnSale, ticket: &Value, door: &str) -> Value {
    json!({"scheduleId": sale.schedule_id, "number": ticket["number"], "door": door})
}

fn of_date(sale: &OnSale, what: &str) -> String {
    format!("/api/v1/schedules/{}/{what}", sale.schedule_id)
}

async fn an_evening_at_the_door(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    let fan = a_party(&service, &sale, &[1, 2, 3]).await;
    let friend = service.new_user().await;
    let to = json!({"email": friend.email().await});
    let before = tickets(&fan).await;
    let transfer = format!("/api/v1/tickets/{}/transfer", before[2]["id"].as_str().unwrap());
    assert_eq!(fan.post(&transfer, to).await.status, 201);
    let staff = staff(&service, &sale).await;

    let dates = staff.get("/api/v1/door-dates").await;
    assert_eq!(dates.body["items"][0]["scheduleId"], json!(sale.schedule_id), "{dates:?}");
    let north = scan(&sale, &before[0], "North");
    let first = staff.post_once("/api/v1/check-ins", "scan-1", north.clone()).await;
    let again = staff.post_once("/api/v1/check-ins", "scan-1", north.clone()).await;
    let second = staff.post("/api/v1/check-ins", scan(&sale, &before[0], "South")).await;

    assert_eq!((first.status.as_u16(), first.text_at("status")), (201, "CHECKED_IN".to_owned()));
    assert_eq!(first.body["holderName"], before[0]["holderName"]);
    assert_eq!(first.body, again.body);
    assert_eq!(second.refusal(), (409, "ALREADY_CHECKED_IN"));
    assert_eq!(second.body["checkIn"], first.body["checkIn"]);
    let void = staff.post("/api/v1/check-ins", scan(&sale, &before[2], "North")).await;
    assert_eq!(void.refusal(), (409, "TICKET_VOID"));
    let of_friend = tickets(&friend).await;
    let come = staff.post("/api/v1/check-ins", scan(&sale, &of_friend[0], "South")).await;
    assert_eq!(come.status, 201, "{come:?}");
    let count = staff.get(&of_date(&sale, "check-ins")).await;
    assert_eq!((count.number_at("tickets"), count.number_at("checkedIn")), (3, 2), "{count:?}");
    assert_eq!(count.body["doors"][1]["door"], "South");
    let list = staff.get(&of_date(&sale, "door-list")).await;
    let states: BTreeSet<_> = list.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["status"].as_str().unwrap())
        .collect();
    assert_eq!(states, BTreeSet::from(["CHECKED_IN", "VALID", "VOID"]));
    let table = staff.send(staff.request(Method::GET, &of_date(&sale, "door-list.csv"))).await;
    assert_eq!(table.status, 200, "{table:?}");
    assert_eq!(tickets(&fan).await[0]["checkIn"]["door"], "North");
    assert_eq!(service.audit().await, []);
}

async fn only_the_staff_of_a_concert_checks_its_tickets(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    let fan = a_party(&service, &sale, &[1]).await;
    let ticket = tickets(&fan).await.remove(0);
    let other = service.new_user_as(Role::Door).await;
    let assigned = staff(&service, &sale).await;
    let organizer = sale.organizer(&service);
    let id = assigned.get("/api/v1/users/me").await.text_at("id");
    let members = format!("/api/v1/concerts/{}/door-staff", sale.concert_id);

    for stranger in [&fan, &other] {
        let body = scan(&sale, &ticket, "North");
        let refused = stranger.post("/api/v1/check-ins", body).await;
        assert_eq!(refused.refusal(), (403, "FORBIDDEN"));
        for path in ["check-ins", "door-list", "door-list.csv"] {
            let read = stranger.get(&of_date(&sale, path)).await;
            assert_eq!(read.refusal(), (403, "FORBIDDEN"), "{path}");
        }
        assert_eq!(stranger.get(&members).await.refusal(), (403, "FORBIDDEN"));
        assert_eq!(stranger.get("/api/v1/door-dates").await.body["items"], json!([]));
    }
    assert_eq!(organizer.get(&members).await.body["items"][0]["userId"], json!(id));
    let fan_of = json!({"email": fan.email().await});
    assert_eq!(organizer.post(&members, fan_of).await.refusal(), (409, "NO_DOOR_ROLE"));
    let unknown = json!({"email": "unknown@example.com"});
    assert_eq!(organizer.post(&members, unknown).await.refusal(), (404, "USER_NOT_FOUND"));
    assert_eq!(organizer.delete(&format!("{members}/{id}")).await.status, 204);
    assert_eq!(organizer.get(&members).await.body["items"], json!([]));
    let refused = assigned.post("/api/v1/check-ins", scan(&sale, &ticket, "North")).await;
    assert_eq!(refused.refusal(), (403, "FORBIDDEN"));
    let by_organizer = organizer.post("/api/v1/check-ins", scan(&sale, &ticket, "North")).await;
    assert_eq!(by_organizer.status, 201, "{by_organizer:?}");
}

async fn a_used_ticket_stays_its_holders_until_staff_take_it_back(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    let fan = a_party(&service, &sale, &[1, 2]).await;
    let staff = staff(&service, &sale).await;
    let ticket = tickets(&fan).await.remove(0);
    let id = ticket["id"].as_str().unwrap();
    let of_ticket = |what| format!("/api/v1/tickets/{id}/{what}");
    let undo = format!("/api/v1/check-ins/{id}/undo");
    let reason = json!({"reason": "Scanned by mistake."});
    assert_eq!(staff.post(&undo, reason.clone()).await.refusal(), (409, "NOT_CHECKED_IN"));
    staff.post("/api/v1/check-ins", scan(&sale, &ticket, "North")).await;

    let to = json!({"email": staff.email().await});
    let reservation = ticket["reservationId"].as_str().unwrap();
    let whole = format!("/api/v1/reservations/{reservation}/cancellation");
    let refused = [
        fan.post(&of_ticket("transfer"), to.clone()).await,
        fan.post(&of_ticket("cancellation"), json!({})).await,
        fan.post(&whole, json!({})).await,
    ];

    for refused in refused {
        assert_eq!(refused.refusal(), (409, "TICKET_USED"), "{refused:?}");
    }
    assert_eq!(fan.post(&undo, reason.clone()).await.refusal(), (403, "FORBIDDEN"));
    let undone = staff.post(&undo, reason).await;
    assert_eq!((undone.status.as_u16(), undone.text_at("status")), (200, "VALID".to_owned()));
    assert_eq!(fan.post(&of_ticket("transfer"), to).await.status, 201);
    let operator = service.new_user_as(Role::Operator).await;
    let actions = operator.get("/api/v1/operator-actions?limit=100").await;
    let mut kinds = actions.body["items"].as_array().unwrap().iter().map(|it| &it["kind"]);
    assert!(kinds.any(|kind| kind == "CHECK_IN_UNDONE"), "{actions:?}");
    assert_eq!(service.audit().await, []);
}

async fn every_page_of_a_door_list_is_read_once(kind: StoreKind) {
    let (service, sale) = start(kind).await;
    for seats in [[1, 2], [3, 4], [5, 6]] {
        a_party(&service, &sale, &seats).await;
    }
    let organizer = sale.organizer(&service);

    let all = organizer.get(&of_date(&sale, "door-list")).await;
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = of_date(&sale, &format!("door-list?limit=4{cursor}"));
        let page = organizer.get(&path).await;
        pages.extend(page.body["items"].as_array().unwrap().clone());
        let Some(next) = page.body["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }

    assert_eq!(all.body["items"].as_array().unwrap(), &pages);
    assert_eq!(pages.len(), 6);
}
