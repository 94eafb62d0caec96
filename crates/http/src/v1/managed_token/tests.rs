use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use mockall::predicate::{eq, function};
use serde_json::json;
use stagedoor_domain::operations::ReadUser;
use stagedoor_domain::ports::{MockQueueTokens, MockSubmit};
use stagedoor_domain::{ExpiryReason, QueueTokenId, Role, TokenState, UserId};

use super::*;
use crate::testing::{Answer, NOW, a_queue_token, a_room, answer, keys, request};
use crate::tests::authorization::{services_of_a, user};

const SECOND: time::Duration = time::Duration::SECOND;

fn a_token_in(id: u128, state: TokenState) -> (QueueToken, Room) {
    (QueueToken { id: QueueTokenId(Uuid::from_u128(id)), state, ..a_queue_token() }, a_room())
}

/// A store in which user 11 has these tokens.
fn with_tokens(mut services: Services, tokens: &[(QueueToken, Room)]) -> Services {
    let tokens = tokens.to_vec();
    let mut queue_tokens = MockQueueTokens::new();
    queue_tokens.expect_queue_tokens_of().with(eq(user(11))).returning(move |_| Ok(tokens.clone()));
    services.waiting_room.queue_tokens = Arc::new(queue_tokens);
    services
}

async fn tokens_of(services: Services, reader: u128, owner: UserId) -> Answer {
    let token = keys().access_token(user(reader), "Staff", 0, NOW, 60).unwrap();
    let request = request(Method::GET, &format!("/api/v1/queue-tokens?userId={}", owner.0));
    answer(services, request.insert_header((AUTHORIZATION, format!("Bearer {token}")))).await
}

#[actix_web::test]
async fn an_operator_reads_the_live_tokens_of_a_user_and_that_is_recorded() {
    let mut read_user = MockSubmit::<ReadUser>::new();
    let names = |submission: &Submission<ReadUser>| {
        let ReadUser { operator_id, user_id, part, .. } = submission.command;
        (operator_id, user_id, part) == (user(7), user(11), UserPart::Account)
    };
    read_user.expect_submit().with(function(names)).times(1).returning(|_| Ok(Ok(())));
    let ended = TokenState::Expired { reason: ExpiryReason::Left, at: NOW };
    let tokens = [
        a_token_in(1, TokenState::Waiting { seen_at: NOW, idle_at: NOW + SECOND }),
        a_token_in(2, TokenState::Waiting { seen_at: NOW, idle_at: NOW }),
        a_token_in(3, TokenState::Active { since: NOW, expires_at: NOW + SECOND }),
        a_token_in(4, TokenState::Active { since: NOW, expires_at: NOW }),
        a_token_in(5, ended),
    ];
    let mut services = with_tokens(services_of_a(Role::Operator), &tokens);
    services.read_user = Arc::new(read_user);

    let answered = tokens_of(services, 7, user(11)).await;

    let body = answered.json();
    let live = body.as_array().unwrap().iter().map(|token| (&token["id"], &token["status"]));
    let expected = [(1, "WAITING"), (3, "ACTIVE")];
    let expected = expected.map(|(id, status)| (json!(Uuid::from_u128(id)), json!(status)));
    assert_eq!(live.collect::<Vec<_>>(), expected.each_ref().map(|(id, status)| (id, status)));
    assert_eq!((&body[0]["concertId"], &body[0]["roomId"]), (&json!(null), &json!(a_room().id.0)));
}

#[actix_web::test]
async fn no_other_user_reads_the_tokens_of_a_user() {
    for role in [Role::Organizer, Role::Fan] {
        let answered = tokens_of(with_tokens(services_of_a(role), &[]), 7, user(11)).await;

        assert_eq!(answered.status, 403, "{role:?}");
    }
}
