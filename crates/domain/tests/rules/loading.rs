//! Loading what commands need from a world, as a store does.

use std::collections::BTreeSet;

use stagedoor_domain::{
    Concert, Delivery, DoorStaff, Event, Hall, HallPlan, Instant, Mail, MailToken, Needs,
    NumberRange, OperatorAction, OperatorDeed, Payment, PointAccount, PosterImage, QueueToken,
    Reservation, ReservationStatus, Room, RoomId, Schedule, Seat, Stored, Ticket, TokenState, User,
    Venue, Webhook, WorkingSet, working_set::IdempotencyRecord,
};

use crate::world::World;

impl World {
    /// Loads what `needs` names, and nothing else.
    pub fn load(&self, set: &mut WorkingSet, needs: Needs, now: Instant) {
        set.load(self.those(|user: &User| {
            let is_named = needs.users.contains(&user.id) || needs.users_read.contains(&user.id);
            is_named || needs.emails.contains(&user.email)
        }));
        set.load(self.those(|record: &IdempotencyRecord| needs.keys.contains(&record.id())));
        set.load(self.those(|staff: &DoorStaff| needs.door_staff.contains(&staff.id())));
        let whole = needs.concerts_as_a_whole();
        set.load(self.those(|concert: &Concert| {
            needs.concerts.contains(&concert.id)
                || needs.concerts_read.contains(&concert.id)
                || needs.posters.contains(&concert.id)
                || whole.contains(&concert.id)
        }));
        set.load(self.those(|image: &PosterImage| needs.posters.contains(&image.concert_id)));
        let reserved = self.all::<Reservation>().map(|made| made.concert_id);
        set.load_reserved(reserved.filter(|id| needs.deleted_concerts.contains(id)));
        let counts = self.seat_counts().into_iter();
        set.load_seat_counts(counts.filter(|(id, _)| needs.concerts.contains(id)));
        set.load(self.those(|account: &PointAccount| needs.accounts.contains(&account.user_id)));
        set.load(self.those(|paid: &Payment| needs.payments_of.contains(&paid.reservation_id)));
        set.load(self.those(|ticket: &Ticket| {
            let of = ticket.reservation_id;
            let of_named = self.all::<Ticket>().any(|named| {
                named.reservation_id == of && (needs.tickets_read.contains(&named.id))
            });
            let is_of = needs.tickets_of.contains(&of) || needs.tickets_read_of.contains(&of);
            let is_paid = needs.paid_of.keys().any(|(id, _)| *id == ticket.schedule_id);
            needs.tickets.contains(&ticket.id) || is_of || of_named || is_paid
        }));
        let tickets = self.own_tickets(now).into_iter();
        set.load_own_tickets(
            tickets.filter(|(schedule, user, _)| needs.own_tickets.contains(&(*schedule, *user))),
        );
        self.load_venues(set, &needs);
        self.load_rooms(set, &needs, now);
        self.load_bookings(set, &needs, now);
        // More is loaded than the limits say: the rules take the first ones.
        set.load(self.those(|webhook: &Webhook| {
            needs.every_webhook
                || needs.webhooks.contains(&webhook.id)
                || needs.webhooks_of.contains(&webhook.owner_id)
        }));
        set.load(self.those(|event: &Event| {
            let is_within =
                |(since, until): &(Instant, Instant)| (*since..*until).contains(&event.at);
            needs.new_events > 0 && !event.fanned_out || needs.events_of.keys().any(is_within)
        }));
        set.load(self.those(|delivery: &Delivery| {
            needs.deliveries.contains(&delivery.id())
                || needs.due_deliveries.contains_key(&delivery.webhook_id)
        }));
        self.load_mails(set, &needs);
        set.expect(needs);
    }

    fn load_mails(&self, set: &mut WorkingSet, needs: &Needs) {
        set.load(self.those(|mail: &Mail| needs.mails.contains(&mail.id) || needs.due_mails > 0));
        set.load(self.those(|token: &MailToken| needs.mail_tokens.contains(&token.digest)));
        let read = |it: &Reservation| needs.reservations_read.contains(&it.id);
        set.load(self.those(read));
    }

    fn load_venues(&self, set: &mut WorkingSet, needs: &Needs) {
        let halls = self.those(|hall: &Hall| needs.halls.contains(&hall.id));
        let of_halls: BTreeSet<_> = halls.iter().map(|hall| hall.venue_id).collect();
        set.load(self.those(|venue: &Venue| {
            needs.venues.contains(&venue.id) || of_halls.contains(&venue.id)
        }));
        let newest: BTreeSet<_> = halls.iter().map(|hall| (hall.id, hall.plan_version)).collect();
        set.load(self.those(|plan: &HallPlan| {
            newest.contains(&plan.id()) || needs.plans_read.contains(&plan.id())
        }));
        set.load(halls);
    }

