//! Tidying up overdue tokens.

use super::OnlyKeyReused;
use crate::queue_token::SIGN_GRACE;
use crate::{Command, Instant, Needs, QueueToken, TokenState, WorkingSet};

/// Writes down that overdue tokens are over (rules 4 and 13). An abandoned one is left for
/// [`SIGN_GRACE`]. Answers how many were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpireTokens;

impl ExpireTokens {
    /// The most tokens written by one transaction.
    pub const TOKENS_MAX: usize = 2_000;
}

impl Command for ExpireTokens {
    type Success = usize;
    type Refusal = OnlyKeyReused;
    const NAME: &'static str = "expire_tokens";

    fn needs(&self, needs: &mut Needs) {
        needs.overdue_tokens = Self::TOKENS_MAX;
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Result<usize, OnlyKeyReused> {
        let overdue: Vec<_> = set
            .all::<QueueToken>()
            .filter(|token| {
                let grace = match token.state {
                    TokenState::Waiting { .. } => SIGN_GRACE,
                    TokenState::Active { .. } | TokenState::Expired { .. } => time::Duration::ZERO,
                };
                !token.is_live(now - grace)
            })
            .map(|token| token.id)
            .collect();
        let written = overdue
            .into_iter()
            .filter(|id| set.change_token(*id, |token, room| token.tidy(room, now)))
            .count();
        Ok(written)
    }
}
