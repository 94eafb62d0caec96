//! Queue tokens, and who is let in.

use std::collections::{BTreeMap, HashSet};

use stagedoor_domain::{
    ExpiryReason, Instant, NumberRange, QueueToken, Room, RoomId, TokenState, TokenStatus,
};

use super::{Checks, Commit, changed};

/// How many each room let in, in the interval that runs.
pub type Windows = BTreeMap<RoomId, (Instant, i32)>;

/// What a commit did to a room.
#[derive(Default)]
struct Traffic {
    active_before: i64,
    active_after: i64,
    /// The sequence numbers that were let in.
    admitted: Vec<i64>,
    /// The first sequence number that goes on waiting.
    first_waiting: Option<i64>,
}

impl Checks {
    pub(super) fn check_tokens(&mut self, commit: &Commit<'_>) {
        let mut rooms: BTreeMap<RoomId, Traffic> = BTreeMap::new();
        for (before, after) in changed(&self.tokens, commit.set) {
            let room = room_of(commit, after);
            assert!(after.version <= room.version, "{after:?} is above {room:?}");
            let Some(before) = before else { continue };
            check_change(before, after, commit);
            if let (TokenState::Waiting { .. }, TokenState::Active { .. }) =
                (before.state, after.state)
            {
                let sequence = after.sequence.expect("a waiting token has a sequence number");
                rooms.entry(room.id).or_default().admitted.push(sequence);
            }
        }
        self.count(commit, &mut rooms);
        for (room_id, traffic) in rooms {
            let room = commit.set.get::<Room>(&room_id).unwrap().expect("the room is there");
            let most = traffic.active_before.max(room.policy.capacity.into());
            assert!(traffic.active_after <= most, "{} are in {room:?}", traffic.active_after);
            self.check_admissions(room, &traffic, commit.now);
        }
    }

    fn count(&self, commit: &Commit<'_>, rooms: &mut BTreeMap<RoomId, Traffic>) {
        let mut live = HashSet::new();
        for token in commit.set.all::<QueueToken>() {
            if token.is_live(self.latest) {
                let is_only = live.insert((token.room_id, token.user_id));
                assert!(is_only, "{token:?} is a second one");
            }
            let traffic = rooms.entry(token.room_id).or_default();
            let is_active = |token: &QueueToken| token.check_active(commit.now).is_ok();
            traffic.active_after += i64::from(is_active(token));
            let before = self.tokens.get(&token.id);
            traffic.active_before += i64::from(before.is_some_and(is_active));
            if let TokenStatus::Waiting { .. } = token.status(commit.now) {
                let first = traffic.first_waiting.into_iter().chain(token.sequence).min();
                traffic.first_waiting = first;
            }
        }
        for range in commit.set.all::<NumberRange>() {
            let traffic = rooms.entry(range.room_id).or_default();
            traffic.first_waiting = traffic.first_waiting.into_iter().chain([range.first]).min();
        }
    }

    /// First come, first served, and no more in an interval than the policy allows.
    fn check_admissions(&mut self, room: &Room, traffic: &Traffic, now: Instant) {
        let Some(last) = traffic.admitted.iter().max() else { return };
        let is_first = traffic.first_waiting.is_none_or(|waiting| waiting > *last);
        assert!(is_first, "{:?} were let in before {:?}", traffic.admitted, traffic.first_waiting);
        let count = i32::try_from(traffic.admitted.len()).unwrap();
        let (since, known) = self.windows.get(&room.id).copied().unwrap_or((now, 0));
        let runs = (now - since).abs() < room.policy.admit_interval();
        let (since, sum) = if runs { (since, known + count) } else { (now, count) };
        assert!(sum <= room.policy.admit_batch, "{sum} were let in by {room:?} since {since}");
        self.windows.insert(room.id, (since, sum));
    }
}

fn room_of<'a>(commit: &Commit<'a>, token: &QueueToken) -> &'a Room {
    commit.set.get::<Room>(&token.room_id).unwrap().expect("a token has a room")
}

fn check_change(before: &QueueToken, after: &QueueToken, commit: &Commit<'_>) {
    let now = commit.now;
    let may = may_become(before, after, now);
    assert!(may, "as of {now}, {before:?} became {after:?}");
    let rest = QueueToken { state: before.state, version: before.version, ..after.clone() };
    assert_eq!(&rest, before, "nothing else of a token changes");
    if commit.is_expiring {
        let statuses = [before, after].map(|token| token.status(now));
        assert_eq!(statuses[0], statuses[1], "expiring {before:?} changes no answer");
    }
}

fn may_become(before: &QueueToken, after: &QueueToken, now: Instant) -> bool {
    let was_live = before.is_live(now);
    let is_stamped = before.version < after.version;
    match (before.state, after.state) {
        (TokenState::Waiting { seen_at: old, .. }, TokenState::Waiting { seen_at: new, .. }) => {
            old <= new && !is_stamped
        }
        (TokenState::Waiting { .. }, TokenState::Active { since, .. }) => {
            was_live && since == now && is_stamped
        }
        (
            TokenState::Active { since, expires_at },
            TokenState::Active { since: same, expires_at: later },
        ) => since == same && expires_at < later && !is_stamped,
        (TokenState::Active { .. }, TokenState::Waiting { .. })
        | (TokenState::Expired { .. }, _) => false,
        (
            TokenState::Waiting { .. } | TokenState::Active { .. },
            TokenState::Expired { reason, at },
        ) => {
            let is_sound = match reason {
                ExpiryReason::TimedOut | ExpiryReason::Abandoned => {
                    let status = TokenStatus::Expired { reason, at };
                    !was_live && before.status(now) == status
                }
                ExpiryReason::Left | ExpiryReason::Completed => was_live && at == now,
            };
            is_sound && is_stamped
        }
    }
}
