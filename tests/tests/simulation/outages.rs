//! Outages of the service and of its store: a client that polls as told keeps its position (rule 5).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use fastrand::Rng;
use parking_lot::Mutex;
use stagedoor::lines::{HeartbeatFlusher, LineFollower, MemoryLines};
use stagedoor::periodic_job::PeriodicJob;
use stagedoor::scheduler::TokenExpiryJob;
use stagedoor_domain::operations::PolicyEdit;
use stagedoor_domain::ports::{
    Clock, Execute, LinePage, LineSync, Lines, Maintenance, QueueTokens, StoreError, WaitingLines,
};
use stagedoor_domain::use_cases::waiting_room::{
    PositionStatus, QueuePass, QueuePosition, WaitingRoom,
};
use stagedoor_domain::{
    Command, Instant, ProcessId, Pulse, QueueToken, QueueTokenId, Room, RoomId, Submission, UserId,
    Verdict,
};
use stagedoor_tests::contract::world::{OPENING, World};
use stagedoor_tests::model::Model;
use time::Duration;

use crate::calls::at_once;
use crate::clock::SetClock;
use crate::polls::NoJoining;

const SEEDS: u64 = 40;
const STEP: Duration = Duration::milliseconds(500);
const STEPS: usize = 2_400;
const IDLE_SECONDS: i32 = 60;
/// One in this number of steps begins an outage of the store, and one an outage of the service.
const OUTAGE_ONE_IN: usize = 80;
/// An outage lasts at most two and a half times the idle time.
const OUTAGE_STEPS_MAX: usize = 300;
/// At the end there is time for the last outage to end, and for all silent tokens to be abandoned after it.
const QUIET_STEPS: usize = OUTAGE_STEPS_MAX + 200;
/// The longest time between two polls of a client, less than half of the idle time.
const POLL_SECONDS_MAX: usize = 24;
const HEARTBEATS_MAX: usize = 1_000;

/// The model, unless it is away.
struct Store {
    model: Model,
    is_up: AtomicBool,
}

impl Store {
    fn reach(&self) -> Result<&Model, StoreError> {
        let away = || StoreError::Unavailable("it is away".to_owned());
        self.is_up.load(Ordering::SeqCst).then_some(&self.model).ok_or_else(away)
    }
}

#[async_trait]
impl<C: Command> Execute<C> for Store {
    async fn execute(
        &self,
        submissions: &[Submission<C>],
        now: Instant,
    ) -> Result<Vec<Verdict<C>>, StoreError> {
        self.reach()?.execute(submissions, now).await
    }
}

#[async_trait]
impl WaitingLines for Store {
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError> {
        self.reach()?.all_rooms().await
    }

    async fn whole_line(&self, room_id: RoomId) -> Result<LinePage, StoreError> {
        self.reach()?.whole_line(room_id).await
    }

    async fn line_changes(
        &self,
        room_id: RoomId,
        above: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        self.reach()?.line_changes(room_id, above, limit).await
    }
}

#[async_trait]
impl QueueTokens for Store {
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        self.reach()?.queue_tokens(ids).await
    }

    async fn queue_tokens_of(
        &self,
        user_id: UserId,
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        self.reach()?.queue_tokens_of(user_id).await
    }
}

/// What a process remembers, which is lost when it is killed.
#[derive(Clone)]
struct Memory {
    store: Arc<Store>,
    clock: Arc<SetClock>,
    lines: Arc<MemoryLines>,
    last_pulse: Arc<Mutex<Option<Instant>>>,
}

impl Memory {
    fn next_pulse(&self) -> Pulse {
        match self.last_pulse.lock().map(|last| self.clock.now() - last) {
            None => Pulse::Start,
            Some(gap) if gap > Duration::seconds(3) => Pulse::Recovered,
            Some(_) => Pulse::Steady,
        }
    }

    /// Writes the heartbeats, and then tells the store that it can take more.
    async fn pulse(&self) -> Result<(), StoreError> {
        let Self { store, clock, lines, last_pulse } = self.clone();
        HeartbeatFlusher::new(lines, Arc::clone(&store), clock.clone()).run_once().await?;
        let (process, pulse) = (ProcessId(UserId::NONE.0), self.next_pulse());
        store.reach()?.pulse(process, pulse, clock.now()).await?;
        *last_pulse.lock() = Some(clock.now());
        Ok(())
    }
}

#[async_trait]
impl LineSync for Memory {
    fn is_current(&self) -> bool {
        true
    }

    async fn catch_up(&self, _: RoomId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn settle(&self) -> Result<(), StoreError> {
        if self.next_pulse() == Pulse::Steady { Ok(()) } else { self.pulse().await }
    }
}

/// One process.
struct Service(Memory);

impl Service {
    fn start(store: &Arc<Store>, now: Instant) -> Self {
        let lines = Arc::new(MemoryLines::new(HEARTBEATS_MAX));
        let (store, clock) = (Arc::clone(store), Arc::new(SetClock::at(now)));
        Self(Memory { store, clock, lines, last_pulse: Arc::default() })
    }

