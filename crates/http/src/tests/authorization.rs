//! What a caller may do, by its token, its role and what is its own (rules 7 and 18).

use std::sync::Arc;

use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use actix_web::web::Data;
use serde_json::json;
use stagedoor_domain::operations::{CreateUser, JoinRoom, Joined};
use stagedoor_domain::ports::{
    ConcertListing, MockConcerts, MockEndedSessions, MockLines, MockQueueTokens, MockReservations,
    MockRooms, MockSubmit, MockUsers, StoppedClock,
};
use stagedoor_domain::use_cases::QueuePass;
use stagedoor_domain::user::Sessions;
use stagedoor_domain::{
    Concert, ConcertDetails, ConcertId, Email, Page, PersonName, Position, Profile, QueueToken,
    Refused, Role, Room, RoomId, Title, TokenState, User, UserId,
};
use time::Duration;
use uuid::Uuid;

use crate::auth::authorization::{self, Manager, Viewer};
use crate::auth::bearer::{self, SignedIn};
use crate::auth::session_cookie;
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::testing::{
    Answer, NOW, Server, a_pass, a_queue_token, a_room, a_user, an_account, answer, answering,
    keys, post, request, services, settings,
};
use crate::wire::error::{ApiError, RequiredAccess, Resource};

pub(crate) fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn concert() -> ConcertId {
    ConcertId(Uuid::from_u128(1))
}

fn a_user_with_role(id: UserId, role: Role) -> User {
    User {
        id,
        name: PersonName::parse("Fan").unwrap(),
        email: Email::parse("fan@example.com").unwrap(),
        password_hash: String::new(),
        role,
        created_at: NOW,
        sessions: Sessions::default(),
        contact: Default::default(),
    }
}

/// Services that know users of one role, and one concert of user 9.
pub(crate) fn services_of_a(role: Role) -> Services {
    let mut users = MockUsers::new();
    users
        .expect_user()
        .returning(move |id| Ok((id != user(404)).then(|| a_user_with_role(id, role))));
    let mut concerts = MockConcerts::new();
    concerts.expect_concert().returning(|id, _| {
        let details = ConcertDetails::titled(Title::parse("Concert").unwrap());
        let concert = Concert::new(id, user(9), details, NOW);
        let listing = ConcertListing::new(concert, true, Vec::new(), NOW);
        Ok((id == ConcertId(Uuid::from_u128(1))).then_some(listing))
    });
    let mut services = services();
    services.people.users = Arc::new(users);
    services.concerts = Arc::new(concerts);
    services
}

#[test]
fn the_token_is_that_of_the_one_authorization_header() {
    let table: [(&[&str], Option<&str>); 7] = [
        (&[], None),
        (&["Bearer a.b.c"], Some("a.b.c")),
        (&["bEARER  a.b.c "], Some("a.b.c")),
        (&["a.b.c"], Some("a.b.c")),
        (&["Basic a.b.c"], None),
        (&["Bearer a.b.c", "Bearer a.b.c"], None),
        (&["a.b.c", "Bearer x.y.z"], None),
    ];
    for (headers, token) in table {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.append_header((AUTHORIZATION, *header));
        }
        assert_eq!(bearer::token(&request.to_http_request()), token, "{headers:?}");
    }
}

