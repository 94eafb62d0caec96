//! Random histories of every command, with time moving on between them.

use std::fmt::Debug;

use proptest::prelude::*;
use stagedoor_domain::operations::{
    Admit, BlockSeats, CancelReservation, CancelTicket, ChangePoints, ExpireHolds, ExpireTokens,
    ExtendHold, GiveTickets, HoldSeats, JoinRoom, LeaveRoom, NamedSeats, Pay, PointChange,
    PolicyEdit, RecordHeartbeats, ReleaseHold, SeatBlocking, SeatChoice, TransferTicket,
};
use stagedoor_domain::{
    Command, Instant, NewTicket, Payment, PointAccount, QueueToken, QueueTokenId, Reason,
    Reservation, ReservationId, ReservationStatus, Role, Room, RoomId, Schedule, Seat, SeatId,
    Ticket, TicketId, TokenStatus,
};

use crate::builders::*;
use crate::invariants;
use crate::strategies::{choices, config, policies};
use crate::world::World;

/// What a user requests next. `person` and `room` choose among those there are.
#[derive(Clone, Debug)]
enum Step {
    Join { person: u8, room: usize },
    See { person: u8 },
    Leave { person: u8 },
    Admit { room: usize },
    Hold { person: u8, schedule: u128, choice: SeatChoice },
    ReleaseHold { person: u8 },
    Extend { person: u8 },
    Cancel { person: u8 },
    Pay { person: u8 },
    CancelTicket { person: u8 },
    Transfer { person: u8, to: u8 },
    Points { person: u8, change: PointChange, amount: i64 },
    UpdateControls { room: usize, edit: PolicyEdit },
    Block { is_blocking: bool, first: i32 },
    Give { person: u8, first: i32 },
    ExpireTokens,
    ExpireHolds,
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let person = || 1_u8..4;
    let room = || prop_oneof![3 => Just(1_usize), 2 => Just(0), 1 => Just(2)];
    let schedule = prop_oneof![4 => Just(1_u128), 1 => Just(2)];
    let change = prop_oneof![4 => Just(PointChange::Charge), 1 => Just(PointChange::Use)];
    let step = prop_oneof![
        5 => (person(), room()).prop_map(|(person, room)| Step::Join { person, room }),
        2 => person().prop_map(|person| Step::See { person }),
        1 => person().prop_map(|person| Step::Leave { person }),
        3 => room().prop_map(|room| Step::Admit { room }),
        8 => (person(), schedule, choices())
            .prop_map(|(person, schedule, choice)| Step::Hold { person, schedule, choice }),
        1 => person().prop_map(|person| Step::ReleaseHold { person }),
        2 => person().prop_map(|person| Step::Extend { person }),
        1 => person().prop_map(|person| Step::Cancel { person }),
        4 => person().prop_map(|person| Step::Pay { person }),
        1 => person().prop_map(|person| Step::CancelTicket { person }),
        1 => (person(), person()).prop_map(|(person, to)| Step::Transfer { person, to }),
        3 => (person(), change, 1_i64..90_000)
            .prop_map(|(person, change, amount)| Step::Points { person, change, amount }),
        1 => (room(), policies()).prop_map(|(room, policy)| Step::UpdateControls {
            room,
            edit: PolicyEdit {
                capacity: Some(policy.capacity),
                admit_batch: Some(policy.admit_batch),
                paused: Some(policy.paused),
                ..PolicyEdit::default()
            },
        }),
        2 => (prop::bool::ANY, 1_i32..10)
            .prop_map(|(is_blocking, first)| Step::Block { is_blocking, first }),
        1 => (person(), 1_i32..10).prop_map(|(person, first)| Step::Give { person, first }),
        1 => Just(Step::ExpireTokens),
        1 => Just(Step::ExpireHolds),
    ];
    let pause = prop_oneof![12 => 0_i64..20, 1 => 100_i64..400];
    prop::collection::vec((step, pause), 20..100)
}

const ROOMS: [RoomId; 3] =
    [RoomId::SITE, RoomId(uuid::Uuid::from_u128(1)), RoomId(uuid::Uuid::from_u128(2))];

