//! A room's queue as caches serve it, and positions that clients compute from it.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use stagedoor::ids::new_id;
use stagedoor::settings::Switch;
use stagedoor::{Overrides, Running};
use stagedoor_domain::operations::{
    Admit, CreateUser, ExpireTokens, FillRange, JoinRoom, LeaveRoom, RecordHeartbeats, RemoveToken,
    ReserveNumber, VoidRange,
};
use stagedoor_domain::ports::{Clock, Execute};
use stagedoor_domain::queue_token::Heartbeats;
use stagedoor_domain::{
    Command, Email, OperatorActionId, PersonName, QueueToken, QueueTokenId, Reason, Role, RoomId,
    RoomPolicy, Submission, User, UserId, Verdict,
};
use stagedoor_http::{QueueTokenOf, SigningKeys};
use stagedoor_tests::service::{OnSale, SIGNING_KEY, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    positions_computed_from_the_line_are_those_of_every_token_of_a_random_history,
    a_line_is_read_without_a_token_and_not_sent_again_unchanged,
);

/// The number of tokens in a history, before the last ones: more than a block.
const TOKENS: usize = 5_000;
/// The number of sequence numbers whose tokens are not written at its end.
const OPEN: usize = 30;
/// The most commands of one transaction.
const BATCH: usize = 1_000;
const IDLE_SECONDS: i32 = 600;

/// Has the store execute commands, as any process does.
async fn execute<C: Command>(service: &Service, commands: Vec<C>) -> Vec<Verdict<C>>
where
    dyn stagedoor::store::Store: Execute<C>,
{
    let store = service.running.store();
    let submissions: Vec<_> = commands.into_iter().map(Submission::new).collect();
    let mut verdicts = Vec::new();
    for batch in submissions.chunks(BATCH) {
        verdicts.extend(Execute::execute(&*store, batch, service.clock.now()).await.unwrap());
    }
    verdicts
}

/// A random history of one room's queue.
struct History<'s> {
    service: &'s Service,
    room_id: RoomId,
    operator_id: UserId,
    rng: Rng,
    tokens: Vec<QueueToken>,
}

impl<'s> History<'s> {
    async fn of(service: &'s Service, sale: &OnSale, seed: u64) -> Self {
        let operator = service.new_user_as(Role::Operator).await;
        let operator_id = operator.get("/api/v1/users/me").await.text_at("id").parse().unwrap();
        let room_id = sale.room_id.parse().unwrap();
        let rng = Rng::with_seed(seed);
        let mut history = Self { service, room_id, operator_id, rng, tokens: Vec::new() };
        history.join(TOKENS / 2).await;
        operator.patch(&sale.room(), json!({"paused": false})).await;
        for _ in 0..10 {
            history.join(TOKENS / 20).await;
            history.lose().await;
            history.leave().await;
            history.admit().await;
        }
        history.idle().await;
        history.reserve(OPEN).await;
        history.join(100).await;
        history
    }

    /// What new users ask for.
    async fn newcomers(&self, count: usize) -> Vec<JoinRoom> {
        let users: Vec<_> = (0..count).map(|_| UserId(new_id())).collect();
        let created = execute(self.service, users.iter().map(|id| sign_up(*id)).collect()).await;
        assert!(created.iter().all(Result::is_ok));
        let join =
            |user_id| JoinRoom { token_id: QueueTokenId(new_id()), room_id: self.room_id, user_id };
        users.into_iter().map(join).collect()
    }

    /// New users join, in one step or in two.
    async fn join(&mut self, count: usize) {
        if self.rng.bool() {
            let joined = execute(self.service, self.newcomers(count).await).await;
            self.tokens.extend(joined.into_iter().map(|joined| joined.unwrap().token));
            return;
        }
        let tokens = self.reserve(count).await;
        let fill = tokens.chunks(BATCH).map(|tokens| FillRange { tokens: tokens.to_vec() });
        assert!(execute(self.service, fill.collect()).await.iter().all(Result::is_ok));
        self.tokens.extend(tokens);
    }

    /// New users get numbers, whose tokens are not written.
    async fn reserve(&mut self, count: usize) -> Vec<QueueToken> {
        let wanted = self.newcomers(count).await.into_iter().map(ReserveNumber).collect();
        let reserved = execute::<ReserveNumber>(self.service, wanted).await;
        reserved.into_iter().map(|reserved| reserved.unwrap().joined.token).collect()
    }

    /// Numbers are reserved and taken back.
    async fn lose(&mut self) {
        let first = self.reserve(20).await[0].sequence.unwrap();
        let void = vec![VoidRange { room_id: self.room_id, first }];
        assert_eq!(execute(self.service, void).await, [Ok(true)]);
    }

