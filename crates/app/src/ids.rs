//! New ids, for what this program makes itself.

use uuid::Uuid;

/// A new id, greater than those this process made before it.
#[expect(clippy::disallowed_methods, reason = "this is the edge at which the program makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
