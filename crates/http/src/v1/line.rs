//! A room's queue as caches serve it: all waiting users read the same two bodies, and compute their positions.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use stagedoor_domain::line::BLOCK_NUMBERS;
use stagedoor_domain::ports::LineState;
use stagedoor_domain::{ConcertState, Invalid, LineBlock, LineOverview, RoomId, Rule};
use utoipa::ToSchema;

use crate::auth::Access;
use crate::edge::LoadClass;
use crate::route::{Route, get, nothing, object, tagged};
use crate::services::Services;
use crate::shared::line_bodies::LineBodies;
use crate::wire::{ApiError, Resource, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        cached(get("/rooms/{roomId}/line", read))
            .operation("readLine", "Read how many have left each part of a room's queue.")
            .description(
                "Public, and the same for all who wait: a cache may serve it. A client computes its position from \
                 it, from the block of its own `sequence`, and from that number. docs/api.md has the formula.",
            )
            .response(200, object::<LineBody>())
            .refuses(&[NotFound(Resource::Room)]),
        cached(get("/rooms/{roomId}/line/{block}", read_block))
            .operation("readLineBlock", "Read which sequence numbers of a block have left a room's queue.")
            .description("Public, and the same for all who wait: a cache may serve it.")
            .path_text("block", Some("The number of the block, from 0"))
            .response(200, object::<LineBlockBody>())
            .refuses(&[ApiError::VALIDATION, NotFound(Resource::Room), NotFound(Resource::LineBlock)]),
    ];
    tagged("waiting room", routes)
}

fn cached(route: Route) -> Route {
    route
        .access(Access::Public)
        .class(LoadClass::Exempt)
        .response_header("ETag")
        .response(304, nothing("Nothing has changed"))
}

/// The count of sequence numbers of each block that have left a room's queue. Numbers are given out from 1 on, in the order of
/// arrival; block 0 has the first `blockSize` of them. A number that left never comes back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineBody {
    /// Rises with each change to the queue.
    #[schema(example = 123456)]
    version: i64,
    /// The number of sequence numbers in a block.
    #[schema(example = 4096)]
    block_size: u32,
    /// The last sequence number that was given out.
    #[schema(example = 20000)]
    last_sequence: i64,
    /// The number of tokens that wait.
    #[schema(example = 7000)]
    waiting: u64,
    /// All sequence numbers of this many blocks have left: of the blocks 0 to `emptyBlocks` - 1.
    #[schema(example = 2)]
    empty_blocks: u64,
    /// The count of sequence numbers that have left, of the block `emptyBlocks` and of each one after it. None has left of blocks
    /// that are not listed.
    #[schema(example = json!([4001, 12, 0, 3]))]
    removed: Vec<u16>,
    /// The number of waiting tokens that were admitted in a second, by the admissions of the last minutes; null while that is not
    /// known.
    #[schema(example = 16.7)]
    admitted_per_second: Option<f64>,
    /// Whether admission to the room is paused.
    #[schema(example = false)]
    paused: bool,
    /// The message to waiting users, if any.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, example = "Doors open at seven.")]
    message: String,
    /// `OPEN`, or `CLOSED` if the concert was cancelled.
    #[schema(example = "OPEN")]
    state: &'static str,
}

/// The sequence numbers of a block that have left a room's queue.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineBlockBody {
    /// The number of the block: it has the sequence numbers from `block` · 4096 + 1 on.
    #[schema(example = 2)]
    block: u64,
    /// Base64 (RFC 4648 section 4) of one bit for each sequence number, 1 if it has left. The number at index n of the block,
    /// from 0, is bit n mod 8, from the lowest, of byte n div 8.
    #[schema(example = "AwA=")]
    removed: String,
}

impl LineBody {
    fn new(state: LineState, overview: LineOverview) -> Self {
        let LineOverview { version, last_sequence, waiting, empty_blocks, removed } = overview;
        Self {
            version,
            block_size: BLOCK_NUMBERS,
            last_sequence,
            waiting,
            empty_blocks,
            removed,
            admitted_per_second: state.admission_rate.map(rounded),
            paused: state.room.policy.paused,
            message: state.room.message.as_str().to_owned(),
            state: match state.room.concert_state {
                ConcertState::Cancelled => "CLOSED",
                ConcertState::Draft | ConcertState::Published => "OPEN",
            },
        }
    }
}

impl LineBlockBody {
    fn new(number: u64, block: &LineBlock) -> Self {
        Self { block: number, removed: STANDARD.encode(block.removed) }
    }
}

/// A rate with three digits, so that its text is short.
fn rounded(rate: f64) -> f64 {
    let scale = 10_f64.powf(2.0 - rate.max(1e-9).log10().floor());
    (rate * scale).round() / scale
}

/// The state of a public room's line. The room of a draft does not exist for anyone.
fn state_of(services: &Services, id: RoomId) -> Result<LineState, ApiError> {
    let known = services.lines.line_state(id);
    match known.filter(|known| known.room.concert_state.is_public()) {
        Some(state) => Ok(state),
        None if services.lines.lag().is_none() => Err(ApiError::Unavailable),
        None => Err(ApiError::NotFound(Resource::Room)),
    }
}

async fn read(
    req: HttpRequest,
    services: Data<Services>,
    bodies: Data<LineBodies>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let room_id = ids::parse_id(&id, "roomId")?;
    let state = state_of(&services, room_id)?;
    let write = |state| {
        let overview = services.lines.overview(room_id);
        Ok(LineBody::new(state, overview.ok_or(ApiError::NotFound(Resource::Room))?))
    };
    Ok(bodies.overview(state, write)?.answer_public(&req).await)
}

async fn read_block(
    req: HttpRequest,
    services: Data<Services>,
    bodies: Data<LineBodies>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let room_id = ids::parse_id(&path.0, "roomId")?;
    let number = block_number(&path.1)?;
    state_of(&services, room_id)?;
    let block = services.lines.block(room_id, number);
    let block = block.ok_or(ApiError::NotFound(Resource::LineBlock))?;
    Ok(bodies.block(&LineBlockBody::new(number, &block))?.answer_public(&req).await)
}

/// The number of a block in its one spelling, so that a cache keeps it once.
fn block_number(text: &str) -> Result<u64, ApiError> {
    let blocks_max = i64::MAX / i64::from(BLOCK_NUMBERS);
    let number = text
        .parse()
        .ok()
        .filter(|number: &i64| (0..=blocks_max).contains(number) && number.to_string() == text);
    let number = number.and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| Invalid::new("block", Rule::Between(0, blocks_max)).into())
}

#[cfg(test)]
mod tests;
