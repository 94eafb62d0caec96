//! Random commands of those who run the house, and of newcomers.

use proptest::prelude::*;
use stagedoor_domain::operations::{
    ChangePolicy, CreateConcert, CreateSchedule, CreateUser, ExpireHolds, ExpireTokens, PolicyEdit,
    SeeToken,
};
use stagedoor_domain::{RoomId, room::RoomMessage};

use crate::builders::*;
use crate::strategies::USERS;

pub fn sees(_: u8) -> BoxedStrategy<SeeToken> {
    let of = |(n, second)| {
        let at = NOW + seconds(second);
        SeeToken { token_id: token(n), heartbeats: heartbeat(at) }
    };
    (1..=u128::from(USERS) + 1, -130_i64..=0).prop_map(of).boxed()
}

pub fn edits() -> impl Strategy<Value = PolicyEdit> {
    let some = |bounds: std::ops::Range<i32>| prop::option::weighted(0.4, bounds);
    let fields = (
        some(0..6),
        some(1..4),
        some(1..20),
        some(1..900),
        some(1..200),
        prop::option::weighted(0.2, prop::bool::ANY),
    );
    fields.prop_map(|(capacity, admit_batch, interval, active_seconds, idle_seconds, paused)| {
        let admit_interval_seconds = interval;
        PolicyEdit {
            capacity,
            admit_batch,
            admit_interval_seconds,
            active_seconds,
            idle_seconds,
            paused,
        }
    })
}

pub fn steers(n: u8) -> BoxedStrategy<ChangePolicy> {
    let rooms = prop_oneof![4 => Just(room(1)), 2 => Just(RoomId::SITE), 1 => Just(room(9))];
    let message = prop::option::weighted(0.3, prop::sample::select(vec!["", "Soon", "Now"]));
    let of = move |(room_id, edit, message): (_, _, Option<&str>)| ChangePolicy {
        action_id: action(n.into()),
        message: message.map(|text| RoomMessage::parse(text).unwrap()),
        ..change_policy(room_id, edit)
    };
    (rooms, edits(), message).prop_map(of).boxed()
}

pub fn tidies_tokens(_: u8) -> BoxedStrategy<ExpireTokens> {
    Just(ExpireTokens).boxed()
}

pub fn tidies_holds(_: u8) -> BoxedStrategy<ExpireHolds> {
    Just(ExpireHolds).boxed()
}

/// Sign-ups with few addresses, of which some are taken.
pub fn sign_ups(n: u8) -> BoxedStrategy<CreateUser> {
    (7_u8..12).prop_map(move |email_of| sign_up(n, email_of)).boxed()
}

/// Announcements by an organizer, by a fan, and where anyone may announce.
pub fn announcements(n: u8) -> BoxedStrategy<CreateConcert> {
    let of = move |(organizer, with_schedule, open_to_all): (u128, bool, bool)| {
        let plans = with_schedule.then(|| a_plan(n.into())).into_iter().collect();
        let (id, room_id) = (concert(n.into()), room(n.into()));
        CreateConcert { id, room_id, open_to_all, ..announce(organizer, plans) }
    };
    (8_u128..10, prop::bool::ANY, prop::bool::weighted(0.2)).prop_map(of).boxed()
}

/// Dates for a concert that there is or is not, by its organizer or another.
pub fn additions(n: u8) -> BoxedStrategy<CreateSchedule> {
    let of = move |(concert_of, organizer)| CreateSchedule {
        concert_id: concert(concert_of),
        organizer_id: user(organizer),
        plan: a_plan(n.into()),
    };
    (1_u128..3, 8_u128..10).prop_map(of).boxed()
}
