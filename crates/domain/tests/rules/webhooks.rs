//! Webhooks and the deliveries of events to them (rule 21).

use std::collections::BTreeMap;

use stagedoor_domain::operations::{
    ChangeWebhook, ClaimDeliveries, CreateWebhook, CreateWebhookRefused, FanOutEvents,
    RecordAttempt, ReplayEvents, WebhookChange, WebhookNotFound,
};
use stagedoor_domain::webhook::{
    DeliveryState, FAILED_AFTER, LEASE, NoAnswer, OLD_SECRET_TIME, Reach, WEBHOOKS_MAX,
    WebhookEdit, WebhookSecret, WebhookState, WebhookUrl,
};
use stagedoor_domain::{Delivery, Event, EventId, EventKind, Instant, Role, Webhook, WebhookId};
use time::Duration;
use uuid::Uuid;

use crate::builders::*;
use crate::world::{World, seats_one_and_two_are_held};

pub fn webhook(n: u128) -> WebhookId {
    WebhookId(Uuid::from_u128(n))
}

fn secret(text: &str) -> WebhookSecret {
    WebhookSecret::new(format!("whsec_{text}"))
}

/// User 9 registers a webhook for all kinds of events.
pub fn register(n: u128) -> CreateWebhook {
    CreateWebhook {
        id: webhook(n),
        owner_id: user(9),
        url: WebhookUrl::parse("https://example.com/hook", Reach::Public).unwrap(),
        kinds: EventKind::ALL.into(),
        secret: secret("first"),
        open_to_all: false,
    }
}

pub fn change_webhook(n: u128, change: WebhookChange) -> ChangeWebhook {
    ChangeWebhook { id: webhook(n), owner_id: user(9), change }
}

pub fn claim_up_to(most: usize) -> ClaimDeliveries {
    ClaimDeliveries { under_way: BTreeMap::new(), most }
}

/// The first attempt to tell webhook `n` of the first reservation's hold ends.
pub fn attempt_ended(n: u128, answer: Result<u16, NoAnswer>) -> RecordAttempt {
    RecordAttempt {
        webhook_id: webhook(n),
        event_id: EventId::new(reservation(1).0, 1),
        attempt: 1,
        answer,
        retry_after: None,
        jitter: 0,
    }
}

/// The concert's organizer 9 has webhook 1, organizer 8 webhook 2, operator 7 webhook 3; user 1 holds seats.
fn an_office() -> World {
    let staff = [(7, Role::Operator), (8, Role::Organizer), (9, Role::Organizer)];
    let mut world = seats_one_and_two_are_held().with(staff.map(|(n, role)| a_user(n, role)));
    for (n, owner) in [(1, 9), (2, 8), (3, 7)] {
        world.decide(CreateWebhook { owner_id: user(owner), ..register(n) }, NOW).unwrap();
    }
    world
}

/// The same, and the hold is on its way.
fn a_claimed_hold() -> World {
    let mut world = an_office();
    world.decide(FanOutEvents::default(), NOW).unwrap();
    assert_eq!(claimed(&mut world, 8, NOW).len(), 2);
    world
}

/// Which events of which webhooks are claimed.
fn claimed(world: &mut World, most: usize, now: Instant) -> Vec<(WebhookId, i64)> {
    let begun = world.decide(claim_up_to(most), now).unwrap();
    begun.iter().map(|(webhook, delivery)| (webhook.id, delivery.event_id.number)).collect()
}

fn delivery(world: &World, n: u128) -> &Delivery {
    world.get::<Delivery>((webhook(n), EventId::new(reservation(1).0, 1)))
}

#[test]
fn organizers_and_operators_register_a_bounded_number_of_webhooks() {
    let staff = [(6, Role::Fan), (7, Role::Operator), (9, Role::Organizer)];
    let mut world = World::default().with(staff.map(|(n, role)| a_user(n, role)));
    let by = |owner| CreateWebhook { owner_id: user(owner), ..register(99) };

    assert_eq!(world.refusal(by(6), NOW), CreateWebhookRefused::NotStaff);
    assert_eq!(world.refusal(by(5), NOW), CreateWebhookRefused::NotStaff);
    assert!(world.outcome(&[stagedoor_domain::Submission::new(by(7))], NOW).0[0].is_ok());
    let most = u128::try_from(WEBHOOKS_MAX).unwrap();
    for n in 1..=most {
        world.decide(register(n), NOW).unwrap();
    }
    assert_eq!(world.refusal(by(9), NOW), CreateWebhookRefused::TooMany);
    assert!(world.decide(CreateWebhook { open_to_all: true, ..by(6) }, NOW).is_ok());
}

