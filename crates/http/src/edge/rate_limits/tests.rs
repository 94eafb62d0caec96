use std::net::Ipv4Addr;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER};
use actix_web::test::TestRequest;
use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::json;
use stagedoor_domain::operations::{HoldRefused, PointsRefused};
use stagedoor_domain::ports::{MockPasswords, MockUsers, Passwords, SubmitError};
use stagedoor_domain::{PersonName, Role, User, UserId};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::*;
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::testing::{
    Server, a_pass, all_limits, an_account, answering, post, request, services, settings,
};

const AT_ONCE: u32 = 3;

fn rate(per_minute: u32, burst: u32) -> Rate {
    format!("{per_minute}/{burst}").parse().unwrap()
}

/// Three at once by an address and by an account, and one more each second.
fn strict() -> RateLimitSettings {
    let rates = Rates { address: rate(60, AT_ONCE), account: rate(60, AT_ONCE) };
    all_limits(rates)
}

/// So strict for accounts alone.
fn strict_for_accounts() -> RateLimitSettings {
    let rates = Rates { address: rate(60, 1_000), account: rate(60, AT_ONCE) };
    all_limits(rates)
}

fn limited(limits: RateLimitSettings) -> HttpSettings {
    HttpSettings { rate_limits: Some(limits), ..settings() }
}

/// Services in which every hold comes too late.
fn all_taken() -> Services {
    Services { hold_seats: answering(Err(HoldRefused::SeatTaken.into())), ..services() }
}

fn hold() -> TestRequest {
    let body = json!({"scheduleId": Uuid::nil(), "bestAvailable": 1});
    post("/api/v1/reservations", body).insert_header((AUTHORIZATION, a_pass()))
}

#[actix_web::test]
async fn a_client_above_its_limit_learns_when_to_retry_and_what_is_left() {
    let server = Server::new(all_taken(), limited(strict())).await;
    for left in ["2", "1", "0"] {
        let answer = server.answer(hold()).await;
        assert_eq!(answer.refusal(), (409, "SEAT_TAKEN".to_owned()));
        let policy = "\"hold-address\";q=3;w=3, \"hold-account\";q=3;w=3";
        assert_eq!(answer.header("ratelimit-policy"), policy);
        assert!(answer.header("ratelimit").starts_with(&format!("\"hold-address\";r={left};t=")));
    }

    let refused = server.answer(hold()).await;

    assert_eq!(refused.refusal(), (429, "RATE_LIMITED".to_owned()));
    let seconds: u64 = refused.header(RETRY_AFTER).parse().unwrap();
    assert!((1..=2).contains(&seconds), "{seconds}");
    assert_eq!(refused.header("ratelimit"), "\"hold-address\";r=0;t=3");
    assert!(refused.text.contains("You send too many requests"), "{}", refused.text);
}

#[actix_web::test]
async fn every_limited_operation_refuses_an_address_that_asks_too_often() {
    let limited_operations = limited_operations();
    assert_eq!(limited_operations.len(), 40);
    for (method, path) in limited_operations {
        let server = Server::new(all_taken(), limited(strict())).await;
        let ask = || request(method.clone(), &path).insert_header(("content-type", "text/plain"));
        for _ in 0..AT_ONCE {
            let answer = server.answer(ask()).await;
            assert_ne!(answer.status, 429, "{path}: {}", answer.text);
        }

        let refused = server.answer(ask()).await;

        assert_eq!(refused.refusal(), (429, "RATE_LIMITED".to_owned()), "{path}");
    }
}

/// The operations that are documented with what is left of their limits.
fn limited_operations() -> Vec<(Method, String)> {
    let document: serde_json::Value = serde_json::from_str(&crate::openapi_json()).unwrap();
    let mut limited = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["responses"]["429"]["headers"]["RateLimit"].is_object() {
                let parts =
                    path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
                let path = parts.collect::<Vec<_>>().join("/");
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                limited.push((method, path));
            }
        }
    }
    limited
}

#[actix_web::test]
async fn addresses_have_limits_of_their_own_and_a_spoofed_one_gives_no_new_limit() {
    let from = |peer: &str, said: &str| {
        let request = request(Method::POST, "/api/v1/queue-tokens");
        let request = request.peer_addr(format!("{peer}:4711").parse().unwrap());
        request.insert_header(("x-forwarded-for", said.to_owned()))
    };
    let mut settings = limited(strict());
    settings.trusted_proxies.networks = vec!["10.0.0.0/8".parse().unwrap()];
    let server = Server::new(services(), settings).await;

    let mut statuses = Vec::new();
    for n in 0..8 {
        let spoofed = format!("192.0.2.{n}, 203.0.113.7");
        statuses.push(server.answer(from("10.0.0.1", &spoofed)).await.status.as_u16());
    }
    let of_another = server.answer(from("10.0.0.1", "203.0.113.8")).await;
    let direct = server.answer(from("203.0.113.7", "203.0.113.9")).await;

    assert_eq!(statuses, [401, 401, 401, 429, 429, 429, 429, 429]);
    assert_eq!(of_another.status, 401, "another user behind the proxy is not limited");
    assert_eq!(direct.status, 429, "nor believed about where they come from");
}

