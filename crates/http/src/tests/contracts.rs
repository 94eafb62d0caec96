//! Queue positions in the older contracts.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use serde_json::json;
use stagedoor_domain::operations::{HoldRefused, PayRefused};
use stagedoor_domain::ports::{MockLines, MockQueueTokens};
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::{Position, QueueToken, TokenState};
use time::Duration;

use crate::services::Services;
use crate::testing::{
    NOW, a_pass, a_position, a_queue_token, a_room, answer, answering, post, request, services,
};

/// Services with one queue token, and the number of tokens ahead if it waits.
fn with_token(state: TokenState, ahead: u64) -> Services {
    let waits = matches!(state, TokenState::Waiting { .. });
    let position = Position { ahead, waiting: 1_200 };
    let mut lines = MockLines::new();
    lines.expect_look().returning(move |_, _, _| waits.then(|| a_position(position)));
    lines.expect_position_at().returning(move |_, _| position);
    lines.expect_waiting().returning(|_| 1_200);
    lines.expect_room().returning(|_| Some(a_room()));
    lines.expect_admission_rate().returning(|_| None);
    lines.expect_note_heartbeat().returning(|_| Ok(()));
    let mut tokens = MockQueueTokens::new();
    let token = QueueToken { state, ..a_queue_token() };
    tokens.expect_queue_token().returning(move |_| Ok(Some((token.clone(), a_room()))));
    let mut services = services();
    let (lines, tokens) = (Arc::new(lines), Arc::new(tokens));
    services.lines = lines.clone();
    services.waiting_room.lines = lines;
    services.waiting_room.queue_tokens = tokens.clone();
    services.admission.queue_tokens = tokens;
    services
}

#[actix_web::test]
async fn ost_counts_the_position_while_it_waits_and_0_once_it_is_in() {
    let waiting = a_queue_token().state;
    let active = TokenState::Active { since: NOW, expires_at: NOW + Duration::MINUTE };
    let table =
        [(waiting, 0, 1, "WAITING"), (waiting, 41, 42, "WAITING"), (active, 9, 0, "PROCESSING")];
    for (state, ahead, count, status) in table {
        let request = request(Method::GET, "/concert-queue")
            .insert_header((AUTHORIZATION, a_pass()))
            .insert_header(("tokenId", a_queue_token().id.to_string()));

        let answer = answer(with_token(state, ahead), request).await;

        assert_eq!(answer.status, 200, "{}", answer.text);
        let body = answer.json();
        assert_eq!((body["count"].as_u64(), body["status"].as_str()), (Some(count), Some(status)));
    }
}

/// Services that refuse to hold or to be paid because the token waits or has expired.
fn refusing(why: NotActive, heartbeats: usize) -> Services {
    let mut services = with_token(a_queue_token().state, 0);
    let mut lines = MockLines::new();
    lines.expect_look().returning(|_, _, _| Some(a_position(Position { ahead: 0, waiting: 1 })));
    lines.expect_note_heartbeat().times(heartbeats).returning(|_| Ok(()));
    services.waiting_room.lines = Arc::new(lines);
    services.hold_seats = answering(Err(HoldRefused::NotActive(why).into()));
    services.pay = answering(Err(PayRefused::NotActive(why).into()));
    services
}

#[actix_web::test]
async fn a_request_refused_because_the_token_waits_is_a_heartbeat_in_every_contract() {
    let id = a_queue_token().id.to_string();
    let requests: [fn(&str) -> TestRequest; 4] = [
        |id| post("/payment", json!({"reservationId": id})),
        |id| post("/reservation", json!({"concertScheduleId": id, "seatId": id})),
        |id| post("/api/v1/payments", json!({"reservationId": id})),
        |id| post("/api/v1/reservations", json!({"scheduleId": id, "seatIds": [id]})),
    ];
    for (why, status, heartbeats) in [(NotActive::Waiting, 403, 1), (NotActive::Expired, 401, 0)] {
        for made in requests {
            let request = made(&id).insert_header((AUTHORIZATION, a_pass()));
            let answer = answer(refusing(why, heartbeats), request).await;
            assert_eq!(answer.status, status, "{}", answer.text);
        }
    }
}
