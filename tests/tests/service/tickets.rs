//! Tickets: their codes, and how they change hands and end one by one.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::{Instant, Ticket, TicketState, UserId};
use stagedoor_tests::service::{OnSale, Person, SIGNING_KEY, Service, StoreKind};
use stagedoor_tickets::TicketKeys;

use crate::on_both_stores;

on_both_stores!(
    a_party_of_three_has_three_tickets,
    the_code_of_a_ticket_is_drawn_and_its_keys_are_published,
    a_transferred_ticket_is_the_other_users_alone,
    a_transfer_names_what_is_wrong,
    one_seat_is_cancelled_and_refunded,
    a_seat_that_another_user_paid_is_not_cancelled_by_its_holder,
    tickets_are_another_users_business,
    a_ticket_goes_into_a_calendar,
);

/// A user who has paid for the seats with these numbers, and their tickets in the order of the seats.
async fn a_party<'s>(
    service: &'s Service,
    sale: &OnSale,
    numbers: &[i32],
) -> (Person<'s>, Vec<Value>) {
    let fan = service.new_user().await;
    fan.charge(100_000).await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    let held = holder.post("/api/v1/reservations", sale.seats(numbers)).await.text_at("id");
    let paid = holder.post("/api/v1/payments", json!({"reservationId": held})).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    let tickets = tickets(&fan).await;
    (fan, tickets)
}

/// A user's tickets, the oldest first.
async fn tickets(person: &Person<'_>) -> Vec<Value> {
    let listed = person.get("/api/v1/tickets").await;
    let mut items = listed.body["items"].as_array().unwrap().clone();
    items.reverse();
    items
}

fn path(ticket: &Value, of: &str) -> String {
    format!("/api/v1/tickets/{}{of}", ticket["id"].as_str().unwrap())
}

async fn a_party_of_three_has_three_tickets(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;

    let (fan, tickets) = a_party(&service, &sale, &[4, 5, 6]).await;

    let name = fan.get("/api/v1/users/me").await.text_at("name");
    let seats: Vec<_> = tickets.iter().map(|ticket| ticket["seat"]["number"].clone()).collect();
    assert_eq!(seats, [4, 5, 6]);
    let numbers: BTreeSet<_> =
        tickets.iter().map(|ticket| ticket["number"].as_str().unwrap()).collect();
    assert_eq!(numbers.len(), 3);
    for ticket in &tickets {
        assert_eq!((&ticket["status"], &ticket["holderName"]), (&json!("VALID"), &json!(name)));
        assert_eq!(ticket["concertId"], json!(sale.concert_id));
        assert_eq!((&ticket["transferable"], &ticket["voidReason"]), (&json!(true), &json!(null)));
        assert_eq!(fan.get(&path(ticket, "")).await.body, *ticket);
    }
    let of = tickets[0]["reservationId"].as_str().unwrap();
    let of_reservation = fan.get(&format!("/api/v1/tickets?reservationId={of}&limit=2")).await;
    assert_eq!(of_reservation.body["items"].as_array().unwrap().len(), 2);
    assert!(of_reservation.body["nextCursor"].is_string());
    assert_eq!(service.audit().await, []);
}

async fn the_code_of_a_ticket_is_drawn_and_its_keys_are_published(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, tickets) = a_party(&service, &sale, &[1]).await;
    let keys = TicketKeys::parse(SIGNING_KEY).unwrap();

    let drawing = fan.request(Method::GET, &path(&tickets[0], "/qr-code")).send().await.unwrap();
    let published = service.anyone().get("/.well-known/jwks.json").await;

    assert_eq!(drawing.headers()["content-type"], "image/svg+xml");
    assert_eq!(drawing.headers()["cache-control"], "no-store", "it may be transferred");
    let ticket = stored(&tickets[0]);
    let code = keys.sign(&ticket);
    assert_eq!(drawing.text().await.unwrap(), stagedoor_tickets::draw(&code).unwrap());
    let signed = keys.verify(&code).unwrap();
    assert_eq!(signed.number.to_string(), tickets[0]["number"].as_str().unwrap());
    assert_eq!(json!(signed.schedule_id), tickets[0]["scheduleId"]);
    assert_eq!(published.body, serde_json::to_value(keys.jwks()).unwrap());
}

/// The ticket as a store has it, in what its code tells.
fn stored(ticket: &Value) -> Ticket {
    let text = |field: &str| ticket[field].as_str().unwrap();
    Ticket {
        id: text("id").parse().unwrap(),
        number: text("number").parse().unwrap(),
        reservation_id: text("reservationId").parse().unwrap(),
        concert_id: text("concertId").parse().unwrap(),
        schedule_id: text("scheduleId").parse().unwrap(),
        seat_id: ticket["seat"]["id"].as_str().unwrap().parse().unwrap(),
        holder_id: UserId::NONE,
        issued_at: Instant::UNIX_EPOCH,
        state: TicketState::Valid,
        version: 0,
    }
}

