//! A dispatcher with a model of the store and with receivers that answer as they are told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};
use stagedoor_domain::ports::{MockEvents, MockExecute, WebhookMessage};
use stagedoor_domain::webhook::{WebhookSecret, WebhookState, WebhookUrl};
use stagedoor_domain::{Delivery, EventKind, Instant, UserId, Verdict, Webhook};
use uuid::Uuid;

use super::*;

/// The event whose body panics.
pub(super) const PANICS: u128 = 1_000_000;

/// What is asked of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    FanOut,
    Claim,
    ReadEvents,
    Record,
}

pub(super) fn id(webhook: u128) -> WebhookId {
    WebhookId(Uuid::from_u128(webhook))
}

pub(super) fn event_id(event: u128) -> EventId {
    EventId::new(Uuid::from_u128(event), 1)
}

pub(super) fn status(status: u16, retry_after: Option<u64>) -> WebhookAnswer {
    WebhookAnswer::Status { status, retry_after: retry_after.map(Duration::from_secs) }
}

/// The newest secrets of every webhook.
pub(super) fn secrets(number: usize) -> Vec<WebhookSecret> {
    let all = ["whsec_hidden-new", "whsec_hidden-old"];
    all.into_iter().take(number).map(|text| WebhookSecret::new(text.to_owned())).collect()
}

fn webhook(number: u128) -> Webhook {
    let [secret, old] = <[_; 2]>::try_from(secrets(2)).unwrap();
    Webhook {
        id: id(number),
        owner_id: UserId(Uuid::from_u128(7)),
        url: WebhookUrl::stored(format!("https://{number}.example/hook?token=hidden")),
        kinds: EventKind::ALL.into(),
        secret,
        old_secret: Some((old, NOW + 10 * SECOND)),
        state: WebhookState::Enabled,
        tests: 0,
        created_at: NOW,
    }
}

fn event(number: u128) -> Event {
    Event {
        id: event_id(number),
        kind: EventKind::ReservationPaid,
        concert_id: None,
        at: NOW,
        fanned_out: true,
    }
}

/// What a store does with the commands, and what it was asked.
#[derive(Default)]
pub(super) struct Model {
    pub(super) new_events: usize,
    pub(super) events: BTreeMap<EventId, Event>,
    pub(super) deliveries: Vec<(Webhook, Delivery)>,
    pub(super) fan_outs: usize,
    pub(super) claims: Vec<ClaimDeliveries>,
    pub(super) records: Vec<Vec<RecordAttempt>>,
    /// Whether the next claim panics.
    pub(super) panics: bool,
    failures: BTreeMap<Call, usize>,
}

impl Model {
    /// Has the next calls fail.
    pub(super) fn fails(&mut self, call: Call, times: usize) {
        self.failures.insert(call, times);
    }

    /// Sets how many attempts of a delivery were begun before.
    pub(super) fn begun_before(&mut self, webhook: u128, event: u128, attempts: i32) {
        self.delivery(id(webhook), event_id(event)).attempts = attempts;
    }

    fn delivery(&mut self, webhook_id: WebhookId, event_id: EventId) -> &mut Delivery {
        let deliveries = self.deliveries.iter_mut().map(|(_, delivery)| delivery);
        let mut found =
            deliveries.filter(|it| (it.webhook_id, it.event_id) == (webhook_id, event_id));
        found.next().unwrap()
    }

    fn call(&mut self, call: Call) -> Result<(), StoreError> {
        let left = self.failures.entry(call).or_default();
        if *left > 0 {
            *left -= 1;
            return Err(StoreError::Unavailable("down".to_owned()));
        }
        Ok(())
    }

    fn fan_out(&mut self) -> Result<usize, StoreError> {
        self.call(Call::FanOut)?;
        self.fan_outs += 1;
        let taken = self.new_events.min(FanOutEvents::EVENTS_MAX);
        self.new_events -= taken;
        Ok(taken)
    }

