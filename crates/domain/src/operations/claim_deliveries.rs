//! Beginning attempts to deliver events.

use std::collections::BTreeMap;

use crate::{
    Command, Corrupt, Decided, Delivery, Instant, Needs, NeverRefused, NoKey, Webhook, WebhookId,
    WorkingSet,
};

/// Begins attempts of deliveries that are due, so that no other process begins them too (rule 21). Of each subject
/// the first open event goes first. Answers them with their webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimDeliveries {
    /// How many attempts the asker has under way, for each webhook of which it has any.
    pub under_way: BTreeMap<WebhookId, usize>,
    /// The most attempts of one webhook, those under way among them.
    pub most: usize,
}

impl ClaimDeliveries {
    fn most_of(&self, webhook: &Webhook) -> usize {
        self.most.saturating_sub(self.under_way.get(&webhook.id).copied().unwrap_or_default())
    }
}

impl Command for ClaimDeliveries {
    type Success = Vec<(Webhook, Delivery)>;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "claim_deliveries";

    fn needs(&self, needs: &mut Needs) {
        needs.every_webhook = true;
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        let enabled = set.webhooks()?.into_iter().filter(Webhook::is_enabled);
        needs.due_deliveries.extend(enabled.map(|it| (it.id, self.most_of(&it))));
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut begun = Vec::new();
        for webhook in set.webhooks()?.into_iter().filter(Webhook::is_enabled) {
            for mut delivery in set.due_deliveries(webhook.id, self.most_of(&webhook), now)? {
                delivery.begin(now);
                set.replace(delivery.clone())?;
                begun.push((webhook.clone(), delivery));
            }
        }
        Ok(begun)
    }
}
