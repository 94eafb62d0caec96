//! What a batch of commands has to find in its working set, as data.

use std::collections::{BTreeMap, BTreeSet};

use crate::mail::TokenDigest;
use crate::{
    Command, ConcertId, Corrupt, Email, EventId, HallId, Instant, MailId, QueueTokenId,
    ReservationId, RoomId, ScheduleId, SeatId, Submission, TicketId, UserId, VenueId, WebhookId,
    WorkingSet,
};

/// The rows that a batch is decided on, and which of them are locked.
///
/// A store takes locks in the order of the fields, and inside a field in the order of ids. It locks users, concerts,
/// venues, halls, rooms, ranges of sequence numbers, queue tokens, schedules, point accounts, webhooks and e-mails, unless a field says "unlocked". It locks no other rows: a
/// schedule's lock guards its reservations, payments, tickets and seats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Users with these e-mail addresses, with sign-ups locked against each other.
    pub emails: BTreeSet<Email>,
    /// The records of these idempotency keys, with their owners locked.
    pub keys: BTreeSet<(UserId, String)>,
    /// Users.
    pub users: BTreeSet<UserId>,
    /// Users, unlocked.
    pub users_read: BTreeSet<UserId>,
    /// Assignments of these users to the doors of these concerts. The users are needed too: their locks guard them.
    pub door_staff: BTreeSet<(ConcertId, UserId)>,
    /// Concerts, and how many seats they have on all their dates.
    pub concerts: BTreeSet<ConcertId>,
    /// Concerts, and the images of their posters, which their locks guard.
    pub posters: BTreeSet<ConcertId>,
    /// Concerts, unlocked and without their seats: for what never changes of them, such as their organizers.
    pub concerts_read: BTreeSet<ConcertId>,
    /// Concerts, their rooms and all their schedules. A command that changes the state of a concert needs all of
    /// these, because each has a copy of it.
    pub whole_concerts: BTreeSet<ConcertId>,
    /// As [`Self::whole_concerts`], with the queue tokens of their rooms, and whether a reservation was ever made of
    /// them.
    pub deleted_concerts: BTreeSet<ConcertId>,
    /// Venues.
    pub venues: BTreeSet<VenueId>,
    /// Halls, their venues unlocked, and the newest versions of their plans.
    pub halls: BTreeSet<HallId>,
    /// Versions of the plans of halls, unlocked: they never change.
    pub plans_read: BTreeSet<(HallId, i32)>,
    /// Rooms.
    pub rooms: BTreeSet<RoomId>,
    /// Rooms, and how full they are.
    pub occupancies: BTreeSet<RoomId>,
    /// The rooms of these schedules' concerts, and how full they are.
    pub rooms_of_schedules: BTreeSet<ScheduleId>,
    /// The newest action of an operator on each of these rooms, unlocked.
    pub actions_on_rooms: BTreeSet<RoomId>,
    /// Of each of these concerts one schedule whose booking has not ended, unlocked; one that is not sold out if
    /// there is one.
    pub bookable: BTreeSet<ConcertId>,
    /// Ranges of sequence numbers, by their rooms and first numbers.
    pub number_ranges: BTreeSet<(RoomId, i64)>,
    /// The ranges of these rooms, unlocked. They are read before the heads of lines, so a token that is missing there
    /// because it is not written yet has its range here.
    pub open_ranges: BTreeSet<RoomId>,
    /// Stale ranges, and their rooms, up to this number.
    pub stale_ranges: usize,
    /// The tokens of these users in these rooms whose state is written as waiting or active.
    pub live_tokens: BTreeSet<(RoomId, UserId)>,
    /// Queue tokens.
    pub tokens: BTreeSet<QueueTokenId>,
    /// Queue tokens by their rooms and sequence numbers, if their state is written as waiting.
    pub tokens_in_line: BTreeSet<(RoomId, i64)>,
    /// Queue tokens, and their rooms unlocked.
    pub tokens_and_rooms: BTreeSet<QueueTokenId>,
    /// The first waiting tokens in the lines of these rooms, without overdue ones, up to this number.
    pub heads_of_lines: BTreeMap<RoomId, usize>,
    /// Tokens that are overdue but not yet written as expired, and their rooms, up to this number.
    pub overdue_tokens: usize,
    /// The tokens that these reservations were made with.
    pub tokens_of_reservations: BTreeSet<ReservationId>,
    /// Schedules. A schedule guards its seats and reservations.
    pub schedules: BTreeSet<ScheduleId>,
    /// Reservations, their schedules and their seats.
    pub reservations: BTreeSet<ReservationId>,
    /// Reservations, unlocked and without their seats: for what never changes of them, such as their users.
    pub reservations_read: BTreeSet<ReservationId>,
    /// As [`Self::reservations`], the holds made with these tokens.
    pub holds_of_tokens: BTreeSet<QueueTokenId>,
    /// As [`Self::reservations`], holds that are overdue but not yet written as expired, up to this number.
    pub overdue_holds: usize,
    /// As [`Self::reservations`], reservations of cancelled schedules that are written as held or paid: of those with
    /// ids above each of these ids the first ones, up to this number.
    pub unsettled: BTreeMap<ReservationId, usize>,
    /// As [`Self::reservations`], confirmed reservations without tickets and cancelled ones with tickets, up to this
    /// number.
    pub mismatched: usize,
    /// Tickets, and as [`Self::reservations`] those of them.
    pub tickets: BTreeSet<TicketId>,
    /// All tickets of these reservations, which are needed too.
    pub tickets_of: BTreeSet<ReservationId>,
    /// Tickets and the others of their reservations, unlocked.
    pub tickets_read: BTreeSet<TicketId>,
    /// All tickets of these reservations, unlocked.
    pub tickets_read_of: BTreeSet<ReservationId>,
    /// Schedules with a move of which not all holders have been told, the lowest ids first up to this number.
    pub untold_moves: usize,
    /// As [`Self::reservations`], with all their tickets: the confirmed reservations of these schedules with ids above
    /// each of these, the lowest ones first up to these numbers.
    pub paid_of: BTreeMap<(ScheduleId, ReservationId), usize>,
    /// The tickets that these users have in these schedules.
    pub own_tickets: BTreeSet<(ScheduleId, UserId)>,
    /// Seats.
    pub seats: BTreeSet<SeatId>,
    /// Seats by their schedule and number.
    pub numbered_seats: BTreeSet<(ScheduleId, i32)>,
    /// All seats of these schedules.
    pub seats_of_schedules: BTreeSet<ScheduleId>,
    /// The payments of these reservations.
    pub payments_of: BTreeSet<ReservationId>,
    /// The point accounts of these users.
    pub accounts: BTreeSet<UserId>,
    /// Webhooks. A webhook guards its deliveries.
    pub webhooks: BTreeSet<WebhookId>,
    /// The webhooks of these users, unlocked.
    pub webhooks_of: BTreeSet<UserId>,
    /// All webhooks.
    pub every_webhook: bool,
    /// Events that are not fanned out, the earliest first up to this number, with all earlier ones of the same
    /// subjects. Those who need them are locked against each other.
    pub new_events: usize,
    /// The events of these times, from the first instant on and before the second one, the earliest first up to
    /// these numbers, unlocked.
    pub events_of: BTreeMap<(Instant, Instant), usize>,
    /// Deliveries, by their webhooks and events.
    pub deliveries: BTreeSet<(WebhookId, EventId)>,
    /// The deliveries of these webhooks that are due, the earliest first up to these numbers: of each subject those
    /// before which no other is open.
    pub due_deliveries: BTreeMap<WebhookId, usize>,
    /// Tokens of links in e-mails, unlocked: they never change.
    pub mail_tokens: BTreeSet<TokenDigest>,
    /// E-mails.
    pub mails: BTreeSet<MailId>,
    /// E-mails that are due, the earliest first up to this number, but for those that are locked.
    pub due_mails: usize,
}

impl Needs {
    /// What submissions need, their idempotency keys included.
    pub fn of<C: Command>(submissions: &[Submission<C>]) -> Self {
        let mut needs = Self::default();
        for submission in submissions {
            let keys = submission.idempotency().into_iter().map(|key| (key.owner, key.key.clone()));
            needs.keys.extend(keys);
            submission.command.needs(&mut needs);
        }
        needs
    }

    /// The concerts that are needed with their rooms and schedules.
    pub fn concerts_as_a_whole(&self) -> BTreeSet<ConcertId> {
        &self.whole_concerts | &self.deleted_concerts
    }

    /// What submissions need besides, once `set` contains what they [need](Self::of).
    ///
    /// # Errors
    /// A command reads what it does not need: a bug.
    pub fn besides<C: Command>(
        submissions: &[Submission<C>],
        set: &WorkingSet,
        now: Instant,
    ) -> Result<Self, Corrupt> {
        let mut needs = Self::default();
        for submission in submissions {
            submission.command.needs_besides(set, now, &mut needs)?;
        }
        Ok(needs)
    }
}
