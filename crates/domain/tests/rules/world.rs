//! A store in memory. Commands are decided on what they need of its rows.

use std::collections::BTreeMap;
use std::fmt::Debug;

use stagedoor_domain::{
    Changes, Command, ConcertId, Instant, Key, Needs, NumberRange, Occupancy, OwnTickets,
    QueueToken, Reservation, RoomId, Schedule, ScheduleId, Stored, Submission, TokenStatus, UserId,
    Verdict, WorkingSet, decide_all,
};

use crate::builders::{
    NOW, a_chart, a_concert, a_room, a_schedule, an_account, an_active_token, hold, seats,
    the_site_room,
};

#[derive(Clone, Debug, Default)]
pub struct World {
    set: WorkingSet,
}

/// A concert with two rows of five free seats that is open for booking; users 1 to 3 have active
/// tokens and 100,000 points each.
pub fn a_box_office() -> World {
    World::default()
        .with([a_room(), the_site_room()])
        .with([a_concert()])
        .with([a_schedule()])
        .with(a_chart(2, 5))
        .with([1, 2, 3].map(an_active_token))
        .with([1, 2, 3].map(|n| an_account(n, 100_000)))
}

/// The box office, where user 1 has just held seats 1 and 2 for 20,000 points.
pub fn seats_one_and_two_are_held() -> World {
    let mut world = a_box_office();
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    world
}

/// What a rule says to a command without a key.
pub type Ruling<C> = Result<<C as Command>::Success, <C as Command>::Refusal>;

fn ruling<C: Command>(verdict: Verdict<C>) -> Ruling<C> {
    verdict.map_err(|refused| C::Key::rule(refused).expect("no key was reused"))
}

impl World {
    /// Adds rows, or replaces those of the same ids.
    pub fn with<T: Stored>(mut self, rows: impl IntoIterator<Item = T>) -> Self {
        self.set.load(rows);
        self
    }

    pub fn get<T: Stored>(&self, id: T::Id) -> &T {
        self.set.require(&id).expect("the row is there")
    }

    pub fn all<T: Stored>(&self) -> impl Iterator<Item = &T> {
        self.set.all()
    }

    /// Carries out one command without a key.
    pub fn decide<C: Command>(&mut self, command: C, now: Instant) -> Ruling<C> {
        self.decide_batch(&[command], now).remove(0)
    }

    /// Carries out a batch of commands without keys.
    pub fn decide_batch<C: Command>(&mut self, commands: &[C], now: Instant) -> Vec<Ruling<C>> {
        let submissions: Vec<_> = commands.iter().cloned().map(Submission::new).collect();
        self.submit(&submissions, now).into_iter().map(ruling::<C>).collect()
    }

    /// Carries out a batch of submissions.
    pub fn submit<C: Command>(
        &mut self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Vec<Verdict<C>> {
        let (verdicts, changes) = self.outcome(submissions, now);
        self.set.apply(&changes);
        verdicts
    }

    /// What a batch would do.
    pub fn outcome<C: Command>(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> (Vec<Verdict<C>>, Changes) {
        let mut set = WorkingSet::limited();
        self.load(&mut set, Needs::of(submissions), now);
        let besides = Needs::besides(submissions, &set, now).expect("what is needed was loaded");
        self.load(&mut set, besides, now);
        decide_all(set, submissions, now).expect("the rows are sound")
    }

    /// The refusal of a command, which must leave every row as it was.
    pub fn refusal<C: Command>(&self, command: C, now: Instant) -> C::Refusal {
        let (mut verdicts, changes) = self.outcome(&[Submission::new(command)], now);
        assert_eq!(changes.count(), 0, "a refusal changes nothing");
        ruling::<C>(verdicts.remove(0)).expect_err("the command is refused")
    }

    /// The occupancy of a room at an instant, counted from its tokens.
    pub fn occupancy(&self, room_id: RoomId, now: Instant) -> Occupancy {
        let statuses = || {
            let tokens = self.all::<QueueToken>().filter(|token| token.room_id == room_id);
            tokens.map(|token| token.status(now))
        };
        let active = statuses().filter(|s| matches!(s, TokenStatus::Active { .. })).count();
        Occupancy {
            active: i64::try_from(active).expect("few tokens"),
            anyone_waits: statuses().any(|s| matches!(s, TokenStatus::Waiting { .. }))
                || self.all::<NumberRange>().any(|range| range.room_id == room_id),
        }
    }

    /// The tickets that each user has in each schedule at an instant.
    pub fn own_tickets(&self, now: Instant) -> Vec<(ScheduleId, UserId, OwnTickets)> {
        let counted =
            |made: &Reservation| Some((made.schedule_id, made.user_id, made.own_tickets(now)?));
        self.all::<Reservation>().filter_map(counted).collect()
    }

    pub fn seat_counts(&self) -> BTreeMap<ConcertId, i64> {
        let mut counts = BTreeMap::new();
        for schedule in self.all::<Schedule>() {
            *counts.entry(schedule.concert_id).or_default() += i64::from(schedule.seat_count);
        }
        counts
    }

    /// Every row, to be compared.
    pub fn rows(&self) -> &WorkingSet {
        &self.set
    }
}

/// The ids of rows.
pub fn ids_of<T: Stored>(rows: &[&T]) -> Vec<T::Id> {
    rows.iter().map(|row| row.id()).collect()
}
