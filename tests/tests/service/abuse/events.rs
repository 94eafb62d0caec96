//! Listening to what is another's, or for longer than one may.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use stagedoor_domain::Role;
use stagedoor_tests::service::{Events, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_stream_is_opened_by_ones_own_queue_token_alone,
    a_stream_ends_when_its_token_is_given_up,
    a_stream_ends_when_its_token_runs_out,
    an_operators_stream_ends_when_the_session_does,
    streams_beyond_the_bound_are_refused_and_free_again_when_closed,
);

const PLACE: &str = "/api/v1/queue-tokens/me/events";

async fn a_stream_is_opened_by_ones_own_queue_token_alone(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let fan = service.new_user().await;
    let (first, joined) = fan.join(&sale.concert_id).await;
    let second = service.holder(&sale).await;
    service.refresh().await;

    assert_eq!(service.anyone().get(PLACE).await.status, 401);
    assert_eq!(fan.get(PLACE).await.code(), "FORBIDDEN");
    let by_id = format!("{PLACE}?tokenId={}", joined.text_at("id"));
    let mut events = Events::of(second.request(Method::GET, &by_id)).await;
    events.read_until("\"position\":2").await;
    let mut events = Events::of(first.request(Method::GET, PLACE)).await;
    events.read_until("\"position\":1").await;
    let seats = format!("/api/v1/schedules/{}/seats/events", sale.schedule_id);
    assert_eq!(second.get(&seats).await.code(), "TOKEN_WAITING");
    assert_eq!(fan.get(&seats).await.code(), "FORBIDDEN");
}

async fn a_stream_ends_when_its_token_is_given_up(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let holder = service.holder(&sale).await;
    let seats = format!("/api/v1/schedules/{}/seats/events", sale.schedule_id);
    let mut place = Events::of(holder.request(Method::GET, PLACE)).await;
    let mut seats = Events::of(holder.request(Method::GET, &seats)).await;

    holder.delete("/api/v1/queue-tokens/me").await;

    place.read_to_the_end().await;
    seats.read_to_the_end().await;
}

async fn a_stream_ends_when_its_token_runs_out(kind: StoreKind) {
    let minute = |settings: &mut stagedoor::Settings| settings.times.queue_token_seconds = 60;
    let service = Service::start_with(kind, minute).await;
    let waiting = service.on_sale(1, json!({"capacity": 0})).await;
    let active = service.on_sale(1, json!({})).await;
    let (waiter, _) = service.new_user().await.join(&waiting.concert_id).await;
    let (holder, _) = service.new_user().await.join(&active.concert_id).await;
    service.refresh().await;
    let seats = format!("/api/v1/schedules/{}/seats/events", active.schedule_id);
    let mut place_in_line = Events::of(waiter.request(Method::GET, PLACE)).await;
    let mut place = Events::of(holder.request(Method::GET, PLACE)).await;
    let mut seats = Events::of(holder.request(Method::GET, &seats)).await;

    // The places themselves last for two minutes and for ten.
    service.clock.pass(Duration::from_secs(61));

    place_in_line.read_to_the_end().await;
    place.read_to_the_end().await;
    seats.read_to_the_end().await;
}

async fn an_operators_stream_ends_when_the_session_does(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let operator = service.new_user_as(Role::Operator).await;
    let seats = format!("/api/v1/schedules/{}/seats/events", sale.schedule_id);
    let mut seats = Events::of(operator.request(Method::GET, &seats)).await;

    service.clock.pass(Duration::from_secs(3_600));

    seats.read_to_the_end().await;
}

async fn streams_beyond_the_bound_are_refused_and_free_again_when_closed(kind: StoreKind) {
    let one = |settings: &mut stagedoor::Settings| settings.server.event_streams_max = 1;
    let service = Service::start_with(kind, one).await;
    let sale = service.on_sale(1, json!({})).await;
    let (holder, greedy) = (service.holder(&sale).await, service.holder(&sale).await);
    let mut events = Events::of(holder.request(Method::GET, PLACE)).await;

    let refused = greedy.get(PLACE).await;
    assert_eq!(refused.refusal(), (503, "OVERLOADED"));
    holder.delete("/api/v1/queue-tokens/me").await;
    events.read_to_the_end().await;
    let mut events = Events::of(greedy.request(Method::GET, PLACE)).await;
    events.read_until("\"status\":\"ACTIVE\"").await;
}
