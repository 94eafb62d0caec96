//! Queue tokens and rooms as machines.

use proptest::prelude::*;
use stagedoor_domain::pulse::RECOVERY;
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::{
    ExpiryReason, Instant, Occupancy, Outage, QueueToken, Room, RoomPolicy, TokenState, TokenStatus,
};

use super::done_in_turn;
use crate::builders::*;
use crate::strategies::{config, edits, policies};

/// A heartbeat, or a new idle time in seconds.
#[derive(Clone, Copy, Debug)]
enum InLine {
    Heartbeat { is_told: bool },
    UpdateControls(i32),
}

fn in_line() -> impl Strategy<Value = InLine> {
    prop_oneof![
        3 => prop::bool::ANY.prop_map(|is_told| InLine::Heartbeat { is_told }),
        1 => (1_i32..900).prop_map(InLine::UpdateControls),
    ]
}

#[derive(Clone, Copy, Debug)]
enum ToToken {
    See,
    Admit,
    ExtendTo(i64),
    End(ExpiryReason),
    Expire,
}

fn to_token() -> impl Strategy<Value = ToToken> {
    prop_oneof![
        4 => Just(ToToken::See),
        2 => Just(ToToken::Admit),
        2 => (0_i64..900).prop_map(ToToken::ExtendTo),
        1 => prop::sample::select(vec![ExpiryReason::Left, ExpiryReason::Completed])
            .prop_map(ToToken::End),
        2 => Just(ToToken::Expire),
    ]
}

/// How far a token has come; it never goes back.
fn stage(status: TokenStatus) -> u8 {
    match status {
        TokenStatus::Waiting { .. } => 0,
        TokenStatus::Active { .. } => 1,
        TokenStatus::Expired { .. } => 2,
    }
}