    /// Some users leave, and an operator removes some others.
    async fn leave(&mut self) {
        let room_id = self.room_id;
        let some = self.some(60);
        let leave = some.into_iter().map(|token_id| LeaveRoom { token_id, room_id });
        assert!(execute(self.service, leave.collect()).await.iter().all(Result::is_ok));
        let (operator_id, some) = (self.operator_id, self.some(3));
        let remove = some.into_iter().map(|token_id| RemoveToken {
            action_id: OperatorActionId(new_id()),
            operator_id,
            token_id,
            room_id,
            reason: Reason::parse("a test").unwrap(),
        });
        assert!(execute(self.service, remove.collect()).await.iter().all(Result::is_ok));
    }

    async fn admit(&mut self) {
        self.service.clock.pass(Duration::from_secs(1));
        execute(self.service, vec![Admit { room_id: self.room_id }]).await;
    }

    /// Most users send heartbeats, and the others are abandoned.
    async fn idle(&mut self) {
        let policy = RoomPolicy { idle_seconds: IDLE_SECONDS, ..RoomPolicy::default() };
        self.service.clock.pass(Duration::from_secs(400));
        let at = self.service.clock.now();
        let alive: Vec<_> = self.tokens.iter().filter(|_| self.rng.u8(..10) > 0).collect();
        let heartbeat = |token: &&QueueToken| RecordHeartbeats {
            token_id: token.id,
            heartbeats: Heartbeats::one(&policy, at, false),
        };
        execute(self.service, alive.iter().map(heartbeat).collect()).await;
        self.service.clock.pass(Duration::from_secs(250));
        while execute(self.service, vec![ExpireTokens]).await != [Ok(0)] {}
    }

    fn some(&mut self, count: usize) -> Vec<QueueTokenId> {
        (0..count).map(|_| self.tokens[self.rng.usize(..self.tokens.len())].id).collect()
    }
}

fn sign_up(id: UserId) -> CreateUser {
    CreateUser {
        id,
        name: PersonName::parse("Fan").unwrap(),
        email: Email::parse(&format!("{id}@example.com")).unwrap(),
        password_hash: User::NO_PASSWORD.to_owned(),
        role: Role::Fan,
        verification: None,
    }
}

/// A client that reads a line through a cache, at any process.
struct Reader {
    line: Value,
    blocks: HashMap<u64, Vec<u8>>,
}

impl Reader {
    /// Reads a whole line from a process.
    async fn of(running: &Running, room_id: &str) -> Self {
        let path = format!("http://{}/api/v1/rooms/{room_id}/line", running.address);
        let get = async |path: String| reqwest::get(path).await.unwrap().json::<Value>().await;
        let line: Value = get(path.clone()).await.unwrap();
        let size = line["blockSize"].as_u64().unwrap();
        let mut blocks = HashMap::new();
        for block in 0..line["lastSequence"].as_u64().unwrap().div_ceil(size) {
            let body: Value = get(format!("{path}/{block}")).await.unwrap();
            assert_eq!(body["block"], block);
            blocks.insert(block, STANDARD.decode(body["removed"].as_str().unwrap()).unwrap());
        }
        Self { line, blocks }
    }

    fn number(&self, field: &str) -> u64 {
        self.line[field].as_u64().unwrap()
    }

    /// The position of the token with this number, as docs/api.md tells to compute it; nothing if the token has left.
    fn position(&self, sequence: i64) -> Option<u64> {
        let before = u64::try_from(sequence).unwrap() - 1;
        let (block, index) = (before / self.number("blockSize"), before % self.number("blockSize"));
        let empty = self.number("emptyBlocks").min(block);
        let listed =
            self.line["removed"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap());
        let earlier: u64 = listed.take(usize::try_from(block - empty).unwrap()).sum();
        let has_left = |index: u64| {
            let byte = self.blocks[&block][usize::try_from(index / 8).unwrap()];
            byte >> (index % 8) & 1 == 1
        };
        let in_block = (0..index).filter(|index| has_left(*index)).count() as u64;
        let removed = empty * self.number("blockSize") + earlier + in_block;
        (!has_left(index)).then(|| before + 1 - removed)
    }

    /// The part that all processes must tell alike.
    fn without_rate(&self) -> Value {
        let mut line = self.line.clone();
        line["admittedPerSecond"] = Value::Null;
        line
    }
}

