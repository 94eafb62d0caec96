//! Venues.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{ChangeVenue, CreateVenue};
use stagedoor_domain::venue::{Address, PlaceName, TimeZoneName};
use stagedoor_domain::{OperatorActionId, Submission, Venue, VenueEdit, VenueId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, Account};
use crate::edge::Action;
use crate::route::{Route, get, object, page, patch, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::{
    ApiError, Body, IdempotencyKey, IfMatch, PageBody, PageQuery, RequiredAccess, Resource,
    Timestamp, entity_tag, given, ids,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/venues", create)
            .operation("createVenue", "Enter a venue.")
            .access(Access::Account)
            .limit(Action::Create)
            .response(201, object::<VenueBody>())
            .response_header("ETag")
            .refuses(&[Forbidden(RequiredAccess::Organizer)]),
        get("/venues", list)
            .operation("listVenues", "List venues.")
            .response(200, page::<VenueBody>()),
        get("/venues/{venueId}", find)
            .operation("readVenue", "Read a venue.")
            .response(200, object::<VenueBody>())
            .response_header("ETag")
            .refuses(&[NotFound(Resource::Venue)]),
        patch("/venues/{venueId}", change)
            .operation(
                "changeVenue",
                "Change a venue, as the organizer who made it or an operator.",
            )
            .access(Access::Account)
            .response(200, object::<VenueBody>())
            .response_header("ETag")
            .refuses(&[Forbidden(RequiredAccess::OwnVenue), NotFound(Resource::Venue)]),
    ];
    tagged("venues", routes)
}

/// A new venue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewVenueBody {
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    #[schema(example = "예술의전당")]
    name: String,
    #[serde(default)]
    #[schema(max_length = 300, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    #[schema(example = "서울 서초구 남부순환로 2406")]
    address: String,
    /// The name of its time zone in the IANA database.
    #[schema(example = "Asia/Seoul")]
    time_zone: String,
}

/// New values for any of these fields. One that is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct VenueEditBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    #[schema(value_type = String, required = false, example = "예술의전당")]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 300, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    #[schema(value_type = String, required = false, example = "")]
    address: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, example = "Asia/Seoul")]
    time_zone: Option<String>,
}

/// A venue.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VenueBody {
    id: Uuid,
    #[schema(example = "예술의전당")]
    name: String,
    #[schema(example = "서울 서초구 남부순환로 2406")]
    address: String,
    /// The name of its time zone in the IANA database.
    #[schema(example = "Asia/Seoul")]
    time_zone: String,
    organizer_id: Uuid,
    created_at: Timestamp,
}

impl From<Venue> for VenueBody {
    fn from(venue: Venue) -> Self {
        Self {
            id: venue.id.0,
            name: venue.name.as_str().to_owned(),
            address: venue.address.as_str().to_owned(),
            time_zone: venue.time_zone.as_str().to_owned(),
            organizer_id: venue.organizer_id.0,
            created_at: venue.created_at.into(),
        }
    }
}

impl VenueEditBody {
    fn edit(self) -> Result<VenueEdit, ApiError> {
        Ok(VenueEdit {
            name: self.name.as_deref().map(PlaceName::parse).transpose()?,
            address: self.address.as_deref().map(Address::parse).transpose()?,
            time_zone: self.time_zone.as_deref().map(TimeZoneName::parse).transpose()?,
        })
    }
}

async fn create(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    organizer: Account,
    key: IdempotencyKey,
    body: Body<NewVenueBody>,
) -> Result<HttpResponse, ApiError> {
    let NewVenueBody { name, address, time_zone } = body.value;
    let command = CreateVenue {
        id: VenueId(ids::new_uuid()),
        organizer_id: organizer.0,
        name: PlaceName::parse(&name)?,
        address: Address::parse(&address)?,
        time_zone: TimeZoneName::parse(&time_zone)?,
        open_to_all: settings.open_mode,
    };
    let submission = key.submission(organizer.0, &body.bytes, command);
    let venue = services.venue_changes.create_venue.submit(submission).await??;
    let tag = entity_tag(venue.version);
    Ok(HttpResponse::Created().insert_header(tag).json(VenueBody::from(venue)))
}

async fn list(
    services: Data<Services>,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<VenueBody>>, ApiError> {
    let venues = services.venues.venues(page.after()?.map(VenueId), page.size()?).await?;
    Ok(Json(PageBody::of(venues, VenueBody::from)))
}

async fn find(services: Data<Services>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let found = services.venues.venue(ids::parse_id(&id, "venueId")?).await?;
    let venue = found.ok_or(ApiError::NotFound(Resource::Venue))?;
    Ok(tagged_body(venue))
}

async fn change(
    services: Data<Services>,
    account: Account,
    id: Path<String>,
    expected: IfMatch,
    body: Body<VenueEditBody>,
) -> Result<HttpResponse, ApiError> {
    let command = ChangeVenue {
        action_id: OperatorActionId(ids::new_uuid()),
        venue_id: ids::parse_id(&id, "venueId")?,
        user_id: account.0,
        edit: body.value.edit()?,
        expected: expected.0,
    };
    Ok(tagged_body(services.venue_changes.change_venue.submit(Submission::new(command)).await??))
}

fn tagged_body(venue: Venue) -> HttpResponse {
    let tag = entity_tag(venue.version);
    HttpResponse::Ok().insert_header(tag).json(VenueBody::from(venue))
}

#[cfg(test)]
mod tests;
