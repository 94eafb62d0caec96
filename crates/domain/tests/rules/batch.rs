//! Deciding a batch at once equals deciding its commands one at a time.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use stagedoor_domain::{Command, Reservation, Role, Seat, Submission, WorkingSet, decide_all};

use crate::builders::{NOW, a_chart, a_concert, a_reservation, a_user, hold, release, seats};
use crate::strategies::{
    a_batch, a_busy_world, a_plain_batch, additions, admits, announcements, cancels, config,
    control_updates, extends, hold_expiries, holds, joins, leaves, pays, point_changes, releases,
    sees, sign_ups, token_expiries,
};
use crate::world::{World, a_box_office};

fn at_once_equals_one_by_one<C: Command>(
    world: World,
    batch: &[Submission<C>],
) -> Result<(), TestCaseError> {
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
    ($($name:ident: $of:ident($commands:ident);)*) => {
        proptest! {
            #![proptest_config(config(96))]
            $(
                #[test]
                fn $name(world in a_busy_world(), batch in $of($commands)) {
                    at_once_equals_one_by_one(world, &batch)?;
                }
            )*
        }
    };
}

batches_are_steps! {
    joining_in_a_batch_is_joining_one_by_one: a_batch(joins);
    leaving_in_a_batch_is_leaving_one_by_one: a_plain_batch(leaves);
    admitting_in_a_batch_is_admitting_one_by_one: a_plain_batch(admits);
    holding_in_a_batch_is_holding_one_by_one: a_batch(holds);
    releasing_in_a_batch_is_releasing_one_by_one: a_plain_batch(releases);
    extending_in_a_batch_is_extending_one_by_one: a_batch(extends);
    cancelling_in_a_batch_is_cancelling_one_by_one: a_batch(cancels);
    paying_in_a_batch_is_paying_one_by_one: a_batch(pays);
    changing_points_in_a_batch_is_changing_them_one_by_one: a_batch(point_changes);
    seeing_in_a_batch_is_seeing_one_by_one: a_plain_batch(sees);
    updating_controls_in_a_batch_is_updating_them_one_by_one: a_plain_batch(control_updates);
    expiring_tokens_in_a_batch_is_expiring_them_one_by_one: a_plain_batch(token_expiries);
    expiring_holds_in_a_batch_is_expiring_them_one_by_one: a_plain_batch(hold_expiries);
    signing_up_in_a_batch_is_signing_up_one_by_one: a_batch(sign_ups);
    announcing_in_a_batch_is_announcing_one_by_one: a_batch(announcements);
    adding_dates_in_a_batch_is_adding_them_one_by_one: a_batch(additions);
}

#[test]
fn a_reservation_without_its_seats_ends_the_batch() {
    let mut set = WorkingSet::new();
    set.load([a_reservation(1, &a_chart(1, 2))]);

    let decided = decide_all(set, &[release(1), release(2)].map(Submission::new), NOW);

    assert!(decided.unwrap_err().to_string().contains("is not in the working set"));
}

#[test]
fn the_set_that_a_batch_leaves_has_what_the_batch_wrote() {
    let held = [Submission::new(hold(1, seats(&[1, 2])))];

    let (verdicts, changes) = a_box_office().outcome(&held, NOW);

    let left = changes.into_working_set();
    let reservations: Vec<_> = left.all::<Reservation>().cloned().map(Ok).collect();
    assert_eq!(reservations, verdicts);
}

#[test]
fn a_set_drops_the_rows_that_are_not_to_be_kept() {
    let mut set = WorkingSet::new();
    set.load(a_chart(1, 3));

    set.retain(|seat: &Seat| seat.number != 2);

    assert_eq!(set.all::<Seat>().map(|seat| seat.number).collect::<Vec<_>>(), [1, 3]);
}