    fn claim(
        &mut self,
        command: &ClaimDeliveries,
        now: Instant,
    ) -> Result<Vec<(Webhook, Delivery)>, StoreError> {
        self.call(Call::Claim)?;
        assert!(!std::mem::take(&mut self.panics), "as told");
        self.claims.push(command.clone());
        let mut attempts = command.under_way.clone();
        let mut begun = Vec::new();
        for (webhook, delivery) in &mut self.deliveries {
            let attempts = attempts.entry(webhook.id).or_default();
            if delivery.due_at().is_some_and(|due_at| due_at <= now) && *attempts < command.most {
                delivery.begin(now);
                *attempts += 1;
                begun.push((webhook.clone(), delivery.clone()));
            }
        }
        Ok(begun)
    }

    fn read(&mut self, ids: &[EventId]) -> Result<Vec<(Event, Subject)>, StoreError> {
        self.call(Call::ReadEvents)?;
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "each is read once");
        let found = ids.iter().filter_map(|id| self.events.get(id));
        Ok(found.map(|event| (*event, Subject::None)).collect())
    }

    fn record(
        &mut self,
        commands: Vec<RecordAttempt>,
        now: Instant,
    ) -> Result<Vec<bool>, StoreError> {
        self.call(Call::Record)?;
        let verdicts = commands.iter().map(|it| {
            let delivery = self.delivery(it.webhook_id, it.event_id);
            let is_last = delivery.attempts == it.attempt;
            if is_last {
                delivery.record(it.answer, it.retry_after, it.jitter, now);
            }
            is_last
        });
        let verdicts = verdicts.collect();
        self.records.push(commands);
        Ok(verdicts)
    }
}

/// Not a mock, which would go on panicking after its first panic.
struct Claims(Arc<Mutex<Model>>);

#[async_trait]
impl Execute<ClaimDeliveries> for Claims {
    async fn execute(
        &self,
        submissions: &[Submission<ClaimDeliveries>],
        now: Instant,
    ) -> Result<Vec<Verdict<ClaimDeliveries>>, StoreError> {
        let claimed = self.0.lock().claim(&submissions[0].command, now)?;
        Ok(vec![Ok(claimed)])
    }
}

/// How a receiver behaves.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) delay: Duration,
    pub(super) answer: WebhookAnswer,
    pub(super) panics: bool,
}

#[derive(Default)]
struct Traffic {
    sent: Vec<WebhookMessage>,
    open: BTreeMap<String, usize>,
    most_open: BTreeMap<String, usize>,
    most_connections: usize,
    last_answer: BTreeMap<String, Tick>,
}

/// What stands for the network.
#[derive(Default)]
struct Network {
    receivers: Mutex<BTreeMap<String, Receiver>>,
    traffic: Mutex<Traffic>,
}

#[async_trait]
impl SendWebhook for Network {
    async fn send(&self, message: &WebhookMessage) -> WebhookAnswer {
        let url = message.url.as_str().to_owned();
        let receiver = self.receivers.lock()[&url].clone();
        {
            let mut traffic = self.traffic.lock();
            traffic.sent.push(message.clone());
            *traffic.open.entry(url.clone()).or_default() += 1;
            let open = traffic.open[&url];
            let connections = traffic.open.values().sum();
            let most = traffic.most_open.entry(url.clone()).or_default();
            *most = open.max(*most);
            traffic.most_connections = traffic.most_connections.max(connections);
        }
        assert!(!receiver.panics, "as told");
        tokio::time::sleep(receiver.delay).await;
        let mut traffic = self.traffic.lock();
        *traffic.open.entry(url.clone()).or_default() -= 1;
        traffic.last_answer.insert(url, Tick::now());
        receiver.answer
    }
}

/// A clock that moves as tokio's does.
struct Ticking {
    started: Tick,
    is_sure: AtomicBool,
}

impl Clock for Ticking {
    fn now(&self) -> Instant {
        NOW + self.started.elapsed()
    }

    fn is_sure(&self) -> bool {
        self.is_sure.load(Ordering::SeqCst)
    }
}

