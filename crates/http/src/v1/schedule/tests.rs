use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, RETRY_AFTER, VARY,
};
use actix_web::test::TestRequest;
use stagedoor_domain::ports::{
    ConcertListing, MockConcerts, MockQueueTokens, MockSchedules, MockUsers,
};
use stagedoor_domain::{
    BookingWindow, Concert, ConcertDetails, ConcertId, ConcertState, Points, ReservationId,
    Schedule, ScheduleId, Seat, SeatDetails, SeatId, SeatState, TicketLimit, Title, TokenState,
    UserId,
};
use time::Duration;
use uuid::Uuid;

use crate::services::Services;
use crate::settings::HttpSettings;
use crate::testing::{
    Answer, NOW, Server, a_pass, a_queue_token, a_room, an_account, answer, request, services,
    settings,
};

pub(crate) fn a_schedule() -> Schedule {
    Schedule {
        id: ScheduleId(Uuid::from_u128(40)),
        concert_id: ConcertId(Uuid::from_u128(41)),
        concert_state: ConcertState::Published,
        starts_at: NOW,
        ends_at: NOW + Duration::HOUR,
        booking: BookingWindow { opens_at: NOW, closes_at: NOW + Duration::HOUR },
        cancellation_closes_at: None,
        seat_count: 2,
        sold_count: 0,
        blocked_count: 0,
        ticket_limit: TicketLimit::default(),
        version: 0,
        moved: None,
        cancelled: None,
        created_at: NOW,
        plan: None,
    }
}

fn a_seat(number: u16, state: SeatState) -> Seat {
    Seat {
        id: SeatId(Uuid::from_u128(number.into())),
        schedule_id: a_schedule().id,
        number: number.into(),
        row: 1,
        column: number.into(),
        label: String::new(),
        price: Points::new(10_000).unwrap(),
        state,
        details: SeatDetails::default(),
    }
}

fn held(until: stagedoor_domain::Instant) -> SeatState {
    SeatState::Held { reservation_id: ReservationId(Uuid::from_u128(1)), until }
}

fn with_seats(token: TokenState, seats: Vec<Seat>) -> Services {
    let mut queue_tokens = MockQueueTokens::new();
    queue_tokens.expect_queue_token().returning(move |_| {
        let mut found = a_queue_token();
        found.state = token;
        Ok(Some((found, a_room())))
    });
    let mut schedules = MockSchedules::new();
    schedules.expect_schedule().returning(|_| Ok(Some(a_schedule())));
    schedules.expect_seats().returning(move |_| Ok(seats.clone()));
    let mut services = services();
    services.admission.queue_tokens = Arc::new(queue_tokens);
    services.schedules = Arc::new(schedules);
    services
}

async fn seats(services: Services, query: &str, known: &str) -> Answer {
    let path = format!("/api/v1/schedules/{}/seats{query}", a_schedule().id);
    let request = request(Method::GET, &path).insert_header((AUTHORIZATION, a_pass()));
    answer(services, request.insert_header((IF_NONE_MATCH, known))).await
}

const ACTIVE: TokenState =
    TokenState::Active { since: NOW, expires_at: time::macros::datetime!(2026-11-21 10:10 UTC) };

