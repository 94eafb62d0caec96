//! Deadlines pass at their instant, whether or not a periodic job runs (rule 13).

use stagedoor_domain::operations::{
    ExpireHolds, ExpireTokens, HeartbeatRefused, HoldRefused, KeepWaiting, PolicyEdit,
    RecordHeartbeats, SeatChoice,
};
use stagedoor_domain::queue_token::{Heartbeats, NotActive};
use stagedoor_domain::{ExpiryReason, KeptDeadline, ReservationState, Role, TokenState};

use super::snapshot::Snapshot;
use super::store::Store;
use super::world::{
    EXTENSION_SECONDS, HOLD_SECONDS, IDLE_SECONDS, OPENING, World, at, before, heartbeat, leave,
    release, waiting,
};

/// Not a microsecond earlier; and what is expired later leaves the new holder the seat.
pub async fn an_expired_hold_is_free_without_a_periodic_job<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fans = world.fans(show.room_id, 2).await;
    let first = world.held(fans[0], &show, &[1], OPENING).await;
    let early = before(first.expires_at);
    let refused = world.ask(world.hold(fans[1], &show, &[1]), early).await;
    assert_eq!(refused.err(), Some(HoldRefused::SeatTaken));
    let second = world.held(fans[1], &show, &[1], first.expires_at).await;
    assert_eq!(world.reservation(first.id).await.state, ReservationState::Held);
    assert_eq!(world.done(ExpireHolds, first.expires_at).await, 1);
    assert_eq!(world.reservation(first.id).await.state, ReservationState::Expired);
    let seat = world.seats(&show).await.remove(0);
    assert!(seat.is_held_by(second.id));
    assert_eq!(world.reservation(second.id).await.state, ReservationState::Held);
}

/// A best block, too, is made of seats whose holds expired; and one's own expired hold can be
/// taken anew.
pub async fn a_best_block_uses_seats_whose_hold_expired<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 4).await;
    let fan = world.fan(show.room_id).await;
    world.held(fan, &show, &[1, 2, 3, 4], OPENING).await;
    let best = || world.hold_choice(fan, &show, SeatChoice::best(4));
    let refused = world.ask(best(), at(299)).await;
    assert_eq!(refused.err(), Some(HoldRefused::SeatTaken));
    assert_eq!(world.done(best(), at(300)).await.seats.len(), 4);
}

/// Newcomers and waiting users get the slots of expired tokens.
pub async fn overdue_active_tokens_take_no_capacity<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 1).await;
    let edit = PolicyEdit { capacity: Some(1), active_seconds: Some(50), ..PolicyEdit::default() };
    world.update_controls(show.room_id, edit, OPENING).await;
    let users = world.users(4).await;
    let state_of = async |user: usize, now| {
        let fan = world.enter(show.room_id, users[user], now).await;
        world.token(fan.token_id).await.state
    };
    assert!(matches!(state_of(0, OPENING).await, TokenState::Active { .. }));
    let active = TokenState::Active { since: at(50), expires_at: at(100) };
    assert_eq!(state_of(1, at(50)).await, active);
    assert!(matches!(state_of(2, before(at(100))).await, TokenState::Waiting { .. }));
    assert_eq!(world.admit(show.room_id, before(at(100))).await, 0);
    assert!(matches!(state_of(3, at(100)).await, TokenState::Waiting { .. }));
    assert_eq!(world.admit(show.room_id, at(100)).await, 1);
    assert!(matches!(state_of(2, at(101)).await, TokenState::Active { .. }));
}

