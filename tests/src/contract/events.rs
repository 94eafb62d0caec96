//! Events, webhooks and the deliveries of events to them (rule 21).

use std::collections::{BTreeMap, BTreeSet};

use stagedoor_domain::operations::{
    ChangeWebhook, ClaimDeliveries, CreateWebhook, FanOutEvents, PolicyEdit, RecordAttempt,
    ReplayEvents, WebhookChange,
};
use stagedoor_domain::ports::Subject;
use stagedoor_domain::webhook::{
    DeliveryState, LEASE, NoAnswer, Reach, WebhookEdit, WebhookSecret, WebhookState, WebhookUrl,
};
use stagedoor_domain::{
    Delivery, Event, EventId, EventKind, Instant, ReservationId, Role, UserId, Webhook,
};
use time::Duration;

use super::snapshot::all_pages;
use super::store::{Store, ask, together};
use super::world::{OPENING, Show, World, at, release};

/// A request for a webhook that takes all kinds of events.
pub fn new_webhook<S: Store>(world: &World<S>, owner_id: UserId) -> CreateWebhook {
    CreateWebhook {
        id: world.id(),
        owner_id,
        url: WebhookUrl::parse("https://example.com/'hook'?a=b", Reach::Public).expect("a URL"),
        kinds: EventKind::ALL.into(),
        secret: WebhookSecret::new("whsec_first".to_owned()),
        open_to_all: false,
    }
}

/// A request of the owner.
pub fn change_webhook(webhook: &Webhook, change: WebhookChange) -> ChangeWebhook {
    ChangeWebhook { id: webhook.id, owner_id: webhook.owner_id, change }
}

/// Claims all that is due.
pub fn claim() -> ClaimDeliveries {
    ClaimDeliveries { under_way: BTreeMap::new(), most: 100 }
}

/// The end of the attempt that a delivery was claimed for.
pub fn ended(claimed: &Delivery, answer: Result<u16, NoAnswer>) -> RecordAttempt {
    RecordAttempt {
        webhook_id: claimed.webhook_id,
        event_id: claimed.event_id,
        attempt: claimed.attempts,
        answer,
        retry_after: None,
        jitter: 0,
    }
}

impl<S: Store> World<S> {
    async fn webhook(&self, owner_id: UserId) -> Webhook {
        self.done(new_webhook(self, owner_id), OPENING).await
    }

    /// Fans out what is new, and claims all that is due.
    async fn claimed(&self, now: Instant) -> Vec<Delivery> {
        while self.done(FanOutEvents::default(), now).await > 0 {}
        let claimed = self.done(claim(), now).await;
        claimed.into_iter().map(|(_, delivery)| delivery).collect()
    }

    async fn events_of(&self, id: ReservationId) -> Vec<(Event, Subject)> {
        let ids: Vec<_> = (0..6).map(|number| EventId::new(id.0, number)).collect();
        let mut found = self.store.events(&ids).await.expect("the store reads");
        found.sort_by_key(|(event, _)| event.id);
        found
    }

    async fn deliveries(&self, webhook: &Webhook, size: i64) -> Vec<Delivery> {
        let read = |after, size| self.store.deliveries(webhook.id, after, size);
        all_pages(size, read).await
    }
}

/// A show, its organizer's webhook, and what was told before.
async fn a_told_show<S: Store>(world: &World<S>) -> (Show, Webhook) {
    let show = world.open_show(1, 9).await;
    while world.done(FanOutEvents::default(), OPENING).await > 0 {}
    let webhook = world.webhook(show.organizer_id).await;
    (show, webhook)
}

/// An event is there when its change is, with what changed.
pub async fn an_event_is_written_with_its_change<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, 50_000).await;

    let held = world.held(fan, &show, &[1], OPENING).await;
    world.done(world.pay(fan, held.id), at(1)).await;

    let events = world.events_of(held.id).await;
    let told: Vec<_> = events.iter().map(|(event, _)| (event.kind, event.at)).collect();
    let expected = [(EventKind::ReservationHeld, OPENING), (EventKind::ReservationPaid, at(1))];
    assert_eq!(told, expected);
    let paid = world.reservation(held.id).await;
    for (event, subject) in events {
        assert_eq!(event.concert_id, Some(show.concert_id));
        assert_eq!(subject, Subject::Reservation(paid.clone()));
    }
}