#[actix_web::test]
async fn a_crowd_behind_one_address_is_not_held_up_by_one_of_them() {
    let server = Server::new(all_taken(), limited(strict_for_accounts())).await;
    for _ in 0..=AT_ONCE {
        server.answer(hold()).await;
    }

    let the_same = server.answer(hold()).await;
    let other = crate::testing::a_pass_of(UserId(Uuid::from_u128(70)));
    let another = hold().insert_header((AUTHORIZATION, other));

    assert_eq!(the_same.status, 429);
    assert_eq!(server.answer(another).await.status, 409);
}

/// Each charge is a row that is kept: 33,000 of one account fit into 8 s.
#[actix_web::test]
async fn an_account_that_charges_in_a_loop_is_held_up_and_others_are_not() {
    let refused = Err(PointsRefused::UserNotFound.into());
    let services = Services { change_points: answering(refused), ..services() };
    let server = Server::new(services, limited(strict_for_accounts())).await;
    let (fan, other) = (a_pass(), crate::testing::a_pass_of(UserId(Uuid::from_u128(70))));
    let change = |method, path, body: serde_json::Value, token: &str| {
        let request = request(method, path).set_json(body);
        server.answer(request.insert_header((AUTHORIZATION, token.to_owned())))
    };
    let (id, amount) = (crate::testing::a_user().to_string(), json!({"amount": 1}));
    let of_user = json!({"userId": id, "amount": 1});
    for (method, path, body) in [
        (Method::POST, "/api/v1/points/charges", &amount),
        (Method::PATCH, "/point/charge", &of_user),
        (Method::PATCH, "/payments/charges", &of_user),
    ] {
        let answer = change(method, path, body.clone(), &fan).await;
        assert_ne!(answer.status, 429, "{path}: {}", answer.text);
    }

    for (method, path, body) in [
        (Method::POST, "/api/v1/points/charges", &amount),
        (Method::POST, "/api/v1/points/uses", &amount),
        (Method::PATCH, "/point/charge", &of_user),
        (Method::PATCH, "/point/use", &of_user),
        (Method::PATCH, "/payments/charges", &of_user),
    ] {
        let refused = change(method, path, body.clone(), &fan).await;
        assert_eq!(refused.status, 429, "{path}: all ways to change a wallet are counted together");
        assert_ne!(refused.header(RETRY_AFTER), "", "{path}");
    }
    let another = change(Method::POST, "/api/v1/points/charges", amount, &other).await;
    assert_eq!(another.status, 404, "{}", another.text);
}

fn log_in(email: &str, password: &str) -> TestRequest {
    post("/api/v1/sessions", json!({"email": email, "password": password}))
}

/// Services without users.
fn no_users() -> Services {
    let mut users = MockUsers::new();
    users.expect_user_by_email().returning(|_| Ok(None));
    let mut passwords = MockPasswords::new();
    passwords.expect_verify().returning(|_, _, _| Ok(false));
    let mut services = services();
    services.people.users = Arc::new(users);
    services.people.passwords = Arc::new(passwords);
    services
}