/// The position that a process tells each token; nothing if the token does not wait.
async fn told(service: &Service, running: &Running, tokens: &[QueueToken]) -> Vec<Option<u64>> {
    let keys = SigningKeys::parse(SIGNING_KEY).unwrap();
    let of = QueueTokenOf { name: "Fan", session_version: 0, schedule_id: None };
    let client = reqwest::Client::new();
    let now = service.clock.now();
    let asked = tokens.iter().map(|token| {
        let jwt = keys.queue_token(token, of, now, 3_600).unwrap();
        let path = format!("http://{}/api/v1/queue-tokens/me", running.address);
        let request = client.get(path).bearer_auth(jwt);
        async move {
            let place: Value = request.send().await.unwrap().json().await.unwrap();
            assert_eq!(place["sequence"].as_i64(), token.sequence, "{place}");
            (place["status"] == "WAITING").then(|| place["position"].as_u64().unwrap())
        }
    });
    stream::iter(asked).buffered(16).collect().await
}

fn computed(reader: &Reader, tokens: &[QueueToken]) -> Vec<Option<u64>> {
    tokens.iter().map(|token| reader.position(token.sequence.unwrap())).collect()
}

/// A room without admissions, until it is resumed.
async fn a_sale(service: &Service) -> OnSale {
    let policy = json!({
        "paused": true, "capacity": 10_000, "admitBatch": 150, "admitIntervalSeconds": 1,
        "idleSeconds": IDLE_SECONDS,
    });
    service.on_sale(1, policy).await
}

async fn positions_computed_from_the_line_are_those_of_every_token_of_a_random_history(
    kind: StoreKind,
) {
    let service = Service::start_without_janitor(kind).await;
    let sale = a_sale(&service).await;
    let history = History::of(&service, &sale, 17).await;
    service.refresh().await;

    let reader = Reader::of(&service.running, &sale.room_id).await;
    let computed = computed(&reader, &history.tokens);

    assert_eq!(computed, told(&service, &service.running, &history.tokens).await);
    let waiting = computed.iter().flatten().count() as u64;
    assert_eq!(reader.number("waiting"), waiting + OPEN as u64);
    assert!((1_000..TOKENS as u64 - 1_000).contains(&waiting), "{waiting}");
    assert_eq!(service.audit().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_tell_one_line_and_each_gives_the_positions_that_clients_compute() {
    let service = Service::start_without_janitor(StoreKind::Postgres).await;
    let sale = a_sale(&service).await;
    let history = History::of(&service, &sale, 18).await;
    let mut settings = service.home.settings();
    settings.work.janitor = Switch::Off;
    let overrides = Overrides { clock: Some(service.clock.clone()), password_costs: None };
    let other = stagedoor::start(settings, overrides).await.unwrap();
    service.refresh().await;
    other.scheduler().refresh().await.unwrap();

    let reader = Reader::of(&service.running, &sale.room_id).await;
    let reader_elsewhere = Reader::of(&other, &sale.room_id).await;

    assert_eq!(reader.without_rate(), reader_elsewhere.without_rate());
    assert_eq!(reader.blocks, reader_elsewhere.blocks);
    let some = &history.tokens[TOKENS - 1_500..];
    assert_eq!(computed(&reader, some), told(&service, &other, some).await);
    other.stop();
    other.wait().await.unwrap();
}

async fn a_line_is_read_without_a_token_and_not_sent_again_unchanged(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0})).await;
    let first = service.holder(&sale).await;
    let (_, joined) = service.new_user().await.join(&sale.concert_id).await;
    assert_eq!(joined.text_at("roomId"), sale.room_id);
    assert_eq!((joined.number_at("sequence"), joined.number_at("heartbeatAfterSeconds")), (2, 150));
    service.refresh().await;
    let path = format!("{}/line", sale.room());

    let line = service.anyone().get(&path).await;
    let tag = line.header("etag");
    let request = service.request(reqwest::Method::GET, &path).header("If-None-Match", &tag);
    let again = service.anyone().send(request.try_clone().unwrap()).await;
    first.delete("/api/v1/queue-tokens/me").await;
    service.refresh().await;
    let changed = service.anyone().send(request).await;

    assert_eq!((line.number_at("waiting"), line.number_at("lastSequence")), (2, 2));
    assert_eq!((again.status.as_u16(), again.header("etag")), (304, tag));
    assert_eq!((changed.status.as_u16(), changed.number_at("waiting")), (200, 1));
    let block = service.anyone().get(&format!("{path}/0")).await;
    assert!(block.text_at("removed").starts_with("AQAA"), "{block:?}");
    assert_eq!(service.anyone().get(&format!("{path}/1")).await.code(), "LINE_BLOCK_NOT_FOUND");
}
