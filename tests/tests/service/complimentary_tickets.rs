//! Organizers and operators give tickets away.

use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{OnSale, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_guest_gets_a_ticket_that_costs_nothing,
    complimentary_tickets_are_shown_in_the_older_contracts,
    complimentary_tickets_are_counted_and_exported_apart,
    staff_cancel_a_complimentary_ticket_and_its_holder_does_not,
    a_request_to_give_tickets_names_what_is_wrong,
    no_other_user_gives_tickets,
);

fn gifts(sale: &OnSale) -> String {
    format!("/api/v1/schedules/{}/complimentary-tickets", sale.schedule_id)
}

async fn email(person: &Person<'_>) -> String {
    person.get("/api/v1/users/me").await.text_at("email")
}

fn gift(email: &str, numbers: &[i32]) -> Value {
    json!({"email": email, "seatNumbers": numbers, "reason": "Guest of the band."})
}

async fn a_guest_gets_a_ticket_that_costs_nothing(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let operator = service.new_user_as(Role::Operator).await;
    let guest = service.new_user().await;
    let address = email(&guest).await;
    let blocks = format!("/api/v1/schedules/{}/seat-blocks", sale.schedule_id);
    organizer.post(&blocks, json!({"seatNumbers": [2, 3], "reason": "Guests"})).await;

    let given = organizer.post(&gifts(&sale), gift(&address.to_uppercase(), &[1, 2])).await;

    assert_eq!((given.status.as_u16(), given.text_at("status")), (201, "CONFIRMED".to_owned()));
    assert_eq!((given.number_at("totalPrice"), &given.body["complimentary"]), (0, &json!(true)));
    assert_eq!(given.body["seats"][0]["price"], 0);
    let own = guest.get("/api/v1/reservations?status=CONFIRMED").await;
    assert_eq!(own.body["items"], json!([given.body]));
    let id = given.text_at("id");
    let tickets = guest.get(&format!("/api/v1/tickets?reservationId={id}")).await;
    let ticket = &tickets.body["items"][0];
    assert_eq!((&ticket["seat"]["price"], &ticket["cancellable"]), (&json!(0), &json!(false)));
    let ticket = ticket["id"].as_str().unwrap();
    assert_eq!(guest.get(&format!("/api/v1/tickets/{ticket}/qr-code")).await.status, 200);
    let cancelled =
        guest.post(&format!("/api/v1/tickets/{ticket}/cancellation"), json!(null)).await;
    assert_eq!(cancelled.refusal(), (409, "COMPLIMENTARY_TICKET"));
    assert_eq!(guest.get("/api/v1/points/history").await.body["items"], json!([]));
    assert_eq!(guest.get("/api/v1/payments").await.body["items"], json!([]));
    let left = organizer.get(&blocks).await;
    assert_eq!(left.body["items"][0]["seatNumbers"], json!([3]));
    let actions = operator.get("/api/v1/operator-actions?limit=1").await;
    let action = &actions.body["items"][0];
    assert_eq!((&action["kind"], &action["reservationId"]), (&json!("TICKETS_GIVEN"), &json!(id)));
    assert_eq!(action["reason"], "Guest of the band.");

    let (fan, _) = guest.join(&sale.concert_id).await;
    let hold = fan.post("/api/v1/reservations", sale.seats(&[4, 5, 6, 7])).await;
    assert_eq!(hold.status, 201, "an invitation is no purchase: {hold:?}");
    assert_eq!(service.audit().await, []);
}

async fn complimentary_tickets_are_shown_in_the_older_contracts(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let (guest, _) = service.new_user().await.join(&sale.concert_id).await;
    let address = email(&guest).await;
    let given = sale.organizer(&service).post(&gifts(&sale), gift(&address, &[1, 2])).await;
    let (id, user_id) = (given.text_at("id"), guest.get("/api/v1/users/me").await.text_at("id"));

    let listed = guest.get(&format!("/reservation?userId={user_id}")).await;
    let tickets = listed.body.as_array().unwrap();
    assert_eq!(tickets.len(), 2, "one for each seat: {listed:?}");
    assert!(tickets.iter().all(|it| it["reservationId"] == id && it["paymentId"].is_null()));
    let one = guest.get(&format!("/reservation/{id}")).await;
    assert_eq!((one.status.as_u16(), &one.body["paymentId"]), (200, &Value::Null));
    let hold = guest.get(&format!("/temporary-reservation/{id}")).await;
    assert_eq!(hold.status, 200);
    assert_eq!(guest.get(&format!("/payment?userId={user_id}")).await.body, json!([]));
    for body in [json!({"reservationId": id}), json!({"userId": user_id, "amount": 1})] {
        let paid = guest.post("/payment", body).await;
        assert!(paid.status.is_client_error(), "there is nothing to pay: {paid:?}");
    }
    let stranger = service.new_user().await;
    assert_eq!(stranger.get(&format!("/reservation/{id}")).await.status, 404);
    assert_eq!(service.audit().await, []);
}