#[test]
fn a_caller_is_who_the_header_says_or_else_the_session_and_no_queue_token_is_a_session() {
    let (account, pass) = (an_account(), a_pass());
    let bare = |authorization: &str| authorization.trim_start_matches("Bearer ").to_owned();
    let table: [(Option<&str>, Option<&str>, bool); 7] = [
        (Some(&account), None, true),
        (Some(&pass), None, true),
        (None, Some(&account), true),
        (None, Some(&pass), false),
        (None, None, false),
        (Some("Bearer x.y.z"), Some(&account), false),
        (Some(""), Some(&account), false),
    ];
    for (header, cookie, is_known) in table {
        let mut request =
            TestRequest::get().app_data(Data::new(keys())).app_data(Data::new(services()));
        if let Some(header) = header {
            request = request.insert_header((AUTHORIZATION, header));
        }
        if let Some(cookie) = cookie {
            request = request.cookie(Cookie::new("stagedoor_session", bare(cookie)));
        }

        let caller = bearer::bearer(&request.to_http_request()).map(|bearer| bearer.user_id);

        let expected = if is_known { Ok(a_user()) } else { Err(ApiError::Unauthenticated) };
        assert_eq!(caller, expected, "{header:?} {cookie:?}");
    }
}

#[test]
fn a_session_reads_from_anywhere_and_changes_only_from_a_page_of_ours() {
    let cookie = || Cookie::new("stagedoor_session", "token");
    let token = |request: TestRequest| session_cookie::access_token(&request.to_http_request());
    let kept = Ok(Some("token".to_owned()));

    assert_eq!(token(TestRequest::get()), Ok(None));
    assert_eq!(token(TestRequest::post()), Ok(None), "without a session nothing is refused");
    assert_eq!(token(TestRequest::get().cookie(cookie())), kept);
    let foreign = TestRequest::post().cookie(cookie());
    assert_eq!(token(foreign), Err(ApiError::Forbidden(RequiredAccess::OwnPage)));
    let other = TestRequest::post()
        .cookie(cookie())
        .insert_header(("host", "a.example"))
        .insert_header(("origin", "http://b.example"));
    assert_eq!(token(other), Err(ApiError::Forbidden(RequiredAccess::OwnPage)));
}

#[test]
fn the_end_of_a_session_is_a_cookie_that_expired() {
    let ended = session_cookie::end().to_string();
    assert!(ended.starts_with("stagedoor_session=; Path=/; Max-Age=0; Expires="), "{ended}");

    let plain = TestRequest::post().to_http_request();
    assert!(!session_cookie::keep(&plain, "token".to_owned(), 60).to_string().contains("Secure"));
}

#[test]
fn a_stream_ends_with_the_token_that_opened_it() {
    let request = TestRequest::get()
        .app_data(Data::new(keys()))
        .app_data(Data::new(services()))
        .insert_header((AUTHORIZATION, an_account()));
    let expiry = <bearer::Expiry as actix_web::FromRequest>::extract(&request.to_http_request());
    let expiry = expiry.into_inner().unwrap();
    let clock_after = |seconds| Arc::new(StoppedClock(NOW + Duration::seconds(seconds)));
    let after = |seconds| Services { clock: clock_after(seconds), ..services() };

    assert!(!expiry.is_past(&after(59)));
    assert!(expiry.is_past(&after(60)));
    assert!(expiry.is_past(&after(61)));
    assert!(expiry.is_past(&with_ended_sessions()));
}

/// Services that know that the sessions of [`a_user`] of version 0 have ended.
fn with_ended_sessions() -> Services {
    let mut sessions = MockEndedSessions::new();
    sessions.expect_have_ended().returning(|user_id, version| user_id == a_user() && version < 1);
    Services { sessions: Arc::new(sessions), ..services_of_a(Role::Fan) }
}

#[actix_web::test]
async fn tokens_of_sessions_that_ended_are_refused_and_those_of_later_ones_are_not() {
    let later = keys().access_token(a_user(), "Fan", 1, NOW, 60).unwrap();
    let table = [(an_account(), 401), (a_pass(), 401), (format!("Bearer {later}"), 200)];
    for (token, status) in table {
        let me = request(Method::GET, "/api/v1/users/me").insert_header((AUTHORIZATION, token));
        let mut reservations = MockReservations::new();
        let none = || Page { items: Vec::new(), next: None };
        reservations.expect_reservations().returning(move |_, _, _, _, _| Ok(none()));
        let services = Services { reservations: Arc::new(reservations), ..with_ended_sessions() };
        assert_eq!(answer(services, me).await.status, status);
    }
}

