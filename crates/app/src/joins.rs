//! Joining a long line in two steps, so that several processes write tokens at the same time.
//!
//! The first transaction locks the room and reserves the numbers of a batch; the second writes the tokens while other
//! processes reserve theirs. A person is told a position only after the second one. If it fails, the numbers are taken back
//! and the people join once more.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::{FillRange, JoinRoom, ReserveNumber, VoidRange};
use stagedoor_domain::ports::{Execute, Lines, StoreError};
use stagedoor_domain::{Instant, QueueToken, RoomId, Submission, Verdict};

use crate::lines::PeerWatch;

/// The fewest joins of one room for which a second transaction pays.
const RESERVED_MIN: usize = 32;

/// Carries out joins: in two steps if other processes answer too, all of this version, and people wait; in one if not.
pub struct Joins<S: ?Sized> {
    store: Arc<S>,
    lines: Arc<dyn Lines>,
    peers: Arc<PeerWatch>,
    reserved_min: usize,
}

/// The verdicts on a batch, by the numbers of its submissions.
type Verdicts = BTreeMap<usize, Verdict<JoinRoom>>;

impl<S: ?Sized> Joins<S>
where
    S: Execute<JoinRoom> + Execute<ReserveNumber> + Execute<FillRange> + Execute<VoidRange>,
{
    /// Writes to `store`. The lines tell where people wait.
    pub fn new(store: Arc<S>, lines: Arc<dyn Lines>, peers: Arc<PeerWatch>) -> Self {
        Self { store, lines, peers, reserved_min: RESERVED_MIN }
    }

    /// Takes two steps for this number of joins of one room, and for more.
    pub fn in_two_steps_from(self, reserved_min: usize) -> Self {
        Self { reserved_min, ..self }
    }

    /// The submissions that are carried out in two steps. Those under a key are not, because the key keeps its answer with
    /// the token; nor is the second one of a user.
    fn reservable(&self, submissions: &[Submission<JoinRoom>]) -> Vec<usize> {
        let mut users = HashSet::new();
        let mut of_rooms: HashMap<RoomId, Vec<usize>> = HashMap::new();
        for (index, submission) in submissions.iter().enumerate() {
            let JoinRoom { room_id, user_id, .. } = submission.command;
            if submission.key.is_none() && users.insert((room_id, user_id)) {
                of_rooms.entry(room_id).or_default().push(index);
            }
        }
        of_rooms.retain(|room_id, indexes| {
            indexes.len() >= self.reserved_min && self.lines.waiting(*room_id) > 0
        });
        let mut indexes: Vec<usize> = of_rooms.into_values().flatten().collect();
        indexes.sort_unstable();
        indexes
    }

    /// Carries out these submissions in two steps. What has no verdict afterwards is to be joined in one.
    async fn reserve(
        &self,
        submissions: &[Submission<JoinRoom>],
        indexes: &[usize],
        now: Instant,
    ) -> Result<Verdicts, StoreError> {
        let wanted = indexes.iter().map(|index| submissions[*index].command.clone());
        let wanted: Vec<_> = wanted.map(|join| Submission::new(ReserveNumber(join))).collect();
        let reserved = Execute::<ReserveNumber>::execute(&*self.store, &wanted, now).await?;
        let mut ranges: BTreeMap<RoomId, Vec<QueueToken>> = BTreeMap::new();
        let open = reserved.iter().flatten().filter(|reserved| reserved.is_open);
        for token in open.map(|reserved| &reserved.joined.token) {
            ranges.entry(token.room_id).or_default().push(token.clone());
        }
        let filled = self.fill(ranges.into_values().collect(), now).await?;
        let verdict = |(index, reserved): (usize, Verdict<ReserveNumber>)| match reserved {
            Ok(it) if it.is_open && !filled.contains(&it.joined.token.room_id) => None,
            Ok(it) => Some((index, Ok(it.joined))),
            Err(refused) => Some((index, Err(refused))),
        };
        Ok(indexes.iter().copied().zip(reserved).filter_map(verdict).collect())
    }

    /// Writes the tokens of ranges. Answers the rooms whose range is written; the others are taken back.
    async fn fill(
        &self,
        ranges: Vec<Vec<QueueToken>>,
        now: Instant,
    ) -> Result<HashSet<RoomId>, StoreError> {
        if ranges.is_empty() {
            return Ok(HashSet::new());
        }
        let rooms: Vec<RoomId> =
            ranges.iter().filter_map(|tokens| Some(tokens.first()?.room_id)).collect();
        let firsts: Vec<Option<i64>> =
            ranges.iter().map(|tokens| tokens.first().and_then(|token| token.sequence)).collect();
        let fills: Vec<_> =
            ranges.into_iter().map(|tokens| Submission::new(FillRange { tokens })).collect();
        match Execute::<FillRange>::execute(&*self.store, &fills, now).await {
            Ok(filled) => {
                let filled = rooms.into_iter().zip(filled);
                Ok(filled.filter(|(_, it)| it.is_ok()).map(|(room_id, _)| room_id).collect())
            }
            Err(StoreError::Unavailable(cause) | StoreError::Overtaken(cause)) => {
                tracing::debug!(cause, "numbers are taken back");
                self.void(rooms.into_iter().zip(firsts), now).await;
                Ok(HashSet::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Takes numbers back. If that fails, the janitor does it.
    async fn void(&self, ranges: impl Iterator<Item = (RoomId, Option<i64>)>, now: Instant) {
        let voids =
            ranges.filter_map(|(room_id, first)| Some(VoidRange { room_id, first: first? }));
        let voids: Vec<_> = voids.map(Submission::new).collect();
        if let Err(error) = Execute::<VoidRange>::execute(&*self.store, &voids, now).await {
            tracing::warn!(%error, "numbers are left to the janitor");
        }
    }

    /// Joins in one step: once more if a user got a token from a range meanwhile, and after no other failure.
    async fn join(
        &self,
        submissions: &[Submission<JoinRoom>],
        now: Instant,
    ) -> Result<Vec<Verdict<JoinRoom>>, StoreError> {
        match Execute::<JoinRoom>::execute(&*self.store, submissions, now).await {
            Err(StoreError::Overtaken(_)) => {
                Execute::<JoinRoom>::execute(&*self.store, submissions, now).await
            }
            answered => answered,
        }
    }
}

/// The failure of a batch of which a part was carried out. `error` is that of the other part, of which nothing was.
fn after_others(error: StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(cause) | StoreError::Overtaken(cause) => {
            StoreError::OutcomeUnknown(format!("only some have joined: {cause}"))
        }
        error => error,
    }
}

#[async_trait]
impl<S: ?Sized> Execute<JoinRoom> for Joins<S>
where
    S: Execute<JoinRoom> + Execute<ReserveNumber> + Execute<FillRange> + Execute<VoidRange>,
{
    async fn execute(
        &self,
        submissions: &[Submission<JoinRoom>],
        now: Instant,
    ) -> Result<Vec<Verdict<JoinRoom>>, StoreError> {
        let indexes =
            if self.peers.know_ranges() { self.reservable(submissions) } else { Vec::new() };
        if indexes.is_empty() {
            return self.join(submissions, now).await;
        }
        let mut verdicts = self.reserve(submissions, &indexes, now).await?;
        let rest = (0..submissions.len()).filter(|index| !verdicts.contains_key(index));
        let rest: Vec<usize> = rest.collect();
        if !rest.is_empty() {
            let commands: Vec<_> = rest.iter().map(|index| submissions[*index].clone()).collect();
            let joined = self.join(&commands, now).await;
            let joined =
                if verdicts.is_empty() { joined? } else { joined.map_err(after_others)? };
            verdicts.extend(rest.into_iter().zip(joined));
        }
        Ok(verdicts.into_values().collect())
    }
}
