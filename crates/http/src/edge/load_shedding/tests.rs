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
use crate::edge::routes::Routes;
use crate::openapi::document;
use crate::services::{HttpSettings, Services};
use crate::testing::{Server, a_pass, post, request, services, settings};

const EXEMPT: LoadClass = LoadClass::Exempt;
const READ: LoadClass = LoadClass::Read;
const COME: LoadClass = LoadClass::Coming;
const INSIDE: LoadClass = LoadClass::Inside;

#[test]
fn a_full_house_of_changes_leaves_reads_and_health_alone() {
    let all = RequestsInHand::new(1);
    let held = all.take(INSIDE).unwrap();

    assert_eq!(all.take(INSIDE).err(), Some(ApiError::Overloaded));
    let read = all.take(READ).unwrap();
    assert_eq!(all.take(READ).err(), Some(ApiError::Overloaded));
    assert!(all.take(EXEMPT).unwrap().is_none());

    drop((held, read));
    assert!(all.take(INSIDE).is_ok());
}

#[test]
fn while_others_are_inside_those_who_come_in_take_a_quarter() {
    let all = RequestsInHand::new(8);

    let inside = all.take(INSIDE).unwrap();
    let first = all.take(COME).unwrap();
    assert_eq!(all.take(COME).err(), Some(ApiError::Overloaded));
    let others: Vec<_> = (0..7).map(|_| all.take(INSIDE).unwrap()).collect();
    assert_eq!(all.take(INSIDE).err(), Some(ApiError::Overloaded));

    drop((inside, first, others));
    assert!(all.take(COME).is_ok());
}

#[test]
fn those_who_come_in_take_no_place_from_those_inside() {
    let all = RequestsInHand::new(8);

    let coming: Vec<_> = (0..8).map(|_| all.take(COME).unwrap()).collect();
    assert_eq!(all.take(COME).err(), Some(ApiError::Overloaded));
    let inside: Vec<_> = (0..8).map(|_| all.take(INSIDE).unwrap()).collect();

    assert_eq!((coming.len(), inside.len()), (8, 8));
}

#[test]
fn every_class_of_requests_names_operations_that_exist() {
    let document = document::document();
    let items = document.paths.paths.values();
    let operations = items.flat_map(|item| [&item.get, &item.post]).flatten();
    let ids: Vec<_> = operations.filter_map(|of| of.operation_id.as_deref()).collect();

    for id in ALWAYS.iter().chain(&COMING) {
        assert!(ids.contains(id), "{id} is not in {ids:?}");
    }
}

#[test]
fn a_request_counts_as_what_it_does_however_its_path_is_written() {
    let routes = Routes::of(&document::document());
    let class = |method: Method, path: &str| {
        let request = request(method, path).to_srv_request();
        routes.class(request.method(), request.match_info().as_str())
    };
    let room = "/api/v1/concerts/00000000-0000-0000-0000-000000000001/queue%2Dtokens";
    let table = [
        (Method::POST, "/api/v1/sessions", COME),
        (Method::POST, "/api/v1/session%73", COME),
        (Method::POST, "/%61pi/v1/%73%65%73%73ions", COME),
        (Method::POST, "/api/v1/user%73?x=/api/v1/reservations", COME),
        (Method::POST, room, COME),
        (Method::POST, "/%74oken", COME),
        (Method::POST, "/api/v1/%72eservations", INSIDE),
        (Method::DELETE, "/api/v1/queue-tokens/m%65", INSIDE),
        (Method::GET, "/api/v1/%72ooms", READ),
        (Method::GET, "/%68ealthz", EXEMPT),
        (Method::HEAD, "/metric%73", EXEMPT),
        (Method::GET, "/pages/healthz", READ),
        // These lead nowhere, and take no place from those inside.
        (Method::POST, "/api/v1//sessions", READ),
        (Method::POST, "/api/v1/sessions/", READ),
        (Method::POST, "/API/V1/SESSIONS", READ),
        (Method::POST, "/api%2Fv1%2Fsessions", READ),
        (Method::POST, "/api/v1/session%2573", READ),
        (Method::POST, "/api/v1/reservations/", READ),
        (Method::POST, "/healthz", READ),
    ];
    for (method, path, expected) in table {
        assert_eq!(class(method.clone(), path), expected, "{method} {path}");
    }
}

#[actix_web::test]
async fn an_encoded_path_takes_no_place_from_those_inside() {
    let gate = Arc::new(Semaphore::new(0));
    let services = Services { hold_seats: Arc::new(Slow(gate.clone())), ..services() };
    let settings = HttpSettings { requests_max: 4, ..settings() };
    let server = Server::new(services, settings).await;
    let mut inside = Box::pin(server.answer(hold()));
    assert!(inside.as_mut().now_or_never().is_none(), "it waits in its lane");

    for path in ["/api/v1/sessions", "/api/v1/session%73", "/%61pi/v1/sessions"] {
        let refused = server.answer(post(path, json!({}))).await;
        assert_eq!(refused.refusal(), (503, "OVERLOADED".to_owned()), "{path}");
    }
    gate.add_permits(1);
    assert_eq!(inside.await.refusal(), (409, "SEAT_TAKEN".to_owned()));
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