#[test]
fn a_user_who_is_named_must_be_the_caller() {
    let caller = SignedIn::account(user(7), &PersonName::parse("Fan").unwrap(), 0);
    let refused = Err(ApiError::Forbidden(RequiredAccess::Oneself));

    assert_eq!(caller.check_is(&user(7).to_string()), Ok(()));
    for other in [user(8).to_string(), "7".to_owned(), String::new()] {
        assert_eq!(caller.check_is(&other), refused, "{other}");
    }
}

#[actix_web::test]
async fn only_an_operator_operates() {
    let refused = || Err(ApiError::Forbidden(RequiredAccess::Operator));
    let table = [
        (Role::Operator, user(9), Ok(())),
        (Role::Organizer, user(9), refused()),
        (Role::Fan, user(9), refused()),
        (Role::Operator, user(404), refused()),
    ];
    for (role, id, expected) in table {
        assert_eq!(
            authorization::check_operates(&services_of_a(role), id).await,
            expected,
            "{role:?}"
        );
    }
}

#[actix_web::test]
async fn a_concert_is_looked_after_by_operators_and_its_own_organizer() {
    let nothing = ConcertId(Uuid::from_u128(2));
    let refused = || Err(ApiError::Forbidden(RequiredAccess::OwnConcert));
    let table = [
        (Role::Operator, user(5), concert(), Ok(Manager::Operator)),
        (Role::Organizer, user(9), concert(), Ok(Manager::Organizer)),
        (Role::Organizer, user(5), concert(), refused()),
        (Role::Fan, user(5), concert(), refused()),
        (Role::Organizer, user(9), nothing, Err(ApiError::NotFound(Resource::Concert))),
    ];
    for (role, id, concert, expected) in table {
        let services = services_of_a(role);
        let checked =
            authorization::check(&services, id, concert, RequiredAccess::OwnConcert).await;
        assert_eq!(checked, expected, "{role:?} {id:?}");
        let viewer = Viewer::Account(id);
        let seen = viewer.check(&services, concert).await;
        assert_eq!(seen.is_ok(), expected.is_ok(), "an access token of {role:?} {id:?}");
        assert_eq!(viewer.user_id(), id);
    }
}

#[actix_web::test]
async fn a_queue_token_shows_a_concert_while_it_is_active_in_a_room_that_covers_it() {
    let active = TokenState::Active { since: NOW, expires_at: NOW + Duration::SECOND };
    let table = [
        (active, concert(), Ok(())),
        (active, ConcertId(Uuid::from_u128(2)), Err(RequiredAccess::QueueTokenOfThisRoom)),
    ];
    for (state, asked, expected) in table {
        let services = with_token(state);
        let viewer = Viewer::Pass(QueuePass::from(&a_queue_token()));

        let seen = viewer.check(&services, asked).await;

        assert_eq!(seen, expected.map_err(ApiError::Forbidden), "{asked:?}");
        assert_eq!(viewer.user_id(), a_user());
    }
    let waits = with_token(a_queue_token().state);
    let viewer = Viewer::Pass(QueuePass::from(&a_queue_token()));
    assert_eq!(viewer.check(&waits, concert()).await, Err(ApiError::TokenWaiting));
}

/// Services that know one queue token of the concert's room.
fn with_token(state: TokenState) -> Services {
    let mut queue_tokens = MockQueueTokens::new();
    queue_tokens.expect_queue_token().returning(move |_| {
        let room = Room::open(RoomId(Uuid::from_u128(3)), Some(concert()), NOW);
        Ok(Some((QueueToken { state, ..a_queue_token() }, room)))
    });
    let mut services = services_of_a(Role::Fan);
    services.admission.queue_tokens = Arc::new(queue_tokens);
    services
}