/// The next one is; and the abandoned do not make newcomers wait.
pub async fn abandoned_tokens_are_neither_admitted_nor_waited_for<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fans = world.fans(room_id, 4).await;
    world.done(heartbeat(fans[1], at(60)), at(60)).await;
    world.done(heartbeat(fans[3], at(60)), at(60)).await;
    world.set_capacity(room_id, 1, OPENING).await;
    assert_eq!(world.admit(room_id, at(120)).await, 1);
    let admitted = world.token(fans[1].token_id).await.state;
    assert_eq!(admitted, TokenState::Active { since: at(120), expires_at: at(720) });
    world.set_capacity(room_id, 2, OPENING).await;
    let users = world.users(2).await;
    let early = world.enter(room_id, users[0], before(at(180))).await;
    assert_eq!(world.token(early.token_id).await.sequence, Some(5));
    world.done(leave(early), before(at(180))).await;
    let late = world.enter(room_id, users[1], at(180)).await;
    assert_eq!(world.token(late.token_id).await.sequence, None);
}

/// The line is long and its head abandoned: those behind are found nevertheless.
pub async fn a_long_abandoned_head_does_not_hide_the_line<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fans = world.fans(room_id, 60).await;
    let alive = &fans[50..];
    world.ask_all(alive.iter().map(|fan| heartbeat(*fan, at(100))), at(100)).await;
    world.set_capacity(room_id, 4, OPENING).await;
    assert_eq!(world.admit(room_id, at(150)).await, 4);
    for (index, fan) in alive.iter().enumerate() {
        let state = world.token(fan.token_id).await.state;
        assert_eq!(matches!(state, TokenState::Active { .. }), index < 4);
    }
}

/// Timed out or abandoned: a new token at once, and the old one is written as over.
pub async fn an_overdue_user_gets_a_new_token_without_a_periodic_job<S: Store>(store: S) {
    let world = World::new(store);
    let (open, line) = (world.open_show(1, 1).await.room_id, world.closed_show().await.room_id);
    let user_id = world.user(Role::Fan).await;
    let rooms = [(open, at(600), ExpiryReason::TimedOut), (line, at(120), ExpiryReason::Abandoned)];
    for (room_id, deadline, reason) in rooms {
        let first = world.enter(room_id, user_id, OPENING).await;
        let same = world.enter(room_id, user_id, OPENING).await;
        assert_eq!(same.token_id, first.token_id);
        let second = world.enter(room_id, user_id, deadline).await;
        assert_ne!(second.token_id, first.token_id);
        let over = world.token(first.token_id).await;
        assert_eq!(over.state, TokenState::Expired { reason, at: deadline });
        let new = world.token(second.token_id).await;
        assert!(new.version > over.version, "the old one was over before the new one began");
        assert_eq!(world.room(room_id).await.version, 3);
    }
}

/// Asking again in line is a heartbeat (rule 5).
pub async fn asking_again_in_line_moves_the_deadline<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fan = world.fan(room_id).await;
    let again = world.done(world.join(room_id, fan.user_id), at(119)).await;
    assert!(!again.is_new);
    assert_eq!(again.token.state, waiting(at(119)));
    assert_eq!(world.token(fan.token_id).await, again.token);
    assert_eq!(world.enter(room_id, fan.user_id, at(238)).await.token_id, fan.token_id);
}

/// The janitor leaves the abandoned five seconds more, for heartbeats on their way.
pub async fn an_abandoned_token_is_expired_after_a_grace<S: Store>(store: S) {
    let world = World::new(store);
    let fan = world.fan(world.closed_show().await.room_id).await;
    assert_eq!(world.done(ExpireTokens, at(120)).await, 0);
    assert_eq!(world.done(ExpireTokens, before(at(125))).await, 0);
    world.done(heartbeat(fan, before(at(120))), at(124)).await;
    assert_eq!(world.done(ExpireTokens, at(125)).await, 0);
    assert_eq!(world.done(ExpireTokens, at(245)).await, 1);
    assert_eq!(world.done(ExpireTokens, at(245)).await, 0);
}

