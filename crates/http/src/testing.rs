//! A server on mocked ports, for the tests of handlers.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, Error, HttpResponse};
use serde_json::Value;
use stagedoor_domain::ports::{
    MockConcerts, MockDoors, MockEndedSessions, MockHalls, MockLineSync, MockLines,
    MockMaintenance, MockOperatorActions, MockOrders, MockPasswords, MockPayments,
    MockPointAccounts, MockPosterImages, MockQueueTokens, MockRenderPosters, MockReservations,
    MockRooms, MockSchedules, MockShowTickets, MockSubmit, MockTickets, MockUsers, MockVenues,
    MockWebhooks, PositionInLine, Readiness, StoppedClock,
};
use stagedoor_domain::use_cases::{Admission, Checkout, People, WaitingRoom};
use stagedoor_domain::webhook::Reach;
use stagedoor_domain::{
    BookingPolicy, Command, Instant, Position, QueueToken, QueueTokenId, Room, RoomId, TokenState,
    UserId, Verdict,
};
use time::macros::datetime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::auth::signing_keys::{QueueTokenOf, SigningKeys};
use crate::edge::allowed_origins::AllowedOrigins;
use crate::edge::client_address::{ProxyHeader, TrustedProxies};
use crate::edge::middleware;
use crate::edge::rates::{RateLimitSettings, Rates};
use crate::edge::unsent_bodies::UnsentBodies;
use crate::server::Mount;
use crate::services::{
    DoorServices, Mails, Posters, Services, Staff, TicketServices, VenueChanges, WebhookChanges,
};
use crate::settings::HttpSettings;
use crate::wire::local_time::LocalTime;

pub(crate) const NOW: Instant = datetime!(2026-11-21 10:00 UTC);

/// No session has ended.
fn never_ended() -> MockEndedSessions {
    let mut sessions = MockEndedSessions::new();
    sessions.expect_have_ended().return_const(false);
    sessions.expect_note().return_const(());
    sessions
}

/// A store that is ready.
fn ready() -> MockMaintenance {
    let mut maintenance = MockMaintenance::new();
    let ready = Readiness {
        migrations_current: true,
        commits: true,
        connections_busy: 0,
        connections_idle: 1,
    };
    maintenance.expect_readiness().return_const(Ok(ready));
    maintenance
}

/// A waiting room in which every token is first and every heartbeat is accepted: a request that is rejected
/// for waiting counts as one.
fn a_line() -> MockLines {
    let mut lines = MockLines::new();
    lines.expect_look().returning(|_, _, _| Some(a_position(Position { ahead: 0, waiting: 1 })));
    lines.expect_note_heartbeat().returning(|_| Ok(()));
    lines
}

/// A position in the one room.
pub(crate) fn a_position(position: Position) -> PositionInLine {
    PositionInLine { room: a_room(), position, admission_rate: None }
}

/// No other process exists.
fn current() -> MockLineSync {
    let mut line_sync = MockLineSync::new();
    line_sync.expect_is_current().return_const(true);
    line_sync.expect_settle().returning(|| Ok(()));
    line_sync
}

/// Every concert's room admits tokens, and none waits.
fn no_line() -> MockLines {
    let mut lines = MockLines::new();
    lines.expect_room_of_concert().returning(|_| Some(RoomId::SITE));
    lines.expect_room().returning(|_| Some(a_room()));
    lines.expect_waiting().returning(|_| 0);
    lines
}

fn a_waiting_room(queue_tokens: Arc<MockQueueTokens>) -> WaitingRoom {
    WaitingRoom {
        clock: Arc::new(StoppedClock(NOW)),
        lines: Arc::new(a_line()),
        line_sync: Arc::new(current()),
        queue_tokens,
        rooms: Arc::new(MockRooms::new()),
        join_room: Arc::new(MockSubmit::new()),
    }
}

