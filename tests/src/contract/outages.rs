//! Deadlines of waiting tokens after an outage (rule 5).

use stagedoor_domain::pulse::MOVED_AT_ONCE_MAX;
use stagedoor_domain::{ProcessId, Pulse, TokenState};

use super::ids::fresh;
use super::store::Store;
use super::world::{Fan, IDLE_SECONDS, OPENING, World, at, before, heartbeat, waiting};

/// Time without the store is not idle time: a token that waited when an outage began gets it back, and
/// a token that was abandoned before stays so.
pub async fn an_outage_is_no_idle_time<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(2).await;
    let gone = world.enter(room_id, users[0], OPENING).await;
    let kept = world.enter(room_id, users[1], at(100)).await;
    let seen_at = async |token_id| world.token(token_id).await.state;
    let process = ProcessId(fresh());
    let pulse = async |pulse, now| world.store.pulse(process, pulse, now).await.expect("a pulse");
    pulse(Pulse::Start, at(121)).await;
    for (of, now, expected) in [
        (Pulse::Start, at(122), at(100)),
        (Pulse::Recovered, at(125), at(100)),
        (Pulse::Steady, at(150), at(100)),
        (Pulse::Recovered, at(1_150), at(1_105)),
        (Pulse::Start, at(1_152), at(1_112)),
        (Pulse::Start, at(2_152), at(2_117)),
    ] {
        pulse(of, now).await;
        let state = waiting(expected);
        assert_eq!(seen_at(kept.token_id).await, state, "{of:?} at {now}");
    }
    assert_eq!(seen_at(gone.token_id).await, waiting(OPENING));
}

/// Of which tokens it had heartbeats, no process knows: all that waited at its last pulse get what a heartbeat gives.
pub async fn a_process_that_is_lost_gives_all_who_wait_a_heartbeat<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(2).await;
    let gone = world.enter(room_id, users[0], before(at(-i64::from(IDLE_SECONDS)))).await;
    let kept = world.enter(room_id, users[1], at(-100)).await;
    let [left, lost, other] = [(); 3].map(|()| ProcessId(fresh()));
    let pulse =
        async |process, of, now| world.store.pulse(process, of, now).await.expect("a pulse");
    let state = async |fan: Fan| world.token(fan.token_id).await.state;
    for process in [left, lost, other] {
        pulse(process, Pulse::Start, OPENING).await;
    }
    world.store.leave(left).await.expect("it leaves");
    pulse(lost, Pulse::Steady, at(1)).await;

    for (second, expected) in [(10, at(-100)), (11, at(-100)), (12, at(12)), (30, at(12))] {
        pulse(other, Pulse::Steady, at(second)).await;
        assert_eq!(state(kept).await, waiting(expected), "at second {second}");
    }
    assert_eq!(state(gone).await, waiting(before(at(-i64::from(IDLE_SECONDS)))));
}

/// While no process had the store, none was lost: each has some time to pulse again.
pub async fn a_process_is_not_lost_by_an_outage_of_all<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fan = world.fan(room_id).await;
    let [one, two, three] = [(); 3].map(|()| ProcessId(fresh()));
    let pulse =
        async |process, of, now| world.store.pulse(process, of, now).await.expect("a pulse");
    for process in [one, two, three] {
        pulse(process, Pulse::Start, OPENING).await;
    }
    for (process, of, second, seen) in [
        (one, Pulse::Recovered, 95, 95),
        (one, Pulse::Steady, 104, 95),
        (two, Pulse::Recovered, 104, 95),
        (one, Pulse::Steady, 105, 105),
    ] {
        pulse(process, of, at(second)).await;
        let state = world.token(fan.token_id).await.state;
        assert_eq!(state, waiting(at(seen)), "{of:?} at second {second}");
    }
}

/// Of many deadlines those far ahead move a part with each pulse, whichever outages begin meanwhile, and each
/// by every outage once.
pub async fn deadlines_far_ahead_follow_pulse_by_pulse<S: Store>(store: S) {
    let line = Line::of(store, 2 * MOVED_AT_ONCE_MAX + 1).await;
    line.pulse(Pulse::Start, 20).await;

    line.pulse(Pulse::Start, 30).await;
    line.assert_seen([(15, MOVED_AT_ONCE_MAX), (0, MOVED_AT_ONCE_MAX + 1)]).await;
    let last = *line.fans.last().expect("there are many");
    line.world.done(heartbeat(last, at(31)), at(31)).await;
    line.pulse(Pulse::Start, 40).await;
    line.assert_seen([(30, MOVED_AT_ONCE_MAX), (15, MOVED_AT_ONCE_MAX), (31, 1)]).await;
    line.pulse(Pulse::Steady, 41).await;
    line.assert_seen([(30, 2 * MOVED_AT_ONCE_MAX), (31, 1)]).await;
    line.pulse(Pulse::Steady, 42).await;

    for now in [43, 44] {
        line.assert_seen([(30, 2 * MOVED_AT_ONCE_MAX), (40, 1)]).await;
        line.pulse(Pulse::Steady, now).await;
    }
}

/// Deadlines that come up are moved before the pulse after the outage has ended, however many they are.
pub async fn deadlines_that_come_up_move_at_once<S: Store>(store: S) {
    let line = Line::of(store, 2 * MOVED_AT_ONCE_MAX + 1).await;
    line.pulse(Pulse::Start, 20).await;

    line.pulse(Pulse::Start, 80).await;

    line.assert_seen([(65, 2 * MOVED_AT_ONCE_MAX + 1)]).await;
}

/// People who wait since the beginning.
struct Line<S> {
    world: World<S>,
    fans: Vec<Fan>,
    process: ProcessId,
}

impl<S: Store> Line<S> {
    async fn of(store: S, count: usize) -> Self {
        let world = World::new(store);
        let room_id = world.closed_show().await.room_id;
        let fans = world.fans(room_id, count).await;
        Self { world, fans, process: ProcessId(fresh()) }
    }

    async fn pulse(&self, pulse: Pulse, seconds: i64) {
        self.world.store.pulse(self.process, pulse, at(seconds)).await.expect("a pulse");
    }

    /// Checks how many tokens, from the head of the line on, have the deadline of a heartbeat at which second.
    async fn assert_seen(&self, expected: impl IntoIterator<Item = (i64, usize)>) {
        let ids: Vec<_> = self.fans.iter().map(|fan| fan.token_id).collect();
        let tokens = self.world.store.queue_tokens(&ids).await.expect("they read");
        let mut tokens: Vec<_> = tokens.into_iter().map(|(token, _)| token).collect();
        tokens.sort_by_key(|token| token.sequence);
        let states: Vec<TokenState> = tokens.into_iter().map(|token| token.state).collect();
        let found = states.chunk_by(|one, next| one == next).map(|same| (same[0], same.len()));
        let expected = expected.into_iter().map(|(seconds, count)| (waiting(at(seconds)), count));
        assert_eq!(Vec::from_iter(found), Vec::from_iter(expected));
    }
}
