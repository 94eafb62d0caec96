//! The faults of a cluster in their short form. One cluster is started and used for all of them.

use stagedoor_faults::faults::{Fault, Pace};
use stagedoor_faults::history::now;
use stagedoor_faults::program::built_program;
use stagedoor_faults::replicated::Replicated;
use stagedoor_faults::run::{Plan, run_on};
use stagedoor_faults::store::StoreKind;

/// The control comes first: without it the others prove nothing.
const RUNS: [(Fault, StoreKind, usize); 6] = [
    (Fault::PrimaryKilledWithLinks, StoreKind::ClusterAsynchronous, 3),
    (Fault::PrimaryKilledWithLinks, StoreKind::Cluster, 2),
    (Fault::StandbyKilled, StoreKind::Cluster, 1),
    (Fault::StandbysLost, StoreKind::Cluster, 1),
    (Fault::Switchover, StoreKind::Cluster, 1),
    (Fault::Partition, StoreKind::Cluster, 1),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_quorum_acknowledged_survives_and_what_an_asynchronous_cluster_acknowledged_does_not()
 {
    let program = built_program().expect("the program is built with the tests");
    let mut cluster = Replicated::start().await.expect("the cluster starts");
    let seed = now().unsigned_abs();

    for (fault, store, rounds) in RUNS {
        let (pace, fans, program) = (Pace::Short, 14, program.clone());
        let plan = Plan { program, fault, store, rounds, pace, fans, seed, progress: |_, _| {} };
        let (report, running) = run_on(cluster, plan).await.expect("the fault can be made");
        cluster = running.expect("the cluster is given back");

        let what = format!("{} on {}, seed {seed}", fault.name(), store.name());
        let breaks: Vec<_> = report.breaks.iter().map(ToString::to_string).collect();
        assert!(breaks.is_empty(), "{what}:\n{}\n{}", breaks.join("\n"), report.log.join("\n"));
        assert!(report.acknowledged() > 20, "{what}: {} acknowledged", report.acknowledged());
        assert_eq!(report.gaps.len(), rounds, "{what}: it recovered each time");
    }
}
