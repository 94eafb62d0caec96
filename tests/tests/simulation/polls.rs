//! People who ask where they stand, by the use case that the service has for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use stagedoor::lines::LineFollower;
use stagedoor_domain::operations::JoinRoom;
use stagedoor_domain::ports::{LineSync, Lines, StoreError, Submit, SubmitError};
use stagedoor_domain::use_cases::waiting_room::{PositionStatus, QueuePass, WaitingRoom};
use stagedoor_domain::{QueueTokenId, RoomId, Submission, UserId, Verdict};
use stagedoor_tests::model::Model;

use crate::calls::at_once;
use crate::disk::Disk;
use crate::intents::Pass;
use crate::process::Process;

/// A poll never joins.
pub struct NoJoining;

#[async_trait]
impl Submit<JoinRoom> for NoJoining {
    async fn submit(
        &self,
        _submission: Submission<JoinRoom>,
    ) -> Result<Verdict<JoinRoom>, SubmitError> {
        Err(SubmitError::Overloaded)
    }
}

/// Other processes answer too, so that a line catches up before a position is told.
struct AmongOthers(LineFollower<Disk>);

#[async_trait]
impl LineSync for AmongOthers {
    fn is_current(&self) -> bool {
        false
    }

    async fn catch_up(&self, room_id: RoomId) -> Result<(), StoreError> {
        self.0.catch_up(room_id).await
    }

    async fn settle(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// How many were ahead of each token when its holder was last told, by any process.
#[derive(Default)]
pub struct Shown(BTreeMap<QueueTokenId, u64>);

impl Shown {
    /// Has the holder of a token look at its position, which is a heartbeat. The position never rises.
    pub fn look(&mut self, process: &Process, model: &Model, pass: Pass) {
        let store = Arc::new(model.clone());
        let lines = Arc::clone(&process.lines);
        let follower = LineFollower::new(lines, Arc::clone(&process.disk), process.clock());
        let waiting_room = WaitingRoom {
            clock: process.clock(),
            lines: Arc::clone(&process.lines) as Arc<dyn Lines>,
            line_sync: Arc::new(AmongOthers(follower)),
            queue_tokens: store.clone(),
            rooms: store,
            join_room: Arc::new(NoJoining),
        };
        let pass = QueuePass {
            token_id: pass.token_id,
            room_id: pass.room_id,
            user_id: UserId::NONE,
            sequence: pass.sequence,
        };
        // The way to the store may break.
        let Ok(position) = at_once(waiting_room.look(&pass)) else { return };
        let position = position.expect("there is such a token");
        if let PositionStatus::Waiting { ahead, .. } = position.status {
            let before = self.0.insert(pass.token_id, ahead).unwrap_or(ahead);
            assert!(ahead <= before, "{before} were ahead of {pass:?}, and then {ahead}");
        }
    }
}