/// Two concerts of ten seats each, their rooms and the site's, and three users with empty accounts.
fn an_opening_day() -> World {
    let second_room = Room { id: ROOMS[2], concert_id: Some(concert(2)), ..a_room() };
    let second = Schedule { id: schedule(2), concert_id: concert(2), ..a_schedule() };
    let second_chart = a_chart(2, 5).into_iter().map(|seat| Seat {
        id: seat_of_schedule_two(seat.id),
        schedule_id: schedule(2),
        ..seat
    });
    let mut rooms = [the_site_room(), a_room(), second_room];
    for room in &mut rooms {
        room.policy.capacity = 2;
        room.policy.admit_batch = 2;
    }
    World::default()
        .with(rooms)
        .with([a_concert()])
        .with((1..4).map(|n| a_user(n, Role::Fan)))
        .with([a_schedule(), second])
        .with(a_chart(2, 5))
        .with(second_chart)
        .with((1..4).map(|n| PointAccount::open(user(n))))
}

struct History {
    world: World,
    now: Instant,
    next_id: u128,
}

impl History {
    fn fresh(&mut self) -> u128 {
        self.next_id += 1;
        self.next_id
    }

    fn fresh_ticket(&mut self) -> NewTicket {
        new_ticket(u64::try_from(self.fresh()).unwrap())
    }

    fn decide<C: Command>(&mut self, command: C) {
        let _either = self.world.decide(command, self.now);
    }

    /// The person's newest token, live or not, if any; one that is active, if there is one.
    fn token_of(&self, person: u8) -> Option<(QueueTokenId, RoomId)> {
        let own = |token: &&QueueToken| token.user_id == user(person.into());
        let rank = |token: &&QueueToken| (token.check_active(self.now).is_ok(), token.id);
        let best = self.world.all::<QueueToken>().filter(own).max_by_key(rank)?;
        Some((best.id, best.room_id))
    }

    /// The person's newest reservation, if any; one that may be paid, if there is one.
    fn reservation_of(&self, person: u8) -> Option<ReservationId> {
        let own = |held: &&Reservation| held.user_id == user(person.into());
        let rank =
            |held: &&Reservation| (held.status(self.now) == ReservationStatus::Held, held.id);
        self.world.all::<Reservation>().filter(own).max_by_key(rank).map(|held| held.id)
    }

    /// The person's newest paid reservation, if any.
    fn paid_reservation_of(&self, person: u8) -> Option<ReservationId> {
        let own_and_paid = |one: &&Reservation| {
            one.user_id == user(person.into())
                && one.status(self.now) == ReservationStatus::Confirmed
        };
        self.world.all::<Reservation>().filter(own_and_paid).map(|paid| paid.id).max()
    }

