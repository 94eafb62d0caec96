//! Concerts.

mod edit;
pub(crate) mod poster;
mod publication;

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use stagedoor_domain::concert::{
    AgeLimit, Description, RunningTime, SearchWords, Slug, Subtitle, Tags,
};
use stagedoor_domain::operations::{ConcertCreated, CreateConcert};
use stagedoor_domain::ports::{ConcertFilter, ConcertListing};
use stagedoor_domain::{
    ConcertDetails, ConcertId, ConcertSale, ConcertState, DateSale, Invalid, ListedDate, Points,
    RoomId, Rule, Title,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use self::poster::PosterBody;
use super::schedule::plan_choice::NamedHalls;
use super::schedule::{ScheduleBody, SchedulePlanBody, VenueOfScheduleBody};
use crate::auth::{Access, Account, Caller, authorization};
use crate::edge::Action;
use crate::route::{Route, get, object, page, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::shared_reads::SharedReads;
use crate::wire::{
    ApiError, Body, FieldRule, IdempotencyKey, Object, PageBody, PageQuery, RequiredAccess,
    Resource, Timestamp, Whole, entity_tag, ids,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        post("/concerts", create)
            .operation("createConcert", "Announce a concert, with or without its first dates.")
            .description("With the state `DRAFT`, only its organizer and operators see it until it is published.")
            .access(Access::Account)
            .limit(Action::Create)
            .response(201, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&[
                Forbidden(RequiredAccess::Organizer),
                NotFound(Resource::Hall),
                NotFound(Resource::SeatPlan),
            ]),
        get("/concerts", list)
            .operation("listConcerts", "List or find concerts. Drafts are not among them.")
            .response(200, page::<ConcertBody>()),
        get("/users/me/concerts", list_own)
            .operation("listOwnConcerts", "List one's own concerts, drafts among them.")
            .access(Access::Account)
            .response(200, page::<ConcertBody>()),
        get("/concerts/{concertId}", find)
            .operation("readConcert", "Read a concert, by its id or its slug.")
            .description("A draft is shown to its organizer and to operators alone.")
            .path_text("concertId", Some("The id of the concert, or its slug"))
            .response(200, object::<ConcertBody>())
            .response_header("ETag")
            .refuses(&[NotFound(Resource::Concert)]),
    ];
    let groups = [routes, edit::routes(), poster::routes(), publication::routes()];
    tagged("concerts", groups.into_iter().flatten().collect())
}

/// A new concert.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewConcertBody {
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "진격의 거인 OST 콘서트"
    )]
    #[schema(example = "진격의 거인 OST 콘서트")]
    title: String,
    /// A second line below the title.
    #[serde(default)]
    #[schema(
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "앙코르 공연"
    )]
    subtitle: String,
    /// Line breaks are kept.
    #[serde(default)]
    #[schema(
        max_length = 2000,
        pattern = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
    )]
    #[schema(example = "")]
    description: String,
    /// Words by which it is found. None may come twice, in whatever case it is written.
    #[serde(default)]
    #[schema(max_items = 10, example = json!(["OST"]))]
    tags: Vec<String>,
    /// How long it takes.
    #[schema(minimum = 1, maximum = 1440, value_type = Option<i32>, example = 120)]
    running_minutes: Option<Whole>,
    /// How old visitors must be, in years.
    #[schema(minimum = 0, maximum = 99, value_type = Option<i32>, example = 12)]
    age_limit: Option<Whole>,
    /// `DRAFT` or `PUBLISHED`; published, if it is left out.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "PUBLISHED")]
    state: NewState,
    /// Its first schedules. They are created together with it, or nothing is created.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[schema(value_type = Vec<SchedulePlanBody>)]
    schedules: Vec<Object<SchedulePlanBody>>,
}

/// In which state a concert is created.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum NewState {
    Draft,
    #[default]
    Published,
}

impl NewConcertBody {
    fn details(&self) -> Result<ConcertDetails, ApiError> {
        let running_time = self.running_minutes.map(|Whole(minutes)| RunningTime::parse(minutes));
        let age_limit = self.age_limit.map(|Whole(years)| AgeLimit::parse(years));
        Ok(ConcertDetails {
            title: Title::parse(&self.title)?,
            subtitle: Subtitle::parse(&self.subtitle)?,
            description: Description::parse(&self.description)?,
            tags: Tags::parse(&self.tags)?,
            running_time: running_time.transpose()?,
            age_limit: age_limit.transpose()?,
        })
    }
}