    /// Does all that a process does each second, until the store fails it.
    fn work(&mut self) -> Result<(), StoreError> {
        let Memory { store, clock, lines, .. } = self.0.clone();
        at_once(self.0.pulse())?;
        at_once(LineFollower::new(lines, Arc::clone(&store), clock.clone()).run_once())?;
        at_once(TokenExpiryJob::new(store, clock).run_once())
    }

    /// Whether it has begun to serve.
    fn serves(&self) -> bool {
        self.0.last_pulse.lock().is_some()
    }

    /// The answer to a poll, if there is one.
    fn poll(&self, pass: &QueuePass) -> Option<QueuePosition> {
        let Memory { store, clock, lines, .. } = self.0.clone();
        let waiting_room = WaitingRoom {
            clock,
            lines: lines as Arc<dyn Lines>,
            line_sync: Arc::new(self.0.clone()),
            queue_tokens: store.clone(),
            rooms: Arc::new(store.model.clone()),
            join_room: Arc::new(NoJoining),
        };
        at_once(waiting_room.look(pass)).ok().flatten()
    }
}

struct Client {
    pass: QueuePass,
    /// How much available time it lets pass between two polls; nothing if it never polls.
    polls_after: Option<Duration>,
    silent: Duration,
    ahead: u64,
}

impl Client {
    fn take_a_step(&mut self, service: Option<&Service>, is_available: bool) {
        self.silent += if is_available { STEP } else { Duration::ZERO };
        let is_due = self.polls_after.is_some_and(|after| self.silent >= after);
        let position = service.filter(|_| is_due).and_then(|service| service.poll(&self.pass));
        let Some(position) = position else { return };
        let PositionStatus::Waiting { ahead, .. } = position.status else {
            panic!("silent for {}, it was answered {:?}", self.silent, position.status);
        };
        assert!(ahead <= self.ahead, "{} were ahead, and then {ahead}", self.ahead);
        (self.silent, self.ahead) = (Duration::ZERO, ahead);
    }
}

/// Clients wait in one line; every third one goes silent.
fn clients(model: &Model, random: &mut Rng) -> Vec<Client> {
    let world = World::new(model.clone());
    let passes = at_once(async {
        let room_id = world.closed_show().await.room_id;
        let edit = PolicyEdit { idle_seconds: Some(IDLE_SECONDS), ..PolicyEdit::default() };
        world.update_controls(room_id, edit, OPENING).await;
        let mut passes = Vec::new();
        for fan in world.fans(room_id, 30).await {
            passes.push(QueuePass::from(&world.token(fan.token_id).await));
        }
        passes
    });
    let client = |(number, pass): (usize, QueuePass)| {
        let seconds = i64::try_from(1 + random.usize(..POLL_SECONDS_MAX)).unwrap();
        let polls_after = (number % 3 > 0).then_some(Duration::seconds(seconds));
        Client { pass, polls_after, silent: Duration::ZERO, ahead: u64::MAX }
    };
    passes.into_iter().enumerate().map(client).collect()
}

/// Answers how many outages there were.
fn run(seed: u64) -> usize {
    let mut random = Rng::with_seed(seed);
    let model = Model::default();
    let mut clients = clients(&model, &mut random);
    let store = Arc::new(Store { model, is_up: AtomicBool::new(true) });
    let mut service = Some(Service::start(&store, OPENING));
    let (mut store_is_back, mut service_is_back, mut outages) = (0, 0, 0);
    for step in 0..STEPS {
        let now = OPENING + STEP * i32::try_from(step).unwrap();
        // The clients joined while a process had the store, so the first step has no outage.
        let is_quiet = step == 0 || step >= STEPS - QUIET_STEPS;
        if !is_quiet && step >= store_is_back && random.usize(..OUTAGE_ONE_IN) == 0 {
            (store_is_back, outages) = (step + random.usize(..OUTAGE_STEPS_MAX), outages + 1);
        }
        if !is_quiet && service.is_some() && random.usize(..OUTAGE_ONE_IN) == 0 {
            service = None;
            (service_is_back, outages) = (step + random.usize(..OUTAGE_STEPS_MAX), outages + 1);
        }
        store.is_up.store(step >= store_is_back, Ordering::SeqCst);
        if service.is_none() && step >= service_is_back {
            service = Some(Service::start(&store, now));
        }
        let mut has_store = false;
        if let Some(service) = &mut service {
            service.0.clock.set(now);
            has_store = step >= store_is_back;
            if step % 2 == 0 || !service.serves() {
                // It tries again in the next step.
                has_store &= service.work().is_ok();
            }
        }
        let serving = service.as_ref().filter(|service| service.serves());
        for client in &mut clients {
            client.take_a_step(serving, has_store);
        }
    }
    let service = service.expect("it is back at the end");
    for client in clients.iter().filter(|client| client.polls_after.is_none()) {
        let status = service.poll(&client.pass).map(|position| position.status);
        assert!(
            matches!(status, Some(PositionStatus::Expired { .. })),
            "it never polled: {status:?}"
        );
    }
    outages
}

#[test]
fn a_client_that_polls_as_told_keeps_its_position_through_outages_of_service_and_store() {
    let outages: usize = (1..=SEEDS).map(run).sum();

    assert!(outages > 20, "there were only {outages} outages");
}