#[actix_web::test]
async fn a_hold_that_has_run_out_is_shown_as_free() {
    let chart = vec![a_seat(1, held(NOW)), a_seat(2, held(NOW + Duration::SECOND))];

    let all = seats(with_seats(ACTIVE, chart.clone()), "", "\"-\"").await.json();
    let free = seats(with_seats(ACTIVE, chart), "?available=true", "\"-\"").await.json();

    assert_eq!((&all[0]["status"], &all[1]["status"]), (&"FREE".into(), &"HELD".into()));
    assert_eq!(free.as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn unchanged_seats_are_not_sent_again() {
    let free = || with_seats(ACTIVE, vec![a_seat(1, SeatState::Free)]);
    let taken = || with_seats(ACTIVE, vec![a_seat(1, held(NOW + Duration::MINUTE))]);
    let first = seats(free(), "", "\"-\"").await;
    let tag = first.header(ETAG).to_owned();

    let unchanged = seats(free(), "", &tag).await;
    let changed = seats(taken(), "", &tag).await;

    assert_eq!((first.status.as_u16(), unchanged.status.as_u16()), (200, 304));
    assert_eq!(unchanged.header(ETAG), tag);
    assert!(unchanged.text.is_empty());
    assert_eq!(changed.status, 200);
}

/// A refusal costs no read of 50,000 seats.
#[actix_web::test]
async fn a_caller_who_may_not_see_the_seats_makes_the_service_read_none() {
    let table = [
        (
            TokenState::Waiting { seen_at: NOW, idle_at: NOW + time::Duration::HOUR },
            (403, "TOKEN_WAITING"),
        ),
        (TokenState::Active { since: NOW, expires_at: NOW }, (401, "TOKEN_EXPIRED")),
    ];
    for (state, (status, code)) in table {
        let mut services = with_seats(state, vec![]);
        services.schedules = reading_no_seat();

        let answer = seats(services, "", "\"-\"").await;

        assert_eq!(answer.refusal(), (status, code.to_owned()));
    }
    let mut users = MockUsers::new();
    users.expect_user().returning(|_| Ok(None));
    let mut concerts = MockConcerts::new();
    concerts.expect_concert().returning(|_, _| Ok(Some(anothers_concert())));
    let mut services = services();
    services.schedules = reading_no_seat();
    services.people.users = Arc::new(users);
    services.concerts = Arc::new(concerts);
    let path = format!("/api/v1/schedules/{}/seats", a_schedule().id);
    let never_joined = request(Method::GET, &path).insert_header((AUTHORIZATION, an_account()));

    assert_eq!(answer(services, never_joined).await.refusal(), (403, "FORBIDDEN".to_owned()));
}

fn reading_no_seat() -> Arc<MockSchedules> {
    let mut schedules = MockSchedules::new();
    schedules.expect_schedule().returning(|_| Ok(Some(a_schedule())));
    schedules.expect_seats().never();
    Arc::new(schedules)
}

fn anothers_concert() -> ConcertListing {
    let details = ConcertDetails::titled(Title::parse("t").unwrap());
    let organizer_id = UserId(Uuid::from_u128(42));
    let concert = Concert::new(a_schedule().concert_id, organizer_id, details, NOW);
    ConcertListing::new(concert, true, Vec::new(), NOW)
}

/// Services whose list of seats is a long body.
fn with_a_hall() -> Services {
    with_seats(ACTIVE, (1..=2_000).map(|number| a_seat(number, SeatState::Free)).collect())
}

fn length(answer: &HttpResponse<BoxBody>) -> usize {
    match answer.body().size() {
        BodySize::Sized(length) => usize::try_from(length).unwrap(),
        other => panic!("the length is unknown: {other:?}"),
    }
}

fn seats_of_the_hall(coding: &str) -> TestRequest {
    let path = format!("/api/v1/schedules/{}/seats", a_schedule().id);
    let request = request(Method::GET, &path).insert_header((AUTHORIZATION, a_pass()));
    request.insert_header((ACCEPT_ENCODING, coding))
}

fn sheets_of_the_hall(coding: &str) -> TestRequest {
    let path = format!("/concert/sheet/{}", a_schedule().id);
    let request = request(Method::POST, &path).insert_header((AUTHORIZATION, a_pass()));
    request.insert_header((ACCEPT_ENCODING, coding))
}

#[actix_web::test]
async fn forty_slow_readers_of_a_seat_map_share_one_copy() {
    for ask in [seats_of_the_hall, sheets_of_the_hall] {
        let settings = HttpSettings { unsent_bytes_max: 1 << 30, ..settings() };
        let server = Server::new(with_a_hall(), settings).await;
        let mut unread = Vec::new();
        for _ in 0..40 {
            unread.push(server.unread(ask("identity")).await);
        }
        let plain = length(&unread[0]);
        assert!(plain > 200_000, "{plain} bytes");
        assert_eq!(server.unsent.held_bytes(), plain);

        for _ in 0..40 {
            unread.push(server.unread(ask("br, gzip")).await);
        }
        let packed = length(&unread[40]);
        assert!(packed * 4 < plain, "{packed} of {plain} bytes");
        assert_eq!(server.unsent.held_bytes(), plain + packed);

        let first = to_bytes(unread.swap_remove(0).into_body()).await.unwrap();
        for answer in unread.into_iter().filter(|answer| length(answer) == plain) {
            assert_eq!(to_bytes(answer.into_body()).await.unwrap(), first);
        }
    }
}

#[actix_web::test]
async fn who_leaves_too_much_unread_is_refused_until_it_is_read() {
    let server = Server::new(with_a_hall(), settings()).await;
    let mut unread = Vec::new();
    let refused = loop {
        let answer = server.unread(seats_of_the_hall("identity")).await;
        if answer.status() != 200 {
            break answer;
        }
        unread.push(answer);
        assert!(unread.len() < 100, "nothing is refused");
    };

    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key(RETRY_AFTER));
    let all: usize = unread.iter().map(length).sum();
    assert!(all <= settings().unsent_bytes_max / 8, "{all} bytes");
    unread.pop();
    assert_eq!(server.unread(seats_of_the_hall("identity")).await.status(), 200);
}

#[actix_web::test]
async fn each_coding_of_a_seat_map_has_a_tag_of_its_own() {
    let server = Server::new(with_a_hall(), settings()).await;
    let ask = async |coding: &str, known: &str| {
        server.answer(seats_of_the_hall(coding).insert_header((IF_NONE_MATCH, known))).await
    };
    let (plain, packed) = (ask("identity", "\"-\"").await, ask("gzip", "\"-\"").await);
    let tags = (plain.header(ETAG).to_owned(), packed.header(ETAG).to_owned());

    assert_ne!(tags.0, tags.1);
    assert_eq!((plain.header(CONTENT_ENCODING), packed.header(CONTENT_ENCODING)), ("", "gzip"));
    for (coding, known, status) in [
        ("identity", &tags.0, 304),
        ("gzip", &tags.1, 304),
        ("gzip", &tags.0, 200),
        ("identity", &tags.1, 200),
    ] {
        let answer = ask(coding, known).await;
        assert_eq!(answer.status, status, "{coding}");
        assert!(answer.header(VARY).contains("accept-encoding"));
    }
}

#[actix_web::test]
async fn seats_without_readers_make_room_for_others() {
    let settings = HttpSettings { unsent_bytes_max: 500_000, ..settings() };
    let server = Server::new(with_a_hall(), settings).await;
    for _ in 0..3 {
        for ask in [seats_of_the_hall, sheets_of_the_hall] {
            assert_eq!(server.answer(ask("identity")).await.status, 200);
        }
    }
}