/// A concert.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConcertBody {
    id: Uuid,
    /// `DRAFT`, `PUBLISHED` or `CANCELLED`.
    #[schema(value_type = String, example = "PUBLISHED")]
    state: ConcertState,
    /// Its readable name in addresses: it can stand for the id there. Null for a concert that a process of an older
    /// version created during an upgrade.
    #[schema(example = "진격의-거인-ost-콘서트-3k9x2m4p")]
    slug: Option<String>,
    #[schema(example = "진격의 거인 OST 콘서트")]
    title: String,
    #[schema(example = "앙코르 공연")]
    subtitle: String,
    #[schema(example = "")]
    description: String,
    #[schema(example = json!(["OST"]))]
    tags: Vec<String>,
    /// How long it takes, if that is told.
    #[schema(example = 120)]
    running_minutes: Option<i32>,
    /// How old visitors must be, in years, if that is told.
    #[schema(example = 12)]
    age_limit: Option<i32>,
    /// Its poster; null when it has none.
    poster: Option<PosterBody>,
    organizer_id: Uuid,
    created_at: Timestamp,
    /// Whether a schedule is open for booking now and has a free seat.
    bookable: bool,
    /// When its next performances start, soonest first, at most five.
    next_dates: Vec<Timestamp>,
    /// The earliest future opening of booking; null when there is none.
    booking_opens_at: Option<Timestamp>,
    /// Whether it can be booked, or why not: `OPEN`, `HELD` (each seat that is not paid is held, which ends within
    /// minutes), `NOT_OPEN` (booking opens later), `SOLD_OUT`, `CLOSED` (booking has closed), `CANCELLED` or `NO_DATE`
    /// (no date is to come).
    #[schema(value_type = String, example = "OPEN")]
    sale: ConcertSale,
    /// Whether its waiting room is paused: a fan who joins waits until it goes on.
    paused: bool,
    /// Its next dates, cancelled ones among them, soonest first, at most ten.
    dates: Vec<ListedDateBody>,
    /// The venue of the first of its next dates that have a seat plan; null when none has.
    venue: Option<VenueOfScheduleBody>,
    /// The lowest price of its seats, in points, at most a minute old; only in a single concert that has
    /// seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 10000)]
    price: Option<i64>,
    /// The schedules created with the concert; only in the response to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedules: Option<Vec<ScheduleBody>>,
}

impl ConcertBody {
    /// A concert, whose waiting room this process follows.
    fn of(services: &Services, listing: ConcertListing) -> Self {
        let room = services.lines.room_of_concert(listing.concert.id);
        let room = room.and_then(|id| services.lines.room(id));
        let paused = room.is_some_and(|room| room.policy.paused);
        Self { paused, ..Self::from(listing) }
    }

    fn created(created: ConcertCreated, halls: &NamedHalls<'_>) -> Self {
        let now = created.concert.created_at;
        let schedules = created.schedules;
        let bookable = schedules.iter().any(|schedule| schedule.is_bookable(now));
        let to_come = schedules.iter().filter(|schedule| now < schedule.ends_at);
        let dates = to_come.map(|schedule| (schedule.clone(), halls.venue_of(schedule))).collect();
        let listing = ConcertListing::new(created.concert, bookable, dates, now);
        let body = |schedule| ScheduleBody::new(schedule, halls);
        let schedules = schedules.into_iter().map(body).collect();
        Self { schedules: Some(schedules), ..Self::from(listing) }
    }
}

impl From<ConcertListing> for ConcertBody {
    fn from(listing: ConcertListing) -> Self {
        let ConcertListing { concert, bookable, next_dates, booking_opens_at, .. } = listing;
        let details = concert.details;
        Self {
            id: concert.id.0,
            state: concert.state,
            slug: concert.slug.map(|slug| slug.as_str().to_owned()),
            title: details.title.as_str().to_owned(),
            subtitle: details.subtitle.as_str().to_owned(),
            description: details.description.as_str().to_owned(),
            tags: details.tags.as_slice().to_vec(),
            running_minutes: details.running_time.map(RunningTime::minutes),
            age_limit: details.age_limit.map(AgeLimit::years),
            poster: concert.poster.map(|poster| PosterBody::new(concert.id, &poster)),
            organizer_id: concert.organizer_id.0,
            created_at: concert.created_at.into(),
            bookable,
            next_dates: next_dates.into_iter().map(Timestamp).collect(),
            booking_opens_at: booking_opens_at.map(Timestamp),
            sale: listing.sale,
            paused: false,
            dates: listing.dates.into_iter().map(ListedDateBody::from).collect(),
            venue: listing.venue.map(VenueOfScheduleBody::from),
            price: None,
            schedules: None,
        }
    }
}