pub(super) struct Scene {
    model: Arc<Mutex<Model>>,
    network: Arc<Network>,
    clock: Arc<Ticking>,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
    pub(super) interval: Duration,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self {
            model: Arc::default(),
            network: Arc::default(),
            clock: Arc::new(Ticking { started: Tick::now(), is_sure: AtomicBool::new(true) }),
            stop: CancellationToken::new(),
            running: None,
            interval: 500 * MILLISECOND,
        }
    }

    /// What the store has and was asked. To be dropped before time moves.
    pub(super) fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock()
    }

    /// Looks at what the store has and was asked.
    pub(super) fn asked<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.model())
    }

    /// A delivery that is due, to a receiver that takes it at once.
    pub(super) fn due(&mut self, webhook_number: u128, event_number: u128) {
        let (webhook, event) = (webhook(webhook_number), event(event_number));
        let receiver = Receiver { delay: Duration::ZERO, answer: status(200, None), panics: false };
        self.network.receivers.lock().insert(webhook.url.as_str().to_owned(), receiver);
        let delivery = Delivery::new(webhook.id, &event, NOW);
        self.model().events.insert(event.id, event);
        self.model().deliveries.push((webhook, delivery));
    }

    pub(super) fn answers(&self, number: u128, change: impl FnOnce(&mut Receiver)) {
        change(self.network.receivers.lock().get_mut(webhook(number).url.as_str()).unwrap());
    }

    pub(super) fn is_sure(&self, is_sure: bool) {
        self.clock.is_sure.store(is_sure, Ordering::SeqCst);
    }

    /// Has the dispatcher run on.
    pub(super) async fn run_for(&mut self, time: Duration) {
        if self.running.is_none() {
            let times = DispatcherTimes {
                interval: self.interval,
                mails: false,
                stop_time_max: ATTEMPT_TIME_MAX,
            };
            let dispatcher = Dispatcher::new(self.ports(), times);
            self.running = Some(dispatcher.start(self.stop.clone()));
        }
        tokio::time::sleep(time).await;
    }

    /// Stops the dispatcher; answers how long that takes.
    pub(super) async fn stop(&mut self) -> Duration {
        let stopped = Tick::now();
        self.stop.cancel();
        self.running.take().unwrap().await.unwrap();
        stopped.elapsed()
    }

    fn ports(&self) -> DispatcherPorts {
        let mut fan_out = MockExecute::<FanOutEvents>::new();
        let model = Arc::clone(&self.model);
        fan_out.expect_execute().returning(move |_, _| Ok(vec![Ok(model.lock().fan_out()?)]));
        let mut record = MockExecute::<RecordAttempt>::new();
        let model = Arc::clone(&self.model);
        record.expect_execute().returning(move |asked, now| {
            let commands = asked.iter().map(|it| it.command.clone()).collect();
            Ok(model.lock().record(commands, now)?.into_iter().map(Ok).collect())
        });
        let mut events = MockEvents::new();
        let model = Arc::clone(&self.model);
        events.expect_events().returning(move |ids| model.lock().read(ids));
        DispatcherPorts {
            fan_out: Arc::new(fan_out),
            claim: Arc::new(Claims(Arc::clone(&self.model))),
            record: Arc::new(record),
            events: Arc::new(events),
            sender: self.network.clone(),
            body: Arc::new(|event, _| {
                let number = event.id.subject_id.as_u128();
                assert!(number != PANICS, "as told");
                format!("told {number}")
            }),
            clock: self.clock.clone(),
        }
    }

    pub(super) fn sent(&self) -> Vec<WebhookMessage> {
        self.network.traffic.lock().sent.clone()
    }

    pub(super) fn recorded(&self) -> Vec<RecordAttempt> {
        self.model().records.concat()
    }

    pub(super) fn recorded_of(&self, webhook: u128) -> Vec<RecordAttempt> {
        let recorded = self.recorded().into_iter();
        recorded.filter(|it| it.webhook_id == id(webhook)).collect()
    }

    /// How many deliveries of a webhook the store knows to be delivered.
    pub(super) fn delivered(&self, webhook: u128) -> usize {
        let is_delivered = |it: &Delivery| it.state == DeliveryState::Delivered;
        let model = self.model();
        let deliveries = model.deliveries.iter().map(|(_, delivery)| delivery);
        deliveries.filter(|it| it.webhook_id == id(webhook) && is_delivered(it)).count()
    }

    pub(super) fn most_at_once(&self, number: u128) -> usize {
        self.network.traffic.lock().most_open[webhook(number).url.as_str()]
    }

    pub(super) fn most_connections(&self) -> usize {
        self.network.traffic.lock().most_connections
    }

    /// How long it took until a receiver had answered for the last time.
    pub(super) fn took(&self, number: u128) -> Duration {
        let last = self.network.traffic.lock().last_answer[webhook(number).url.as_str()];
        last - self.clock.started
    }
}
