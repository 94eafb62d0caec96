//! Changing what is told of a concert, and taking it over into another one.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use stagedoor_domain::concert::{AgeLimit, Description, DetailsEdit, RunningTime, Subtitle, Tags};
use stagedoor_domain::operations::{ConcertCreated, CreateConcert, EditConcert};
use stagedoor_domain::{ConcertId, RoomId, Submission, Title};
use utoipa::ToSchema;

use super::{ConcertBody, NamedHalls};
use crate::auth::{Access, Account};
use crate::edge::Action;
use crate::route::{Route, object, patch, post};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::{
    ApiError, Body, IdempotencyKey, IfMatch, RequiredAccess, Resource, Whole, entity_tag, given,
    ids,
};

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    use ApiError::*;

    const OWN: [ApiError; 2] = [Forbidden(RequiredAccess::OwnConcert), NotFound(Resource::Concert)];
    vec![
        patch("/concerts/{concertId}", edit)
            .operation("editConcert", "Change what is told of a concert.")
            .description(
                "A field that is left out stays as it is. The slug of a draft follows its title; \
                 that of a published concert never changes.",
            )
            .access(Access::Account)
            .response(200, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&OWN),
        post("/concerts/{concertId}/duplicate", duplicate)
            .operation("duplicateConcert", "Create a draft with the texts of a concert.")
            .description("Its dates and its poster are not taken over.")
            .access(Access::Account)
            .limit(Action::Create)
            .response(201, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&OWN)
            .refuses(&[Forbidden(RequiredAccess::Organizer)]),
    ]
}

/// New values for any of these fields.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ConcertEditBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(
        value_type = String,
        required = false,
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "진격의 거인 OST 콘서트"
    )]
    title: Option<String>,
    /// A second line below the title; empty text or null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        value_type = Option<String>,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "앙코르 공연"
    )]
    subtitle: Option<Option<String>>,
    /// Line breaks are kept. Empty text or null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        value_type = Option<String>,
        max_length = 2000,
        pattern = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$",
        example = ""
    )]
    description: Option<Option<String>>,
    /// All tags, in place of those before; none, or null, removes them.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>, max_items = 10, example = json!(["OST"]))]
    tags: Option<Option<Vec<String>>>,
    /// How long it takes; null: that is not told.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1, maximum = 1440, value_type = Option<i32>, example = 120)]
    running_minutes: Option<Option<Whole>>,
    /// How old visitors must be, in years; null: that is not told.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 0, maximum = 99, value_type = Option<i32>, example = 12)]
    age_limit: Option<Option<Whole>>,
}

impl ConcertEditBody {
    fn edit(&self) -> Result<DetailsEdit, ApiError> {
        let text = |given: &Option<Option<String>>| {
            given.as_ref().map(|text| text.clone().unwrap_or_default())
        };
        let minutes = |Whole(minutes): Whole| RunningTime::parse(minutes);
        let years = |Whole(years): Whole| AgeLimit::parse(years);
        let tags = self.tags.as_ref().map(|tags| tags.as_deref().unwrap_or_default());
        Ok(DetailsEdit {
            title: self.title.as_deref().map(Title::parse).transpose()?,
            subtitle: text(&self.subtitle).as_deref().map(Subtitle::parse).transpose()?,
            description: text(&self.description).as_deref().map(Description::parse).transpose()?,
            tags: tags.map(Tags::parse).transpose()?,
            running_time: self.running_minutes.map(|it| it.map(minutes).transpose()).transpose()?,
            age_limit: self.age_limit.map(|it| it.map(years).transpose()).transpose()?,
        })
    }
}

async fn edit(
    services: Data<Services>,
    organizer: Account,
    id: Path<String>,
    expected: IfMatch,
    body: Body<ConcertEditBody>,
) -> Result<HttpResponse, ApiError> {
    let concert_id = ids::parse_id(&id, "concertId")?;
    let command = EditConcert {
        concert_id,
        organizer_id: organizer.0,
        edit: body.value.edit()?,
        expected: expected.0,
    };
    services.edit_concert.submit(Submission::new(command)).await??;
    super::listed(&services, concert_id).await
}

async fn duplicate(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    organizer: Account,
    id: Path<String>,
    key: IdempotencyKey,
) -> Result<HttpResponse, ApiError> {
    let id = ids::parse_id(&id, "concertId")?;
    let found = services.concerts.concert(id, services.clock.now()).await?;
    let original = found.ok_or(ApiError::NotFound(Resource::Concert))?.concert;
    original.check_own(organizer.0)?;
    let command = CreateConcert {
        id: ConcertId(ids::new_uuid()),
        room_id: RoomId(ids::new_uuid()),
        organizer_id: organizer.0,
        details: original.details,
        is_draft: true,
        schedules: Vec::new(),
        open_to_all: settings.open_mode,
    };
    let submission = key.submission(organizer.0, b"", command);
    let created: ConcertCreated = services.create_concert.submit(submission).await??;
    let tag = entity_tag(created.concert.version);
    Ok(HttpResponse::Created()
        .insert_header(tag)
        .json(ConcertBody::created(created, &NamedHalls::of(&services))))
}
