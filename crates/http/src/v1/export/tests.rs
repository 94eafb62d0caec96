use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use stagedoor_domain::ports::{
    MockPayments, MockPointAccounts, MockReservations, MockTickets, MockUsers, PaymentDetails,
    StoreError, TicketDetails,
};
use stagedoor_domain::user::Sessions;
use stagedoor_domain::{
    BookingWindow, ConcertId, ConcertState, Email, Payment, PersonName, PointAccount, PointEntry,
    PointEntryId, PointKind, Points, QueueTokenId, Reservation, ReservationState, ReservedSeat,
    Role, Schedule, ScheduleId, Seat, SeatDetails, SeatId, SeatKind, SeatState, Ticket,
    TicketLimit, TicketNumber, TicketState, Title, User,
};
use uuid::Uuid;

use super::*;
use crate::settings::HttpSettings;
use crate::testing::{
    NOW, Server, a_pass, a_user, an_account, answer, request, services, settings,
};

fn ask() -> TestRequest {
    let request = request(Method::GET, "/api/v1/users/me/export");
    request.insert_header((AUTHORIZATION, an_account()))
}

fn points(amount: i64) -> Points {
    Points::new(amount).unwrap()
}

fn id(n: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(n).unwrap())
}

fn entry(number: i64) -> PointEntry {
    PointEntry {
        id: PointEntryId(id(number)),
        user_id: a_user(),
        number,
        kind: PointKind::Charge,
        amount: points(1),
        balance_after: points(number),
        payment_id: None,
        created_at: NOW,
    }
}

fn reservation(n: i64) -> Reservation {
    let label = "\"".repeat(40);
    let seat = |number: i32| ReservedSeat {
        id: SeatId(id(number.into())),
        number,
        row: 50_000,
        column: 50_000,
        label: label.clone(),
        price: Points::MAX,
        details: SeatDetails {
            kind: SeatKind::RestrictedView,
            row_label: Some("\"".repeat(10)),
            seat_number: Some(10_498),
        },
    };
    Reservation {
        id: ReservationId(id(n)),
        user_id: a_user(),
        concert_id: ConcertId(id(1)),
        schedule_id: ScheduleId(id(1)),
        queue_token_id: Some(QueueTokenId(id(1))),
        seats: (50_000..50_004).map(seat).collect(),
        total_price: Points::MAX,
        created_at: NOW,
        expires_at: NOW,
        extendable_until: None,
        reference: None,
        tickets_issued: false,
        state: ReservationState::Held,
    }
}

fn ticket(n: i64) -> TicketDetails {
    let made = reservation(n);
    let ReservedSeat { id, number, row, column, label, price, details } = made.seats[0].clone();
    let ticket = Ticket {
        id: TicketId(self::id(n)),
        number: TicketNumber::of_bits(0).unwrap(),
        reservation_id: made.id,
        concert_id: made.concert_id,
        schedule_id: made.schedule_id,
        seat_id: id,
        holder_id: made.user_id,
        issued_at: NOW,
        state: TicketState::Valid,
        version: 0,
    };
    let schedule_id = made.schedule_id;
    let state = SeatState::Free;
    TicketDetails {
        ticket,
        holder_name: PersonName::parse("Fan").unwrap(),
        seat: Seat { id, schedule_id, number, row, column, label, price, state, details },
        schedule: a_schedule(&made),
        reservation: made,
        title: Title::parse(&"\"".repeat(200)).unwrap(),
        venue: None,
    }
}

fn a_schedule(of: &Reservation) -> Schedule {
    Schedule {
        id: of.schedule_id,
        concert_id: of.concert_id,
        concert_state: ConcertState::Published,
        starts_at: NOW,
        ends_at: NOW,
        booking: BookingWindow { opens_at: NOW, closes_at: NOW },
        cancellation_closes_at: None,
        seat_count: 1,
        sold_count: 0,
        blocked_count: 0,
        ticket_limit: TicketLimit::default(),
        version: 0,
        moved: None,
        cancelled: None,
        created_at: NOW,
        plan: None,
    }
}

