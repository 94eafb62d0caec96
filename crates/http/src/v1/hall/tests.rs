use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH,
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use stagedoor_domain::operations::{ChangePlanRefused, CreateHallRefused};
use stagedoor_domain::ports::MockHalls;
use stagedoor_domain::venue::PlaceName;
use stagedoor_domain::{Hall, HallId, HallPlan, Refused, SeatPlan, VenueId};
use uuid::Uuid;

use super::PLAN_BYTES_MAX;
use crate::services::Services;
use crate::testing::{
    Answer, NOW, Server, a_user, an_account, answer, answering, request, services, settings,
};

fn a_hall() -> Hall {
    Hall {
        id: HallId(Uuid::from_u128(52)),
        venue_id: VenueId(Uuid::from_u128(51)),
        name: PlaceName::parse("Great hall").unwrap(),
        plan_version: 1,
        place_count: 1_800,
        created_at: NOW,
    }
}

/// More than the setting of tests allows other bodies.
fn a_document() -> Value {
    let row = |row: usize| json!({"label": row.to_string(), "seats": 20});
    json!({
        "stage": {"x": 0, "y": -4, "width": 20, "height": 3},
        "zones": [{"code": "R", "name": "R", "colour": "#7b3fa0"}],
        "sections": [{
            "name": "Stalls", "zone": "R", "x": 0, "y": 0,
            "rows": (1..=90).map(row).collect::<Vec<_>>(),
        }],
    })
}

fn add(body: Value) -> TestRequest {
    let path = format!("/api/v1/venues/{}/halls", a_hall().venue_id);
    let request = request(Method::POST, &path).set_json(body);
    request.insert_header((AUTHORIZATION, an_account()))
}

async fn change(services: Services, body: Value) -> Answer {
    let path = format!("/api/v1/halls/{}/plan", a_hall().id);
    let request = request(Method::PUT, &path).set_json(body);
    answer(services, request.insert_header((AUTHORIZATION, an_account()))).await
}

#[actix_web::test]
async fn a_plan_may_be_longer_than_other_bodies_up_to_a_bound_of_its_own() {
    let with_verdict = || {
        let mut services = services();
        services.venue_changes.create_hall = answering(Ok(a_hall()));
        services.venue_changes.change_plan = answering(Ok(a_hall()));
        services
    };
    let body = json!({"name": "Great hall", "plan": a_document()});
    assert!(body.to_string().len() > settings().body_bytes_max);

    let made = answer(with_verdict(), add(body.clone())).await;
    let changed = change(with_verdict(), a_document()).await;
    let spaces = format!("{body}{}", " ".repeat(PLAN_BYTES_MAX));
    let longer = add(Value::Null).set_payload(spaces);
    let refused = answer(with_verdict(), longer).await;

    assert_eq!((made.status.as_u16(), &made.json()["planVersion"]), (201, &json!(1)));
    assert_eq!((changed.status.as_u16(), &changed.json()["placeCount"]), (200, &json!(1_800)));
    assert_eq!(refused.refusal(), (413, "BODY_TOO_LARGE".to_owned()));
}

#[actix_web::test]
async fn a_plan_that_breaks_a_rule_is_refused_with_the_path_in_the_body() {
    let mut document = a_document();
    document["sections"][0]["rows"][7]["seats"] = json!(501);
    let hall = json!({"name": "Great hall", "plan": document.clone()});
    let table = [
        (answer(services(), add(hall)).await, "plan.sections[0].rows[7].seats"),
        (change(services(), document).await, "sections[0].rows[7].seats"),
        (answer(services(), add(json!({"name": "A", "plan": 7}))).await, "plan"),
        (answer(services(), add(json!({"name": "", "plan": a_document()}))).await, "name"),
        (change(services(), json!([])).await, "body"),
    ];
    for (refused, field) in table {
        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()), "{field}");
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
}

#[actix_web::test]
async fn halls_are_changed_by_those_who_manage_their_venue() {
    for (refused, status, code) in [
        (CreateHallRefused::NotManager, 403, "FORBIDDEN"),
        (CreateHallRefused::VenueNotFound, 404, "VENUE_NOT_FOUND"),
    ] {
        let mut services = services();
        services.venue_changes.create_hall = answering(Err(Refused::Rule(refused)));
        let told = answer(services, add(json!({"name": "A", "plan": a_document()}))).await;
        assert_eq!(told.refusal(), (status, code.to_owned()));
    }
    for (refused, status, code) in [
        (ChangePlanRefused::NotManager, 403, "FORBIDDEN"),
        (ChangePlanRefused::HallNotFound, 404, "HALL_NOT_FOUND"),
    ] {
        let mut services = services();
        services.venue_changes.change_plan = answering(Err(refused));
        assert_eq!(change(services, a_document()).await.refusal(), (status, code.to_owned()));
    }
}

#[actix_web::test]
async fn a_version_of_a_plan_is_read_once_and_sent_as_it_was_imported() {
    let plan = HallPlan {
        hall_id: a_hall().id,
        version: 2,
        plan: Arc::new(SeatPlan::parse(&a_document(), "").unwrap()),
        created_by: a_user(),
        created_at: NOW,
    };
    let mut halls = MockHalls::new();
    halls.expect_hall_plan().once().returning(move |version| {
        Ok(Some(plan.clone()).filter(|plan| plan.version == version.version))
    });
    let mut services = services();
    services.halls = Arc::new(halls);
    let server = Server::new(services, settings()).await;
    let path = format!("/api/v1/halls/{}/plans/2", a_hall().id);
    let read = async |name, value: &str| {
        server.answer(request(Method::GET, &path).insert_header((name, value))).await
    };

    let first = read(ACCEPT_ENCODING, "identity").await;
    let again = read(IF_NONE_MATCH, first.header(ETAG)).await;
    let packed = read(ACCEPT_ENCODING, "gzip").await;

    assert_eq!((first.status.as_u16(), first.json()), (200, a_document()));
    assert_eq!(first.header(CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(again.status, 304);
    assert_eq!(packed.header(CONTENT_ENCODING), "gzip");
}

#[actix_web::test]
async fn a_version_that_is_no_number_or_does_not_exist_is_refused() {
    for (version, status, code) in
        [("0", 400, "VALIDATION"), ("new", 400, "VALIDATION"), ("7", 404, "SEAT_PLAN_NOT_FOUND")]
    {
        let mut halls = MockHalls::new();
        halls.expect_hall_plan().returning(|_| Ok(None));
        let mut services = services();
        services.halls = Arc::new(halls);
        let path = format!("/api/v1/halls/{}/plans/{version}", a_hall().id);

        let refused = answer(services, request(Method::GET, &path)).await;

        assert_eq!(refused.refusal(), (status, code.to_owned()));
    }
}
