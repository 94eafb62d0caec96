use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER};
use actix_web::test::TestRequest;
use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::json;
use stagedoor_domain::operations::{HoldRefused, HoldSeats};
use stagedoor_domain::ports::{Submit, SubmitError};
use stagedoor_domain::{Submission, Verdict};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::*;
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::testing::{Server, a_pass, post, request, services, settings};

const EXEMPT: LoadClass = LoadClass::Exempt;
const READ: LoadClass = LoadClass::Read;
const ENTRY: LoadClass = LoadClass::Entry;
const BOOKING: LoadClass = LoadClass::Booking;

#[test]
fn bookings_at_their_bound_leave_reads_and_health_alone() {
    let all = RequestsInFlight::new(1);
    let held = all.admit(BOOKING).unwrap();

    assert_eq!(all.admit(BOOKING).err(), Some(ApiError::Overloaded));
    let read = all.admit(READ).unwrap();
    assert_eq!(all.admit(READ).err(), Some(ApiError::Overloaded));
    assert!(all.admit(EXEMPT).unwrap().is_none());

    drop((held, read));
    assert!(all.admit(BOOKING).is_ok());
}

#[test]
fn entries_have_a_quarter_of_the_budget_while_bookings_are_in_flight() {
    let all = RequestsInFlight::new(8);

    let inside = all.admit(BOOKING).unwrap();
    let first = all.admit(ENTRY).unwrap();
    assert_eq!(all.admit(ENTRY).err(), Some(ApiError::Overloaded));
    let others: Vec<_> = (0..7).map(|_| all.admit(BOOKING).unwrap()).collect();
    assert_eq!(all.admit(BOOKING).err(), Some(ApiError::Overloaded));

    drop((inside, first, others));
    assert!(all.admit(ENTRY).is_ok());
}

#[test]
fn entries_use_up_nothing_of_the_budget_of_bookings() {
    let all = RequestsInFlight::new(8);

    let coming: Vec<_> = (0..8).map(|_| all.admit(ENTRY).unwrap()).collect();
    assert_eq!(all.admit(ENTRY).err(), Some(ApiError::Overloaded));
    let inside: Vec<_> = (0..8).map(|_| all.admit(BOOKING).unwrap()).collect();

    assert_eq!((coming.len(), inside.len()), (8, 8));
}

#[actix_web::test]
async fn an_encoded_path_belongs_to_the_budget_of_its_route() {
    let gate = Arc::new(Semaphore::new(0));
    let services = Services { hold_seats: Arc::new(Slow(gate.clone())), ..services() };
    let settings = HttpSettings { requests_max: 4, ..settings() };
    let server = Server::new(services, settings).await;
    let mut inside = Box::pin(server.answer(hold()));
    assert!(inside.as_mut().now_or_never().is_none(), "it waits for its batch");

    for path in ["/api/v1/sessions", "/api/v1/session%73", "/%61pi/v1/sessions"] {
        let refused = server.answer(post(path, json!({}))).await;
        assert_eq!(refused.refusal(), (503, "OVERLOADED".to_owned()), "{path}");
    }
    gate.add_permits(1);
    assert_eq!(inside.await.refusal(), (409, "SEAT_TAKEN".to_owned()));
}

/// A batch worker in which commands wait until it is let go on.
struct Slow(Arc<Semaphore>);

#[async_trait]
impl Submit<HoldSeats> for Slow {
    async fn submit(&self, _: Submission<HoldSeats>) -> Result<Verdict<HoldSeats>, SubmitError> {
        self.0.acquire().await.unwrap().forget();
        Ok(Err(HoldRefused::SeatTaken.into()))
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
    assert!(first.as_mut().now_or_never().is_none(), "it waits for its batch");

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
