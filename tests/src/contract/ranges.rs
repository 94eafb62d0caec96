//! Sequence numbers that are reserved before their tokens are written.

use std::collections::BTreeSet;

use stagedoor_domain::number_range::FILL_MAX;
use stagedoor_domain::operations::{
    ExpireTokens, FillRange, FillRefused, JoinRoom, PolicyEdit, ReserveNumber, VoidRange,
};
use stagedoor_domain::{Instant, Line, QueueToken, RoomId, TokenState, UserId};

use super::lines::{follow, from_scratch};
use super::store::{Store, ask, ask_all, together};
use super::world::{Fan, OPENING, World, at, leave};

impl<S: Store> World<S> {
    /// The tokens of users for whom one batch reserved numbers.
    pub async fn reserve(
        &self,
        room_id: RoomId,
        users: &[UserId],
        now: Instant,
    ) -> Vec<QueueToken> {
        let commands = users.iter().map(|user_id| ReserveNumber(self.join(room_id, *user_id)));
        let reserved = self.ask_all(commands.collect::<Vec<_>>(), now).await;
        let reserved = reserved.into_iter().map(|it| it.expect("the room is open"));
        reserved.filter(|it| it.is_open).map(|it| it.joined.token).collect()
    }

    async fn places_let_in(&self, tokens: &[QueueToken]) -> Vec<i64> {
        let mut places = Vec::new();
        for token in tokens {
            let found = self.store.queue_tokens(&[token.id]).await.expect("the store reads");
            let is_in =
                |(token, _): &(QueueToken, _)| !matches!(token.state, TokenState::Waiting { .. });
            places.extend(found.iter().filter(|it| is_in(it)).filter_map(|it| it.0.sequence));
        }
        places
    }
}

/// Takes back the numbers of these tokens.
pub fn void(tokens: &[QueueToken]) -> VoidRange {
    let first = tokens.first().expect("a range has tokens");
    VoidRange { room_id: first.room_id, first: first.sequence.expect("a number") }
}

/// What is reserved has no token; once it is filled, each token reads back as it was answered.
pub async fn a_range_reads_back_once_it_is_filled<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let tokens = world.reserve(room_id, &world.users(3).await, OPENING).await;

    for token in &tokens {
        assert_eq!(world.store.queue_tokens(&[token.id]).await, Ok(Vec::new()));
    }
    world.done(FillRange { tokens: tokens.clone() }, at(1)).await;

    let places: Vec<_> = tokens.iter().map(|token| token.sequence).collect();
    assert_eq!(places, [Some(1), Some(2), Some(3)]);
    for token in tokens {
        assert_eq!(world.token(token.id).await, token);
    }
}

/// Nothing waits in a range that is filled; a room with an open one lets newcomers wait behind it.
pub async fn those_with_open_numbers_count_as_waiting<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(3).await;
    let tokens = world.reserve(room_id, &users[..1], OPENING).await;
    world.set_capacity(room_id, 9, OPENING).await;

    let behind = world.done(world.join(room_id, users[1]), OPENING).await.token;
    assert_eq!(behind.sequence, Some(2));

    world.done(void(&tokens), OPENING).await;
    world.done(leave(Fan { user_id: users[1], token_id: behind.id, room_id }), OPENING).await;
    let at_once = world.done(world.join(room_id, users[2]), OPENING).await.token;
    assert_eq!(at_once.sequence, None);
}

/// Rules 3 and 4: none is let in before those who came earlier.
pub async fn admission_stops_before_an_open_range<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(4).await;
    let first = world.done(world.join(room_id, users[0]), OPENING).await.token;
    let open = world.reserve(room_id, &users[1..3], OPENING).await;
    let last = world.done(world.join(room_id, users[3]), OPENING).await.token;
    let all = [&[first][..], &open, &[last]].concat();
    world.set_capacity(room_id, 9, OPENING).await;

    assert_eq!(world.admit(room_id, at(1)).await, 1);
    assert_eq!(world.places_let_in(&all).await, [1]);

    world.done(FillRange { tokens: open }, at(1)).await;
    assert_eq!(world.admit(room_id, at(1)).await, 3);
    assert_eq!(world.places_let_in(&all).await, [1, 2, 3, 4]);
}

/// The process that reserved it has ended.
pub async fn a_stale_range_is_taken_back_and_delays_none_for_longer<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(3).await;
    let lost = world.reserve(room_id, &users[..2], OPENING).await;
    let behind = world.done(world.join(room_id, users[2]), OPENING).await.token;
    world.set_capacity(room_id, 9, OPENING).await;

    let stale = OPENING + FILL_MAX;
    assert_eq!(world.done(ExpireTokens, stale - time::Duration::SECOND).await, 0);
    assert_eq!(world.admit(room_id, stale - time::Duration::SECOND).await, 0);
    assert_eq!(world.done(ExpireTokens, stale).await, 1);
    assert_eq!(world.admit(room_id, stale).await, 1);

    assert_eq!(world.places_let_in(&[behind]).await, [3]);
    let late = ask(&world.store, FillRange { tokens: lost }, stale).await;
    assert_eq!(late, Err(FillRefused::RangeVoid));
}