/// Services whose ports must not be called; a test replaces those it expects to be.
pub(crate) fn services() -> Services {
    let clock = Arc::new(StoppedClock(NOW));
    let queue_tokens = Arc::new(MockQueueTokens::new());
    Services {
        clock: clock.clone(),
        lines: Arc::new(no_line()),
        maintenance: Arc::new(ready()),
        sessions: Arc::new(never_ended()),
        people: People {
            users: Arc::new(MockUsers::new()),
            passwords: Arc::new(MockPasswords::new()),
            create_user: Arc::new(MockSubmit::new()),
            change_password: Arc::new(MockSubmit::new()),
            delete_user: Arc::new(MockSubmit::new()),
        },
        waiting_room: a_waiting_room(queue_tokens.clone()),
        admission: Admission {
            clock: clock.clone(),
            queue_tokens,
            lines: Arc::new(no_line()),
            rooms: Arc::new(MockRooms::new()),
        },
        checkout: Checkout { clock, reservations: Arc::new(MockReservations::new()) },
        concerts: Arc::new(MockConcerts::new()),
        schedules: Arc::new(MockSchedules::new()),
        venues: Arc::new(MockVenues::new()),
        halls: Arc::new(MockHalls::new()),
        rooms: Arc::new(MockRooms::new()),
        operator_actions: Arc::new(MockOperatorActions::new()),
        webhooks: Arc::new(MockWebhooks::new()),
        orders: Arc::new(MockOrders::new()),
        reservations: Arc::new(MockReservations::new()),
        point_accounts: Arc::new(MockPointAccounts::new()),
        payments: Arc::new(MockPayments::new()),
        create_concert: Arc::new(MockSubmit::new()),
        edit_concert: Arc::new(MockSubmit::new()),
        publish_concert: Arc::new(MockSubmit::new()),
        cancel_concert: Arc::new(MockSubmit::new()),
        delete_concert: Arc::new(MockSubmit::new()),
        posters: posters(),
        create_schedule: Arc::new(MockSubmit::new()),
        venue_changes: venue_changes(),
        webhook_changes: webhook_changes(),
        mails: mails(),
        change_policy: Arc::new(MockSubmit::new()),
        leave_room: Arc::new(MockSubmit::new()),
        hold_seats: Arc::new(MockSubmit::new()),
        release_hold: Arc::new(MockSubmit::new()),
        extend_hold: Arc::new(MockSubmit::new()),
        change_points: Arc::new(MockSubmit::new()),
        pay: Arc::new(MockSubmit::new()),
        cancel_reservation: Arc::new(MockSubmit::new()),
        tickets: tickets(),
        doors: doors(),
        staff: staff(),
        read_user: Arc::new(MockSubmit::new()),
        change_name: Arc::new(MockSubmit::new()),
        end_sessions: Arc::new(MockSubmit::new()),
        metrics: Arc::new(String::new),
    }
}

fn posters() -> Posters {
    Posters {
        render: Arc::new(MockRenderPosters::new()),
        images: Arc::new(MockPosterImages::new()),
        change_poster: Arc::new(MockSubmit::new()),
    }
}

fn doors() -> DoorServices {
    DoorServices {
        read: Arc::new(MockDoors::new()),
        check_in_ticket: Arc::new(MockSubmit::new()),
        undo_check_in: Arc::new(MockSubmit::new()),
        change_door_staff: Arc::new(MockSubmit::new()),
    }
}

fn tickets() -> TicketServices {
    TicketServices {
        read: Arc::new(MockTickets::new()),
        show: Arc::new(MockShowTickets::new()),
        transfer_ticket: Arc::new(MockSubmit::new()),
        cancel_ticket: Arc::new(MockSubmit::new()),
    }
}

fn venue_changes() -> VenueChanges {
    VenueChanges {
        create_venue: Arc::new(MockSubmit::new()),
        change_venue: Arc::new(MockSubmit::new()),
        create_hall: Arc::new(MockSubmit::new()),
        change_plan: Arc::new(MockSubmit::new()),
    }
}

fn mails() -> Mails {
    Mails {
        ask_for_verification: Arc::new(MockSubmit::new()),
        ask_for_password_reset: Arc::new(MockSubmit::new()),
        verify_email: Arc::new(MockSubmit::new()),
        reset_password: Arc::new(MockSubmit::new()),
    }
}

fn webhook_changes() -> WebhookChanges {
    WebhookChanges {
        create_webhook: Arc::new(MockSubmit::new()),
        change_webhook: Arc::new(MockSubmit::new()),
        replay_events: Arc::new(MockSubmit::new()),
    }
}

fn staff() -> Staff {
    Staff {
        edit_schedule: Arc::new(MockSubmit::new()),
        cancel_schedule: Arc::new(MockSubmit::new()),
        block_seats: Arc::new(MockSubmit::new()),
        cancel_by_staff: Arc::new(MockSubmit::new()),
        give_tickets: Arc::new(MockSubmit::new()),
        remove_token: Arc::new(MockSubmit::new()),
        change_role: Arc::new(MockSubmit::new()),
    }
}

/// Has every command of a kind answered with this verdict.
pub(crate) fn answering<C: Command>(verdict: Verdict<C>) -> Arc<MockSubmit<C>> {
    let mut submit = MockSubmit::new();
    submit.expect_submit().returning(move |_| Ok(verdict.clone()));
    Arc::new(submit)
}

