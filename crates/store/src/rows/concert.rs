//! Concerts.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::concert::{AgeLimit, Description, RunningTime, Slug, Subtitle, Tags};
use stagedoor_domain::poster::{PictureSize, PosterDigest};
use stagedoor_domain::{
    Concert, ConcertDetails, ConcertId, ConcertState, Instant, Poster, PosterImage, Title, UserId,
};

use super::corrupt;
use crate::failure::Failure;
use crate::schema;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::concerts, check_for_backend(Pg, Sqlite))]
pub(crate) struct ConcertRow {
    id: ConcertId,
    organizer_id: UserId,
    title: String,
    description: String,
    created_at: Instant,
    subtitle: String,
    tags: String,
    running_minutes: Option<i32>,
    age_limit: Option<i32>,
    slug: Option<String>,
    state: String,
    version: i64,
    poster_digest: Option<String>,
    poster_width: Option<i32>,
    poster_height: Option<i32>,
}

impl ConcertRow {
    fn details(&self) -> Result<ConcertDetails, Failure> {
        let wrong = |column| corrupt("concert", self.id, column);
        let running_time = self.running_minutes.map(|minutes| RunningTime::parse(minutes.into()));
        let age_limit = self.age_limit.map(|years| AgeLimit::parse(years.into()));
        Ok(ConcertDetails {
            title: Title::stored(&self.title).map_err(|_| wrong("title"))?,
            subtitle: Subtitle::parse(&self.subtitle).map_err(|_| wrong("subtitle"))?,
            description: Description::parse(&self.description).map_err(|_| wrong("description"))?,
            tags: tags(&self.tags).ok_or_else(|| wrong("tags"))?,
            running_time: running_time.transpose().map_err(|_| wrong("running_minutes"))?,
            age_limit: age_limit.transpose().map_err(|_| wrong("age_limit"))?,
        })
    }

    fn poster(&self) -> Result<Option<Poster>, Failure> {
        let columns = (self.poster_digest.as_deref(), self.poster_width, self.poster_height);
        let digest = match columns {
            (None, None, None) => return Ok(None),
            (Some(digest), _, _) => PosterDigest::parse(digest),
            (None, _, _) => None,
        };
        let poster = || {
            let size = PictureSize { width: self.poster_width?, height: self.poster_height? };
            Some(Poster { digest: digest?, size })
        };
        poster().map(Some).ok_or_else(|| corrupt("concert", self.id, "poster_digest"))
    }
}

impl TryFrom<ConcertRow> for Concert {
    type Error = Failure;

    fn try_from(row: ConcertRow) -> Result<Self, Failure> {
        let slug = row
            .slug
            .as_deref()
            .map(|slug| Slug::parse(slug).ok_or_else(|| corrupt("concert", row.id, "slug")));
        Ok(Self {
            id: row.id,
            organizer_id: row.organizer_id,
            details: row.details()?,
            slug: slug.transpose()?,
            poster: row.poster()?,
            state: concert_state(&row.state).ok_or_else(|| corrupt("concert", row.id, "state"))?,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::poster_images, check_for_backend(Pg, Sqlite))]
pub(crate) struct PosterImageRow {
    concert_id: ConcertId,
    digest: String,
    width: i32,
    height: i32,
    content: Vec<u8>,
}

impl TryFrom<PosterImageRow> for PosterImage {
    type Error = Failure;

    fn try_from(row: PosterImageRow) -> Result<Self, Failure> {
        let digest = PosterDigest::parse(&row.digest);
        Ok(Self {
            concert_id: row.concert_id,
            digest: digest.ok_or_else(|| corrupt("poster of concert", row.concert_id, "digest"))?,
            size: PictureSize { width: row.width, height: row.height },
            content: row.content.into(),
        })
    }
}

pub(super) fn concert_state(text: &str) -> Option<ConcertState> {
    use ConcertState::{Cancelled, Draft, Published};
    [Draft, Published, Cancelled].into_iter().find(|state| concert_state_text(*state) == text)
}

pub(crate) fn concert_state_text(state: ConcertState) -> &'static str {
    match state {
        ConcertState::Draft => "DRAFT",
        ConcertState::Published => "PUBLISHED",
        ConcertState::Cancelled => "CANCELLED",
    }
}

/// Tags as their column has them: a JSON array.
pub(crate) fn tags_text(tags: &Tags) -> String {
    serde_json::Value::from(tags.as_slice()).to_string()
}

fn tags(text: &str) -> Option<Tags> {
    Tags::parse(&serde_json::from_str::<Vec<String>>(text).ok()?).ok()
}