/// What is refused, or changes nothing, tells nothing.
pub async fn a_refusal_tells_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], OPENING).await;

    assert!(world.ask(world.pay(fan, held.id), at(1)).await.is_err(), "there are no points");

    assert_eq!(world.events_of(held.id).await.len(), 1);
}

/// Each kind reads back with what it is about.
pub async fn events_of_concerts_dates_and_rooms_read_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let pause = PolicyEdit { paused: Some(true), ..PolicyEdit::default() };
    let room = world.update_controls(show.room_id, pause, OPENING).await;

    let ids = [
        EventId::new(show.concert_id.0, 0),
        EventId::new(show.schedule_id.0, 0),
        EventId::new(room.id.0, room.policy_version),
    ];
    let mut found = world.store.events(&ids).await.expect("the store reads");
    found.sort_by_key(|(event, _)| event.kind);

    let kinds: Vec<_> = found.iter().map(|(event, _)| event.kind).collect();
    assert_eq!(
        kinds,
        [EventKind::ConcertPublished, EventKind::ScheduleAdded, EventKind::RoomPaused]
    );
    assert!(matches!(&found[0].1, Subject::Concert(concert) if concert.id == show.concert_id));
    assert!(matches!(&found[1].1, Subject::Schedule(it) if it.id == show.schedule_id));
    assert_eq!(found[2].1, Subject::Room(room));
}

/// Through every state that it comes into.
pub async fn a_webhook_reads_back_as_it_was_changed<S: Store>(store: S) {
    let world = World::new(store);
    let owner = world.user(Role::Organizer).await;
    let made = world.webhook(owner).await;
    assert_eq!(world.store.webhooks_of(owner).await, Ok(vec![made.clone()]));

    let edit = WebhookEdit {
        url: Some(WebhookUrl::parse("https://example.org/", Reach::Public).expect("a URL")),
        kinds: Some(BTreeSet::from([EventKind::RoomPaused])),
        is_enabled: Some(false),
    };
    let second = WebhookSecret::new("whsec_second".to_owned());
    for change in [WebhookChange::Edit(edit), WebhookChange::Rotate(second), WebhookChange::Test] {
        let changed = world.done(change_webhook(&made, change), at(1)).await;
        assert_eq!(world.store.webhooks_of(owner).await, Ok(vec![changed]));
    }
    let other = world.webhook(owner).await;
    world.done(change_webhook(&made, WebhookChange::Delete), at(2)).await;

    assert_eq!(world.store.webhooks_of(owner).await, Ok(vec![other]));
    assert_eq!(world.deliveries(&made, 10).await, []);
}

/// From the event to the answer of the receiver.
pub async fn a_delivery_reads_back_in_every_state<S: Store>(store: S) {
    let world = World::new(store);
    let (show, webhook) = a_told_show(&world).await;
    let fan = world.fan(show.room_id).await;
    world.held(fan, &show, &[1], at(1)).await;
    let claimed = world.claimed(at(2)).await;
    let [first] = &claimed[..] else { panic!("one delivery is claimed: {claimed:?}") };
    assert_eq!(world.deliveries(&webhook, 10).await, claimed);
    assert_eq!(first.state, DeliveryState::Pending { due_at: at(2) + LEASE });

    let timeout = Err(NoAnswer::Timeout);
    assert!(world.done(ended(first, timeout), at(3)).await);
    assert_eq!(world.claimed(at(7)).await, [], "five seconds are not over");
    let again = world.claimed(at(8)).await;
    assert_eq!((again[0].attempts, again[0].last.map(|it| it.answer)), (2, Some(timeout)));

    assert!(!world.done(ended(first, Ok(200)), at(9)).await, "the first attempt has ended");
    assert!(world.done(ended(&again[0], Ok(204)), at(9)).await);
    let delivered = world.deliveries(&webhook, 10).await;
    assert_eq!(delivered[0].state, DeliveryState::Delivered);
    assert_eq!(world.claimed(at(1_000_000)).await, []);
}

/// A receiver that is gone gets nothing more.
pub async fn a_receiver_that_is_gone_switches_its_webhook_off<S: Store>(store: S) {
    let world = World::new(store);
    let (show, webhook) = a_told_show(&world).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], at(1)).await;
    let claimed = world.claimed(at(2)).await;

    world.done(ended(&claimed[0], Ok(410)), at(3)).await;
    world.done(release(&held), at(4)).await;

    assert_eq!(world.claimed(at(5)).await, []);
    let stored = world.store.webhooks_of(webhook.owner_id).await.expect("the store reads");
    assert_eq!(stored[0].state, WebhookState::Gone);
    assert_eq!(world.deliveries(&webhook, 10).await[0].state, DeliveryState::Failed);
}