/// Does something to a token, as the rules would: a hold is made with an active token alone.
fn take(step: ToToken, token: &mut QueueToken, room: &mut Room, now: Instant) -> bool {
    match step {
        ToToken::ExtendTo(_) if token.check_active(now).is_err() => false,
        ToToken::See => token.record_heartbeats(Heartbeats::one(&room.policy, now, true)).is_ok(),
        ToToken::Admit => token.admit(room, now).is_ok(),
        ToToken::ExtendTo(second) => token.extend_to(now + seconds(second)).is_ok(),
        ToToken::End(reason) => token.end(reason, room, now).is_ok(),
        ToToken::Expire => token.expire_if_overdue(room, now),
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_token_only_goes_forward_and_ends_once(steps in done_in_turn(to_token())) {
        let mut room = a_room();
        let mut token = QueueToken::wait(token(1), &mut room, user(1), NOW);
        for (now, step) in steps {
            let (before, status) = (token.clone(), token.status(now));
            let is_done = take(step, &mut token, &mut room, now);
            let after = token.status(now);

            prop_assert!(stage(status) <= stage(after));
            prop_assert!(stage(status) < 2 || after == status, "{status:?} became {after:?}");
            prop_assert!(is_done || token == before, "what was not done changed nothing");
            let is_another_state = std::mem::discriminant(&token.state)
                != std::mem::discriminant(&before.state);
            prop_assert_eq!(token.version > before.version, is_another_state);
            prop_assert!(token.version <= room.version);
        }
    }

    #[test]
    fn expiring_a_token_at_any_moment_changes_no_answer_then_or_later(
        steps in done_in_turn(to_token()),
        later in 0_i64..2_000,
    ) {
        let mut room = a_room();
        let mut token = QueueToken::wait(token(1), &mut room, user(1), NOW);
        for (now, step) in steps {
            let (mut expired, mut same_room) = (token.clone(), room.clone());
            let is_written = expired.expire_if_overdue(&mut same_room, now);
            prop_assert_eq!(is_written, expired != token);
            for at in [now, now + seconds(later)] {
                let statuses = [&expired, &token].map(|token| token.status(at));
                prop_assert_eq!(statuses[0], statuses[1]);
            }
            let done = take(step, &mut expired, &mut same_room, now);
            let unexpired = take(step, &mut token, &mut room, now);
            prop_assert!(matches!(step, ToToken::Expire) || done == unexpired, "{step:?} at {now}");
        }
    }

    #[test]
    fn a_waiting_token_lives_until_the_deadline_told_last_whatever_the_policy_becomes(
        steps in done_in_turn(in_line()),
    ) {
        let mut room = a_room();
        let mut token = QueueToken::wait(token(1), &mut room, user(1), NOW);
        let mut promised = NOW + room.policy.idle_time();
        for (now, step) in steps {
            match step {
                InLine::UpdateControls(seconds) => room.policy.idle_seconds = seconds,
                InLine::Heartbeat { is_told } => {
                    let heartbeat = Heartbeats::one(&room.policy, now, is_told);
                    prop_assert_eq!(token.record_heartbeats(heartbeat).is_ok(), now < promised);
                    let idle_at = now + room.policy.idle_time();
                    match (now < promised, is_told) {
                        (true, true) => promised = idle_at,
                        (true, false) => promised = promised.max(idle_at),
                        (false, _) => {}
                    }
                }
            }
            prop_assert_eq!(token.is_live(now), now < promised);
            prop_assert_eq!(token.status(NOW).expires_at(), promised);
        }
    }

    #[test]
    fn heartbeats_written_together_set_the_deadline_that_they_set_one_by_one(
        steps in done_in_turn((prop::bool::ANY, 1_i32..900)),
    ) {
        let mut room = a_room();
        let mut one_by_one = QueueToken::wait(token(1), &mut room, user(1), NOW);
        let mut together = one_by_one.clone();
        let mut kept: Option<Heartbeats> = None;
        for (now, (is_told, idle_seconds)) in steps {
            let policy = RoomPolicy { idle_seconds, ..room.policy };
            let heartbeat = Heartbeats::one(&policy, now, is_told);
            if one_by_one.record_heartbeats(heartbeat).is_ok() {
                kept = Some(kept.map_or(heartbeat, |kept| kept.and(heartbeat)));
            }
        }
        prop_assert!(kept.is_none_or(|kept| together.record_heartbeats(kept).is_ok()));
        prop_assert_eq!(together, one_by_one);
    }

    #[test]
    fn an_outage_moves_a_deadline_forward_and_at_most_to_that_of_a_heartbeat(
        idle in 1_i32..900, updated in 1_i32..900, lasts in 2_i64..2_000, later in 0_i64..2_000,
        lost_heartbeats in prop::bool::ANY,
    ) {
        let mut room = a_room();
        room.policy.idle_seconds = idle;
        let mut token = QueueToken::wait(token(1), &mut room, user(1), NOW);
        let before = token.status(NOW).expires_at();
        room.policy.idle_seconds = updated;
        let ended_at = NOW + seconds(later);
        let outage =
            Outage { began_at: ended_at - seconds(lasts), ended_at, lost_heartbeats };
        prop_assert_eq!(token.refund(&room.policy, outage), Ok(()));
        let after = token.status(NOW).expires_at();
        let most = before.max(ended_at + room.policy.idle_time());
        let refund = seconds(lasts) + if lost_heartbeats { time::Duration::DAY } else { RECOVERY };
        prop_assert_eq!(after, (before + refund).min(most));
        let seen_at = (NOW + refund).min(ended_at).max(NOW);
        prop_assert_eq!(token.state, TokenState::Waiting { seen_at, idle_at: after });
    }

    #[test]
    fn a_deadline_is_the_first_instant_at_which_a_token_has_expired(
        idle in 1_i32..500, active in 1_i32..500, is_in in prop::bool::ANY,
    ) {
        let mut room = a_room();
        room.policy = RoomPolicy { idle_seconds: idle, active_seconds: active, ..room.policy };
        let mut token = QueueToken::wait(token(1), &mut room, user(1), NOW);
        prop_assert!(!is_in || token.admit(&mut room, NOW).is_ok());
        let deadline = token.status(NOW).expires_at();
        prop_assert!(token.is_live(deadline - TICK));
        prop_assert!(!token.is_live(deadline));
        let is_active = matches!(token.state, TokenState::Active { .. });
        prop_assert_eq!(token.check_active(deadline - TICK).is_ok(), is_active);
    }

    #[test]
    fn a_room_never_lets_in_more_than_its_capacity_or_its_batch_in_an_interval(
        policy in policies(),
        wishes in done_in_turn((0_i64..6, 0_usize..9)),
    ) {
        let mut room = Room { policy, ..a_room() };
        let mut admitted: Vec<(Instant, i64)> = Vec::new();
        for (now, (active, wanted)) in wishes {
            let occupancy = Occupancy { active, anyone_waits: true };
            let most = room.admission_quota(occupancy, now);
            prop_assert!(!policy.paused || most == 0);
            let free = (i64::from(policy.capacity) - active).max(0);
            prop_assert!(i64::try_from(most).unwrap() <= free);
            let count = i32::try_from(most.min(wanted)).unwrap();
            if count > 0 {
                room.note_admitted(count, now);
                admitted.push((now, count.into()));
            }
        }
        // The first interval begins with the room, and each later one with an admission.
        let (mut since, mut sum) = (NOW, 0);
        for (at, count) in admitted {
            if at >= since + policy.admit_interval() {
                (since, sum) = (at, 0);
            }
            sum += count;
            prop_assert!(sum <= i64::from(policy.admit_batch), "{sum} since {since}");
        }
    }

    #[test]
    fn no_token_passes_a_queue_and_no_token_enters_a_room_that_admits_none(
        policy in policies(), active in 0_i64..6, anyone_waits in prop::bool::ANY,
    ) {
        let room = Room { policy, ..a_room() };
        let occupancy = Occupancy { active, anyone_waits };
        let may = !anyone_waits && !policy.paused && active < i64::from(policy.capacity);
        prop_assert_eq!(room.can_enter_now(occupancy), may);
    }

    #[test]
    fn a_client_waits_the_longer_the_more_are_ahead_and_never_until_it_is_abandoned(
        policy in policies(), idle in 1_i32..86_400, ahead in 0_u64..5_000_000, more in 0_u64..1_000,
    ) {
        let policy = RoomPolicy { idle_seconds: idle, ..policy };
        let (near, far) =
            (policy.poll_after_seconds(ahead), policy.poll_after_seconds(ahead + more));
        prop_assert!((1..=30).contains(&near) && near <= far);
        prop_assert!(far == 1 || i64::from(far) * 4 <= i64::from(idle));
    }

    #[test]
    fn an_edit_changes_what_it_names_and_a_later_edit_wins(
        policy in policies(), first in edits(), second in edits(),
    ) {
        let none = stagedoor_domain::operations::PolicyEdit::default();
        prop_assert_eq!(none.applied_to(policy), policy);
        let once = first.applied_to(policy);
        prop_assert_eq!(first.applied_to(once), once);
        let both = second.applied_to(once);
        prop_assert_eq!(both.capacity, second.capacity.unwrap_or(once.capacity));
        prop_assert_eq!(both.idle_seconds, second.idle_seconds.unwrap_or(once.idle_seconds));
        prop_assert_eq!(both.paused, second.paused.unwrap_or(once.paused));
        prop_assert_eq!(second.applied_to(both), both);
        prop_assert!(both.check().is_ok(), "sound values make a sound policy");
    }
}
