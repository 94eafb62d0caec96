//! The people, what they know, and what they do next.

use fastrand::Rng;
use stagedoor_domain::Refused::Rule;
use stagedoor_domain::operations::{HoldRefused, PayRefused, PointChange, SeatChoice};
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::{
    ConcertId, PersonName, Points, ReservationId, RoomId, ScheduleId, SeatId, TokenState, UserId,
};

use crate::calls::Answered;
use crate::intents::{Intent, PASSWORD, Pass};

/// How many seats of a show are in demand.
const WANTED: usize = 40;
/// How many of their queue tokens people remember.
const PASSES_KEPT: usize = 3;

/// A concert on sale.
pub struct Show {
    pub organizer_id: UserId,
    pub concert_id: ConcertId,
    pub room_id: RoomId,
    pub schedule_id: ScheduleId,
    pub seats: Vec<SeatId>,
}

/// What a person knows from the answers so far.
#[derive(Default)]
pub struct Person {
    pub user_id: Option<UserId>,
    /// The hash of the newest password that the person was told of; nothing is the first one.
    pub password: Option<String>,
    pub passes: Vec<Pass>,
    pub held: Vec<ReservationId>,
    pub paid: Vec<ReservationId>,
    pub last_call: Option<usize>,
}

impl Person {
    /// What the person asks for next.
    pub fn next(&self, number: usize, shows: &[Show], random: &mut Rng) -> Intent {
        if self.user_id.is_none() {
            return Intent::SignUp { number };
        }
        let home = &shows[number % shows.len()];
        let Some(pass) = self.some_pass(random) else {
            return match (random.usize(..8), self.cancellation()) {
                (0..=1, _) => charge(random),
                (2, Some(cancel)) => cancel,
                _ => join(home, random),
            };
        };
        let held = self.held.last().copied();
        match (random.usize(..22), held) {
            (20, _) => rename(random),
            (21, _) => self.password_change(random),
            (0, _) => join(home, random),
            (1..=7, Some(reservation_id)) => Intent::Pay { pass, reservation_id },
            (8, Some(reservation_id)) => Intent::Extend { reservation_id },
            (9, Some(reservation_id)) => Intent::ReleaseHold { reservation_id },
            (10..=13, _) => charge(random),
            (14, _) => Intent::Points { change: PointChange::Use, amount: some_points(random) },
            (15, _) if random.usize(..3) == 0 => {
                self.cancellation().unwrap_or(Intent::Leave { pass })
            }
            (15, _) => Intent::Leave { pass },
            _ => {
                let show = shows.iter().find(|show| show.room_id == pass.room_id).unwrap_or(home);
                Intent::Hold { pass, schedule_id: show.schedule_id, choice: seats_of(show, random) }
            }
        }
    }

    fn password_change(&self, random: &mut Rng) -> Intent {
        let checked_hash = self.password.clone().unwrap_or_else(|| PASSWORD.to_owned());
        // A hash of its own for each change: it is longer than any before.
        let new_hash = format!("{checked_hash}+{}", random.u64(..));
        Intent::ChangePassword { checked_hash, new_hash }
    }

    fn cancellation(&self) -> Option<Intent> {
        let reservation_id = self.paid.last().copied()?;
        Some(Intent::Cancel { reservation_id })
    }

    fn some_pass(&self, random: &mut Rng) -> Option<Pass> {
        let newest = self.passes.last().copied()?;
        Some(if random.usize(..8) == 0 {
            random.choice(&self.passes).cloned().expect("one of several")
        } else {
            newest
        })
    }

    /// Takes in an answer.
    pub fn hear(&mut self, intent: &Intent, answered: &Answered) {
        match answered {
            Answered::SignUp(Ok(user)) => self.user_id = Some(user.id),
            Answered::ChangePassword(Ok(_)) => {
                if let Intent::ChangePassword { new_hash, .. } = intent {
                    self.password = Some(new_hash.clone());
                }
            }
            Answered::Join(Ok(joined)) => {
                let pass = Pass {
                    token_id: joined.token.id,
                    room_id: joined.token.room_id,
                    sequence: match joined.token.state {
                        TokenState::Waiting { .. } => joined.token.sequence,
                        TokenState::Active { .. } | TokenState::Expired { .. } => None,
                    },
                };
                self.passes.retain(|known| known.token_id != pass.token_id);
                self.passes.push(pass);
                let surplus = self.passes.len().saturating_sub(PASSES_KEPT);
                self.passes.drain(..surplus);
            }
            Answered::Hold(Ok(reservation)) if !self.held.contains(&reservation.id) => {
                self.held.push(reservation.id);
            }
            Answered::Hold(Err(Rule(HoldRefused::AlreadyHeld(id)))) if !self.held.contains(id) => {
                self.held.push(*id);
            }
            Answered::Hold(Err(Rule(HoldRefused::NotActive(NotActive::Expired))))
            | Answered::Pay(Err(Rule(PayRefused::NotActive(NotActive::Expired)))) => {
                if let Intent::Hold { pass, .. } | Intent::Pay { pass, .. } = intent {
                    self.passes.retain(|known| known.token_id != pass.token_id);
                }
            }
            Answered::Pay(Ok(paid)) => {
                self.held.retain(|id| *id != paid.reservation.id);
                self.paid.push(paid.reservation.id);
            }
            _ => {}
        }
    }
}

fn join(home: &Show, random: &mut Rng) -> Intent {
    let room_id = if random.usize(..6) == 0 { RoomId::SITE } else { home.room_id };
    Intent::Join { room_id }
}

fn rename(random: &mut Rng) -> Intent {
    let name = format!("Kim Minji {}", random.usize(..9));
    Intent::Rename { name: PersonName::parse(&name).unwrap() }
}

fn some_points(random: &mut Rng) -> Points {
    Points::new(1 + i64::try_from(random.usize(..90_000)).unwrap()).unwrap()
}

fn charge(random: &mut Rng) -> Intent {
    Intent::Points { change: PointChange::Charge, amount: some_points(random) }
}

/// Mostly seats that many want; sometimes any.
fn seats_of(show: &Show, random: &mut Rng) -> SeatChoice {
    let among =
        if random.usize(..4) == 0 { show.seats.len() } else { WANTED.min(show.seats.len()) };
    let count = 1 + random.usize(..4);
    match random.usize(..5) {
        0 => SeatChoice::best(count),
        _ => {
            let first = random.usize(..among - count + 1);
            SeatChoice::Ids(show.seats[first..first + count].to_vec())
        }
    }
}
