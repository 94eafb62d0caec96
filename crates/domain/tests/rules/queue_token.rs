//! Queue tokens as entities (rules 4 to 8 and 13).

use stagedoor_domain::queue_token::{Heartbeats, NotActive, NotLive, NotWaiting};
use stagedoor_domain::{ExpiryReason, QueueToken, RoomPolicy, TokenState, TokenStatus};

use crate::builders::*;

fn policy() -> RoomPolicy {
    RoomPolicy::default()
}

fn expired(reason: ExpiryReason) -> TokenState {
    TokenState::Expired { reason, at: NOW - seconds(1) }
}

#[test]
fn a_deadline_passes_at_its_instant_whether_or_not_that_was_written() {
    let idle = policy().idle_time();
    let abandoned = TokenStatus::Expired { reason: ExpiryReason::Abandoned, at: NOW };
    let timed_out = TokenStatus::Expired { reason: ExpiryReason::TimedOut, at: NOW };
    let left = TokenStatus::Expired { reason: ExpiryReason::Left, at: NOW - seconds(1) };
    let table = [
        (waiting(NOW), TokenStatus::Waiting { idle_at: NOW + idle }),
        (waiting(NOW - idle + TICK), TokenStatus::Waiting { idle_at: NOW + TICK }),
        (waiting(NOW - idle), abandoned),
        (active_until(NOW + TICK), TokenStatus::Active { expires_at: NOW + TICK }),
        (active_until(NOW), timed_out),
        (expired(ExpiryReason::Left), left),
    ];
    for (state, expected) in table {
        let token = QueueToken { state, ..a_token(1) };
        assert_eq!(token.status(NOW), expected, "{state:?}");
    }
}

#[test]
fn booking_tells_a_waiting_token_from_one_that_has_ended() {
    let table = [
        (active_until(NOW + TICK), Ok(())),
        (active_until(NOW), Err(NotActive::Expired)),
        (waiting(NOW), Err(NotActive::Waiting)),
        (waiting(NOW - policy().idle_time()), Err(NotActive::Expired)),
        (expired(ExpiryReason::Completed), Err(NotActive::Expired)),
    ];
    for (state, expected) in table {
        let token = QueueToken { state, ..a_token(1) };
        assert_eq!(token.check_active(NOW), expected, "{state:?}");
        assert_eq!(token.is_live(NOW), expected != Err(NotActive::Expired));
    }
}

#[test]
fn a_newcomer_waits_at_the_end_of_the_line() {
    let mut room = a_room();

    let first = QueueToken::wait(token(1), &mut room, user(1), NOW);
    let second = QueueToken::wait(token(2), &mut room, user(2), NOW);

    assert_eq!((first.sequence, second.sequence), (Some(1), Some(2)));
    assert_eq!((first.version, second.version, room.version), (1, 2, 2));
    assert_eq!(first.state, waiting(NOW));
}

#[test]
fn a_newcomer_who_enters_at_once_takes_no_place_and_may_shop_for_the_active_time() {
    let mut room = a_room();

    let entered = QueueToken::enter(token(1), &mut room, user(1), NOW);

    let expires_at = NOW + seconds(600);
    assert_eq!(entered.state, TokenState::Active { since: NOW, expires_at });
    assert_eq!((entered.sequence, room.last_sequence, entered.version), (None, 0, 1));
}

#[test]
fn a_heartbeat_moves_the_idle_deadline_and_an_older_one_never_back() {
    let mut token = QueueToken { state: waiting(NOW), ..a_token(1) };

    assert_eq!(token.record_heartbeats(heartbeat(NOW + seconds(60))), Ok(()));
    assert_eq!(token.state, waiting(NOW + seconds(60)));
    assert_eq!(
        token.record_heartbeats(heartbeat(NOW + seconds(30))),
        Ok(()),
        "an older heartbeat counts"
    );
    assert_eq!(token.state, waiting(NOW + seconds(60)), "but changes nothing");
}

#[test]
fn a_shorter_idle_time_applies_from_the_next_heartbeat_whose_deadline_is_told() {
    let shorter = RoomPolicy { idle_seconds: 3, ..policy() };
    let at = NOW + seconds(60);
    for (is_told, idle_at) in [(true, at + seconds(3)), (false, NOW + seconds(600))] {
        let mut token = QueueToken { state: waiting(NOW), ..a_token(1) };

        assert_eq!(token.record_heartbeats(Heartbeats::one(&shorter, at, is_told)), Ok(()));

        assert_eq!(token.state, TokenState::Waiting { seen_at: at, idle_at }, "told: {is_told}");
    }
}