async fn a_transferred_ticket_is_the_other_users_alone(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, held) = a_party(&service, &sale, &[1, 2]).await;
    let friend = service.new_user().await;
    let to = json!({"email": friend.email().await.to_uppercase()});
    let transfer = path(&held[0], "/transfer");

    let first = fan.post_once(&transfer, "key", to.clone()).await;
    let again = fan.post_once(&transfer, "key", to.clone()).await;

    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201), "{first:?}");
    assert_eq!(first.body, again.body);
    assert_eq!(first.text_at("voidReason"), "TRANSFERRED");
    assert_eq!(fan.get(&path(&held[0], "/qr-code")).await.refusal(), (409, "TICKET_VOID"));
    assert_eq!(fan.get(&path(&held[0], "")).await.text_at("status"), "VOID");
    let theirs = tickets(&friend).await;
    assert_eq!((theirs.len(), &theirs[0]["seat"]["number"]), (1, &json!(1)));
    assert_ne!(theirs[0]["number"], held[0]["number"]);
    assert_eq!(theirs[0]["cancellable"], json!(false));
    assert_eq!(friend.get(&path(&theirs[0], "/qr-code")).await.status, 200);
    assert_eq!(fan.get(&path(&theirs[0], "")).await.code(), "TICKET_NOT_FOUND");
    let all =
        format!("/api/v1/reservations/{}/cancellation", held[0]["reservationId"].as_str().unwrap());
    assert_eq!(fan.post(&all, json!(null)).await.refusal(), (409, "TICKET_TRANSFERRED"));
    assert_eq!(service.audit().await, []);
}

async fn a_transfer_names_what_is_wrong(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, held) = a_party(&service, &sale, &[1]).await;
    let transfer = path(&held[0], "/transfer");
    let to = |email: &str| json!({"email": email});

    let wrong = fan.post(&transfer, to("no address")).await;
    let unknown = fan.post(&transfer, to("no-one@example.com")).await;
    let own = fan.post(&transfer, to(&fan.email().await)).await;
    let (holder, _) = fan.join(&sale.concert_id).await;
    let with_queue_token = holder.post(&transfer, to("no-one@example.com")).await;

    assert_eq!(wrong.refusal(), (400, "VALIDATION"));
    assert_eq!(unknown.refusal(), (404, "USER_NOT_FOUND"));
    assert_eq!(own.refusal(), (409, "OWN_TICKET"));
    assert_eq!(with_queue_token.refusal(), (403, "FORBIDDEN"));
    assert_eq!(tickets(&fan).await[0]["status"], "VALID");
}

async fn one_seat_is_cancelled_and_refunded(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, held) = a_party(&service, &sale, &[1, 2]).await;
    let before = fan.balance().await;
    let cancel = path(&held[0], "/cancellation");

    let first = fan.post_once(&cancel, "key", json!(null)).await;
    let again = fan.post_once(&cancel, "key", json!(null)).await;
    let other = fan.post(&cancel, json!(null)).await;

    assert_eq!((first.status.as_u16(), &first.body), (201, &again.body), "{first:?}");
    let price = held[0]["seat"]["price"].as_i64().unwrap();
    assert_eq!(first.number_at("balance"), before + price);
    assert_eq!(fan.balance().await, before + price);
    let reservation = &first.body["reservation"];
    assert_eq!(
        (&reservation["status"], &reservation["totalPrice"]),
        (&json!("CONFIRMED"), &json!(price))
    );
    assert_eq!(reservation["seats"].as_array().unwrap().len(), 1);
    assert_eq!(other.refusal(), (409, "TICKET_VOID"));
    let listed = fan.get("/api/v1/payments").await;
    assert_eq!(listed.body["items"][0]["amount"], json!(2 * price), "what was paid stays");
    let (newcomer, _) = service.new_user().await.join(&sale.concert_id).await;
    assert_eq!(newcomer.post("/api/v1/reservations", sale.seats(&[1])).await.status, 201);
    let last = fan.post(&path(&held[1], "/cancellation"), json!(null)).await;
    assert_eq!(last.body["reservation"]["status"], "CANCELLED");
    assert_eq!(service.audit().await, []);
}

async fn a_seat_that_another_user_paid_is_not_cancelled_by_its_holder(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, held) = a_party(&service, &sale, &[1, 2]).await;
    let friend = service.new_user().await;
    fan.post(&path(&held[0], "/transfer"), json!({"email": friend.email().await})).await;
    let theirs = tickets(&friend).await.remove(0);

    let refused = friend.post(&path(&theirs, "/cancellation"), json!(null)).await;

    assert_eq!(refused.refusal(), (403, "FORBIDDEN"));
    assert_eq!(friend.get(&path(&theirs, "")).await.text_at("status"), "VALID");
}

async fn tickets_are_another_users_business(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (_, held) = a_party(&service, &sale, &[1]).await;
    let stranger = service.new_user().await;

    for of in ["", "/qr-code", "/calendar"] {
        let answer = stranger.get(&path(&held[0], of)).await;
        assert_eq!(answer.refusal(), (404, "TICKET_NOT_FOUND"), "{of}");
        assert_eq!(service.anyone().get(&path(&held[0], of)).await.code(), "UNAUTHENTICATED");
    }
    let email = json!({"email": stranger.email().await});
    for (of, body) in [("/transfer", email), ("/cancellation", json!(null))] {
        let answer = stranger.post(&path(&held[0], of), body).await;
        assert_eq!(answer.refusal(), (404, "TICKET_NOT_FOUND"), "{of}");
    }
    assert_eq!(tickets(&stranger).await, Vec::<Value>::new());
}

async fn a_ticket_goes_into_a_calendar(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (fan, held) = a_party(&service, &sale, &[3]).await;

    let sent = fan.request(Method::GET, &path(&held[0], "/calendar")).send().await.unwrap();

    assert_eq!(sent.headers()["content-type"], "text/calendar; charset=utf-8");
    assert_eq!(sent.headers()["content-disposition"], "attachment; filename=\"ticket.ics\"");
    let file = sent.text().await.unwrap();
    let number = held[0]["number"].as_str().unwrap();
    assert!(file.starts_with("BEGIN:VCALENDAR\r\n") && file.contains(number), "{file}");
    assert!(file.contains("STATUS:CONFIRMED"), "{file}");
}
