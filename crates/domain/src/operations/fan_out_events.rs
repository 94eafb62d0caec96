//! Making deliveries of new events.

use crate::ticket::VoidReason;
use crate::{
    Command, Concert, Corrupt, Decided, Delivery, Event, EventKind, Instant, Mail, MailId,
    MailKind, Needs, NeverRefused, NoKey, Reservation, ReservationId, Ticket, TicketId,
    TicketState, User, Webhook, WorkingSet,
};

/// Makes a delivery of each new event for each webhook that takes it (rule 21), and the e-mails that tell users of it
/// (rule 23). Answers how many events were new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FanOutEvents {
    /// Whether there are e-mails.
    pub mails: bool,
}

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
        if self.mails {
            set.new_events()?.iter().for_each(|event| needs_of_mails(event, needs));
        }
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
            if self.mails {
                write_mails(set, event, now)?;
            }
            set.replace(Event { fanned_out: true, ..*event })?;
        }
        Ok(events.len())
    }
}

/// What is read to write the e-mails that tell of an event.
fn needs_of_mails(event: &Event, needs: &mut Needs) {
    let reservation_id = ReservationId(event.id.subject_id);
    match event.kind {
        EventKind::ReservationPaid | EventKind::ReservationCancelled => {
            needs.reservations_read.insert(reservation_id);
            needs.payments_of.insert(reservation_id);
            needs.tickets_read_of.insert(reservation_id);
        }
        EventKind::TicketTransferred | EventKind::TicketCancelled => {
            needs.tickets_read.insert(TicketId(event.id.subject_id));
        }
        _ => {}
    }
}

/// Writes the e-mails that tell of an event.
fn write_mails(set: &mut WorkingSet, event: &Event, now: Instant) -> Result<(), Corrupt> {
    let id = MailId::of_event(event.id);
    let ticket_id = TicketId(event.id.subject_id);
    match event.kind {
        EventKind::ReservationPaid => tell_payer(set, event, MailKind::Tickets, now),
        EventKind::ReservationCancelled => {
            tell_payer(set, event, MailKind::Refund, now)?;
            tell_other_holders(set, ReservationId(event.id.subject_id), now)
        }
        EventKind::TicketTransferred => {
            let holder = set.successor(ticket_id, event.at)?.map(|new| new.holder_id);
            let mail = holder.map(|to| Mail::new(id, to, MailKind::TicketReceived, now));
            mail.into_iter().for_each(|mail| set.insert(mail));
            Ok(())
        }
        EventKind::TicketCancelled => {
            let holder = set.get::<Ticket>(&ticket_id)?.map(|ticket| ticket.holder_id);
            let mail = holder.map(|to| Mail::new(id, to, MailKind::TicketRefund, now));
            mail.into_iter().for_each(|mail| set.insert(mail));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A hold that was released had neither a payment nor tickets.
fn tell_payer(
    set: &mut WorkingSet,
    event: &Event,
    kind: MailKind,
    now: Instant,
) -> Result<(), Corrupt> {
    let id = ReservationId(event.id.subject_id);
    let Some(reservation) = set.get::<Reservation>(&id)? else { return Ok(()) };
    if reservation.is_complimentary() || set.payment_of(id)?.is_some() {
        let user_id = reservation.user_id;
        set.insert(Mail::new(MailId::of_event(event.id), user_id, kind, now));
    }
    Ok(())
}

/// The users to whom tickets of a cancelled reservation were transferred.
fn tell_other_holders(
    set: &mut WorkingSet,
    id: ReservationId,
    now: Instant,
) -> Result<(), Corrupt> {
    let Some(payer_id) = set.get::<Reservation>(&id)?.map(|it| it.user_id) else { return Ok(()) };
    for ticket in set.tickets_of(id)? {
        let is_ended = matches!(
            ticket.state,
            TicketState::Void { reason: VoidReason::ReservationCancelled, .. }
        );
        if is_ended && ticket.holder_id != payer_id {
            let id = MailId::of_ended_ticket(ticket.id);
            set.insert(Mail::new(id, ticket.holder_id, MailKind::TicketCancelled, now));
        }
    }
    Ok(())
}

/// Whether a webhook takes an event. A concert may be deleted meanwhile: then only operators' webhooks do.
pub(super) fn takes(set: &WorkingSet, webhook: &Webhook, event: &Event) -> Result<bool, Corrupt> {
    let owner = set.require::<User>(&webhook.owner_id)?;
    let concert = event.concert_id.map(|id| set.get::<Concert>(&id)).transpose()?.flatten();
    Ok(webhook.takes(event, owner, concert))
}