fn payment(n: i64) -> PaymentDetails {
    let payment = Payment {
        id: PaymentId(id(n)),
        user_id: a_user(),
        reservation_id: ReservationId(id(n)),
        amount: Points::MAX,
        created_at: NOW,
    };
    PaymentDetails { payment, reservation: reservation(n), balance: Points::MAX }
}

/// The page of a list of the numbers from `count` down to 1, below `after`.
fn page<T>(count: i64, after: Option<i64>, size: PageSize, item: fn(i64) -> T) -> Page<T, i64> {
    let below = after.map_or(count, |after| count.min(after - 1));
    let numbers = (1..=below).rev().take(size.items() + 1).collect();
    let Page { items, next } = Page::of(numbers, size, |number| *number);
    Page { items: items.into_iter().map(item).collect(), next }
}

fn number(id: Uuid) -> i64 {
    i64::try_from(id.as_u128()).unwrap()
}

/// Services of a user with lists of these lengths, and as many tickets as reservations. While they are read, one more entry is written.
fn with_lists(entries: i64, payments: i64, reservations: i64) -> Services {
    let mut users = MockUsers::new();
    users.expect_user().returning(|id| {
        Ok(Some(User {
            id,
            name: PersonName::parse("Fan").unwrap(),
            email: Email::parse("fan@example.com").unwrap(),
            password_hash: "secret".to_owned(),
            role: Role::Fan,
            created_at: NOW,
            sessions: Sessions::default(),
            contact: Default::default(),
        }))
    });
    let mut accounts = MockPointAccounts::new();
    accounts.expect_point_account().returning(move |user_id| {
        Ok(Some(PointAccount { user_id, balance: points(entries), entries }))
    });
    accounts
        .expect_point_entries()
        .withf(|user_id, _, _| *user_id == a_user())
        .returning(move |_, after, size| Ok(page(entries + 1, after, size, entry)));
    let mut of_payments = MockPayments::new();
    of_payments.expect_payments().withf(|user_id, _, _| *user_id == a_user()).returning(
        move |_, after, size| {
            let Page { items, next } =
                page(payments, after.map(|after| number(after.0)), size, payment);
            Ok(Page { items, next: next.map(|next| PaymentId(id(next))) })
        },
    );
    let mut of_reservations = MockReservations::new();
    of_reservations
        .expect_reservations()
        .withf(|user_id, status, _, _, _| *user_id == a_user() && status.is_none())
        .returning(move |_, _, after, size, _| {
            let Page { items, next } =
                page(reservations, after.map(|after| number(after.0)), size, reservation);
            Ok(Page { items, next: next.map(|next| ReservationId(id(next))) })
        });
    let mut of_tickets = MockTickets::new();
    of_tickets
        .expect_tickets()
        .withf(|user_id, of, _, _| *user_id == a_user() && of.is_none())
        .returning(move |_, _, after, size| {
            let Page { items, next } =
                page(reservations, after.map(|after| number(after.0)), size, ticket);
            Ok(Page { items, next: next.map(|next| TicketId(id(next))) })
        });
    let mut services = services();
    services.tickets.read = Arc::new(of_tickets);
    services.people.users = Arc::new(users);
    services.point_accounts = Arc::new(accounts);
    services.payments = Arc::new(of_payments);
    services.reservations = Arc::new(of_reservations);
    services
}