/// A later event of a subject waits for the earlier one; those of others do not.
pub async fn events_of_a_subject_are_delivered_in_order<S: Store>(store: S) {
    let world = World::new(store);
    let (show, _) = a_told_show(&world).await;
    let fans = world.fans(show.room_id, 2).await;
    let first = world.held(fans[0], &show, &[1], at(1)).await;
    world.done(release(&first), at(1)).await;
    world.held(fans[1], &show, &[2], at(1)).await;

    let claimed = world.claimed(at(2)).await;
    let kinds: Vec<_> = claimed.iter().map(|delivery| delivery.kind).collect();
    assert_eq!(kinds, [EventKind::ReservationHeld; 2]);
    for delivery in &claimed {
        world.done(ended(delivery, Ok(200)), at(3)).await;
    }

    let rest = world.claimed(at(3)).await;
    let rest: Vec<_> = rest.iter().map(|it| (it.event_id.subject_id, it.kind)).collect();
    assert_eq!(rest, [(first.id.0, EventKind::ReservationCancelled)]);
}

/// Processes that fan out and claim at once share the deliveries: none is made or begun twice.
pub async fn processes_that_dispatch_at_once_begin_each_attempt_once<S: Store>(store: S) {
    let world = World::new(store);
    let (show, webhook) = a_told_show(&world).await;
    let fans = world.fans(show.room_id, 8).await;
    for (fan, number) in fans.iter().zip(1..) {
        world.held(*fan, &show, &[number], at(1)).await;
    }

    let stores = || vec![world.store.clone(); 4].into_iter();
    let counts =
        stores().map(|store| async move { ask(&store, FanOutEvents::default(), at(2)).await });
    let counts = together(counts).await.into_iter();
    assert_eq!(counts.map(|count| count.expect("never refused")).sum::<usize>(), 8);
    let claimed = stores().map(|store| async move { ask(&store, claim(), at(2)).await });
    let claimed = together(claimed).await;

    let claimed = claimed.into_iter().flat_map(|claimed| claimed.expect("never refused"));
    let ids: Vec<_> = claimed.map(|(_, delivery)| delivery.event_id).collect();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (8, 8));
    let stored = world.deliveries(&webhook, 3).await;
    assert!(stored.iter().all(|delivery| delivery.attempts == 1), "{stored:?}");
}

/// What is older, or of other kinds, is left out.
pub async fn a_replay_delivers_the_events_of_a_time_again<S: Store>(store: S) {
    let world = World::new(store);
    let (show, webhook) = a_told_show(&world).await;
    let fans = world.fans(show.room_id, 2).await;
    world.held(fans[0], &show, &[1], at(1)).await;
    let second = world.held(fans[1], &show, &[2], at(2)).await;
    for delivery in world.claimed(at(3)).await {
        world.done(ended(&delivery, Ok(200)), at(3)).await;
    }

    let (webhook_id, owner_id) = (webhook.id, webhook.owner_id);
    let replay = ReplayEvents { webhook_id, owner_id, since: at(2), until: at(3) };
    let replayed = world.done(replay, at(60)).await;

    assert_eq!((replayed.events, replayed.rest_since), (1, None));
    let again = world.claimed(at(60)).await;
    let again: Vec<_> = again.iter().map(|it| (it.event_id.subject_id, it.attempts)).collect();
    assert_eq!(again, [(second.id.0, 1)]);
}

/// Newest first, each once, however long the pages are.
pub async fn deliveries_are_paged<S: Store>(store: S) {
    let world = World::new(store);
    let (show, webhook) = a_told_show(&world).await;
    let fans = world.fans(show.room_id, 5).await;
    for (fan, number) in fans.iter().zip(1..) {
        let held = world.held(*fan, &show, &[number], at(1)).await;
        world.done(release(&held), at(1)).await;
        world.claimed(at(1 + i64::from(number % 2))).await;
    }

    let all = world.deliveries(&webhook, 20).await;
    let mut sorted = all.clone();
    sorted.sort_by_key(|it| std::cmp::Reverse((it.created_at, it.event_id)));
    assert_eq!((all.len(), &all), (10, &sorted));
    for size in [1, 3] {
        assert_eq!(world.deliveries(&webhook, size).await, all);
    }
    let later = all[0].created_at - all[9].created_at;
    assert_eq!(later, Duration::SECOND);
}