    fn load_rooms(&self, set: &mut WorkingSet, needs: &Needs, now: Instant) {
        // More than what is overdue, and the whole line, is loaded: the rules check each row again.
        let may_be_live = |token: &QueueToken| !matches!(token.state, TokenState::Expired { .. });
        let mut tokens = self.those(|token: &QueueToken| {
            let of = (token.room_id, token.user_id);
            let in_line = |sequence| needs.tokens_in_line.contains(&(token.room_id, sequence));
            needs.tokens.contains(&token.id)
                || needs.tokens_and_rooms.contains(&token.id)
                || token.sequence.is_some_and(in_line)
                || needs.live_tokens.contains(&of) && may_be_live(token)
                || self.all::<Reservation>().any(|made| {
                    needs.tokens_of_reservations.contains(&made.id)
                        && made.queue_token_id == Some(token.id)
                })
        });
        tokens.extend(self.those(may_be_live).into_iter().take(needs.overdue_tokens));
        for room_id in needs.heads_of_lines.keys() {
            tokens.extend(self.those(|t: &QueueToken| t.room_id == *room_id && t.is_waiting(now)));
        }
        let concerts: Vec<_> = self
            .all::<Schedule>()
            .filter(|schedule| needs.rooms_of_schedules.contains(&schedule.id))
            .map(|schedule| Some(schedule.concert_id))
            .collect();
        let occupied: BTreeSet<RoomId> = self
            .all::<Room>()
            .filter(|it| needs.occupancies.contains(&it.id) || concerts.contains(&it.concert_id))
            .map(|room| room.id)
            .collect();
        let ranges = self.those(|range: &NumberRange| {
            needs.stale_ranges > 0
                || needs.number_ranges.contains(&range.id())
                || needs.open_ranges.contains(&range.room_id)
        });
        let stale = ranges.iter().filter(|_| needs.stale_ranges > 0).map(|range| range.room_id);
        let of_tokens: BTreeSet<RoomId> = tokens
            .iter()
            .filter(|it| needs.tokens_and_rooms.contains(&it.id) || needs.overdue_tokens > 0)
            .map(|token| token.room_id)
            .chain(stale)
            .collect();
        let wanted = &(&needs.rooms | &occupied) | &of_tokens;
        let whole = needs.concerts_as_a_whole();
        let is_of_whole = |room: &Room| room.concert_id.is_some_and(|id| whole.contains(&id));
        set.load(self.those(|room: &Room| wanted.contains(&room.id) || is_of_whole(room)));
        occupied.iter().for_each(|id| set.load_occupancy(*id, self.occupancy(*id, now)));
        set.load(tokens);
        set.load(ranges);
        set.load(self.those(|action: &OperatorAction| match &action.deed {
            OperatorDeed::RoomChanged { room_id, .. } => needs.actions_on_rooms.contains(room_id),
            _ => false,
        }));
    }

    fn load_bookings(&self, set: &mut WorkingSet, needs: &Needs, now: Instant) {
        for concert_id in &needs.bookable {
            let of_concert = self.those(|it: &Schedule| it.concert_id == *concert_id);
            let bookable = of_concert.into_iter().filter(|it| !it.has_closed(now));
            set.load(bookable.min_by_key(Schedule::is_sold_out));
        }
        let is_held = |it: &Reservation| it.status(now) == ReservationStatus::Held;
        let mut reservations = self.those(|it: &Reservation| {
            needs.reservations.contains(&it.id)
                || it.queue_token_id.is_some_and(|id| needs.holds_of_tokens.contains(&id))
                    && is_held(it)
        });
        let overdue = |it: &Reservation| {
            it.state == stagedoor_domain::ReservationState::Held && it.expires_at <= now
        };
        reservations.extend(self.those(overdue).into_iter().take(needs.overdue_holds));
        let of_tickets = self.those(|ticket: &Ticket| needs.tickets.contains(&ticket.id));
        let of_tickets: BTreeSet<_> = of_tickets.iter().map(|it| it.reservation_id).collect();
        reservations.extend(self.those(|it: &Reservation| of_tickets.contains(&it.id)));
        if needs.mismatched > 0 {
            // More than these are loaded: the rule checks each row again.
            reservations.extend(self.those(|_: &Reservation| true));
        }
        // More than is unsettled is loaded: the rule checks each row again.
        let first = needs.unsettled.keys().next();
        reservations
            .extend(self.those(|it: &Reservation| first.is_some_and(|after| it.id > *after)));
        reservations.extend(self.those(|it: &Reservation| {
            needs.paid_of.keys().any(|(id, after)| *id == it.schedule_id && it.id > *after)
        }));
        let schedules: BTreeSet<_> = reservations.iter().map(|it| it.schedule_id).collect();
        let whole = needs.concerts_as_a_whole();
        set.load(self.those(|it: &Schedule| {
            let is_named = needs.schedules.contains(&it.id) || schedules.contains(&it.id);
            let is_untold = it.moved.is_some_and(|moved| moved.told_to.is_some());
            is_named || whole.contains(&it.concert_id) || needs.untold_moves > 0 && is_untold
        }));
        let taken: BTreeSet<_> =
            reservations.iter().flat_map(|it| &it.seats).map(|seat| seat.id).collect();
        set.load(self.those(|seat: &Seat| {
            needs.seats.contains(&seat.id)
                || taken.contains(&seat.id)
                || needs.numbered_seats.contains(&(seat.schedule_id, seat.number))
                || needs.seats_of_schedules.contains(&seat.schedule_id)
        }));
        set.load(reservations);
    }

    fn those<T: Stored + Clone>(&self, is_wanted: impl Fn(&T) -> bool) -> Vec<T> {
        self.all::<T>().filter(|row| is_wanted(row)).cloned().collect()
    }
}
