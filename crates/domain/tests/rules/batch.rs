//! Deciding a batch at once equals deciding its commands one at a time.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use stagedoor_domain::{Command, Request};

use crate::builders::NOW;
use crate::strategies::{
    a_batch, a_busy_world, admits, cancels, config, extends, gives_back, holds, joins, leaves,
    pays, point_changes,
};
use crate::world::World;

fn at_once_equals_one_by_one<C: Command>(
    mut world: World,
    batch: &[Request<C>],
) -> Result<(), TestCaseError>
where
    C::Success: PartialEq,
    C::Refusal: PartialEq,
{
    let mut stepwise = world.clone();

    let at_once = world.submit(batch, NOW);
    let one_by_one: Vec<_> =
        batch.iter().flat_map(|one| stepwise.submit(std::slice::from_ref(one), NOW)).collect();

    prop_assert_eq!(at_once, one_by_one);
    prop_assert_eq!(world.rows(), stepwise.rows());
    Ok(())
}

macro_rules! batches_are_steps {
    ($($name:ident: $commands:ident;)*) => {
        proptest! {
            #![proptest_config(config(96))]
            $(
                #[test]
                fn $name(world in a_busy_world(), batch in a_batch($commands)) {
                    at_once_equals_one_by_one(world, &batch)?;
                }
            )*
        }
    };
}

batches_are_steps! {
    joining_in_a_batch_is_joining_one_by_one: joins;
    leaving_in_a_batch_is_leaving_one_by_one: leaves;
    admitting_in_a_batch_is_admitting_one_by_one: admits;
    holding_in_a_batch_is_holding_one_by_one: holds;
    giving_back_in_a_batch_is_giving_back_one_by_one: gives_back;
    extending_in_a_batch_is_extending_one_by_one: extends;
    cancelling_in_a_batch_is_cancelling_one_by_one: cancels;
    paying_in_a_batch_is_paying_one_by_one: pays;
    changing_points_in_a_batch_is_changing_them_one_by_one: point_changes;
}
