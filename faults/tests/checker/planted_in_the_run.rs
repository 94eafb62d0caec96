//! Breaks that are seen of a whole run, planted after a sale in which nothing was wrong.

use stagedoor_faults::checker::Kind;
use stagedoor_faults::faults::Fault;
use stagedoor_faults::history::Outcome;
use stagedoor_faults::run::{Over, close, interrupted};
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
