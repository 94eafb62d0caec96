//! Outages of the service and of its store, and processes that are killed while others go on: a client that polls as told
//! keeps its position, and a deadline that it was told (rule 5).

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
    Clock, Execute, LineSync, Lines, Maintenance, QueueTokens, StoreError, WaitingLines,
};
use stagedoor_domain::use_cases::waiting_room::{
    PositionStatus, QueuePass, QueuePosition, WaitingRoom,
};
use stagedoor_domain::{
    Command, Instant, LinePage, ProcessId, Pulse, QueueToken, QueueTokenId, Room, RoomId,
    Submission, TokenState, UserId, Verdict,
};
use stagedoor_tests::contract::ids::fresh;
use stagedoor_tests::contract::world::{self as contract, OPENING};
use stagedoor_tests::model::Model;
use time::Duration;

use crate::calls::at_once;
use crate::clock::SetClock;
use crate::polls::NoJoining;

const SEEDS: u64 = 40;
const STEP: Duration = Duration::milliseconds(500);
const STEPS: usize = 2_400;
const IDLE_SECONDS: i32 = 120;
const PROCESSES: usize = 2;
/// One in this number of steps begins an outage of the store, and one in this number kills a process.
const OUTAGE_ONE_IN: usize = 80;
/// An outage lasts at most one and a quarter of the idle time.
const OUTAGE_STEPS_MAX: usize = 300;
/// At the end there is time for the last outage to end, and for all silent tokens to be abandoned after it.
const QUIET_STEPS: usize = OUTAGE_STEPS_MAX + 320;
/// The longest time between two polls of a client, in which it reaches a process that has the store. Short outages of the
/// store are not refunded.
const POLL_SECONDS_MAX: usize = 100;
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

    async fn line_part(
        &self,
        room_id: RoomId,
        after: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        self.reach()?.line_part(room_id, after, limit).await
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
    process: ProcessId,
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
        let Self { store, clock, lines, last_pulse, process } = self.clone();
        HeartbeatFlusher::new(lines, Arc::clone(&store), clock.clone()).run_once().await?;
        store.reach()?.pulse(process, self.next_pulse(), clock.now()).await?;
        *last_pulse.lock() = Some(clock.now());
        Ok(())
    }
}

#[async_trait]
impl LineSync for Memory {
    fn is_current(&self) -> bool {
        false
    }

    async fn catch_up(&self, room_id: RoomId) -> Result<(), StoreError> {
        let Self { store, clock, lines, .. } = self.clone();
        LineFollower::new(lines, store, clock).catch_up(room_id).await
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
        Self(Memory {
            store,
            clock,
            lines,
            last_pulse: Arc::default(),
            process: ProcessId(fresh()),
        })
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
    told: Instant,
}

impl Client {
    /// Whether it polls now, after a step in which the service was available or not.
    fn is_due(&mut self, is_available: bool) -> bool {
        self.silent += if is_available { STEP } else { Duration::ZERO };
        self.polls_after.is_some_and(|after| self.silent >= after)
    }

    fn poll(&mut self, service: &Service) {
        let Some(position) = service.poll(&self.pass) else { return };
        let PositionStatus::Waiting { ahead, expires_at, .. } = position.status else {
            let (silent, told) = (self.silent, self.told);
            panic!("silent for {silent}, told {told}, it was answered {:?}", position.status);
        };
        assert!(ahead <= self.ahead, "{} were ahead, and then {ahead}", self.ahead);
        (self.silent, self.ahead, self.told) = (Duration::ZERO, ahead, expires_at);
    }