#[test]
fn an_event_is_fanned_out_once_to_the_concerts_organizer_and_to_operators() {
    let mut world = an_office();

    assert_eq!(
        world.decide_batch(&[FanOutEvents::default(), FanOutEvents::default()], NOW),
        [Ok(1), Ok(0)]
    );

    let to: Vec<_> = world.all::<Delivery>().map(|delivery| delivery.webhook_id).collect();
    assert_eq!(to, [webhook(1), webhook(3)]);
    assert!(world.all::<Event>().all(|event| event.fanned_out));
}

#[test]
fn a_webhook_gets_the_kinds_that_it_takes_while_it_is_enabled() {
    let mut world = an_office();
    let kinds = Some([EventKind::ReservationPaid].into());
    let edit = WebhookEdit { kinds, ..WebhookEdit::default() };
    world.decide(change_webhook(1, WebhookChange::Edit(edit)), NOW).unwrap();
    world.decide(FanOutEvents::default(), NOW).unwrap();
    world.decide(pay(1), NOW).unwrap();
    world.decide(FanOutEvents::default(), NOW).unwrap();
    let off = WebhookEdit { is_enabled: Some(false), ..WebhookEdit::default() };
    world.decide(change_webhook(1, WebhookChange::Edit(off)), NOW).unwrap();
    world.decide(cancel(1), NOW).unwrap();
    world.decide(FanOutEvents::default(), NOW).unwrap();

    let kinds = world.all::<Delivery>().filter(|it| it.webhook_id == webhook(1));
    assert_eq!(kinds.map(|it| it.kind).collect::<Vec<_>>(), [EventKind::ReservationPaid]);
    assert_eq!(claimed(&mut world, 8, NOW), [(webhook(3), 1)]);
}

#[test]
fn a_delivery_belongs_to_one_process_for_a_time() {
    let mut world = a_claimed_hold();

    assert_eq!(claimed(&mut world, 8, NOW + LEASE - TICK), []);
    assert_eq!(claimed(&mut world, 8, NOW + LEASE), [(webhook(1), 1), (webhook(3), 1)]);

    assert_eq!(world.decide(attempt_ended(1, Ok(200)), NOW + LEASE), Ok(false));
    let second = RecordAttempt { attempt: 2, ..attempt_ended(1, Ok(200)) };
    assert_eq!(world.decide(second, NOW + LEASE), Ok(true));
    assert_eq!(delivery(&world, 1).state, DeliveryState::Delivered);
}

#[test]
fn the_events_of_a_subject_are_delivered_in_order() {
    let mut world = a_claimed_hold();
    world.decide(pay(1), NOW).unwrap();
    world.decide(FanOutEvents::default(), NOW).unwrap();
    world.decide(attempt_ended(3, Ok(204)), NOW).unwrap();

    assert_eq!(claimed(&mut world, 8, NOW), [(webhook(3), 3)]);
}

#[test]
fn a_process_begins_no_more_attempts_of_a_webhook_than_it_may() {
    let mut world = an_office();
    for n in 2..=3 {
        world.decide(hold(n, seats(&[u128::from(n) + 3])), NOW).unwrap();
    }
    world.decide(FanOutEvents::default(), NOW).unwrap();

    let under_way = BTreeMap::from([(webhook(1), 1), (webhook(3), 2)]);
    let begun = world.decide(ClaimDeliveries { under_way, most: 2 }, NOW).unwrap();

    assert_eq!(begun.iter().map(|(it, _)| it.id).collect::<Vec<_>>(), [webhook(1)]);
}

#[test]
fn a_delivery_that_fails_is_tried_again_later_and_later_for_three_days() {
    let mut world = a_claimed_hold();
    let (mut now, mut pauses) = (NOW, Vec::new());
    for attempt in 1.. {
        let ended = RecordAttempt { attempt, ..attempt_ended(1, Err(NoAnswer::Timeout)) };
        world.decide(ended, now).unwrap();
        let Some(due_at) = delivery(&world, 1).due_at() else { break };
        pauses.push((due_at - now).whole_seconds());
        now = due_at;
        claimed(&mut world, 8, now);
    }

    assert_eq!(pauses[..8], [5, 20, 80, 320, 1_280, 5_120, 20_480, 43_200]);
    assert_eq!(delivery(&world, 1).state, DeliveryState::Failed);
    assert!(now < NOW + FAILED_AFTER && NOW + FAILED_AFTER <= now + Duration::hours(12));
}

