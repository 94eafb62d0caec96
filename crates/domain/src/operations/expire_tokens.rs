//! Expiring overdue tokens.

use crate::queue_token::HEARTBEAT_GRACE;
use crate::{
    Command, Decided, Instant, Needs, NeverRefused, NoKey, QueueToken, Room, TokenState, WorkingSet,
};

/// Records that overdue tokens have ended (rules 4 and 13), and takes back the numbers of stale ranges. An abandoned token
/// is left for [`HEARTBEAT_GRACE`]. Answers how many tokens and ranges were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpireTokens;

impl ExpireTokens {
    /// The most tokens written by one transaction.
    pub const TOKENS_MAX: usize = 2_000;
    /// The most ranges taken back by one transaction.
    pub const RANGES_MAX: usize = 100;
}

impl Command for ExpireTokens {
    type Success = usize;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "expire_tokens";

    fn needs(&self, needs: &mut Needs) {
        needs.overdue_tokens = Self::TOKENS_MAX;
        needs.stale_ranges = Self::RANGES_MAX;
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let is_overdue = |token: &QueueToken| {
            let grace = match token.state {
                TokenState::Waiting { .. } => HEARTBEAT_GRACE,
                TokenState::Active { .. } | TokenState::Expired { .. } => time::Duration::ZERO,
            };
            !token.is_live(now - grace)
        };
        let mut written = 0;
        for mut token in set.overdue_tokens()?.into_iter().filter(is_overdue) {
            let mut room = set.require::<Room>(&token.room_id)?.clone();
            if token.expire_if_overdue(&mut room, now) {
                set.replace(token)?;
                set.replace(room)?;
                written += 1;
            }
        }
        for range in set.stale_ranges()?.into_iter().filter(|range| range.is_stale(now)) {
            set.void(&range)?;
            written += 1;
        }
        Ok(written)
    }
}