/// Services that admit every user to the site-wide room and to that of the one concert.
fn with_open_rooms() -> Services {
    let mut lines = MockLines::new();
    lines.expect_room_of_concert().returning(|id| (id == concert()).then_some(RoomId::SITE));
    lines.expect_room().returning(|_| Some(a_room()));
    lines.expect_position_at().returning(|_, _| Position { ahead: 2, waiting: 3 });
    lines.expect_waiting().returning(|_| 3);
    lines.expect_admission_rate().returning(|_| None);
    let mut rooms = MockRooms::new();
    rooms.expect_room_of_concert().returning(|_| Ok(None));
    let mut join = MockSubmit::<JoinRoom>::new();
    join.expect_submit().returning(|request| {
        let JoinRoom { room_id, user_id, .. } = request.command;
        let token = QueueToken { room_id, user_id, ..a_queue_token() };
        Ok(Ok(Joined { token, is_new: true, at: NOW }))
    });
    let mut create = MockSubmit::<CreateUser>::new();
    create.expect_submit().returning(|request| {
        let CreateUser { id, name, email, role, .. } = request.command;
        Ok(Ok(Profile { id, name, email, role, created_at: NOW }))
    });
    let mut services = services_of_a(Role::Fan);
    let lines = Arc::new(lines);
    services.lines = lines.clone();
    services.waiting_room.lines = lines;
    services.waiting_room.rooms = Arc::new(rooms);
    services.waiting_room.join_room = Arc::new(join);
    services.people.create_user = Arc::new(create);
    services
}

async fn answer_in(open_mode: bool, request: TestRequest) -> Answer {
    let settings = HttpSettings { open_mode, ..settings() };
    Server::new(with_open_rooms(), settings).await.answer(request).await
}

#[actix_web::test]
async fn a_queue_token_is_for_the_caller_and_in_open_mode_for_the_named_user() {
    let wish = |user_id: String| post("/queue/token", json!({"userId": user_id}));
    let signed_in = |request: TestRequest| request.insert_header((AUTHORIZATION, an_account()));
    let (own, other) = (|| a_user().to_string(), || user(8).to_string());
    let table = [
        ("closed, signed in, oneself", false, signed_in(wish(own())), 201),
        ("closed, signed in, another user", false, signed_in(wish(other())), 403),
        ("closed, no sender", false, wish(own()), 401),
        ("open, signed in, another user", true, signed_in(wish(other())), 403),
        ("open, no sender", true, wish(other()), 201),
        ("open, no sender, no such user", true, wish(user(404).to_string()), 404),
        ("open, no sender, no id", true, wish("7".to_owned()), 404),
    ];
    for (case, open_mode, request, status) in table {
        let answer = answer_in(open_mode, request).await;

        assert_eq!(answer.status, status, "{case}: {}", answer.text);
    }
}

#[actix_web::test]
async fn without_a_name_the_caller_joins_and_in_open_mode_a_guest() {
    let enter = || request(Method::POST, "/queues");
    let signed_in = || enter().insert_header((AUTHORIZATION, an_account()));
    let own = a_user().to_string();

    for open_mode in [false, true] {
        let answer = answer_in(open_mode, signed_in()).await;
        assert_eq!((answer.status.as_u16(), answer.json()["userId"].as_str()), (200, Some(&*own)));
        let token = answer.json()["userToken"].as_str().unwrap_or_default().to_owned();
        let says = keys().verify(&token, NOW).unwrap();
        assert_eq!((says.user_id, says.name.as_str()), (a_user(), "Fan"));
        assert_eq!(says.pass.map(|pass| pass.room_id), Some(RoomId::SITE));
    }
    assert_eq!(answer_in(false, enter()).await.status, 400);
    let guest = answer_in(true, enter()).await;
    assert_eq!(guest.status, 200, "{}", guest.text);
    assert_ne!(guest.json()["userId"], own.as_str());
    assert_ne!(guest.json()["userId"], Uuid::nil().to_string().as_str());
}

