//! Making deliveries of new events.

use crate::{
    Command, Concert, Corrupt, Decided, Delivery, Event, Instant, Needs, NeverRefused, NoKey, User,
    Webhook, WorkingSet,
};

/// Makes a delivery of each new event for each webhook that takes it (rule 21). Answers how many events were new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FanOutEvents;

impl FanOutEvents {
    /// The most events of one transaction, but for earlier ones of the same subjects.
    pub const EVENTS_MAX: usize = 500;
}

impl Command for FanOutEvents {
    type Success = usize;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "fan_out_events";

    fn needs(&self, needs: &mut Needs) {
        needs.new_events = Self::EVENTS_MAX;
        needs.every_webhook = true;
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        let webhooks = set.webhooks()?;
        if webhooks.is_empty() {
            return Ok(());
        }
        needs.users_read.extend(webhooks.iter().map(|webhook| webhook.owner_id));
        needs.concerts_read.extend(set.new_events()?.iter().filter_map(|event| event.concert_id));
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let (events, webhooks) = (set.new_events()?, set.webhooks()?);
        for event in &events {
            for webhook in webhooks.iter().filter(|webhook| webhook.is_enabled()) {
                if takes(set, webhook, event)? {
                    set.insert(Delivery::new(webhook.id, event, now));
                }
            }
            set.replace(Event { fanned_out: true, ..*event })?;
        }
        Ok(events.len())
    }
}

/// Whether a webhook takes an event. A concert may be deleted meanwhile: then only operators' webhooks do.
pub(super) fn takes(set: &WorkingSet, webhook: &Webhook, event: &Event) -> Result<bool, Corrupt> {
    let owner = set.require::<User>(&webhook.owner_id)?;
    let concert = event.concert_id.map(|id| set.get::<Concert>(&id)).transpose()?.flatten();
    Ok(webhook.takes(event, owner, concert))
}
