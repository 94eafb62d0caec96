use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::IF_NONE_MATCH;
use serde_json::json;
use stagedoor_domain::ports::{LineState, MockLines};
use stagedoor_domain::{ConcertState, LineBlock, LineOverview, Room, RoomId};
use time::Duration;
use uuid::Uuid;

use super::rounded;
use crate::services::Services;
use crate::testing::{Answer, Server, a_room, answer, request, services, settings};

fn path() -> String {
    format!("/api/v1/rooms/{}/line", RoomId::SITE)
}

fn an_overview() -> LineOverview {
    let removed = vec![4_001, 12];
    LineOverview { version: 7, last_sequence: 20_000, waiting: 7_795, empty_blocks: 2, removed }
}

fn with(room: Room, admission_rate: Option<f64>) -> Services {
    let overview = an_overview();
    let LineOverview { version, last_sequence, waiting, .. } = overview;
    let state = LineState { room, version, last_sequence, waiting, admission_rate };
    let mut lines = MockLines::new();
    lines.expect_line_state().returning(move |id| (id == RoomId::SITE).then(|| state.clone()));
    lines.expect_overview().returning(move |_| Some(overview.clone()));
    lines.expect_block().returning(|_, number| {
        let mut removed = [0; 512];
        removed[0] = 0b101;
        (number < 5).then_some(LineBlock { removed })
    });
    lines.expect_lag().returning(|| Some(Duration::ZERO));
    Services { lines: Arc::new(lines), ..services() }
}

async fn read(services: Services, path: &str) -> Answer {
    answer(services, request(Method::GET, path)).await
}

#[actix_web::test]
async fn a_line_is_public_and_any_cache_may_keep_it_for_a_second() {
    let mut room = a_room();
    room.policy.paused = true;

    let line = read(with(room, Some(16.666_666)), &path()).await;

    assert_eq!(line.status, 200, "{}", line.text);
    let expected = json!({
        "version": 7, "blockSize": 4_096, "lastSequence": 20_000, "waiting": 7_795,
        "emptyBlocks": 2, "removed": [4_001, 12], "admittedPerSecond": 16.7, "paused": true,
        "state": "OPEN",
    });
    assert_eq!(line.json(), expected);
    let caching = "public, max-age=1, stale-while-revalidate=2, stale-if-error=60";
    assert_eq!(line.header("cache-control"), caching);
    assert_eq!(line.header("vary"), "accept-encoding");
    assert_eq!(line.header("set-cookie"), "");
}

#[actix_web::test]
async fn processes_that_estimate_the_rate_a_little_differently_give_one_tag() {
    let of = async |rate| {
        let line = read(with(a_room(), rate), &path()).await;
        line.header("etag").to_owned()
    };
    let tag = of(Some(10.0)).await;

    assert!(tag.starts_with("W/\"7-20000-7795-"), "{tag}");
    assert_eq!(of(Some(10.3)).await, tag);
    assert_ne!(of(Some(15.0)).await, tag);
    for rate in [0.1, 0.9, 1.0, 15.0] {
        assert_ne!(of(None).await, of(Some(rate)).await, "{rate}");
    }
    assert_ne!(of(Some(0.9)).await, of(Some(1.1)).await, "the steps below 1 and above");
    let server = Server::new(with(a_room(), Some(10.5)), settings()).await;
    let again = request(Method::GET, &path()).insert_header((IF_NONE_MATCH, tag.clone()));
    let unchanged = server.answer(again).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.text.as_str()), (304, ""));
    assert_eq!(unchanged.header("etag"), tag);
    assert!(unchanged.header("cache-control").starts_with("public, max-age=1"));
}

#[actix_web::test]
async fn a_changed_policy_or_a_cancelled_concert_changes_the_tag() {
    let tag = async |room| read(with(room, None), &path()).await.header("etag").to_owned();
    let changed = Room { policy_version: 1, ..a_room() };
    let cancelled = Room { concert_state: ConcertState::Cancelled, ..a_room() };

    let line = read(with(cancelled.clone(), None), &path()).await;

    assert_eq!(line.json()["state"], "CLOSED");
    let tags = [tag(a_room()).await, tag(changed).await, tag(cancelled).await];
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
}

#[actix_web::test]
async fn a_block_tells_which_of_its_numbers_have_left() {
    let block = read(with(a_room(), None), &format!("{}/2", path())).await;

    assert_eq!(block.status, 200, "{}", block.text);
    assert_eq!(block.json()["block"], 2);
    let removed = block.json()["removed"].as_str().unwrap().to_owned();
    assert_eq!((removed.len(), &removed[..4]), (684, "BQAA"));
    assert!(block.header("cache-control").starts_with("public, max-age=1"));
    assert!(block.header("etag").starts_with('"'));
}

#[actix_web::test]
async fn rooms_and_blocks_that_do_not_exist_are_refused_in_the_form_of_all_errors() {
    let draft = Room { concert_state: ConcertState::Draft, ..a_room() };
    assert_eq!(read(with(draft, None), &path()).await.refusal().1, "ROOM_NOT_FOUND");
    let of_site = |block: &str| format!("{}/{block}", path());
    let unknown = format!("/api/v1/rooms/{}/line", Uuid::from_u128(9));
    let table = [
        (unknown.clone(), 404, "ROOM_NOT_FOUND"),
        (format!("{unknown}/0"), 404, "ROOM_NOT_FOUND"),
        ("/api/v1/rooms/nonsense/line".to_owned(), 400, "VALIDATION"),
        ("/api/v1/rooms/nonsense/line/0".to_owned(), 400, "VALIDATION"),
        (of_site("5"), 404, "LINE_BLOCK_NOT_FOUND"),
        (of_site("2251799813685247"), 404, "LINE_BLOCK_NOT_FOUND"),
        (of_site("2251799813685248"), 400, "VALIDATION"),
        (of_site("99999999999999999999999"), 400, "VALIDATION"),
        (of_site("-1"), 400, "VALIDATION"),
        (of_site("+1"), 400, "VALIDATION"),
        (of_site("01"), 400, "VALIDATION"),
        (of_site("1.0"), 400, "VALIDATION"),
        (of_site("%F0%9F%8E%9F"), 400, "VALIDATION"),
    ];
    for (path, status, code) in table {
        let refused = read(with(a_room(), None), &path).await;
        assert_eq!(refused.refusal(), (status, code.to_owned()), "{path}");
        assert_eq!(refused.header("etag"), "", "{path}");
    }
}

#[actix_web::test]
async fn before_the_lines_were_read_once_no_room_is_missing() {
    let mut lines = MockLines::new();
    lines.expect_line_state().returning(|_| None);
    lines.expect_lag().returning(|| None);
    let services = Services { lines: Arc::new(lines), ..services() };

    assert_eq!(read(services, &path()).await.refusal(), (503, "UNAVAILABLE".to_owned()));
}

#[actix_web::test]
async fn a_line_is_read_while_all_other_reads_are_rejected() {
    let mut settings = settings();
    settings.requests_max = 0;
    let server = Server::new(with(a_room(), None), settings).await;

    assert_eq!(server.answer(request(Method::GET, "/api/v1/concerts")).await.status, 503);
    assert_eq!(server.answer(request(Method::GET, &path())).await.status, 200);
}

#[test]
fn a_rate_has_three_digits() {
    let table = [(0.0, 0.0), (16.666_666, 16.7), (123_456.0, 123_000.0), (0.001_234_5, 0.001_23)];
    for (rate, expected) in table {
        assert!((rounded(rate) - expected).abs() < 1e-9, "{rate}");
    }
}
