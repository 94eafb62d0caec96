//! Laws of the entities: what holds of any of them, whatever is done to it.

mod numbers;
mod plans;
mod seats;
mod texts;
mod tokens;

use proptest::prelude::*;

use crate::builders::{NOW, seconds};

/// Steps, each a number of seconds after the one before.
fn done_in_turn<T: Clone + std::fmt::Debug>(
    what: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<(stagedoor_domain::Instant, T)>> {
    let pauses = prop_oneof![3 => Just(0_i64), 4 => 1_i64..40, 1 => 60_i64..400];
    prop::collection::vec((pauses, what), 1..30).prop_map(|steps| {
        let mut now = NOW;
        let at = |(pause, what)| {
            now += seconds(pause);
            (now, what)
        };
        steps.into_iter().map(at).collect()
    })
}
