//! Breaks that are seen of a whole run, planted after a sale in which nothing was wrong.

use stagedoor_faults::checker::Kind;
use stagedoor_faults::failover::unreplicated;
use stagedoor_faults::faults::Fault;
use stagedoor_faults::history::Outcome;
use stagedoor_faults::run::{Over, close, control, interrupted};
use stagedoor_faults::store::StoreKind;

use crate::a_clean_sale;

/// What is found when the service, which runs again, is ended.
fn found_at_the_end(sale: &mut Over) -> Vec<Kind> {
    close(Fault::Quiet, &mut sale.scene).iter().map(|found| found.kind).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_without_a_clean_end_and_data_that_its_audit_refuses_are_found() {
    let mut sale = a_clean_sale(StoreKind::Embedded).await;
    sale.scene.start(0).expect("it runs again");
    assert_eq!(found_at_the_end(&mut sale), []);

    sale.scene.start(0).expect("it runs again");
    sale.scene.kill(0).expect("it is killed");
    assert_eq!(found_at_the_end(&mut sale), [Kind::NotRecovered]);

    let mut connection = sale.scene.place.connect().expect("the store is there");
    connection.execute("UPDATE point_accounts SET balance = balance + 1").expect("it is planted");
    sale.scene.start(0).expect("it runs again");
    assert_eq!(found_at_the_end(&mut sale), [Kind::Audit]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_a_restart_in_good_order_cut_off_is_found() {
    let mut operations = a_clean_sale(StoreKind::Embedded).await.report.operations;
    assert!(interrupted(&operations).is_empty());

    operations[0].attempts[0].outcome = Outcome::Unknown("the connection was lost".to_owned());

    let found: Vec<_> = interrupted(&operations).iter().map(|found| found.kind).collect();
    assert_eq!(found, [Kind::Interrupted]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_was_acknowledged_while_no_standby_ran_is_found() {
    let mut operations = a_clean_sale(StoreKind::Embedded).await.report.operations;
    let made = operations.iter().position(|it| it.first_made().is_some()).expect("a change");
    let operations = vec![operations.remove(made)];
    let begun = operations[0].begun();
    let ended = operations[0].first_made().map(|made| made.ended).expect("a change");

    let found = |from, to| -> Vec<_> {
        unreplicated(&operations, (from, to)).iter().map(|found| found.kind).collect()
    };

    assert_eq!(found(begun, ended), [Kind::Unreplicated]);
    assert_eq!(found(begun + 1, ended), [], "it was requested before the standbys were lost");
    assert_eq!(found(begun, ended - 1), [], "it was answered after one had come back");
}

#[test]
fn a_control_that_lost_no_acknowledged_change_is_found() {
    let found = |lost| -> Vec<_> { control(lost).iter().map(|found| found.kind).collect() };

    assert_eq!(found(0), [Kind::ControlLostNothing]);
    assert_eq!(found(1), []);
}
