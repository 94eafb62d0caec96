//! What others learn of a change. Events follow from the rows that are changed, so no command can leave one out.

use super::WorkingSet;
use crate::{
    Concert, ConcertId, ConcertState, Corrupt, Delivery, Event, EventId, EventKind, Instant, Needs,
    Reservation, Room, Schedule, UserId, Webhook, WebhookId,
};

/// What is told of a change: an event, as of an instant that the row does not know.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    id: EventId,
    kind: EventKind,
    concert_id: Option<ConcertId>,
}

impl WorkingSet {
    /// The number of webhooks that a user has.
    pub(crate) fn webhooks_of(&self, owner_id: UserId) -> Result<usize, Corrupt> {
        let named = |needs: &Needs| needs.webhooks_of.contains(&owner_id);
        self.check_named("the webhooks of", owner_id, named)?;
        Ok(self.all::<Webhook>().filter(|webhook| webhook.owner_id == owner_id).count())
    }

    /// All webhooks.
    pub(crate) fn webhooks(&self) -> Result<Vec<Webhook>, Corrupt> {
        self.check_named("the webhooks", "all", |needs| needs.every_webhook)?;
        Ok(self.all().cloned().collect())
    }

    /// Events that are not fanned out, in the order of their subjects and numbers.
    pub(crate) fn new_events(&self) -> Result<Vec<Event>, Corrupt> {
        self.check_named("the events", "new", |needs| needs.new_events > 0)?;
        Ok(self.all::<Event>().filter(|event| !event.fanned_out).copied().collect())
    }

    /// The events of a time, the earliest first.
    pub(crate) fn events_between(
        &self,
        since: Instant,
        until: Instant,
    ) -> Result<Vec<Event>, Corrupt> {
        let named = |needs: &Needs| needs.events_of.contains_key(&(since, until));
        self.check_named("the events of", since, named)?;
        let within = self.all::<Event>().filter(|event| since <= event.at && event.at < until);
        let mut events: Vec<Event> = within.copied().collect();
        events.sort_by_key(|event| (event.at, event.id));
        Ok(events)
    }

    /// The deliveries of a webhook that are due, the earliest first: of each subject the first open one.
    pub(crate) fn due_deliveries(
        &self,
        id: WebhookId,
        most: usize,
        now: Instant,
    ) -> Result<Vec<Delivery>, Corrupt> {
        let named = |needs: &Needs| needs.due_deliveries.contains_key(&id);
        self.check_named("the deliveries of", id, named)?;
        // In the order of their events.
        let of_webhook = self.all::<Delivery>().filter(|delivery| delivery.webhook_id == id);
        let mut first: Vec<_> = of_webhook.filter_map(|it| Some((it.due_at()?, it))).collect();
        first.dedup_by_key(|(_, delivery)| delivery.event_id.subject_id);
        first.retain(|(due_at, _)| *due_at <= now);
        first.sort_by_key(|(due_at, _)| *due_at);
        Ok(first.into_iter().take(most).map(|(_, delivery)| delivery.clone()).collect())
    }

    /// Adds the events of all that the batch changed.
    pub(crate) fn add_events(&mut self, now: Instant) {
        for Told { id, kind, concert_id } in std::mem::take(&mut self.told) {
            self.insert(Event { id, kind, concert_id, at: now, fanned_out: false });
        }
    }
}

/// A reservation that was made, or came into another state.
pub(super) fn of_reservation(before: Option<&Reservation>, after: &Reservation) -> Option<Told> {
    if before.is_some_and(|before| before.state == after.state) {
        return None;
    }
    let (kind, number) = EventKind::of_reservation(after.state);
    let id = EventId::new(after.id.0, number);
    Some(Told { id, kind, concert_id: Some(after.concert_id) })
}

/// A concert that is public, or was: of a draft nothing is told.
pub(super) fn of_concert(before: Option<&Concert>, after: &Concert) -> Option<Told> {
    let before = before.map_or(ConcertState::Draft, |before| before.state);
    let kind = match (before, after.state) {
        (_, ConcertState::Draft) => return None,
        (ConcertState::Draft, ConcertState::Published) => EventKind::ConcertPublished,
        (before, after) if before == after => EventKind::ConcertChanged,
        (_, ConcertState::Published) => EventKind::ConcertChanged,
        (_, ConcertState::Cancelled) => EventKind::ConcertCancelled,
    };
    let id = EventId::new(after.id.0, after.version);
    Some(Told { id, kind, concert_id: Some(after.id) })
}

/// A schedule of a public concert whose terms changed. What is sold of it, and its copy of the concert's state, change
/// without a new version.
pub(super) fn of_schedule(before: Option<&Schedule>, after: &Schedule) -> Option<Told> {
    let is_new_version = before.is_none_or(|before| before.version != after.version);
    if !after.concert_state.is_public() || !is_new_version {
        return None;
    }
    let kind = match before {
        None => EventKind::ScheduleAdded,
        Some(before) if before.cancelled != after.cancelled => EventKind::ScheduleCancelled,
        Some(_) => EventKind::ScheduleChanged,
    };
    let id = EventId::new(after.id.0, after.version);
    Some(Told { id, kind, concert_id: Some(after.concert_id) })
}

/// A room that was paused, or lets people in again.
pub(super) fn of_room(before: Option<&Room>, after: &Room) -> Option<Told> {
    let kind = match (before?.policy.paused, after.policy.paused) {
        (false, true) => EventKind::RoomPaused,
        (true, false) => EventKind::RoomResumed,
        _ => return None,
    };
    let id = EventId::new(after.id.0, after.policy_version);
    Some(Told { id, kind, concert_id: after.concert_id })
}
