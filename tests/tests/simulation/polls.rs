//! People who ask where they stand, by the use case that the service has for it.

use std::sync::Arc;

use async_trait::async_trait;
use stagedoor_domain::operations::JoinRoom;
use stagedoor_domain::ports::{Lines, Submit, SubmitError};
use stagedoor_domain::use_cases::waiting_room::{QueuePass, WaitingRoom};
use stagedoor_domain::{Request, UserId, Verdict};
use stagedoor_tests::model::Model;

use crate::calls::at_once;
use crate::intents::Pass;
use crate::process::Process;

/// Nobody joins by looking.
struct NoJoining;

#[async_trait]
impl Submit<JoinRoom> for NoJoining {
    async fn submit(&self, _request: Request<JoinRoom>) -> Result<Verdict<JoinRoom>, SubmitError> {
        Err(SubmitError::Overloaded)
    }
}

/// Has the holder of a token look at its place, which is a sign of life.
pub fn look(process: &Process, model: &Model, pass: Pass) {
    let store = Arc::new(model.clone());
    let waiting_room = WaitingRoom {
        clock: process.clock(),
        lines: Arc::clone(&process.lines) as Arc<dyn Lines>,
        queue_tokens: store.clone(),
        rooms: store,
        join_room: Arc::new(NoJoining),
    };
    let pass = QueuePass {
        token_id: pass.token_id,
        room_id: pass.room_id,
        user_id: UserId::NOBODY,
        place: pass.place,
    };
    let place = at_once(waiting_room.look(&pass)).expect("the model does not fail");
    assert!(place.is_some(), "there is such a token");
}