fn length(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

#[actix_web::test]
async fn an_export_without_any_list_is_one_document_to_be_saved() {
    let answer = answer(with_lists(0, 0, 0), ask()).await;

    let expected = json!({
        "exportedAt": "2026-11-21T10:00:00Z",
        "user": {
            "id": a_user().0, "name": "Fan", "email": "fan@example.com", "role": "FAN",
            "createdAt": "2026-11-21T10:00:00Z",
        },
        "balance": 0, "pointEntries": [], "payments": [], "reservations": [], "tickets": [],
    });
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected), "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"stagedoor-export.json\""
    );
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[actix_web::test]
async fn an_export_has_every_item_of_every_list_once_and_newest_first() {
    for (entries, payments, reservations) in
        [(1, 1, 1), (100, 101, 200), (201, 0, 99), (99, 250, 1)]
    {
        let answer = answer(with_lists(entries, payments, reservations), ask()).await;

        let document = answer.json();
        let ids = |list: &str| {
            let items = document[list].as_array().unwrap().iter();
            items.map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect::<Vec<Uuid>>()
        };
        let down_from = |count: i64| (1..=count).rev().map(id).collect::<Vec<_>>();
        assert_eq!(ids("pointEntries"), down_from(entries), "those that the balance counts");
        assert_eq!(document["balance"], entries);
        assert_eq!(ids("payments"), down_from(payments));
        assert_eq!(ids("reservations"), down_from(reservations));
        assert_eq!(ids("tickets"), down_from(reservations));
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
}

#[actix_web::test]
async fn the_fields_of_an_export_are_those_of_its_schema() {
    let document: Value = serde_json::from_str(&crate::openapi_json()).unwrap();
    let schema = &document["components"]["schemas"]["ExportBody"]["properties"];
    let exported = answer(with_lists(1, 1, 1), ask()).await.json();

    let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (mut documented, mut sent) = (names(schema), names(&exported));
    documented.sort_unstable();
    sent.sort_unstable();
    assert_eq!(documented, sent);
}

#[actix_web::test]
async fn the_memory_of_a_page_is_reserved_while_an_export_is_sent() {
    let unsent_bytes_max = 8 * PAGE_BYTES_MAX;
    let server =
        Server::new(with_lists(0, 100, 0), HttpSettings { unsent_bytes_max, ..settings() }).await;

    let first = server.unread(ask()).await;
    assert_eq!(server.unsent.held_bytes(), PAGE_BYTES_MAX);
    let second = server.answer(ask()).await;
    assert_eq!(second.refusal(), (429, "RATE_LIMITED".to_owned()), "a client has an eighth");
    let sent = to_bytes(first.into_body()).await.unwrap();

    assert!(sent.len() < PAGE_BYTES_MAX, "{} bytes", sent.len());
    let document: Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(length(&document["payments"]), 100);
    assert_eq!(server.unsent.held_bytes(), 0);
}

#[actix_web::test]
async fn an_export_that_fails_half_way_breaks_off() {
    let mut payments = MockPayments::new();
    payments
        .expect_payments()
        .returning(|_, _, _| Err(StoreError::Unavailable("secret cause".to_owned())));
    let services = Services { payments: Arc::new(payments), ..with_lists(1, 0, 0) };
    let server = Server::new(services, settings()).await;

    let begun = server.unread(ask()).await;

    assert_eq!(begun.status(), 200);
    let broken = to_bytes(begun.into_body()).await.unwrap_err();
    assert!(!broken.to_string().contains("secret"), "{broken}");
    assert_eq!(server.unsent.held_bytes(), 0);
}

#[actix_web::test]
async fn a_store_that_is_away_from_the_start_is_told() {
    let mut users = MockUsers::new();
    users.expect_user().returning(|_| Err(StoreError::Unavailable(String::new())));
    let mut away = services();
    away.people.users = Arc::new(users);

    assert_eq!(answer(away, ask()).await.refusal(), (503, "UNAVAILABLE".to_owned()));
}

#[actix_web::test]
async fn data_are_exported_to_the_users_own_access_token_alone() {
    let mut users = MockUsers::new();
    users.expect_user().returning(|_| Ok(None));
    let mut gone = services();
    gone.people.users = Arc::new(users);
    let by_pass = ask().insert_header((AUTHORIZATION, a_pass()));
    let by_none = request(Method::GET, "/api/v1/users/me/export");

    assert_eq!(answer(gone, ask()).await.refusal(), (404, "USER_NOT_FOUND".to_owned()));
    assert_eq!(answer(services(), by_pass).await.refusal(), (403, "FORBIDDEN".to_owned()));
    assert_eq!(answer(services(), by_none).await.refusal(), (401, "UNAUTHENTICATED".to_owned()));
}
