//! Finding out who has an account.

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::process::Server;
use stagedoor_tests::service::{Home, METRICS_TOKEN, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    an_unknown_address_and_a_wrong_password_get_one_answer_after_the_same_work,
    a_taken_address_is_told_only_after_the_work_of_signing_up,
    an_address_is_looked_up_by_operators_alone,
    an_operators_reads_of_other_users_are_recorded,
);

/// A server whose metrics come from this test alone.
struct Watched(Server);

impl Watched {
    fn start(kind: StoreKind, home: &Home) -> Self {
        assert_eq!(matches!(home, Home::Schema(_)), kind == StoreKind::Postgres);
        Self(Server::start(home, &[]))
    }

    /// How many passwords were hashed and checked so far.
    async fn hashes(&self) -> [u32; 2] {
        let request = self.0.request(Method::GET, "/metrics", Some(METRICS_TOKEN));
        let text = request.send().await.unwrap().text().await.unwrap();
        ["hash", "verify"].map(|work| {
            let start = format!("stagedoor_password_hashes_total{{work=\"{work}\"}} ");
            let line = text.lines().find_map(|line| line.strip_prefix(&start));
            line.map_or(0, |count| count.parse().unwrap())
        })
    }

    /// Asks; answers what was told and how many passwords were hashed and checked for it.
    async fn ask(&self, path: &str, body: Value) -> (u16, Value, [u32; 2]) {
        let before = self.hashes().await;
        let (status, mut told) = self.0.ask(Method::POST, path, None, Some(body)).await;
        let after = self.hashes().await;
        told.as_object_mut().unwrap().remove("requestId");
        (status, told, [after[0] - before[0], after[1] - before[1]])
    }
}

fn session(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

async fn an_unknown_address_and_a_wrong_password_get_one_answer_after_the_same_work(
    kind: StoreKind,
) {
    let home = Home::new(kind);
    let server = Watched::start(kind, &home);
    let fan = json!({"name": "Fan", "email": "fan@example.com", "password": "stagedoor"});
    assert_eq!(server.ask("/api/v1/users", fan).await.0, 201);
    let log_in =
        async |email, password| server.ask("/api/v1/sessions", session(email, password)).await;

    let wrong = log_in("fan@example.com", "stagehand").await;
    assert_eq!((wrong.0, &wrong.1["code"], wrong.2), (401, &json!("UNAUTHENTICATED"), [0, 1]));
    for (email, password) in [
        ("unknown@example.com", "stagedoor"),
        ("unknown", "stagedoor"),
        ("", ""),
        ("fan@example.com", ""),
        ("fan@example.com\u{0}", "stagedoor"),
        ("FAN@EXAMPLE.COM", "unknown password"),
        ("unknown@example.com", "unknown password"),
    ] {
        assert_eq!(log_in(email, password).await, wrong, "{email:?} {password:?}");
    }
    let right = log_in("fan@example.com", "stagedoor").await;
    assert_eq!((right.0, right.2), (200, [0, 1]));
}

async fn a_taken_address_is_told_only_after_the_work_of_signing_up(kind: StoreKind) {
    let home = Home::new(kind);
    let server = Watched::start(kind, &home);
    let fan = json!({"name": "Fan", "email": "fan@example.com", "password": "stagedoor"});

    let made = server.ask("/api/v1/users", fan.clone()).await;
    let taken = server.ask("/api/v1/users", fan).await;

    assert_eq!((made.0, made.2), (201, [1, 0]));
    assert_eq!((taken.0, &taken.1["code"], taken.2), (409, &json!("EMAIL_TAKEN"), [1, 0]));
    assert!(!taken.1.to_string().contains("fan@example.com"), "{}", taken.1);
}

async fn an_address_is_looked_up_by_operators_alone(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let email = fan.get("/api/v1/users/me").await.text_at("email");
    let look_up = async |email: &str| {
        let refused = fan.get(&format!("/api/v1/users?email={email}")).await;
        (refused.status.as_u16(), refused.text_at("code"), refused.text_at("detail"))
    };

    assert_eq!(look_up(&email).await.0, 403);
    assert_eq!(look_up(&email).await, look_up("unknown@example.com").await);
}

async fn an_operators_reads_of_other_users_are_recorded(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await.get("/api/v1/users/me").await;
    let operator = service.new_user_as(Role::Operator).await;
    let operator_id = operator.get("/api/v1/users/me").await.text_at("id");
    let (fan_id, email) = (fan.text_at("id"), fan.text_at("email"));

    let found = operator.get(&format!("/api/v1/users?email={email}")).await;
    assert_eq!((found.status.as_u16(), found.text_at("id")), (200, fan_id.clone()));
    let others = operator.get(&format!("/api/v1/reservations?userId={fan_id}")).await;
    assert_eq!(others.status, 200);
    assert_eq!(operator.get("/api/v1/reservations").await.status, 200);
    assert_eq!(operator.get("/api/v1/users?email=unknown@example.com").await.status, 404);

    let actions = operator.get("/api/v1/operator-actions").await;
    let told: Vec<_> = actions.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| json!([action["kind"], action["operatorId"], action["userId"]]))
        .collect();
    let expected = ["RESERVATIONS_READ", "ACCOUNT_READ"];
    assert_eq!(told, expected.map(|kind| json!([kind, operator_id, fan_id])));
}