    /// The person's newest valid ticket, if any.
    fn ticket_of(&self, person: u8) -> Option<TicketId> {
        let own = |ticket: &&Ticket| ticket.holder_id == user(person.into()) && ticket.is_valid();
        self.world.all::<Ticket>().filter(own).map(|ticket| ticket.id).max()
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Join { person, room } => {
                let token_id = token(self.fresh());
                let user_id = user(person.into());
                self.decide(JoinRoom { token_id, room_id: ROOMS[room], user_id });
            }
            Step::Admit { room } => self.admit(ROOMS[room]),
            Step::Points { person, change, amount } => {
                let entry_id = entry(self.fresh());
                let (user_id, amount) = (user(person.into()), points(amount));
                self.decide(ChangePoints { entry_id, user_id, change, amount });
            }
            Step::UpdateControls { room, edit } => self.decide(change_policy(ROOMS[room], edit)),
            Step::Block { is_blocking, first } => self.block(is_blocking, first),
            Step::Give { person, first } => self.give(person, first),
            Step::Transfer { person, to } => {
                let Some(ticket_id) = self.ticket_of(person) else { return };
                let (holder_id, recipient_id) = (user(person.into()), Some(user(to.into())));
                let new = self.fresh_ticket();
                self.decide(TransferTicket { ticket_id, holder_id, recipient_id, new });
            }
            Step::CancelTicket { person } => {
                let Some(ticket_id) = self.ticket_of(person) else { return };
                let (entry_id, user_id) = (entry(self.fresh()), user(person.into()));
                self.decide(CancelTicket { entry_id, ticket_id, user_id });
            }
            Step::ExpireTokens => self.decide(ExpireTokens),
            Step::ExpireHolds => self.decide(ExpireHolds),
            Step::See { person }
            | Step::Leave { person }
            | Step::Hold { person, .. }
            | Step::ReleaseHold { person }
            | Step::Extend { person }
            | Step::Cancel { person }
            | Step::Pay { person } => self.take_with_token(person, step),
        }
    }

    fn take_with_token(&mut self, person: u8, step: Step) {
        let Some((token_id, room_id)) = self.token_of(person) else { return };
        let user_id = user(person.into());
        match step {
            Step::See { .. } => {
                self.decide(RecordHeartbeats { token_id, heartbeats: heartbeat(self.now) })
            }
            Step::Leave { .. } => self.decide(LeaveRoom { token_id, room_id }),
            Step::Hold { schedule: n, choice, .. } => {
                let reservation_id = reservation(self.fresh());
                let schedule_id = schedule(n);
                let choice = of_schedule(n, choice);
                self.decide(HoldSeats {
                    reservation_id,
                    user_id,
                    token_id,
                    room_id,
                    schedule_id,
                    choice,
                    policy: POLICY,
                    reference: None,
                });
            }
            Step::ReleaseHold { .. } | Step::Pay { .. } => {
                let Some(reservation_id) = self.reservation_of(person) else { return };
                if matches!(step, Step::ReleaseHold { .. }) {
                    return self.decide(ReleaseHold { reservation_id, user_id });
                }
                let (payment_id, entry_id) = (payment(self.fresh()), entry(self.next_id));
                let tickets = [(); 4].map(|()| self.fresh_ticket());
                self.decide(Pay {
                    payment_id,
                    entry_id,
                    user_id,
                    token_id,
                    room_id,
                    reservation_id,
                    tickets,
                    grace: GRACE,
                    expected: None,
                });
            }
            Step::Extend { .. } => {
                let Some(reservation_id) = self.reservation_of(person) else { return };
                self.decide(ExtendHold { reservation_id, user_id });
            }
            Step::Cancel { .. } => {
                let Some(reservation_id) = self.paid_reservation_of(person) else { return };
                let entry_id = entry(self.fresh());
                self.decide(CancelReservation { entry_id, reservation_id, user_id });
            }
            _ => unreachable!("the other steps need no token"),
        }
    }

    /// The organizer gives two seats of schedule 1 away.
    fn give(&mut self, person: u8, first: i32) {
        let reason = Reason::parse("Guest").unwrap();
        let (action_id, reservation_id) = (action(self.fresh()), reservation(self.fresh()));
        let tickets = [(); 4].map(|()| self.fresh_ticket());
        self.decide(GiveTickets {
            action_id,
            reservation_id,
            schedule_id: schedule(1),
            manager_id: user(9),
            holder_id: Some(user(person.into())),
            seats: NamedSeats::Numbers(vec![first, first + 1]),
            tickets,
            reason,
        });
    }

    /// The organizer blocks or unblocks two seats of schedule 1.
    fn block(&mut self, is_blocking: bool, first: i32) {
        let reason = Reason::parse("Camera").unwrap();
        let action_id = action(self.fresh());
        self.decide(BlockSeats {
            action_id,
            schedule_id: schedule(1),
            manager_id: user(9),
            seats: NamedSeats::Numbers(vec![first, first + 1]),
            change: if is_blocking {
                SeatBlocking::Block { reason }
            } else {
                SeatBlocking::Unblock
            },
        });
    }

    /// Admits tokens, and checks that no token that still waits was ahead of them.
    fn admit(&mut self, room_id: RoomId) {
        let before = self.waiting_places(room_id);
        let room = self.world.get::<Room>(room_id).clone();
        let free = i64::from(room.policy.capacity) - self.world.occupancy(room_id, self.now).active;
        let admitted = self.world.decide(Admit { room_id }, self.now).unwrap();
        let after = self.waiting_places(room_id);

        let let_in = before.len() - after.len();
        assert_eq!(usize::try_from(admitted.count), Ok(let_in));
        assert_eq!(after, before[let_in..], "first come, first served");
        assert!(admitted.count <= room.policy.admit_batch);
        assert!(admitted.count == 0 || i64::from(admitted.count) <= free);
    }

    fn waiting_places(&self, room_id: RoomId) -> Vec<i64> {
        let waits = |token: &&QueueToken| {
            let status = token.status(self.now);
            token.room_id == room_id && matches!(status, TokenStatus::Waiting { .. })
        };
        let tokens = self.world.all::<QueueToken>().filter(waits);
        let mut sequences: Vec<_> = tokens.filter_map(|token| token.sequence).collect();
        sequences.sort_unstable();
        sequences
    }

    fn occupancies(&self) -> [i64; 3] {
        ROOMS.map(|room_id| self.world.occupancy(room_id, self.now).active)
    }
}

