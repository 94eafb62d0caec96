use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, ETAG, IF_MATCH};
use serde_json::json;
use stagedoor_domain::operations::{ChangeVenueRefused, CreateVenueRefused};
use stagedoor_domain::ports::MockVenues;
use stagedoor_domain::venue::{Address, PlaceName, TimeZoneName};
use stagedoor_domain::{Refused, Venue, VenueId};
use uuid::Uuid;

use crate::services::Services;
use crate::testing::{Answer, NOW, a_user, an_account, answer, answering, post, request, services};

pub(crate) fn a_venue() -> Venue {
    Venue {
        id: VenueId(Uuid::from_u128(51)),
        organizer_id: a_user(),
        name: PlaceName::parse("Concert house").unwrap(),
        address: Address::default(),
        time_zone: TimeZoneName::parse("Asia/Seoul").unwrap(),
        version: 3,
        created_at: NOW,
    }
}

async fn create(services: Services, body: serde_json::Value) -> Answer {
    let request = post("/api/v1/venues", body).insert_header((AUTHORIZATION, an_account()));
    answer(services, request).await
}

#[actix_web::test]
async fn a_new_venue_is_answered_with_the_tag_of_its_version() {
    let mut services = services();
    services.venue_changes.create_venue = answering(Ok(a_venue()));

    let made = create(services, json!({"name": "Concert house", "timeZone": "asia/seoul"})).await;

    assert_eq!((made.status.as_u16(), made.header(ETAG)), (201, "\"v3\""));
    assert_eq!(made.json()["timeZone"], "Asia/Seoul");
    assert_eq!(made.json()["organizerId"], a_user().to_string());
}

#[actix_web::test]
async fn a_venue_that_cannot_be_made_is_refused_with_its_field() {
    let table = [
        (json!({"name": "", "timeZone": "Asia/Seoul"}), "name"),
        (json!({"name": "A", "address": "x".repeat(301), "timeZone": "Asia/Seoul"}), "address"),
        (json!({"name": "A", "timeZone": "Asia/Atlantis"}), "timeZone"),
        (json!({"name": "A", "timeZone": "Asia/Seoul", "version": 3}), "version"),
    ];
    for (body, field) in table {
        let refused = create(services(), body).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION".to_owned()));
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
    let mut services = services();
    services.venue_changes.create_venue =
        answering(Err(Refused::Rule(CreateVenueRefused::NotOrganizer)));
    let refused = create(services, json!({"name": "A", "timeZone": "Asia/Seoul"})).await;
    assert_eq!(refused.refusal(), (403, "FORBIDDEN".to_owned()));
}

#[actix_web::test]
async fn a_change_needs_the_version_that_the_client_saw() {
    let change = async |tag: Option<&str>, verdict| {
        let mut services = services();
        services.venue_changes.change_venue = answering(verdict);
        let path = format!("/api/v1/venues/{}", a_venue().id);
        let request = request(Method::PATCH, &path).set_json(json!({"name": "Opera"}));
        let request = request.insert_header((AUTHORIZATION, an_account()));
        let request = match tag {
            Some(tag) => request.insert_header((IF_MATCH, tag)),
            None => request,
        };
        answer(services, request).await
    };
    let table = [
        (None, Ok(a_venue()), 428, "PRECONDITION_REQUIRED"),
        (Some("\"v3\""), Err(ChangeVenueRefused::OtherVersion), 412, "PRECONDITION_FAILED"),
        (Some("\"v3\""), Err(ChangeVenueRefused::NotManager), 403, "FORBIDDEN"),
        (Some("\"v3\""), Err(ChangeVenueRefused::VenueNotFound), 404, "VENUE_NOT_FOUND"),
    ];
    for (tag, verdict, status, code) in table {
        assert_eq!(change(tag, verdict).await.refusal(), (status, code.to_owned()));
    }
    let changed = change(Some("\"v2\""), Ok(a_venue())).await;
    assert_eq!((changed.status.as_u16(), changed.header(ETAG)), (200, "\"v3\""));
}

#[actix_web::test]
async fn any_client_reads_a_venue() {
    for (found, status) in [(Some(a_venue()), 200), (None, 404)] {
        let mut venues = MockVenues::new();
        venues.expect_venue().returning(move |_| Ok(found.clone()));
        let mut services = services();
        services.venues = Arc::new(venues);

        let path = format!("/api/v1/venues/{}", a_venue().id);
        let read = answer(services, request(Method::GET, &path)).await;

        assert_eq!(read.status, status);
    }
}
