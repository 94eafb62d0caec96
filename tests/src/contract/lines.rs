//! Lines: what a reader who follows a room's changes knows of every token in it (rule 3).

use fastrand::Rng;
use stagedoor_domain::operations::{ExpireTokens, PolicyEdit};
use stagedoor_domain::ports::Kept;
use stagedoor_domain::{Instant, Line, Position, RoomId, TokenState};

use super::store::Store;
use super::world::{Fan, MANY, OPENING, World, at, heartbeat, leave};

/// Reads all changes that a line does not know yet, in pages.
pub(super) async fn follow<S: Store>(store: &S, room_id: RoomId, line: &mut Line, limit: usize) {
    loop {
        let above = line.version();
        let page = store.line_changes(room_id, above, limit).await.expect("the store reads");
        assert!(!page.has_gap, "no change is missing");
        assert!(!page.has_more || page.version > above, "every page gets further");
        line.take_in(&page);
        if !page.has_more {
            return;
        }
    }
}

/// Reads a line in parts of three.
pub(super) async fn from_scratch<S: Store>(store: &S, room_id: RoomId) -> Line {
    let (mut line, mut after, mut version) = (Line::default(), 0, None);
    loop {
        let part = store.line_part(room_id, after, 3).await.expect("the store reads");
        let sequences: Vec<_> = part.changes.iter().map(|change| change.sequence).collect();
        assert!(sequences.is_sorted_by(|a, b| a < b), "in their order: {sequences:?}");
        version.get_or_insert(part.version);
        after = sequences.last().copied().unwrap_or(after);
        part.changes.into_iter().for_each(|change| line.apply(change));
        if !part.has_more {
            line.read_up_to(version.unwrap_or_default());
            return line;
        }
    }
}

/// Counts those ahead one by one and compares.
async fn assert_positions<S: Store>(world: &World<S>, fans: &[Fan], line: &Line) {
    let mut sequences = Vec::new();
    for fan in fans {
        let token = world.token(fan.token_id).await;
        let waits = matches!(token.state, TokenState::Waiting { .. });
        sequences.extend(token.sequence.map(|sequence| (sequence, waits)));
    }
    let waiting = sequences.iter().filter(|(_, waits)| *waits).count();
    for (sequence, waits) in &sequences {
        let ahead = sequences.iter().filter(|(other, waits)| *waits && other < sequence).count();
        let (ahead, waiting) = (ahead.try_into().expect("a count"), waiting.try_into());
        let position = Position { ahead, waiting: waiting.expect("a count") };
        assert_eq!(
            line.position(*sequence),
            waits.then_some(position),
            "sequence number {sequence}"
        );
    }
    assert_eq!(line.waiting(), u64::try_from(waiting).expect("a count"));
}

/// One random step in the life of a room.
async fn step<S: Store>(
    world: &World<S>,
    room_id: RoomId,
    fans: &mut Vec<Fan>,
    random: &mut Rng,
    now: Instant,
) {
    match random.usize(..8) {
        0..=3 => {
            let user_id = world.users(1).await[0];
            fans.push(world.enter(room_id, user_id, now).await);
        }
        4 if !fans.is_empty() => {
            let _ = world
                .ask(heartbeat(random.choice(fans).cloned().expect("one of several"), now), now)
                .await;
        }
        5 if !fans.is_empty() => {
            world.done(leave(random.choice(fans).cloned().expect("one of several")), now).await
        }
        6 => {
            world.admit(room_id, now).await;
        }
        7 => {
            world.done(ExpireTokens, now).await;
        }
        _ => {}
    }
}

/// Joins, heartbeats, leaving, admissions and abandoned tokens; read in pages of two.
pub async fn following_the_changes_gives_every_rank<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.show(1, 1).await.room_id;
    let edit = PolicyEdit {
        capacity: Some(6),
        admit_batch: Some(2),
        admit_interval_seconds: Some(5),
        idle_seconds: Some(90),
        active_seconds: Some(60),
        ..PolicyEdit::default()
    };
    world.update_controls(room_id, edit, OPENING).await;
    let (mut fans, mut random) = (Vec::new(), Rng::with_seed(3));
    let (mut followed, mut started_late) = (Line::default(), Line::default());
    for number in 0..160 {
        step(&world, room_id, &mut fans, &mut random, at(number * 2)).await;
        if number == 80 {
            started_late = from_scratch(&world.store, room_id).await;
        }
        if number % 10 == 9 {
            follow(&world.store, room_id, &mut followed, 2).await;
            assert_positions(&world, &fans, &followed).await;
        }
    }
    follow(&world.store, room_id, &mut started_late, 1_000).await;
    assert_positions(&world, &fans, &started_late).await;
    let fresh = from_scratch(&world.store, room_id).await;
    assert_positions(&world, &fans, &fresh).await;
    assert_eq!(followed.version(), world.room(room_id).await.version);
}