/// A date of a concert.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedDateBody {
    schedule_id: Uuid,
    starts_at: Timestamp,
    /// Whether it can be booked, or why not: `OPEN`, `NOT_OPEN`, `SOLD_OUT`, `CLOSED` or `CANCELLED`.
    #[schema(value_type = String, example = "OPEN")]
    sale: DateSale,
    /// How many tickets one person may have of it, over all purchases.
    #[schema(example = 4)]
    max_tickets_per_person: i32,
    /// The name of its venue's time zone in the IANA database; only with a seat plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Asia/Seoul")]
    time_zone: Option<String>,
}

impl From<ListedDate> for ListedDateBody {
    fn from(date: ListedDate) -> Self {
        Self {
            schedule_id: date.schedule_id.0,
            starts_at: date.starts_at.into(),
            sale: date.sale,
            max_tickets_per_person: date.ticket_limit.get(),
            time_zone: date.time_zone.map(|zone| zone.as_str().to_owned()),
        }
    }
}

/// Which concerts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConcertQuery {
    /// At most 100 ids, separated by commas: those concerts that exist and are no drafts.
    #[param(min_length = 36, max_length = 3699)]
    ids: Option<String>,
    /// Words that the title, the subtitle or the tags contain, each of them, in whatever case.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Words that the name and the address of the venue of a date contain, each of them, in whatever case.
    #[param(min_length = 1, max_length = 100)]
    place: Option<String>,
    /// A date starts then or later.
    #[param(value_type = Option<Timestamp>)]
    from: Option<String>,
    /// A date starts before then. One date fits `place`, `from` and `to`, if several are given.
    #[param(value_type = Option<Timestamp>)]
    to: Option<String>,
    /// The most items on the page, 1 to 100; 20 if it is left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The `nextCursor` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

impl ConcertQuery {
    fn filter(&self) -> Result<ConcertFilter, ApiError> {
        let words = self.q.as_deref().map(SearchWords::parse).transpose()?.unwrap_or_default();
        let place = self.place.as_deref().map(SearchWords::parse_place).transpose()?;
        let place = place.unwrap_or_default();
        let instant = |text: &Option<String>, field| {
            text.as_deref().map(|text| Timestamp::parse(text, field)).transpose()
        };
        let (from, to) = (instant(&self.from, "from")?, instant(&self.to, "to")?);
        if let (Some(Timestamp(from)), Some(Timestamp(to))) = (from, to)
            && to <= from
        {
            return Err(Invalid::new("to", Rule::After("from")).into());
        }
        let (starts_from, starts_before) = (from.map(|at| at.0), to.map(|at| at.0));
        let ids = self.ids.as_deref().map(ids_in).transpose()?;
        Ok(ConcertFilter { organizer_id: None, ids, words, place, starts_from, starts_before })
    }
}

/// The most ids of one request.
const IDS_MAX: usize = 100;

/// The ids in a text that has commas between them.
fn ids_in(text: &str) -> Result<Vec<ConcertId>, ApiError> {
    let ids: Result<Vec<_>, _> = text.split(',').map(|id| ids::parse_id(id, "ids")).collect();
    let ids = ids?;
    if ids.len() > IDS_MAX {
        return Err(Invalid::new("ids", Rule::Items(1, IDS_MAX)).into());
    }
    Ok(ids)
}

/// The most concerts whose lowest price is cached.
const PRICES_MAX: u64 = 10_000;
/// How long a lowest price is cached: a new date may have a lower one.
const PRICES_TIME: Duration = Duration::from_secs(60);

/// The lowest prices of concerts. Finding one reads every seat, so concurrent requests share a read and its
/// result is cached.
pub(crate) struct LowestPrices {
    known: Cache<ConcertId, i64>,
    reads: SharedReads<ConcertId, Result<Option<i64>, ApiError>>,
}

impl Default for LowestPrices {
    fn default() -> Self {
        let known = Cache::builder().max_capacity(PRICES_MAX).time_to_live(PRICES_TIME).build();
        Self { known, reads: SharedReads::default() }
    }
}