#[actix_web::test]
async fn guessing_passwords_becomes_slow_whether_or_not_there_is_such_an_account() {
    let generous = Rates { address: rate(6_000, 1_000), account: rate(6_000, 1_000) };
    let limits = RateLimitSettings { log_in: generous, ..strict() };
    let server = Server::new(no_users(), limited(limits)).await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        let answer = server.answer(log_in("victim@example.com", "wrong")).await;
        statuses.push(answer.status.as_u16());
    }
    let of_another = server.answer(log_in("other@example.com", "wrong")).await;

    assert_eq!(statuses, [401, 401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(of_another.status, 401, "another account is not touched");
}

#[actix_web::test]
async fn a_log_in_that_could_not_be_looked_at_is_no_failure() {
    let mut services = no_users();
    let mut passwords = MockPasswords::new();
    passwords.expect_verify().returning(|_, _, _| Err(SubmitError::Overloaded));
    services.people.passwords = Arc::new(passwords);
    let generous = Rates { address: rate(6_000, 1_000), account: rate(6_000, 1_000) };
    let server =
        Server::new(services, limited(RateLimitSettings { log_in: generous, ..strict() })).await;

    for _ in 0..20 {
        let answer = server.answer(log_in("fan@example.com", "right")).await;
        assert_eq!(answer.refusal(), (503, "OVERLOADED".to_owned()));
    }
}

fn begin(limits: &RateLimits, address: IpAddr, email: &str) -> Result<LogInKeys, Duration> {
    let keys = limits.keys(address, email);
    limits.begin_log_in(&keys).map(|()| keys)
}

#[test]
fn guessers_from_everywhere_cannot_keep_the_owner_out_for_long() {
    let limits = RateLimits::new(Some(&strict()));
    let email = "victim@example.com";
    let home: IpAddr = Ipv4Addr::new(203, 0, 113, 7).into();
    let known = begin(&limits, home, email).unwrap();
    limits.logged_in(&known);

    let guessers = (0..=255).map(|n| IpAddr::from(Ipv4Addr::new(198, 51, 100, n)));
    let waits: Vec<_> =
        guessers.filter_map(|guesser| begin(&limits, guesser, email).err()).collect();

    assert!(waits.len() > 200, "guessing has become slow: {} of 256 must wait", waits.len());
    assert!(waits.iter().all(|wait| *wait <= OF_ACCOUNT.wait_max), "{waits:?}");
    assert!(begin(&limits, home, email).is_ok(), "where they are known they need not wait");
}

#[test]
fn after_many_failures_of_its_networks_an_account_that_fails_there_waits_for_longer() {
    let limits = RateLimits::new(Some(&strict()));
    let networks = (0..250).map(|n| format!("2001:db8:1:1{n:02x}::1").parse().unwrap());
    for (n, address) in networks.enumerate() {
        assert!(begin(&limits, address, &format!("{n}@example.com")).is_ok(), "a first failure");
    }
    let of_the_same_site: IpAddr = "2001:db8:1:1ff::1".parse().unwrap();
    let elsewhere: IpAddr = "2001:db8:2::1".parse().unwrap();

    let twice = |address| {
        let first = begin(&limits, address, "fan@example.com");
        assert!(first.is_ok(), "an account that has not failed from there need not wait");
        begin(&limits, address, "fan@example.com").err()
    };

    assert_eq!(twice(elsewhere), None);
    assert!(twice(of_the_same_site).is_some_and(|wait| wait > Duration::from_secs(29)));
}

/// The defaults.
fn usual() -> RateLimitSettings {
    let log_in = Rates { address: rate(600, 3_000), account: rate(12, 30) };
    RateLimitSettings { log_in, ..strict() }
}

/// Services in which every user has an account whose password is `right`.
fn all_users() -> Services {
    let mut users = MockUsers::new();
    users.expect_user_by_email().returning(|email| {
        Ok(Some(User {
            id: UserId(Uuid::from_u128(7)),
            name: PersonName::parse("Fan").unwrap(),
            email: email.clone(),
            password_hash: "hash".to_owned(),
            role: Role::Fan,
            created_at: crate::testing::NOW,
            sessions: Default::default(),
            contact: Default::default(),
        }))
    });
    let mut passwords = MockPasswords::new();
    passwords.expect_verify().returning(|password, _, _| Ok(password == "right"));
    let mut services = services();
    services.people.users = Arc::new(users);
    services.people.passwords = Arc::new(passwords);
    services
}

#[actix_web::test]
async fn ten_wrong_log_ins_a_second_from_the_owners_address_never_lock_the_owner_out() {
    tokio::time::pause();
    let server = Server::new(all_users(), limited(usual())).await;
    assert_eq!(server.answer(log_in("owner@example.com", "right")).await.status, 200);

    for second in 0..300 {
        for _ in 0..10 {
            server.answer(log_in("owner@example.com", "wrong")).await;
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        let owner = server.answer(log_in("owner@example.com", "right")).await;
        assert_eq!(owner.status, 200, "in second {second}: {}", owner.text);
    }
}

#[actix_web::test]
async fn who_shares_the_owners_address_is_slowed_down_to_a_guess_a_second_after_an_hour() {
    tokio::time::pause();
    let limits = RateLimits::new(Some(&usual()));
    let home: IpAddr = Ipv4Addr::new(203, 0, 113, 7).into();
    let known = begin(&limits, home, "owner@example.com").unwrap();
    limits.logged_in(&known);
    let mut tried = [0; 3];
    for tried in &mut tried {
        for _ in 0..36_000 {
            *tried += u32::from(begin(&limits, home, "owner@example.com").is_ok());
            tokio::time::advance(Duration::from_millis(100)).await;
        }
    }

    assert_eq!(tried[0], 36_000, "for an hour no one has to wait");
    assert!((3_300..=3_900).contains(&tried[2]), "{tried:?}");
}

#[actix_web::test]
async fn eighteen_wrong_log_ins_a_second_from_one_address_leave_a_neighbour_able_to_log_in() {
    tokio::time::pause();
    let one = |_: u32| "victim@example.com".to_owned();
    let many = |n: u32| format!("victim{n}@example.com");
    let attacks: [&dyn Fn(u32) -> String; 2] = [&one, &many];
    for attack in attacks {
        let server = Server::new(all_users(), limited(usual())).await;
        for second in 0..60 {
            for n in 0..18 {
                server.answer(log_in(&attack(second * 18 + n), "wrong")).await;
                tokio::time::advance(Duration::from_millis(55)).await;
            }
            let neighbour = format!("neighbour{}@example.com", second / 3);
            let answer = server.answer(log_in(&neighbour, "right")).await;
            assert_eq!(answer.status, 200, "in second {second}: {}", answer.text);
        }
    }
}

/// Hashes nothing until it may, and keeps what it promises.
struct Stuck(Semaphore);

#[async_trait]
impl Passwords for Stuck {
    async fn hash(&self, _: String) -> Result<String, SubmitError> {
        let _turn = self.0.acquire().await;
        Ok("hash".to_owned())
    }

    async fn verify(
        &self,
        password: String,
        _: Option<String>,
        _: bool,
    ) -> Result<bool, SubmitError> {
        let _turn = self.0.acquire().await;
        Ok(password == "right")
    }
}

#[actix_web::test]
async fn a_flood_from_many_networks_of_one_site_takes_no_more_than_half_of_the_hashing_places() {
    let stuck = Arc::new(Stuck(Semaphore::new(0)));
    let mut services = all_users();
    services.people.passwords = stuck.clone();
    let settings = HttpSettings { requests_max: 1_000, ..limited(usual()) };
    let server = Server::new(services, settings).await;
    let from = |address: String, n: usize| {
        let peer = format!("[{address}]:4711").parse().unwrap();
        server.answer(log_in(&format!("fan{n}@example.com"), "right").peer_addr(peer))
    };
    let flood = (0..160).map(|n| from(format!("2001:db8:1:1{n:02x}::1"), n));
    let innocents = (0..12).map(|n| from(format!("2001:db8:{}::1", n + 2), 1_000 + n));

    let open = async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        stuck.0.add_permits(1_000);
    };
    let (flood, innocents, ()) = tokio::join!(join_all(flood), join_all(innocents), open);

    assert!(innocents.iter().all(|answer| answer.status == 200), "{}", innocents[0].text);
    let refused = flood.iter().filter(|answer| answer.status == 429).count();
    assert_eq!(refused, 160 - HASHING_OF_A_NETWORK_MAX);
    let again = from("2001:db8:1:1ff::1".to_owned(), 2_000).await;
    assert_eq!(again.status, 200, "their reservations are released");
}

#[actix_web::test]
async fn many_networks_of_one_site_have_a_rate_together() {
    let server = Server::new(services(), limited(strict())).await;
    let mut statuses = Vec::new();
    for n in 0..20 {
        let peer = format!("[2001:db8:1:1{n:02x}::1]:4711").parse().unwrap();
        let join = request(Method::POST, "/api/v1/queue-tokens").peer_addr(peer);
        statuses.push(server.answer(join).await.status.as_u16());
    }

    assert_eq!(statuses[..12], [401; 12], "four times as many as from one of them");
    assert_eq!(statuses[12..], [429; 8]);
}

#[test]
fn a_rate_says_how_many_a_minute_and_how_many_at_once() {
    let rate: Rate = "120/600".parse().unwrap();
    assert_eq!((rate.per_minute.get(), rate.burst.get()), (120, 600));
    assert_eq!(rate.window_seconds(), 300);
    assert_eq!(rate.to_string(), "120/600");
    for wrong in ["", "120", "0/1", "1/0", "-1/1", "1/2/3", "1/4294967295", "a/b"] {
        let refused = wrong.parse::<Rate>().unwrap_err();
        assert!(refused.contains("as 120/600"), "{wrong}: {refused}");
    }
}

#[actix_web::test]
async fn without_limits_nothing_is_counted_or_reported() {
    let server = Server::new(all_taken(), settings()).await;
    for _ in 0..100 {
        let answer = server.answer(hold()).await;
        assert_eq!(answer.status, 409);
        assert_eq!(answer.header("ratelimit"), "");
    }
    let joined = request(Method::POST, "/api/v1/queue-tokens");
    let joined = joined.insert_header((AUTHORIZATION, an_account()));
    assert_eq!(server.answer(joined.insert_header(("idempotency-key", ""))).await.status, 400);
}
