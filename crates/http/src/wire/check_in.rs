//! Check-ins in bodies and problems.

use serde::Serialize;
use stagedoor_domain::CheckIn;
use utoipa::ToSchema;

use crate::wire::timestamps::Timestamp;

/// When and where the holder of a ticket came in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckInBody {
    /// When the ticket was scanned.
    scanned_at: Timestamp,
    #[schema(example = "North gate")]
    door: String,
}

impl From<&CheckIn> for CheckInBody {
    fn from(check_in: &CheckIn) -> Self {
        let CheckIn { scanned_at, door, .. } = check_in;
        Self { scanned_at: (*scanned_at).into(), door: door.as_str().to_owned() }
    }
}