impl LowestPrices {
    async fn of(&self, services: &Services, id: ConcertId) -> Result<Option<i64>, ApiError> {
        if let Some(known) = self.known.get(&id) {
            return Ok(Some(known));
        }
        let read = async {
            let lowest = services.concerts.lowest_price(id).await?.map(Points::get);
            if let Some(lowest) = lowest {
                self.known.insert(id, lowest);
            }
            Ok(lowest)
        };
        self.reads.get(id, read).await
    }
}

async fn create(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    organizer: Account,
    key: IdempotencyKey,
    body: Body<NewConcertBody>,
) -> Result<HttpResponse, ApiError> {
    let new = body.value;
    let mut halls = NamedHalls::of(&services);
    let command = CreateConcert {
        id: ConcertId(ids::new_uuid()),
        room_id: RoomId(ids::new_uuid()),
        organizer_id: organizer.0,
        details: new.details()?,
        is_draft: new.state == NewState::Draft,
        schedules: SchedulePlanBody::plans(new.schedules, &mut halls).await?,
        open_to_all: settings.open_mode,
    };
    let submission = key.submission(organizer.0, &body.bytes, command);
    let created = services.create_concert.submit(submission).await??;
    let tag = entity_tag(created.concert.version);
    let body = ConcertBody::created(created, &halls);
    Ok(HttpResponse::Created().insert_header(tag).json(body))
}

async fn list(
    services: Data<Services>,
    query: Query<ConcertQuery>,
) -> Result<Json<PageBody<ConcertBody>>, ApiError> {
    let filter = query.filter()?;
    let ConcertQuery { limit, cursor, .. } = query.into_inner();
    let page = PageQuery { limit, cursor };
    let (size, after) = (page.size()?, page.after()?.map(ConcertId));
    let concerts = services.concerts.concerts(&filter, after, size, services.clock.now()).await?;
    Ok(Json(PageBody::of(concerts, |listing| ConcertBody::of(&services, listing))))
}

async fn list_own(
    services: Data<Services>,
    organizer: Account,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<ConcertBody>>, ApiError> {
    let (size, after) = (page.size()?, page.after()?.map(ConcertId));
    let filter = ConcertFilter { organizer_id: Some(organizer.0), ..ConcertFilter::default() };
    let concerts = services.concerts.concerts(&filter, after, size, services.clock.now()).await?;
    Ok(Json(PageBody::of(concerts, |listing| ConcertBody::of(&services, listing))))
}

async fn find(
    services: Data<Services>,
    prices: Data<LowestPrices>,
    caller: Caller,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = named(&services, &id).await?;
    if !authorization::sees(&services, &caller, &found.concert).await? {
        return Err(ApiError::NotFound(Resource::Concert));
    }
    let (id, tag) = (found.concert.id, entity_tag(found.concert.version));
    let price = prices.of(&services, id).await?;
    let body = ConcertBody { price, ..ConcertBody::of(&services, found) };
    Ok(HttpResponse::Ok().insert_header(tag).json(body))
}

/// A concert, if it exists and the caller may see it.
pub(crate) async fn seen(
    services: &Services,
    caller: &Caller,
    id: ConcertId,
) -> Result<Option<ConcertBody>, ApiError> {
    let Some(found) = services.concerts.concert(id, services.clock.now()).await? else {
        return Ok(None);
    };
    let is_seen = authorization::sees(services, caller, &found.concert).await?;
    Ok(is_seen.then(|| ConcertBody::of(services, found)))
}

/// A concert as it is now, after a change.
async fn listed(services: &Services, id: ConcertId) -> Result<HttpResponse, ApiError> {
    let found = services.concerts.concert(id, services.clock.now()).await?;
    let found = found.ok_or(ApiError::NotFound(Resource::Concert))?;
    let tag = entity_tag(found.concert.version);
    Ok(HttpResponse::Ok().insert_header(tag).json(ConcertBody::of(services, found)))
}

/// The concert of an id or a slug.
async fn named(services: &Services, name: &str) -> Result<ConcertListing, ApiError> {
    let not_found = ApiError::NotFound(Resource::Concert);
    let id = match name.parse() {
        Ok(id) => Some(id),
        Err(_) => match Slug::parse(name) {
            Some(slug) => services.concerts.concert_of_slug(&slug).await?,
            None => return Err(ApiError::field("concertId", FieldRule::Id)),
        },
    };
    let found = services.concerts.concert(id.ok_or(not_found.clone())?, services.clock.now());
    found.await?.ok_or(not_found)
}