async fn complimentary_tickets_are_counted_and_exported_apart(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let guest = service.new_user().await;
    let given = organizer.post(&gifts(&sale), gift(&email(&guest).await, &[1])).await;
    let concert = format!("/api/v1/concerts/{}", sale.concert_id);

    let sales = organizer.get(&format!("{concert}/sales")).await;
    let counts = ["sold", "complimentary", "revenue"].map(|name| sales.body[0][name].clone());
    assert_eq!(counts, [json!(1), json!(1), json!(0)]);
    assert_eq!(organizer.get(&format!("{concert}/sales/days")).await.body, json!([]));
    let orders = organizer.get(&format!("/api/v1/orders?concertId={}", sale.concert_id)).await;
    assert_eq!(orders.body["items"][0]["reservation"], given.body);
    let table = organizer.request(reqwest::Method::GET, &format!("{concert}/attendees.csv"));
    let table = table.send().await.unwrap().text().await.unwrap();
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let at = |name: &str| lines[0].iter().position(|cell| cell.ends_with(name)).unwrap();
    let cells = ["price", "complimentary", "paid_at"].map(|name| lines[1][at(name)]);
    assert_eq!(cells, ["0", "yes", ""], "{table}");
}

async fn staff_cancel_a_complimentary_ticket_and_its_holder_does_not(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let guest = service.new_user().await;
    let given = organizer.post(&gifts(&sale), gift(&email(&guest).await, &[1])).await;
    let id = given.text_at("id");

    let own = guest.post(&format!("/api/v1/reservations/{id}/cancellation"), json!({})).await;
    assert_eq!(own.refusal(), (409, "COMPLIMENTARY_TICKET"));
    let cancel = format!("/api/v1/orders/{id}/cancellation");
    let cancelled = organizer.post(&cancel, json!({"reason": "Not coming."})).await;

    assert_eq!((cancelled.status.as_u16(), cancelled.text_at("status")), (200, "CANCELLED".into()));
    assert_eq!(guest.get("/api/v1/points/history").await.body["items"], json!([]));
    let (fan, _) = guest.join(&sale.concert_id).await;
    assert_eq!(fan.post("/api/v1/reservations", sale.seats(&[1])).await.status, 201);
    assert_eq!(service.audit().await, []);
}

async fn a_request_to_give_tickets_names_what_is_wrong(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = sale.organizer(&service);
    let fan = service.holder(&sale).await;
    let address = email(&fan).await;
    fan.post("/api/v1/reservations", sale.seats(&[2])).await;

    for (body, field) in [
        (gift("no-address", &[1]), "email"),
        (gift(&address, &[]), "seatNumbers"),
        (gift(&address, &[1, 3, 4, 5, 6]), "seatNumbers"),
        (json!({"email": address, "seatNumbers": [1], "reason": " "}), "reason"),
        (json!({"email": address, "reason": "x"}), "seatIds, seatNumbers"),
    ] {
        let refused = organizer.post(&gifts(&sale), body.clone()).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{body}");
        assert!(refused.body["detail"].as_str().unwrap().contains(field), "{refused:?}");
    }
    let unknown = organizer.post(&gifts(&sale), gift("unknown@example.com", &[1])).await;
    assert_eq!(unknown.refusal(), (404, "USER_NOT_FOUND"));
    let taken = organizer.post(&gifts(&sale), gift("unknown@example.com", &[1, 2])).await;
    assert_eq!(taken.refusal(), (409, "SEAT_TAKEN"), "the address comes last");
    assert_eq!(taken.body["seatNumbers"], json!([2]));
    assert_eq!(service.audit().await, []);
}

async fn no_other_user_gives_tickets(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let stranger = service.new_user_as(Role::Organizer).await;
    let fan = service.new_user().await;
    let address = email(&fan).await;

    for other in [&stranger, &fan] {
        for address in [address.as_str(), "unknown@example.com"] {
            let refused = other.post(&gifts(&sale), gift(address, &[1])).await;
            assert_eq!(refused.refusal(), (403, "FORBIDDEN"));
        }
    }
}
