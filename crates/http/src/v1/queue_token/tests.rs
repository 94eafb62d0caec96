use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use mockall::predicate::eq;
use stagedoor_domain::operations::{JoinRoom, Joined};
use stagedoor_domain::ports::{MockLines, MockQueueTokens, MockRooms, MockSubmit};
use stagedoor_domain::{ExpiryReason, Position, RoomId, TokenState};
use uuid::Uuid;

use crate::services::Services;
use crate::testing::{
    NOW, a_pass, a_position, a_queue_token, a_room, an_account, answer, request, services,
};

fn with_lines(position: Option<Position>) -> Services {
    let mut lines = MockLines::new();
    lines.expect_look().returning(move |_, _, _| position.map(a_position));
    lines.expect_position_at().returning(|_, _| Position { ahead: 2, waiting: 3 });
    lines.expect_waiting().returning(|_| 3);
    lines.expect_room().returning(|_| Some(a_room()));
    lines.expect_room_of_concert().returning(|_| None);
    lines.expect_admission_rate().returning(|_| None);
    lines.expect_note_heartbeat().returning(|_| Ok(()));
    let mut services = services();
    services.waiting_room.lines = Arc::new(lines);
    services
}

#[actix_web::test]
async fn a_new_token_is_201_and_an_old_one_200_with_its_place() {
    for (is_new, status) in [(true, 201), (false, 200)] {
        let mut submit = MockSubmit::<JoinRoom>::new();
        submit
            .expect_submit()
            .withf(|request| request.command.room_id == RoomId::SITE)
            .returning(move |_| Ok(Ok(Joined { token: a_queue_token(), is_new, at: NOW })));
        let mut services = with_lines(None);
        services.waiting_room.join_room = Arc::new(submit);
        let request = request(Method::POST, "/api/v1/queue-tokens");

        let answer = answer(services, request.insert_header((AUTHORIZATION, an_account()))).await;

        assert_eq!(answer.status, status, "{}", answer.text);
        let body = answer.json();
        assert_eq!(body["position"], 3);
        assert_eq!(body["status"], "WAITING");
        assert_eq!(body["token"].as_str().unwrap().split('.').count(), 3);
    }
}

#[actix_web::test]
async fn joining_the_room_of_a_concert_that_does_not_exist_is_not_found() {
    let mut rooms = MockRooms::new();
    rooms.expect_room_of_concert().returning(|_| Ok(None));
    let mut services = with_lines(None);
    services.waiting_room.rooms = Arc::new(rooms);
    let path = format!("/api/v1/concerts/{}/queue-tokens", Uuid::from_u128(1));
    let request = request(Method::POST, &path).insert_header((AUTHORIZATION, an_account()));

    let answer = answer(services, request).await;

    assert_eq!(answer.refusal(), (404, "CONCERT_NOT_FOUND".to_owned()));
}

#[actix_web::test]
async fn a_place_in_line_says_how_many_are_ahead_and_when_to_ask_again() {
    let services = with_lines(Some(Position { ahead: 41, waiting: 1200 }));
    let request = request(Method::GET, "/api/v1/queue-tokens/me");

    let body = answer(services, request.insert_header((AUTHORIZATION, a_pass()))).await.json();

    assert_eq!(body["position"], 42);
    assert_eq!(body["ahead"], 41);
    assert_eq!(body["waiting"], 1200);
    assert_eq!(body["pollAfterSeconds"], 4);
    assert_eq!(body["estimatedWaitSeconds"], serde_json::Value::Null);
    assert_eq!(body["expiresAt"], "2026-11-21T10:10:00Z");
}

#[actix_web::test]
async fn a_token_that_has_ended_can_still_be_read_but_not_kept_alive() {
    for (method, path, status) in [
        (Method::GET, "/api/v1/queue-tokens/me", 200),
        (Method::POST, "/api/v1/queue-tokens/me/keep-alive", 401),
    ] {
        let mut token = a_queue_token();
        token.state = TokenState::Expired { reason: ExpiryReason::Completed, at: NOW };
        let mut queue_tokens = MockQueueTokens::new();
        queue_tokens
            .expect_queue_token()
            .with(eq(token.id))
            .returning(move |_| Ok(Some((token.clone(), a_room()))));
        let mut services = with_lines(None);
        services.waiting_room.queue_tokens = Arc::new(queue_tokens);
        let request = request(method, path).insert_header((AUTHORIZATION, a_pass()));

        let answer = answer(services, request).await;

        assert_eq!(answer.status, status);
        if status == 200 {
            assert_eq!(answer.json()["reason"], "COMPLETED");
        }
    }
}