/// Expiring what is in order changes nothing.
pub async fn expiring_leaves_alone_what_is_in_order<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fans = world.fans(show.room_id, 2).await;
    world.held(fans[0], &show, &[1], OPENING).await;
    world.sold(fans[1], &show, &[2], OPENING).await;
    let released = world.held(fans[0], &show, &[3], OPENING).await;
    world.done(release(&released), OPENING).await;
    world.fans(world.closed_show().await.room_id, 2).await;
    let known = world.known();
    let earlier = Snapshot::of(&world.store, &known, at(1)).await;
    assert_eq!(world.done(ExpireHolds, at(1)).await, 0);
    assert_eq!(world.done(ExpireTokens, at(1)).await, 0);
    earlier.assert_same(&Snapshot::of(&world.store, &known, at(1)).await);
}

/// A deadline that was told stays; the heartbeat after it sets one by the new policy.
pub async fn a_shorter_idle_time_applies_from_the_next_heartbeat<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fans = world.fans(room_id, 2).await;
    let edit = PolicyEdit { capacity: Some(5), idle_seconds: Some(10), ..PolicyEdit::default() };
    let policy = world.update_controls(room_id, edit, at(10)).await.policy;
    assert_eq!(world.token(fans[0].token_id).await.state, waiting(OPENING));
    let heartbeats = Heartbeats::one(&policy, at(110), true);
    world.done(RecordHeartbeats { token_id: fans[0].token_id, heartbeats }, at(110)).await;
    let waiting_at = async |now| world.store.room_count(room_id, now).await.expect("it reads");
    for (now, count) in [(before(at(120)), 2), (at(120), 0)] {
        assert_eq!(waiting_at(now).await.map(|count| count.waiting), Some(count), "{now}");
    }
    assert_eq!(world.admit(room_id, at(120)).await, 0);
    assert_eq!(world.done(ExpireTokens, at(125)).await, 2);
}

/// Rule 5: what a process has kept counts as long as the store has the deadline that it had.
pub async fn a_kept_deadline_is_written_by_room_and_sequence_number<S: Store>(store: S) {
    let world = World::new(store);
    let [room_id, other_id] =
        [world.closed_show().await.room_id, world.closed_show().await.room_id];
    let [fans, others] = [world.fans(room_id, 3).await, world.fans(other_id, 2).await];
    let idle_at = at(i64::from(IDLE_SECONDS));
    let later = at(i64::from(IDLE_SECONDS) + 100);
    let keep =
        |sequence, stored| KeepWaiting(KeptDeadline { room_id, sequence, stored, idle_at: later });

    let commands = [keep(3, idle_at), keep(1, idle_at), keep(2, later), keep(4, OPENING)];
    let verdicts = world.ask_all(commands, at(600)).await;

    let refused = Err(HeartbeatRefused::NotWaiting);
    assert_eq!(verdicts, [Ok(()), Ok(()), refused, refused]);
    let moved = TokenState::Waiting { seen_at: OPENING, idle_at: later };
    for (fan, state) in fans.iter().zip([moved, waiting(OPENING), moved]) {
        assert_eq!(world.token(fan.token_id).await.state, state);
    }
    for fan in others {
        assert_eq!(world.token(fan.token_id).await.state, waiting(OPENING));
    }
}

/// Rule 8: however often a user holds and releases, the token ends after the time to shop, one hold
/// and its extension.
pub async fn a_token_that_holds_again_and_again_ends<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 1).await;
    let fan = world.fan(show.room_id).await;
    let latest = at(600 + HOLD_SECONDS + EXTENSION_SECONDS);
    let mut seconds = 0;
    let refused = loop {
        let hold = world.hold(fan, &show, &[1]);
        match world.ask(hold, at(seconds)).await {
            Ok(held) => world.done(release(&held), at(seconds)).await,
            Err(refused) => break refused,
        }
        seconds += 60;
    };
    assert_eq!((refused, at(seconds)), (HoldRefused::NotActive(NotActive::Expired), latest));
    let TokenState::Active { expires_at, .. } = world.token(fan.token_id).await.state else {
        panic!("nothing was expired");
    };
    assert_eq!(expires_at, latest);
}