/// The seats of schedule 2 have their ids 100 higher.
fn seat_of_schedule_two(id: SeatId) -> SeatId {
    seat(100 + id.0.as_u128())
}

fn of_schedule(n: u128, choice: SeatChoice) -> SeatChoice {
    match choice {
        SeatChoice::Ids(ids) if n == 2 => {
            SeatChoice::Ids(ids.into_iter().map(seat_of_schedule_two).collect())
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn every_history_keeps_the_invariants(steps in steps()) {
        let mut history = History { world: an_opening_day(), now: NOW, next_id: 0 };
        for (step, pause) in steps {
            history.now += seconds(pause);
            let before = history.occupancies();
            history.take(step);
            for ((room_id, before), after) in ROOMS.iter().zip(before).zip(history.occupancies()) {
                let capacity = history.world.get::<Room>(*room_id).policy.capacity;
                prop_assert!(after <= before.max(capacity.into()), "{after} active");
            }
            invariants::check_all(&history.world, history.now);
        }
    }
}

#[test]
fn a_plain_history_comes_to_a_payment() {
    let mut history = History { world: an_opening_day(), now: NOW, next_id: 0 };
    let steps = [
        Step::Join { person: 1, room: 1 },
        Step::Points { person: 1, change: PointChange::Charge, amount: 30_000 },
        Step::Hold { person: 1, schedule: 1, choice: SeatChoice::best(2) },
        Step::Join { person: 2, room: 0 },
        Step::Hold { person: 2, schedule: 2, choice: seats(&[3]) },
        Step::Pay { person: 1 },
    ];
    for step in steps {
        history.take(step);
        invariants::check_all(&history.world, history.now);
    }
    let concerts: Vec<_> = history.world.all::<Reservation>().map(|held| held.concert_id).collect();
    assert_eq!(concerts, [concert(1), concert(2)]);
    assert_eq!(history.world.all::<Payment>().count(), 1);
}

/// What people would be told: of every token, seat and reservation what it is now, and every
/// account and payment.
fn answers(history: &History) -> impl PartialEq + Debug + use<> {
    let (world, now) = (&history.world, history.now);
    let token = |token: &QueueToken| (token.id, token.user_id, token.sequence, token.status(now));
    let seat = |seat: &Seat| (seat.id, seat.status(now));
    let held = |held: &Reservation| (held.id, held.user_id, held.status(now));
    (
        world.all().map(token).collect::<Vec<_>>(),
        world.all().map(seat).collect::<Vec<_>>(),
        world.all().map(held).collect::<Vec<_>>(),
        world.all::<PointAccount>().cloned().collect::<Vec<_>>(),
        world.all::<Payment>().cloned().collect::<Vec<_>>(),
    )
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn expiring_at_any_moment_changes_no_answer(
        steps in steps(),
        expired in prop::collection::vec(prop::bool::ANY, 100),
    ) {
        let begin = || History { world: an_opening_day(), now: NOW, next_id: 0 };
        let (mut lazy, mut prompt) = (begin(), begin());
        let acts = steps.into_iter().filter(|(step, _)| {
            !matches!(step, Step::ExpireTokens | Step::ExpireHolds)
        });
        for ((step, pause), is_expired) in acts.zip(expired) {
            for history in [&mut lazy, &mut prompt] {
                history.now += seconds(pause);
            }
            if is_expired {
                prompt.take(Step::ExpireHolds);
                prompt.take(Step::ExpireTokens);
            }
            lazy.take(step.clone());
            prompt.take(step);
            prop_assert_eq!(answers(&lazy), answers(&prompt));
        }
    }
}