#[actix_web::test]
async fn the_room_that_is_joined_is_that_of_the_named_concert() {
    let wish = |id: u128| {
        let body = json!({"userId": a_user().to_string(), "concertId": Uuid::from_u128(id)});
        post("/queue/token", body).insert_header((AUTHORIZATION, an_account()))
    };

    assert_eq!(answer_in(false, wish(1)).await.status, 201);
    assert_eq!(answer_in(false, wish(2)).await.status, 404);
}

#[actix_web::test]
async fn what_a_role_allows_needs_an_access_token_and_no_queue_token() {
    let others = format!("/api/v1/reservations?userId={}", user(8));
    let concert = json!({"userId": a_user().to_string(), "title": "OST"});
    let date = |day| format!("2026-12-{day}T10:00:00");
    let series = json!({
        "concertId": Uuid::from_u128(1), "startAt": date(24), "endAt": date(25),
        "reserveStartAt": date(20), "reserveEndAt": date(21),
    });
    let list = || request(Method::GET, &others);
    let create = || post("/concert", concert.clone());
    let add = || post("/concert/series", series.clone());
    for (open_mode, of_organizers) in [(false, 403), (true, 422)] {
        let server =
            Server::new(services_of_operators(), HttpSettings { open_mode, ..settings() }).await;
        let table: [(&dyn Fn() -> TestRequest, u16, u16); 3] =
            [(&list, 200, 403), (&create, 422, of_organizers), (&add, 422, of_organizers)];
        for (index, (ask, with_account, with_pass)) in table.into_iter().enumerate() {
            for (token, status) in [(an_account(), with_account), (a_pass(), with_pass)] {
                let answer = server.answer(ask().insert_header((AUTHORIZATION, token))).await;

                assert_eq!(answer.status, status, "{open_mode} {index}: {}", answer.text);
                let is_named = answer.text.contains("needs an access token");
                assert_eq!(is_named, status == 403, "{open_mode} {index}: {}", answer.text);
            }
        }
    }
}

/// Services of operators that list reservations, and take what organizers create for another request.
fn services_of_operators() -> Services {
    let mut reservations = MockReservations::new();
    let nothing = || Page { items: Vec::new(), next: None };
    reservations.expect_reservations().returning(move |_, _, _, _, _| Ok(nothing()));
    Services {
        read_user: answering(Ok(())),
        reservations: Arc::new(reservations),
        create_concert: answering(Err(Refused::KeyReused)),
        create_schedule: answering(Err(Refused::KeyReused)),
        ..services_of_a(Role::Operator)
    }
}

#[actix_web::test]
async fn a_token_got_with_a_queue_token_expires_no_later_than_that_one() {
    let enter = |token| request(Method::POST, "/queues").insert_header((AUTHORIZATION, token));
    for (token, seconds) in [(a_pass(), 60), (an_account(), 86_400)] {
        let answer = answer_in(false, enter(token)).await;
        let token = answer.json()["userToken"].as_str().unwrap_or_default().to_owned();

        let says = keys().verify(&token, NOW).unwrap();

        assert_eq!(says.expires_at, NOW.unix_timestamp() + seconds);
    }
}

#[actix_web::test]
async fn a_token_of_another_kind_or_none_gives_no_access() {
    let table = [
        ("/api/v1/points", None, 401),
        ("/api/v1/rooms", None, 401),
        ("/api/v1/rooms", Some(a_pass()), 403),
        ("/api/v1/queue-tokens/me", Some(an_account()), 403),
    ];
    for (path, authorization, status) in table {
        let mut request = request(Method::GET, path);
        if let Some(authorization) = authorization {
            request = request.insert_header((AUTHORIZATION, authorization));
        }
        assert_eq!(answer(services(), request).await.status, status, "{path}");
    }
}