pub(crate) fn settings() -> HttpSettings {
    HttpSettings {
        open_mode: false,
        direct_charges: true,
        docs: true,
        local_time: LocalTime::of_zone("Asia/Seoul").unwrap(),
        booking: BookingPolicy {
            hold_time: time::Duration::seconds(300),
            extension_time: time::Duration::seconds(120),
            late_payment_time: time::Duration::seconds(10),
            holds_max: 4,
            needs_verified_email: false,
        },
        access_token_time: Duration::from_secs(3600),
        queue_token_time: Duration::from_secs(86_400),
        workers: 1,
        connections_max: 10,
        body_bytes_max: 1024,
        request_timeout: Duration::from_secs(10),
        header_timeout: Duration::from_secs(5),
        keep_alive: Duration::from_secs(5),
        drain_timeout: Duration::from_secs(1),
        event_streams_max: 1,
        event_streams_per_user_max: 1,
        body_timeout: Duration::from_secs(5),
        requests_max: 10,
        unsent_bytes_max: 8 * 1024 * 1024,
        trusted_proxies: TrustedProxies {
            networks: Vec::new(),
            header: ProxyHeader::XForwardedFor,
        },
        rate_limits: None,
        jitter_seed: 7,
        allowed_origins: AllowedOrigins::default(),
        metrics_token: None,
        sends_mail: false,
        webhook_reach: Reach::Public,
    }
}

/// These rates for every action.
pub(crate) fn all_limits(rates: Rates) -> RateLimitSettings {
    RateLimitSettings {
        sign_up: rates,
        log_in: rates,
        join: rates,
        hold: rates,
        wallet: rates,
        create: rates,
        export: rates,
    }
}

pub(crate) fn keys() -> SigningKeys {
    SigningKeys::parse("a key for tests and for nothing else").unwrap()
}

pub(crate) fn a_user() -> UserId {
    UserId(Uuid::from_u128(7))
}

/// `Authorization` of an access token of [`a_user`].
pub(crate) fn an_account() -> String {
    let token = keys().access_token(a_user(), "Fan", 0, NOW, 60).unwrap();
    format!("Bearer {token}")
}

/// A waiting queue token of [`a_user`].
pub(crate) fn a_queue_token() -> QueueToken {
    QueueToken {
        id: QueueTokenId(Uuid::from_u128(8)),
        room_id: RoomId::SITE,
        user_id: a_user(),
        sequence: Some(3),
        version: 1,
        created_at: NOW,
        state: TokenState::Waiting { seen_at: NOW, idle_at: NOW + time::Duration::HOUR },
    }
}

pub(crate) fn a_room() -> Room {
    Room::open(RoomId::SITE, None, NOW)
}

/// `Authorization` of [`a_queue_token`].
pub(crate) fn a_pass() -> String {
    a_pass_of(a_user())
}

/// The same for another user.
pub(crate) fn a_pass_of(user_id: UserId) -> String {
    let of = QueueTokenOf { name: "Fan", session_version: 0, schedule_id: None };
    let token = QueueToken { user_id, ..a_queue_token() };
    let token = keys().queue_token(&token, of, NOW, 60).unwrap();
    format!("Bearer {token}")
}

/// A response as its caller sees it.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: impl AsRef<str>) -> &str {
        let value = self.headers.get(name.as_ref());
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The status and the problem's code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

pub(crate) fn request(method: Method, path: &str) -> TestRequest {
    TestRequest::default().method(method).uri(path)
}

pub(crate) fn post(path: &str, body: Value) -> TestRequest {
    request(Method::POST, path).set_json(body)
}

pub(crate) async fn answer(services: Services, request: TestRequest) -> Answer {
    Server::new(services, settings()).await.answer(request).await
}

type Called = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

/// A server for more than one request.
pub(crate) struct Server {
    call: Box<dyn Fn(TestRequest) -> Called>,
    /// The bodies that it is sending.
    pub(crate) unsent: UnsentBodies,
}

impl Server {
    pub(crate) async fn new(services: Services, settings: HttpSettings) -> Self {
        let unsent = UnsentBodies::new(settings.unsent_bytes_max);
        let stop = CancellationToken::new();
        let mount = Mount::new(services, keys(), settings, stop, unsent.clone());
        let app = App::new().configure(|config| mount.onto(config)).wrap(from_fn(middleware::edge));
        let app = Rc::new(init_service(app).await);
        let call = Box::new(move |request: TestRequest| -> Called {
            let app = Rc::clone(&app);
            Box::pin(async move { try_call_service(&*app, request.to_request()).await })
        });
        Self { call, unsent }
    }

    /// A response of which only the head has been read.
    pub(crate) async fn unread(&self, request: TestRequest) -> HttpResponse<BoxBody> {
        match (self.call)(request).await {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        }
    }

    pub(crate) async fn answer(&self, request: TestRequest) -> Answer {
        let response = self.unread(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap_or_default();
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}