#[test]
fn the_next_attempt_waits_for_what_the_receiver_asks_and_for_its_jitter() {
    for (jitter, retry_after, pause) in
        [(0, None, 5), (1_000, None, 6), (0, Some(90), 90), (0, Some(1), 5)]
    {
        let mut world = a_claimed_hold();
        let retry_after = retry_after.map(Duration::seconds);
        let ended = RecordAttempt { jitter, retry_after, ..attempt_ended(1, Ok(503)) };

        world.decide(ended, NOW).unwrap();

        let due_at = delivery(&world, 1).due_at().unwrap();
        assert_eq!((due_at - NOW).whole_seconds(), pause, "{jitter} {retry_after:?}");
    }
}

#[test]
fn statuses_above_and_below_200_are_failures_and_410_switches_the_webhook_off() {
    for (status, state) in [
        (200, None),
        (299, None),
        (199, Some(false)),
        (300, Some(false)),
        (404, Some(false)),
        (410, Some(true)),
    ] {
        let mut world = a_claimed_hold();

        world.decide(attempt_ended(1, Ok(status)), NOW).unwrap();

        let is_delivered = delivery(&world, 1).state == DeliveryState::Delivered;
        assert_eq!(is_delivered, state.is_none(), "{status}");
        let is_gone = world.get::<Webhook>(webhook(1)).state == WebhookState::Gone;
        assert_eq!(is_gone, state == Some(true), "{status}");
        assert_eq!(delivery(&world, 1).last.unwrap().answer, Ok(status));
    }
}

#[test]
fn an_old_secret_signs_for_a_day_beside_the_new_one() {
    let mut world = an_office();

    let rotate = change_webhook(1, WebhookChange::Rotate(secret("second")));
    let rotated = world.decide(rotate, NOW).unwrap();

    let both = vec![secret("second"), secret("first")];
    assert_eq!(rotated.secrets(NOW + OLD_SECRET_TIME - TICK), both);
    assert_eq!(rotated.secrets(NOW + OLD_SECRET_TIME), [secret("second")]);
}

#[test]
fn a_webhook_is_changed_tested_and_deleted_by_its_owner_alone() {
    let mut world = an_office();
    for change in [WebhookChange::Test, WebhookChange::Delete] {
        let foreign = ChangeWebhook { owner_id: user(8), ..change_webhook(1, change) };
        assert_eq!(world.refusal(foreign, NOW), WebhookNotFound);
    }

    world.decide_batch(
        &[change_webhook(1, WebhookChange::Test), change_webhook(1, WebhookChange::Test)],
        NOW,
    );
    let tests: Vec<_> = world.all::<Delivery>().map(|it| (it.kind, it.event_id.number)).collect();
    assert_eq!(tests, [(EventKind::WebhookTest, 1), (EventKind::WebhookTest, 2)]);

    world.decide(change_webhook(1, WebhookChange::Delete), NOW).unwrap();
    assert_eq!(world.all::<Delivery>().count(), 0);
    assert_eq!(world.all::<Webhook>().count(), 2);
}

#[test]
fn a_replay_delivers_the_events_of_a_time_again() {
    let mut world = a_claimed_hold();
    world.decide(attempt_ended(1, Ok(200)), NOW).unwrap();
    let later = NOW + Duration::HOUR;
    let replay =
        |since, until| ReplayEvents { webhook_id: webhook(1), owner_id: user(9), since, until };
    let foreign = ReplayEvents { owner_id: user(8), ..replay(NOW, later) };
    assert_eq!(world.refusal(foreign, later), WebhookNotFound);

    assert_eq!(world.decide(replay(NOW + TICK, later), later).unwrap().events, 0);
    assert_eq!(world.decide(replay(NOW, NOW), later).unwrap().events, 0);
    assert_eq!(world.decide(replay(NOW, NOW + TICK), later).unwrap().events, 1);

    assert_eq!(delivery(&world, 1).attempts, 0);
    assert_eq!(claimed(&mut world, 8, later), [(webhook(1), 1), (webhook(3), 1)]);
}
