use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use mockall::predicate::{always, eq, function};
use serde_json::json;
use stagedoor_domain::operations::{CancelByStaffRefused, ReadUser};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::ports::{MockOrders, MockSubmit, MockUsers, StoreError};
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{Email, Page, PersonName, Profile, ReservationStatus, Role, ScheduleId};

use super::*;
use crate::testing::{
    Answer, NOW, a_user, an_account, answer, answering, keys, post, request, services,
};
use crate::tests::authorization::{services_of_a, user};
use crate::v1::reservation::tests::a_reservation;

/// The concert of [`services_of_a`], which is user 9's.
const CONCERT: &str = "00000000-0000-0000-0000-000000000001";

fn an_order_of(holder: u128) -> Order {
    let holder = Profile {
        id: user(holder),
        name: PersonName::parse("Fan").unwrap(),
        email: Email::parse("fan@example.com").unwrap(),
        role: Role::Fan,
        created_at: NOW,
    };
    Order { reservation: a_reservation(), holder, starts_at: NOW }
}

/// Orders of these users, one each.
fn orders_of(holders: &'static [u128]) -> Arc<MockOrders> {
    let mut orders = MockOrders::new();
    orders.expect_orders().returning(|_, _, _, _| {
        let items = holders.iter().copied().map(an_order_of).collect();
        Ok(Page { items, next: None })
    });
    Arc::new(orders)
}

async fn read(services: Services, reader: u128, query: &str) -> Answer {
    let token = keys().access_token(user(reader), "Staff", 0, NOW, 60).unwrap();
    let request = request(Method::GET, &format!("/api/v1/orders?{query}"));
    answer(services, request.insert_header((AUTHORIZATION, format!("Bearer {token}")))).await
}

#[actix_web::test]
async fn orders_are_found_by_all_that_the_query_names() {
    let mut orders = MockOrders::new();
    let expected = OrderQuery {
        concert_id: CONCERT.parse().ok(),
        schedule_id: Some(ScheduleId(uuid::Uuid::from_u128(23))),
        status: Some(ReservationStatus::Confirmed),
        text: Some(OrderText::parse("kim").unwrap()),
    };
    let found = |_: &_, _, _, _| Ok(Page { items: Vec::new(), next: None });
    orders
        .expect_orders()
        .with(eq(expected), eq(None), always(), eq(NOW))
        .times(1)
        .returning(found);
    let mut services = services_of_a(Role::Operator);
    services.orders = Arc::new(orders);

    let schedule_id = uuid::Uuid::from_u128(23);
    let query =
        format!("q=%20kim&concertId={CONCERT}&scheduleId={schedule_id}&status=CONFIRMED&limit=7");
    let answered = read(services, 7, &query).await;

    assert_eq!(answered.status, 200, "{}", answered.text);
}

#[actix_web::test]
async fn an_operators_read_is_recorded_once_for_each_holder() {
    for query in ["", &format!("concertId={CONCERT}")] {
        let mut read_user = MockSubmit::<ReadUser>::new();
        for holder in [11, 12] {
            let names = move |submission: &Submission<ReadUser>| {
                let ReadUser { operator_id, user_id, part, .. } = submission.command;
                (operator_id, user_id, part) == (user(7), user(holder), UserPart::Reservations)
            };
            read_user.expect_submit().with(function(names)).times(1).returning(|_| Ok(Ok(())));
        }
        let mut services = services_of_a(Role::Operator);
        services.orders = orders_of(&[11, 12, 11]);
        services.read_user = Arc::new(read_user);

        let answered = read(services, 7, query).await;

        assert_eq!(answered.json()["items"].as_array().map(Vec::len), Some(3), "{}", answered.text);
        assert_eq!(answered.json()["items"][0]["holder"]["email"], "fan@example.com");
    }
}

#[actix_web::test]
async fn organizers_read_the_orders_of_their_own_concerts_unrecorded_and_no_others() {
    let own = format!("concertId={CONCERT}");
    for (reader, query, status) in [(9, own.as_str(), 200), (8, &own, 403), (9, "", 403)] {
        let mut services = services_of_a(Role::Organizer);
        services.orders = orders_of(&[11]);

        let answered = read(services, reader, query).await;

        assert_eq!(answered.status, status, "{reader} {query}");
    }
}

/// Otherwise an operator could read unrecorded while the store fails.
#[actix_web::test]
async fn a_reader_whose_role_cannot_be_read_is_not_taken_for_an_organizer() {
    let mut users = MockUsers::new();
    users.expect_user().returning(|_| Err(StoreError::Unavailable("gone".to_owned())));
    let mut services = services_of_a(Role::Organizer);
    services.people.users = Arc::new(users);

    let answered = read(services, 9, &format!("concertId={CONCERT}")).await;

    assert_eq!(answered.refusal(), (503, "UNAVAILABLE".to_owned()));
}

#[actix_web::test]
async fn bad_queries_name_their_field() {
    let long = format!("q={}", "x".repeat(101));
    let table = [
        ("q=%20", "q"),
        (&long, "q"),
        ("concertId=17", "concertId"),
        ("scheduleId=17", "scheduleId"),
        ("status=PAID", "status"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
    ];
    for (query, field) in table {
        let refused = read(services(), 7, query).await;

        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()), "{query}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{query}");
    }
}

#[actix_web::test]
async fn each_refusal_of_a_cancellation_by_staff_has_its_status_and_code() {
    let table = [
        (CancelByStaffRefused::ReservationNotFound, (404, "RESERVATION_NOT_FOUND")),
        (CancelByStaffRefused::NotManager, (403, "FORBIDDEN")),
        (CancelByStaffRefused::NotHeld(NotHeld::Over), (410, "HOLD_EXPIRED")),
        (CancelByStaffRefused::NotHeld(NotHeld::Cancelled), (409, "RESERVATION_CANCELLED")),
        (CancelByStaffRefused::Balance(BalanceRefused::TooLarge), (409, "BALANCE_TOO_LARGE")),
    ];
    for (refused, (status, code)) in table {
        let mut services = services();
        services.staff.cancel_by_staff = answering(Err(refused));

        let answered = cancel_with(services, json!({"reason": "Chargeback."})).await;

        assert_eq!(answered.refusal(), (status, code.to_owned()));
    }
}

async fn cancel_with(services: Services, body: serde_json::Value) -> Answer {
    let path = format!("/api/v1/orders/{}/cancellation", a_reservation().id);
    answer(services, post(&path, body).insert_header((AUTHORIZATION, an_account()))).await
}

#[actix_web::test]
async fn a_cancellation_by_staff_needs_a_reason_and_says_who_asked() {
    let table = [
        (json!({}), "body"),
        (json!({"reason": " "}), "reason"),
        (json!({"reason": "x".repeat(301)}), "reason"),
    ];
    for (body, field) in table {
        let refused = cancel_with(services(), body).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()));
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
    let mut submit = MockSubmit::<CancelByStaff>::new();
    let asked = |submission: &Submission<CancelByStaff>| {
        let command = &submission.command;
        command.manager_id == a_user() && command.reason.as_str() == "Chargeback."
    };
    submit.expect_submit().with(function(asked)).times(1).returning(|_| Ok(Ok(a_reservation())));
    let mut services = services();
    services.staff.cancel_by_staff = Arc::new(submit);

    let ended = cancel_with(services, json!({"reason": "Chargeback."})).await;

    assert_eq!(ended.json()["id"], a_reservation().id.to_string());
}
