use serde_json::json;
use stagedoor_domain::operations::{BlockRefused, SeatsChanged};
use uuid::Uuid;

use crate::services::{Services, Staff};
use crate::testing::{Answer, NOW, an_account, answer, answering, post, services};
use actix_web::http::header::AUTHORIZATION;

async fn block(verdict: Result<SeatsChanged, BlockRefused>) -> Answer {
    let services = services();
    let staff = Staff { block_seats: answering(verdict), ..services.staff.clone() };
    let path = format!("/api/v1/schedules/{}/seat-blocks", Uuid::from_u128(1));
    let body = json!({"seatNumbers": [3, 2], "reason": "Camera"});
    let request = post(&path, body).insert_header((AUTHORIZATION, an_account()));
    answer(Services { staff, ..services }, request).await
}

#[actix_web::test]
async fn each_refusal_of_a_block_has_its_status_and_code() {
    let table = [
        (BlockRefused::ScheduleNotFound, (404, "SCHEDULE_NOT_FOUND")),
        (BlockRefused::NotManager, (403, "FORBIDDEN")),
        (BlockRefused::SeatNotFound, (404, "SEAT_NOT_FOUND")),
        (BlockRefused::NotFree(vec![3]), (409, "SEAT_TAKEN")),
    ];
    for (refused, (status, code)) in table {
        assert_eq!(block(Err(refused)).await.refusal(), (status, code.to_owned()));
    }
}

#[actix_web::test]
async fn seats_that_are_not_blocked_are_named_when_they_are_unblocked() {
    let services = services();
    let refused = answering(Err(BlockRefused::NotBlocked(vec![3])));
    let staff = Staff { block_seats: refused, ..services.staff.clone() };
    let path = format!("/api/v1/schedules/{}/seat-blocks/removal", Uuid::from_u128(1));
    let request = post(&path, json!({"seatNumbers": [3, 2]}));
    let request = request.insert_header((AUTHORIZATION, an_account()));

    let answered = answer(Services { staff, ..services }, request).await;

    assert_eq!(answered.refusal(), (409, "SEAT_NOT_BLOCKED".to_owned()));
    assert_eq!(answered.json()["seatNumbers"], json!([3]));
}

#[actix_web::test]
async fn a_conflict_names_its_seats() {
    let answer = block(Err(BlockRefused::NotFree(vec![2, 3]))).await;

    assert_eq!(answer.json()["seatNumbers"], json!([2, 3]));
}

#[actix_web::test]
async fn a_block_is_answered_with_its_seats_and_reason() {
    let answer = block(Ok(SeatsChanged { numbers: vec![2, 3], at: NOW })).await;

    assert_eq!(answer.status, 201);
    let body = answer.json();
    assert_eq!((&body["seatNumbers"], &body["reason"]), (&json!([2, 3]), &json!("Camera")));
    assert_eq!(body["blockedAt"], "2026-11-21T10:00:00Z");
}
