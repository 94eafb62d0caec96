use actix_web::http::header::AUTHORIZATION;
use serde_json::json;
use stagedoor_domain::operations::{Paid, Pay, PayRefused};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{
    ExpiryReason, Payment, PaymentId, Points, QueueToken, Refused, Reservation, ReservationState,
    TokenState, Verdict,
};
use uuid::Uuid;

use crate::services::Services;
use crate::testing::{
    Answer, NOW, a_pass, a_queue_token, a_user, answer, answering, post, services,
};
use crate::v1::reservation::tests::a_reservation;

async fn pay(verdict: Verdict<Pay>) -> Answer {
    let services = Services { pay: answering(verdict), ..services() };
    let body = json!({"reservationId": a_reservation().id.0});
    let request = post("/api/v1/payments", body).insert_header((AUTHORIZATION, a_pass()));
    answer(services, request).await
}

#[actix_web::test]
async fn each_refusal_of_a_payment_has_its_status_and_code() {
    let table = [
        (PayRefused::NotActive(NotActive::Waiting), (403, "TOKEN_WAITING")),
        (PayRefused::NotActive(NotActive::Expired), (401, "TOKEN_EXPIRED")),
        (PayRefused::ReservationNotFound, (404, "RESERVATION_NOT_FOUND")),
        (PayRefused::OtherRoom, (403, "FORBIDDEN")),
        (PayRefused::NotHeld(NotHeld::Over), (410, "HOLD_EXPIRED")),
        (PayRefused::NotHeld(NotHeld::Paid), (409, "ALREADY_PAID")),
        (PayRefused::NotHeld(NotHeld::Cancelled), (409, "RESERVATION_CANCELLED")),
        (PayRefused::OtherPrice(Points::ZERO), (400, "VALIDATION")),
        (PayRefused::Balance(BalanceRefused::Insufficient), (409, "INSUFFICIENT_POINTS")),
    ];
    assert_eq!(pay(Err(Refused::KeyReused)).await.refusal().0, 422);
    for (refused, (status, code)) in table {
        assert_eq!(pay(Err(refused.into())).await.refusal(), (status, code.to_owned()));
    }
}

#[actix_web::test]
async fn a_second_payment_is_told_the_reservation_that_is_paid() {
    let answer = pay(Err(PayRefused::NotHeld(NotHeld::Paid).into())).await;

    assert_eq!(answer.json()["reservationId"], json!(a_reservation().id.0));
}

fn paid_with(state: TokenState) -> Paid {
    Paid {
        payment: Payment {
            id: PaymentId(Uuid::from_u128(30)),
            user_id: a_user(),
            reservation_id: a_reservation().id,
            amount: Points::new(10_000).unwrap(),
            created_at: NOW,
        },
        balance: Points::new(5_000).unwrap(),
        reservation: Reservation {
            state: ReservationState::Confirmed { at: NOW },
            ..a_reservation()
        },
        token: QueueToken { state, ..a_queue_token() },
        late: false,
    }
}

#[actix_web::test]
async fn a_payment_is_answered_with_all_that_it_changed() {
    let completed = TokenState::Expired { reason: ExpiryReason::Completed, at: NOW };

    let answer = pay(Ok(paid_with(completed))).await;

    assert_eq!(answer.status, 201);
    let body = answer.json();
    assert_eq!(body["status"], "COMPLETED");
    assert_eq!(body["amount"], 10_000);
    assert_eq!(body["balance"], 5_000);
    assert_eq!(body["reservation"]["status"], "CONFIRMED");
    assert_eq!(body["queueToken"]["status"], "EXPIRED");
    assert_eq!(body["queueToken"]["reason"], "COMPLETED");
}

#[actix_web::test]
async fn a_token_that_had_ended_with_its_hold_is_answered_with_its_own_reason() {
    let timed_out = TokenState::Expired { reason: ExpiryReason::TimedOut, at: NOW };

    let answer = pay(Ok(paid_with(timed_out))).await;

    assert_eq!(answer.json()["queueToken"]["reason"], "TIMED_OUT");
}
