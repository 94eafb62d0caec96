use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER};
use actix_web::test::TestRequest;
use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::json;
use stagedoor_domain::operations::{HoldRefused, HoldSeats};
use stagedoor_domain::ports::{Submit, SubmitError};
use stagedoor_domain::{Request, Verdict};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::*;
use crate::openapi;
use crate::services::{HttpSettings, Services};
use crate::testing::{Server, a_pass, post, request, services, settings};

#[test]
fn a_full_house_of_changes_leaves_reads_and_health_alone() {
    let all = RequestsInHand::new(1);
    let held = all.take(&Method::POST, "/api/v1/reservations").unwrap();

    assert_eq!(all.take(&Method::DELETE, "/x").err(), Some(ApiError::Overloaded));
    let read = all.take(&Method::GET, "/api/v1/queue-tokens/me").unwrap();
    assert_eq!(all.take(&Method::GET, "/x").err(), Some(ApiError::Overloaded));
    for path in ALWAYS {
        assert!(all.take(&Method::GET, path).unwrap().is_none(), "{path}");
    }

    drop((held, read));
    assert!(all.take(&Method::POST, "/x").is_ok());
}

#[test]
fn while_others_are_inside_those_who_come_in_take_a_quarter() {
    let all = RequestsInHand::new(8);
    let (join, hold) = ("/api/v1/queue-tokens", "/api/v1/reservations");
    let take = |path| all.take(&Method::POST, path);

    let inside = take(hold).unwrap();
    let first = take(join).unwrap();
    assert_eq!(take(join).err(), Some(ApiError::Overloaded));
    let others: Vec<_> = (0..7).map(|_| take(hold).unwrap()).collect();
    assert_eq!(take(hold).err(), Some(ApiError::Overloaded));

    drop((inside, first, others));
    assert!(take(join).is_ok());
}

#[test]
fn those_who_come_in_take_no_place_from_those_inside() {
    let all = RequestsInHand::new(8);
    let take = |path| all.take(&Method::POST, path);

    let coming: Vec<_> = (0..8).map(|_| take("/api/v1/queue-tokens").unwrap()).collect();
    assert_eq!(take("/api/v1/queue-tokens").err(), Some(ApiError::Overloaded));
    let inside: Vec<_> = (0..8).map(|_| take("/api/v1/reservations").unwrap()).collect();

    assert_eq!((coming.len(), inside.len()), (8, 8));
}

#[test]
fn those_who_come_in_are_those_who_sign_up_log_in_or_join() {
    let coming = [
        "joinConcertRoom",
        "joinSiteRoom",
        "logIn",
        "ostEnterQueue",
        "ostIssueToken",
        "reservationIssueToken",
        "signUp",
        "ticketingEnter",
    ];
    let document = openapi::document();

    let paths = document.paths.paths.iter();
    let posted = paths.filter_map(|(path, item)| Some((path, item.post.as_ref()?)));
    let mut found: Vec<_> = posted
        .filter(|(path, _)| is_coming(&Method::POST, path))
        .filter_map(|(_, operation)| operation.operation_id.as_deref())
        .collect();
    found.sort_unstable();

    assert_eq!(found, coming);
}

/// A lane in which commands wait until it is let go on.
struct Slow(Arc<Semaphore>);

#[async_trait]
impl Submit<HoldSeats> for Slow {
    async fn submit(&self, _: Request<HoldSeats>) -> Result<Verdict<HoldSeats>, SubmitError> {
        self.0.acquire().await.unwrap().forget();
        Ok(Err(HoldRefused::SeatTaken))
    }
}

fn hold() -> TestRequest {
    let body = json!({"scheduleId": Uuid::nil(), "bestAvailable": 1});
    post("/api/v1/reservations", body).insert_header((AUTHORIZATION, a_pass()))
}

#[actix_web::test]
async fn above_the_bound_requests_are_refused_at_once_and_below_it_they_are_served_again() {
    let gate = Arc::new(Semaphore::new(0));
    let services = Services { hold_seats: Arc::new(Slow(gate.clone())), ..services() };
    let settings = HttpSettings { requests_max: 1, ..settings() };
    let server = Server::new(services, settings).await;
    let mut first = Box::pin(server.answer(hold()));
    assert!(first.as_mut().now_or_never().is_none(), "it waits in its lane");

    // It would wait for ever, as the first one does, if it was not refused.
    let refused = server.answer(hold()).await;
    let health = server.answer(request(Method::GET, "/healthz")).await;
    let metrics = server.answer(request(Method::GET, "/metrics")).await;
    gate.add_permits(2);

    assert_eq!(refused.refusal(), (503, "OVERLOADED".to_owned()));
    let seconds: u64 = refused.header(RETRY_AFTER).parse().unwrap();
    assert!((1..=5).contains(&seconds), "{seconds}");
    assert_eq!((health.status.as_u16(), metrics.status.as_u16()), (200, 401));
    assert_eq!(first.await.refusal(), (409, "SEAT_TAKEN".to_owned()));
    assert_eq!(server.answer(hold()).await.refusal(), (409, "SEAT_TAKEN".to_owned()));
}
