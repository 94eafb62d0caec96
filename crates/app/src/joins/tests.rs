use std::collections::VecDeque;
use std::sync::Mutex;

use stagedoor_domain::ports::MockLines;
use stagedoor_domain::{
    Command, Idempotency, NumberRange, Occupancy, Peers, QueueTokenId, Room, RoomPolicy, UserId,
    WorkingSet, decide_all,
};
use tokio::time::Instant as Tick;
use uuid::Uuid;

use super::*;
use crate::testing::NOW;

/// What happens between the two steps of a join.
enum Between {
    Nothing,
    /// A user gets a token in another process.
    Joins(JoinRoom),
    /// The janitor takes the numbers back.
    Void(VoidRange),
    /// The store is lost while it commits.
    Lost,
}

/// A store that is nothing but the rules, with the constraint that a user has one token in a room.
struct Rows {
    set: Mutex<WorkingSet>,
    asked: Mutex<Vec<&'static str>>,
    between: Mutex<Between>,
    /// What the next joins in one step fail with.
    failures: Mutex<VecDeque<StoreError>>,
}

impl Rows {
    fn new(between: Between) -> Arc<Self> {
        let policy = RoomPolicy { capacity: 0, ..RoomPolicy::default() };
        let mut set = WorkingSet::new();
        set.load([Room { policy, ..Room::open(RoomId::SITE, None, NOW) }]);
        let (set, between) = (Mutex::new(set), Mutex::new(between));
        Arc::new(Self { set, asked: Mutex::default(), between, failures: Mutex::default() })
    }

    /// A store in which the next joins in one step fail.
    fn failing(failures: impl IntoIterator<Item = StoreError>) -> Arc<Self> {
        let store = Self::new(Between::Nothing);
        store.failures.lock().unwrap().extend(failures);
        store
    }

    fn decide<C: Command>(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        let mut known = self.set.lock().unwrap();
        let mut set = known.clone();
        set.load_occupancy(RoomId::SITE, Occupancy { active: 0, anyone_waits: true });
        let (verdicts, changes) = decide_all(set, submissions, now)?;
        let after = changes.into_working_set();
        let users: HashSet<UserId> = after.all::<QueueToken>().map(|token| token.user_id).collect();
        if users.len() < after.all::<QueueToken>().count() {
            return Err(overtaken());
        }
        *known = after;
        Ok(verdicts)
    }

    fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// The users in line, in its order, and the number of ranges.
    fn line(&self) -> (Vec<UserId>, usize) {
        let set = self.set.lock().unwrap();
        let mut tokens: Vec<_> = set.all::<QueueToken>().collect();
        tokens.sort_by_key(|token| token.sequence);
        let users = tokens.into_iter().map(|token| token.user_id).collect();
        (users, set.all::<NumberRange>().count())
    }
}

#[async_trait]
impl<C: Command> Execute<C> for Rows {
    async fn execute(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        self.asked.lock().unwrap().push(C::NAME);
        if C::NAME == FillRange::NAME {
            match std::mem::replace(&mut *self.between.lock().unwrap(), Between::Nothing) {
                Between::Nothing => {}
                Between::Joins(join) => drop(self.decide(&[Submission::new(join)], now)?),
                Between::Void(range) => drop(self.decide(&[Submission::new(range)], now)?),
                Between::Lost => return Err(StoreError::OutcomeUnknown("lost".into())),
            }
        }
        let failure =
            (C::NAME == JoinRoom::NAME).then(|| self.failures.lock().unwrap().pop_front());
        if let Some(failure) = failure.flatten() {
            return Err(failure);
        }
        self.decide(submissions, now)
    }
}

fn overtaken() -> StoreError {
    StoreError::Overtaken("a user has two tokens".into())
}

fn away() -> StoreError {
    StoreError::Unavailable("down".into())
}

fn joins(store: &Arc<Rows>, waiting: u64, peers: Peers) -> Joins<Rows> {
    let mut lines = MockLines::new();
    lines.expect_waiting().return_const(waiting);
    let watch = PeerWatch::new();
    watch.pulsed(Tick::now(), peers);
    Joins::new(Arc::clone(store), Arc::new(lines), Arc::new(watch))
}

fn in_a_crowd(store: &Arc<Rows>) -> Joins<Rows> {
    joins(store, 1, Peers::Present)
}

fn user(n: usize) -> UserId {
    UserId(Uuid::from_u128(n as u128))
}

fn join(n: usize) -> JoinRoom {
    let token_id = QueueTokenId(Uuid::from_u128(1_000 + n as u128));
    JoinRoom { token_id, room_id: RoomId::SITE, user_id: user(n) }
}

fn people(count: usize) -> Vec<Submission<JoinRoom>> {
    (0..count).map(|n| Submission::new(join(n))).collect()
}

/// The users whom the verdicts admit to the line, in the order of their numbers; each verdict is that of its submission.
fn told(submissions: &[Submission<JoinRoom>], verdicts: &[Verdict<JoinRoom>]) -> Vec<UserId> {
    let tokens = verdicts.iter().map(|verdict| &verdict.as_ref().unwrap().token);
    let asked = submissions.iter().map(|submission| submission.command.user_id);
    assert!(tokens.clone().map(|token| token.user_id).eq(asked), "one verdict for each, in order");
    let mut tokens: Vec<_> = tokens.collect();
    tokens.sort_by_key(|token| token.sequence);
    tokens.dedup_by_key(|token| token.id);
    tokens.into_iter().map(|token| token.user_id).collect()
}

