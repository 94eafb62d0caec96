//! Writing the tokens of a range.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Corrupt, Decided, Instant, Needs, NoKey, NumberRange, QueueToken, Refusal, RoomId,
    WorkingSet,
};

/// Writes the tokens that [`ReserveNumber`](super::ReserveNumber) gave the numbers of a range. It locks the range and not
/// the room: the numbers are given out already. If one of the users already has another token in the room, a constraint of the
/// store rejects the batch: nothing is written, and the store answers [`Overtaken`](crate::ports::StoreError::Overtaken).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FillRange {
    /// The tokens of a whole range, in the order of their numbers; at least one.
    pub tokens: Vec<QueueToken>,
}

/// Why the tokens are not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum FillRefused {
    /// The range was taken back.
    #[error("the numbers were taken back")]
    RangeVoid,
}

impl Refusal for FillRefused {}

impl FillRange {
    fn range(&self) -> Option<(RoomId, i64)> {
        self.tokens.first().and_then(|token| Some((token.room_id, token.sequence?)))
    }

    /// Checks that these are the tokens of the whole range.
    fn check(&self, range: &NumberRange) -> Result<(), Corrupt> {
        let numbers = self.tokens.iter().map(|token| token.sequence);
        if numbers.eq(range.numbers().map(Some)) {
            Ok(())
        } else {
            Err(Corrupt::new(format!("other tokens than those of {range:?}")))
        }
    }
}

impl Command for FillRange {
    type Success = ();
    type Refusal = FillRefused;
    type Key = NoKey;
    const NAME: &'static str = "fill_range";

    fn needs(&self, needs: &mut Needs) {
        needs.number_ranges.extend(self.range());
    }

    fn decide(&self, set: &mut WorkingSet, _: Instant) -> Decided<Self> {
        let id = self.range().ok_or(FillRefused::RangeVoid)?;
        let range = *set.get::<NumberRange>(&id)?.ok_or(FillRefused::RangeVoid)?;
        self.check(&range)?;
        self.tokens.iter().cloned().for_each(|token| set.insert(token));
        set.delete::<NumberRange>(&id)?;
        Ok(())
    }
}