/// With the room, its ranges go.
pub async fn a_concert_is_deleted_with_its_open_ranges<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.closed_show().await;
    let tokens = world.reserve(show.room_id, &world.users(2).await, OPENING).await;

    world.done(show.delete(), at(1)).await;

    let filled = ask(&world.store, FillRange { tokens }, at(1)).await;
    assert_eq!(filled, Err(FillRefused::RangeVoid));
    assert_eq!(world.done(ExpireTokens, at(60)).await, 0);
}

/// Numbers count from their reservation on; those taken back leave.
pub async fn a_line_has_the_numbers_of_open_ranges<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(12).await;
    // More tokens than a part of the line has, so that the first part ends before the ranges.
    for user_id in &users[..3] {
        world.done(world.join(room_id, *user_id), OPENING).await;
    }
    let void_soon = world.reserve(room_id, &users[3..6], OPENING).await;
    world.done(world.join(room_id, users[6]), OPENING).await;
    let open = world.reserve(room_id, &users[7..12], OPENING).await;
    let waiting = |line: &Line| -> Vec<i64> {
        (1..=12).filter(|number| line.position(*number).is_some()).collect()
    };

    let mut followed = Line::default();
    follow(&world.store, room_id, &mut followed, 1).await;
    assert_eq!(waiting(&followed), (1..=12).collect::<Vec<_>>());
    assert_eq!(waiting(&from_scratch(&world.store, room_id).await), waiting(&followed));

    world.done(void(&void_soon), OPENING).await;
    world.done(FillRange { tokens: open }, OPENING).await;
    follow(&world.store, room_id, &mut followed, 1).await;
    assert_eq!(waiting(&followed), [1, 2, 3, 7, 8, 9, 10, 11, 12]);
    assert_eq!(waiting(&from_scratch(&world.store, room_id).await), waiting(&followed));
    assert_eq!(followed.version(), world.room(room_id).await.version);
}

/// What each of several processes does for its people: reserve and fill, or only reserve, as one that ends in between.
async fn join_by_range<S: Store>(
    world: World<S>,
    room_id: RoomId,
    users: Vec<UserId>,
    ends_early: bool,
) -> Vec<QueueToken> {
    let tokens = world.reserve(room_id, &users, OPENING).await;
    if tokens.is_empty() {
        // No one waited any more, so that all were let in at once.
        return tokens;
    }
    if ends_early {
        world.done(void(&tokens), OPENING).await;
        return Vec::new();
    }
    world.done(FillRange { tokens: tokens.clone() }, OPENING).await;
    tokens
}

/// Ranges are filled and taken back while others join one by one and the line moves: no place is given twice, none is
/// let in before an earlier one, and those who follow the line know all of it.
pub async fn ranges_that_are_filled_at_once_keep_the_order<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let edit = PolicyEdit {
        capacity: Some(1_000),
        admit_batch: Some(1_000),
        admit_interval_seconds: Some(1),
        ..PolicyEdit::default()
    };
    let users = world.users(120).await;
    let blocker = world.done(world.join(room_id, users[0]), OPENING).await.token;
    world.update_controls(room_id, edit, OPENING).await;
    let by_range = users[1..101].chunks(10).enumerate().map(|(index, users)| {
        let joined = join_by_range(world.clone(), room_id, users.to_vec(), index % 4 == 3);
        tokio::spawn(joined)
    });
    let by_range: Vec<_> = by_range.collect();
    let singly = users[101..].iter().map(|user_id| {
        let (store, join) = (world.store.clone(), world.join(room_id, *user_id));
        async move { ask_all::<JoinRoom>(&store, [join], OPENING).await.remove(0) }
    });
    let singly: Vec<_> = singly.collect();
    let admissions = tokio::spawn({
        let world = world.clone();
        async move {
            for second in 1..20 {
                world.admit(room_id, at(second)).await;
            }
        }
    });
    let singly = together(singly).await;
    let mut tokens = vec![blocker];
    for task in by_range {
        tokens.extend(task.await.expect("the task runs to its end"));
    }
    admissions.await.expect("the task runs to its end");
    tokens.extend(singly.into_iter().map(|it| it.expect("the room is open").token));
    tokens.retain(|token| token.sequence.is_some());

    let places: BTreeSet<_> = tokens.iter().map(|token| token.sequence).collect();
    assert_eq!(places.len(), tokens.len(), "no place is given twice");
    assert_let_in_in_order(&world, &tokens).await;
    let mut line = Line::default();
    follow(&world.store, room_id, &mut line, 7).await;
    let fresh = from_scratch(&world.store, room_id).await;
    assert_eq!(line.waiting(), fresh.waiting());
}

/// The stamps of admissions rise with the places.
async fn assert_let_in_in_order<S: Store>(world: &World<S>, tokens: &[QueueToken]) {
    let mut let_in = Vec::new();
    for token in tokens {
        let found = world.token(token.id).await;
        if matches!(found.state, TokenState::Active { .. }) {
            let_in.push((found.sequence, found.version));
        }
    }
    let_in.sort_unstable();
    assert!(let_in.is_sorted_by_key(|(_, version)| *version), "{let_in:?}");
}
