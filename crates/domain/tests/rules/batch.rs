//! Deciding a batch at once equals deciding its commands one at a time.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use stagedoor_domain::{Command, Request, Role, WorkingSet, decide_all};

use crate::builders::{NOW, a_chart, a_concert, a_reservation, a_user, give_back};
use crate::strategies::{
    a_batch, a_busy_world, admits, cancels, config, extends, gives_back, holds, joins, leaves,
    pays, point_changes,
};
use crate::strategies_of_staff::{
    additions, announcements, sees, sign_ups, steers, tidies_holds, tidies_tokens,
};
use crate::world::World;

fn at_once_equals_one_by_one<C: Command>(
    world: World,
    batch: &[Request<C>],
) -> Result<(), TestCaseError>
where
    C::Success: PartialEq,
    C::Refusal: PartialEq,
{
    let people = [a_user(8, Role::Fan), a_user(9, Role::Organizer)];
    let mut world = world.with(people).with([a_concert()]);
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
    seeing_in_a_batch_is_seeing_one_by_one: sees;
    steering_in_a_batch_is_steering_one_by_one: steers;
    tidying_tokens_in_a_batch_is_tidying_them_one_by_one: tidies_tokens;
    tidying_holds_in_a_batch_is_tidying_them_one_by_one: tidies_holds;
    signing_up_in_a_batch_is_signing_up_one_by_one: sign_ups;
    announcing_in_a_batch_is_announcing_one_by_one: announcements;
    adding_dates_in_a_batch_is_adding_them_one_by_one: additions;
}

#[test]
fn a_reservation_without_its_seats_ends_the_batch() {
    let mut set = WorkingSet::new();
    set.load([a_reservation(1, &a_chart(1, 2))]);

    let decided = decide_all(set, &[give_back(1), give_back(2)].map(Request::new), NOW);

    assert!(decided.unwrap_err().to_string().contains("is not in the working set"));
}