#[tokio::test]
async fn a_crowd_with_several_processes_gets_its_numbers_first_and_its_tokens_next() {
    let (store, submissions) = (Rows::new(Between::Nothing), people(RESERVED_MIN));

    let verdicts = in_a_crowd(&store).execute(&submissions, NOW).await.unwrap();

    assert_eq!(store.asked(), ["reserve_number", "fill_range"]);
    let everyone: Vec<_> = (0..RESERVED_MIN).map(user).collect();
    assert_eq!(told(&submissions, &verdicts), everyone);
    assert_eq!(store.line(), (everyone, 0));
}

#[tokio::test]
async fn one_step_is_enough_for_a_few_people_without_a_line_or_in_a_process_that_is_alone() {
    for (count, waiting, peers) in [
        (RESERVED_MIN - 1, 1, Peers::Present),
        (RESERVED_MIN, 0, Peers::Present),
        (RESERVED_MIN, 1, Peers::Impossible),
        (RESERVED_MIN, 1, Peers::Older),
    ] {
        let store = Rows::new(Between::Nothing);
        joins(&store, waiting, peers).execute(&people(count), NOW).await.unwrap();
        assert_eq!(store.asked(), ["join_room"], "{count} people behind {waiting}, {peers:?}");
    }
}

#[tokio::test]
async fn a_keyed_join_and_the_second_one_of_a_user_take_one_step() {
    let store = Rows::new(Between::Nothing);
    let mut submissions = people(RESERVED_MIN);
    let key = |n| Idempotency { owner: user(n), key: "k".into(), fingerprint: "f".into() };
    submissions.insert(0, Submission { command: join(77), key: Some(key(77)) });
    submissions.push(Submission::new(JoinRoom { token_id: join(88).token_id, ..join(3) }));

    let verdicts = in_a_crowd(&store).execute(&submissions, NOW).await.unwrap();

    assert_eq!(store.asked(), ["reserve_number", "fill_range", "join_room"]);
    assert_eq!(told(&submissions, &verdicts).len(), RESERVED_MIN + 1);
    let again = verdicts.last().unwrap().as_ref().unwrap();
    assert_eq!((again.token.id, again.is_new), (join(3).token_id, false));
}

#[tokio::test]
async fn a_keyed_join_among_others_takes_one_step() {
    let store = Rows::new(Between::Nothing);
    let mut submissions = people(RESERVED_MIN);
    let key = Idempotency { owner: user(77), key: "k".into(), fingerprint: "f".into() };
    submissions.push(Submission { command: join(77), key: Some(key) });

    in_a_crowd(&store).execute(&submissions, NOW).await.unwrap();

    assert_eq!(store.asked(), ["reserve_number", "fill_range", "join_room"]);
}

#[tokio::test]
async fn if_a_user_gets_another_token_meanwhile_the_numbers_are_taken_back_and_all_join_once_more()
{
    let other = JoinRoom { token_id: join(99).token_id, ..join(5) };
    let (store, submissions) = (Rows::new(Between::Joins(other)), people(RESERVED_MIN));

    let verdicts = in_a_crowd(&store).execute(&submissions, NOW).await.unwrap();

    assert_eq!(store.asked(), ["reserve_number", "fill_range", "void_range", "join_room"]);
    let line = told(&submissions, &verdicts);
    assert_eq!((line.len(), line[0]), (RESERVED_MIN, user(5)));
    assert_eq!(store.line(), (line, 0));
}

#[tokio::test]
async fn people_whose_numbers_the_janitor_took_back_join_once_more() {
    let void = VoidRange { room_id: RoomId::SITE, first: 1 };
    let (store, submissions) = (Rows::new(Between::Void(void)), people(RESERVED_MIN));

    let verdicts = in_a_crowd(&store).execute(&submissions, NOW).await.unwrap();

    assert_eq!(store.asked(), ["reserve_number", "fill_range", "join_room"]);
    assert_eq!(told(&submissions, &verdicts).len(), RESERVED_MIN);
    assert!(verdicts.iter().flatten().all(|joined| joined.token.sequence > Some(32)));
}

#[tokio::test]
async fn tokens_that_may_have_been_written_are_not_joined_for_once_more() {
    let store = Rows::new(Between::Lost);

    let answered = in_a_crowd(&store).execute(&people(RESERVED_MIN), NOW).await;

    assert!(matches!(answered, Err(StoreError::OutcomeUnknown(_))), "{answered:?}");
    assert_eq!(store.asked(), ["reserve_number", "fill_range"]);
}

#[tokio::test]
async fn a_join_in_one_step_is_repeated_once_if_another_process_overtook_it_and_after_no_other_failure()
 {
    for (failures, attempts, is_done) in [
        (vec![overtaken()], 2, true),
        (vec![overtaken(), overtaken()], 2, false),
        (vec![away()], 1, false),
    ] {
        let store = Rows::failing(failures);
        let answered = in_a_crowd(&store).execute(&people(1), NOW).await;
        assert_eq!((store.asked().len(), answered.is_ok()), (attempts, is_done), "{answered:?}");
    }
}

#[tokio::test]
async fn a_batch_of_which_some_have_joined_does_not_say_that_nothing_was_done() {
    let mut submissions = people(RESERVED_MIN);
    submissions.push(Submission::new(join(3)));
    for failure in [away(), overtaken()] {
        let store = Rows::failing([failure.clone(), failure]);

        let answered = in_a_crowd(&store).execute(&submissions, NOW).await;

        assert!(matches!(answered, Err(StoreError::OutcomeUnknown(_))), "{answered:?}");
        assert_eq!(store.line().0.len(), RESERVED_MIN);
    }
}