    /// Checks that it is not written as abandoned before the deadline that it was told.
    fn check(&self, model: &Model, now: Instant) {
        let found = at_once(model.queue_token(self.pass.token_id)).expect("it reads");
        let (token, _) = found.expect("there is such a token");
        let is_abandoned = matches!(token.state, TokenState::Expired { .. });
        assert!(!is_abandoned || self.told <= now, "told {}: {token:?} at {now}", self.told);
    }
}

/// Clients wait in one line; every third one goes silent.
fn clients(model: &Model, random: &mut Rng) -> Vec<Client> {
    let world = contract::World::new(model.clone());
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
        Client { pass, polls_after, silent: Duration::ZERO, ahead: u64::MAX, told: OPENING }
    };
    passes.into_iter().enumerate().map(client).collect()
}

/// The processes over one store.
struct World {
    random: Rng,
    store: Arc<Store>,
    store_is_back: usize,
    /// Each process, and the step in which it is started again.
    services: Vec<(Option<Service>, usize)>,
    outages: usize,
}

impl World {
    fn new(model: Model, random: Rng) -> Self {
        let store = Arc::new(Store { model, is_up: AtomicBool::new(true) });
        let start = |_| (Some(Service::start(&store, OPENING)), 0);
        let services = (0..PROCESSES).map(start).collect();
        Self { random, store, store_is_back: 0, services, outages: 0 }
    }

    /// Lets the store go away and kills processes.
    fn break_something(&mut self, step: usize) {
        let mut is_time = || self.random.usize(..OUTAGE_ONE_IN) == 0;
        let (store_goes, process_goes) = (step >= self.store_is_back && is_time(), is_time());
        let until = step + self.random.usize(..OUTAGE_STEPS_MAX);
        if store_goes {
            (self.store_is_back, self.outages) = (until, self.outages + 1);
        }
        let number = self.random.usize(..PROCESSES);
        if process_goes && self.services[number].0.take().is_some() {
            (self.services[number].1, self.outages) = (until, self.outages + 1);
        }
    }

    /// Lets each process work. Answers whether one of them has the store.
    fn work(&mut self, step: usize, now: Instant) -> bool {
        let is_up = step >= self.store_is_back;
        self.store.is_up.store(is_up, Ordering::SeqCst);
        let mut has_store = false;
        for (service, is_back) in &mut self.services {
            if service.is_none() && step >= *is_back {
                *service = Some(Service::start(&self.store, now));
            }
            let Some(service) = service else { continue };
            service.0.clock.set(now);
            let mut is_done = true;
            if step.is_multiple_of(2) || !service.serves() {
                // It tries again in the next step.
                is_done = service.work().is_ok();
            }
            has_store |= is_up && is_done;
        }
        has_store
    }

    /// Any process that has begun to serve.
    fn serving(&mut self) -> Option<&Service> {
        let serving = self.services.iter().filter_map(|(service, _)| service.as_ref());
        let serving: Vec<_> = serving.filter(|service| service.serves()).collect();
        self.random.choice(serving)
    }
}

/// Answers how many outages there were.
fn run(seed: u64) -> usize {
    let mut random = Rng::with_seed(seed);
    let model = Model::default();
    let mut clients = clients(&model, &mut random);
    let mut world = World::new(model.clone(), random);
    for step in 0..STEPS {
        let now = OPENING + STEP * i32::try_from(step).unwrap();
        // The clients joined while a process had the store, so the first step has no outage.
        if (1..STEPS - QUIET_STEPS).contains(&step) {
            world.break_something(step);
        }
        let has_store = world.work(step, now);
        for client in &mut clients {
            if client.is_due(has_store)
                && let Some(service) = world.serving()
            {
                client.poll(service);
            }
            client.check(&model, now);
        }
    }
    let service = world.serving().expect("they are back at the end");
    for client in clients.iter().filter(|client| client.polls_after.is_none()) {
        let status = service.poll(&client.pass).map(|position| position.status);
        assert!(
            matches!(status, Some(PositionStatus::Expired { .. })),
            "it never polled: {status:?}"
        );
    }
    world.outages
}

#[test]
fn a_client_that_polls_as_told_keeps_its_position_through_outages_of_service_and_store() {
    let outages: usize = (1..=SEEDS).map(run).sum();

    assert!(outages > 20, "there were only {outages} outages");
}