#[test]
fn heartbeats_gathered_in_any_order_set_the_deadline_that_was_told_last() {
    let shorter = RoomPolicy { idle_seconds: 3, ..policy() };
    let [first, last] = [NOW + seconds(10), NOW + seconds(60)];
    let longer = |is_told| Heartbeats::one(&policy(), first, is_told);
    let table = [
        (longer(true), Heartbeats::one(&shorter, last, true), last + seconds(3)),
        (longer(true), Heartbeats::one(&shorter, last, false), first + seconds(600)),
        (longer(false), Heartbeats::one(&shorter, last, true), last + seconds(3)),
    ];
    for (one, other, idle_at) in table {
        let expected = Heartbeats { since: first, at: last, idle_at, is_told: true };
        assert_eq!([one.and(other), other.and(one)], [expected; 2], "{one:?}, {other:?}");
    }
}

#[test]
fn a_heartbeat_counts_only_while_the_token_waits() {
    let idle = policy().idle_time();
    let table = [
        (waiting(NOW - idle + TICK), Ok(())),
        (waiting(NOW - idle), Err(NotWaiting)),
        (active_until(NOW + seconds(9)), Err(NotWaiting)),
        (active_until(NOW), Err(NotWaiting)),
        (expired(ExpiryReason::Left), Err(NotWaiting)),
    ];
    for (state, expected) in table {
        let mut token = QueueToken { state, ..a_token(1) };
        assert_eq!(token.record_heartbeats(heartbeat(NOW)), expected, "{state:?}");
        assert_eq!(token.state, if expected.is_ok() { waiting(NOW) } else { state });
    }
}

#[test]
fn only_a_waiting_token_is_let_in() {
    let table = [
        (waiting(NOW), true),
        (waiting(NOW - policy().idle_time()), false),
        (active_until(NOW + seconds(9)), false),
        (expired(ExpiryReason::TimedOut), false),
    ];
    for (state, let_in) in table {
        let mut room = a_room();
        let mut token = QueueToken { state, version: 0, ..a_token(1) };

        assert_eq!(token.admit(&mut room, NOW).is_ok(), let_in, "{state:?}");

        let shopping = TokenState::Active { since: NOW, expires_at: NOW + seconds(600) };
        assert_eq!(token.state, if let_in { shopping } else { state });
        assert_eq!((token.version, room.version), (i64::from(let_in), i64::from(let_in)));
    }
}

#[test]
fn an_active_token_does_not_expire_before_a_hold_made_with_it() {
    let table = [
        (active_until(NOW + seconds(9)), Ok(()), active_until(NOW + HOLD_TIME)),
        (active_until(NOW + HOLD_TIME), Ok(()), active_until(NOW + HOLD_TIME)),
        (active_until(NOW + seconds(900)), Ok(()), active_until(NOW + seconds(900))),
        (waiting(NOW), Err(NotActive::Waiting), waiting(NOW)),
        (expired(ExpiryReason::Left), Err(NotActive::Expired), expired(ExpiryReason::Left)),
    ];
    for (state, expected, after) in table {
        let mut token = QueueToken { state, ..a_token(1) };
        assert_eq!(token.extend_to(NOW + HOLD_TIME), expected, "{state:?}");
        assert_eq!(token.state, after);
    }
}

#[test]
fn a_token_ends_once_and_keeps_its_first_reason() {
    let mut room = a_room();
    let mut token = a_token(1);

    assert_eq!(token.end(ExpiryReason::Left, &mut room, NOW), Ok(()));
    let again = token.end(ExpiryReason::Completed, &mut room, NOW + seconds(1));
    assert_eq!(again, Err(NotLive));

    assert_eq!(token.state, TokenState::Expired { reason: ExpiryReason::Left, at: NOW });
    assert_eq!((token.version, room.version), (1, 1));
}

#[test]
fn an_overdue_token_cannot_end_for_another_reason() {
    for state in [waiting(NOW - policy().idle_time()), active_until(NOW)] {
        let mut token = QueueToken { state, ..a_token(1) };
        let ended = token.end(ExpiryReason::Completed, &mut a_room(), NOW);
        assert_eq!(ended, Err(NotLive), "{state:?}");
        assert_eq!(token.state, state);
    }
}

#[test]
fn expiring_writes_down_why_and_since_when_a_token_has_ended() {
    let idle_at = NOW - seconds(3);
    let over = |reason, at| Some(TokenState::Expired { reason, at });
    let table = [
        (waiting(idle_at - policy().idle_time()), over(ExpiryReason::Abandoned, idle_at)),
        (active_until(NOW - seconds(7)), over(ExpiryReason::TimedOut, NOW - seconds(7))),
        (active_until(NOW), over(ExpiryReason::TimedOut, NOW)),
        (active_until(NOW + TICK), None),
        (waiting(NOW), None),
        (expired(ExpiryReason::Left), None),
    ];
    for (state, written) in table {
        let mut room = a_room();
        let mut token = QueueToken { state, ..a_token(1) };

        assert_eq!(token.expire_if_overdue(&mut room, NOW), written.is_some(), "{state:?}");

        assert_eq!(token.state, written.unwrap_or(state));
        assert_eq!(room.version, i64::from(written.is_some()));
    }
}