/// Tokens without a sequence number move the stamp too, so a page of them alone gets further.
pub async fn changes_without_a_place_are_passed_over<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.open_show(1, 1).await.room_id;
    let fans = world.fans(room_id, 5).await;
    world.set_capacity(room_id, 0, OPENING).await;
    let waiting = world.fan(room_id).await;
    let mut line = Line::default();
    follow(&world.store, room_id, &mut line, 1).await;
    assert_eq!((line.version(), line.waiting()), (6, 1));
    world.done(leave(fans[0]), at(1)).await;
    world.done(leave(waiting), at(1)).await;
    follow(&world.store, room_id, &mut line, 1).await;
    assert_eq!((line.version(), line.waiting()), (8, 0));
    let nothing = world.store.line_changes(room_id, 8, 1).await.expect("the store reads");
    assert_eq!((nothing.changes.len(), nothing.version, nothing.has_more), (0, 8, false));
}

/// Stamps become visible in their order, so that none is passed over while others write.
pub async fn a_reader_that_follows_while_others_write_misses_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let users = world.users(60).await;
    let writers: Vec<_> = users
        .into_iter()
        .enumerate()
        .map(|(index, user_id)| {
            let world = world.clone();
            tokio::spawn(async move {
                let fan = world.enter(room_id, user_id, OPENING).await;
                if index % 3 == 0 {
                    world.done(leave(fan), OPENING).await;
                }
                fan
            })
        })
        .collect();
    let mut line = Line::default();
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        follow(&world.store, room_id, &mut line, 7).await;
    }
    follow(&world.store, room_id, &mut line, 7).await;
    let mut fans = Vec::new();
    for writer in writers {
        fans.push(writer.await.expect("the task runs to its end"));
    }
    assert_positions(&world, &fans, &line).await;
    assert_eq!((line.version(), line.waiting()), (80, 40));
}

/// A heartbeat is no change: readers gather heartbeats themselves.
pub async fn a_line_read_from_scratch_has_the_deadlines<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    let fans = world.fans(room_id, 3).await;
    world.done(heartbeat(fans[1], at(40)), at(40)).await;
    let page = world.store.line_part(room_id, 0, 10).await.expect("the store reads");
    let seen: Vec<_> =
        page.changes.iter().map(|change| (change.sequence, change.waiting_until)).collect();
    assert_eq!(seen, [(1, Some(at(120))), (2, Some(at(160))), (3, Some(at(120)))]);
    assert_eq!((page.version, page.has_more), (3, false));
}

/// A reader who was away for longer than changes are kept, or who follows an older program, must not miss them.
pub async fn a_reader_for_whom_changes_are_gone_is_told_so<S: Store>(store: S) {
    let world = World::new(store);
    let room_id = world.closed_show().await.room_id;
    world.fan(room_id).await;
    let known = world.room(room_id).await.version;
    let user_id = world.users(1).await[0];
    world.enter(room_id, user_id, at(60)).await;
    let read = async |above| {
        let page = world.store.line_changes(room_id, above, 10).await.expect("the store reads");
        (page.version, page.has_gap)
    };

    assert_eq!(read(0).await, (2, false));
    let deleted = world.store.delete_old(Kept::LineChanges, at(60), 10).await;
    assert_eq!((deleted, known), (Ok(1), 1));

    assert_eq!(read(0).await, (2, true));
    assert_eq!(read(known).await, (2, false));
    assert_eq!(world.store.delete_old(Kept::LineChanges, at(61), 10).await, Ok(1));
    assert_eq!(read(known).await, (1, true));
    assert_eq!(read(2).await, (2, false));
}

/// With their newest stamps and policies.
pub async fn all_rooms_are_read_with_their_newest_stamps<S: Store>(store: S) {
    let world = World::new(store);
    let mut expected = vec![world.room(RoomId::SITE).await];
    for count in 0..3 {
        let room_id = world.show(1, 1).await.room_id;
        world.fans(room_id, count).await;
        expected.push(world.set_capacity(room_id, MANY, at(5)).await);
    }
    let mut rooms = world.store.all_rooms().await.expect("the store reads");
    rooms.sort_by_key(|room| room.id);
    expected.sort_by_key(|room| room.id);
    assert_eq!(rooms, expected);
    assert_eq!(rooms.iter().map(|room| room.version).sum::<i64>(), 3);
}

/// Of two rooms, in which other users wait as well. A token that has ended is not read.
pub async fn the_live_tokens_of_a_user_are_read_with_their_rooms<S: Store>(store: S) {
    let world = World::new(store);
    let (one, other) = (world.closed_show().await.room_id, world.open_show(1, 1).await.room_id);
    let fan = world.fan(one).await;
    world.fans(other, 2).await;
    let second = world.enter(other, fan.user_id, at(1)).await;
    let read = async |fan: Fan| {
        let tokens = world.store.queue_tokens_of(fan.user_id).await.expect("the store reads");
        tokens.into_iter().map(|(token, room)| (token.id, room)).collect::<Vec<_>>()
    };
    let first = (fan.token_id, world.room(one).await);

    assert_eq!(read(fan).await, [(second.token_id, world.room(other).await), first]);
    world.done(leave(fan), at(2)).await;
    assert_eq!(read(fan).await, [(second.token_id, world.room(other).await)]);
    world.done(leave(second), at(3)).await;
    assert_eq!(read(fan).await, []);
}
