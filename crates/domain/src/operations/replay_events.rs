//! Delivering events again.

use serde::{Deserialize, Serialize};

use super::change_webhook::WebhookNotFound;
use super::fan_out_events::takes;
use crate::{
    Command, Corrupt, Decided, Delivery, Instant, Needs, NoKey, UserId, Webhook, WebhookId,
    WorkingSet,
};

/// Delivers the events of a time to a webhook again, those that it takes now (rule 21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayEvents {
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// Whose it is.
    pub owner_id: UserId,
    /// Events from then on.
    pub since: Instant,
    /// Events before then.
    pub until: Instant,
}

/// What is delivered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// How many events.
    pub events: usize,
    /// When the first event happened that was left out because there were too many; nothing if none was.
    pub rest_since: Option<Instant>,
}

impl ReplayEvents {
    /// The most events of one replay.
    pub const EVENTS_MAX: usize = 1_000;

    fn own<'a>(&self, set: &'a WorkingSet) -> Result<Option<&'a Webhook>, Corrupt> {
        Ok(set.get::<Webhook>(&self.webhook_id)?.filter(|it| it.owner_id == self.owner_id))
    }
}

impl Command for ReplayEvents {
    type Success = Replayed;
    type Refusal = WebhookNotFound;
    type Key = NoKey;
    const NAME: &'static str = "replay_events";

    fn needs(&self, needs: &mut Needs) {
        needs.webhooks.insert(self.webhook_id);
        needs.users_read.insert(self.owner_id);
        // One more tells whether there is a rest.
        needs.events_of.insert((self.since, self.until), Self::EVENTS_MAX + 1);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        for event in set.events_between(self.since, self.until)? {
            needs.deliveries.insert((self.webhook_id, event.id));
            needs.concerts_read.extend(event.concert_id);
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let webhook = self.own(set)?.ok_or(WebhookNotFound)?.clone();
        let events = set.events_between(self.since, self.until)?;
        let rest_since = events.get(Self::EVENTS_MAX).map(|event| event.at);
        let mut replayed = Replayed { events: 0, rest_since };
        for event in events.iter().filter(|event| rest_since.is_none_or(|rest| event.at < rest)) {
            // What is not fanned out yet comes anyway.
            if !event.fanned_out || !takes(set, &webhook, event)? {
                continue;
            }
            match set.get::<Delivery>(&(webhook.id, event.id))?.cloned() {
                Some(mut delivery) => {
                    delivery.replay(now);
                    set.replace(delivery)?;
                }
                None => set.insert(Delivery::new(webhook.id, event, now)),
            }
            replayed.events += 1;
        }
        Ok(replayed)
    }
}
