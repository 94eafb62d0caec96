//! Every fault in its short form, on every store that it can happen to.

use std::time::Duration;

use stagedoor_faults::faults::{Fault, Pace};
use stagedoor_faults::history::now;
use stagedoor_faults::outage::{
    Down, Outages, Report, run_heartbeats_lost, run_in_turn, run_outages, run_restarts,
};
use stagedoor_faults::program::built_program;
use stagedoor_faults::rolling::{Size, Upgrade, run_upgrade};
use stagedoor_faults::run::{Plan, run};
use stagedoor_faults::store::StoreKind::{self, Embedded, Postgres};

async fn breaks_nothing(fault: Fault, store: StoreKind, rounds: usize) {
    let program = built_program().expect("the program is built with the tests");
    let seed = now().unsigned_abs();
    let (pace, fans) = (Pace::Short, 12);
    let plan = Plan { program, fault, store, rounds, pace, fans, seed, progress: |_, _| {} };

    let report = run(plan).await.expect("the fault can be made");

    let breaks: Vec<_> = report.breaks.iter().map(ToString::to_string).collect();
    let log = report.log.join("\n");
    assert!(breaks.is_empty(), "seed {seed}:\n{}\n{log}", breaks.join("\n"));
    assert_eq!(report.recoveries.len(), rounds, "it was itself again each time");
    assert!(report.answered() > 20, "only {} operations were answered", report.answered());
    assert!(report.snapshots > 0, "no client polled the queues");
    let told = report.webhook.as_ref().map(|told| told.acknowledged);
    assert!(told.is_none_or(|told| told > 5), "only {told:?} changes were to be told");
    let due = report.mail.as_ref().map(|told| told.due);
    assert!(due.is_none_or(|due| due > 5), "only {due:?} e-mails had to come");
    let is_felt = report.unanswered() > 0 || fault == Fault::ClockStepped;
    assert!(is_felt, "no client noticed anything");
}

macro_rules! faults {
    ($($name:ident: $fault:ident on $store:ident, $rounds:literal times;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            breaks_nothing(Fault::$fault, $store, $rounds).await;
        }
    )*};
}

faults! {
    killing_the_service_breaks_nothing_on_postgres: ServiceKilled on Postgres, 2 times;
    killing_the_service_breaks_nothing_on_the_embedded_store: ServiceKilled on Embedded, 3 times;
    killing_postgres_breaks_nothing: PostgresKilled on Postgres, 2 times;
    a_postgres_that_stands_still_breaks_nothing: PostgresStopped on Postgres, 1 times;
    cutting_connections_amid_transactions_breaks_nothing: ConnectionsCut on Postgres, 2 times;
    a_network_that_cuts_truncates_swallows_and_is_slow_breaks_nothing: NetworkFails on Postgres, 5 times;
    a_full_disk_breaks_nothing_on_postgres: DiskFull on Postgres, 1 times;
    a_full_disk_breaks_nothing_on_the_embedded_store: DiskFull on Embedded, 2 times;
    a_pool_that_runs_dry_breaks_nothing_on_postgres: PoolDry on Postgres, 1 times;
    a_lock_of_another_session_breaks_nothing_on_the_embedded_store: PoolDry on Embedded, 1 times;
    stepping_the_clock_by_a_minute_breaks_nothing_on_postgres: ClockStepped on Postgres, 4 times;
    stepping_the_clock_by_a_minute_breaks_nothing_on_the_embedded_store: ClockStepped on Embedded, 4 times;
    a_replica_that_stands_still_for_longer_than_every_lease_breaks_nothing: ReplicaFrozen on Postgres, 1 times;
    restarting_two_replicas_one_after_the_other_fails_no_request: RollingRestart on Postgres, 2 times;
    killing_one_of_two_processes_loses_no_webhook: Webhooks on Postgres, 2 times;
    killing_the_service_loses_no_webhook_on_the_embedded_store: Webhooks on Embedded, 2 times;
    killing_one_of_two_processes_loses_no_e_mail: Mails on Postgres, 2 times;
    killing_the_service_loses_no_e_mail_on_the_embedded_store: Mails on Embedded, 2 times;
}

/// After how much available time a place is lost in the outages.
const IDLE: Duration = Duration::from_secs(5);
/// In tenths of the idle time; longer than the three seconds from which on a running service counts
/// the store as away.
const SHORTER: &[u32] = &[8];
const LONGER: &[u32] = &[15];
/// How many polls two processes answer.
const POLLS: u64 = 3_000;

fn assert_sound(report: &Report) {
    let breaks: Vec<_> = report.verdict.breaks.iter().map(ToString::to_string).collect();
    assert!(breaks.is_empty(), "{}\n{}", breaks.join("\n"), report.log.join("\n"));
    assert!(report.verdict.moves > 0, "no client moved forward");
}

async fn costs_no_place(down: Down, store: StoreKind, tenths: &'static [u32]) {
    let program = built_program().expect("the program is built with the tests");
    let outages = Outages { program, down, store, idle: IDLE, tenths };

    let report = run_outages(&outages).await.expect("the outage can be made");

    assert_sound(&report);
    assert_eq!(report.recoveries.len(), tenths.len(), "it was itself again each time");
    assert!(report.verdict.kept > 0, "no client waited through the outage");
    assert!(report.verdict.abandoned > 0, "no silent client lost its place");
}

macro_rules! outages {
    ($($name:ident: $down:ident on $store:ident, $tenths:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            costs_no_place(Down::$down, $store, $tenths).await;
        }
    )*};
}

outages! {
    a_short_outage_of_the_service_costs_no_place_on_postgres: Service on Postgres, SHORTER;
    a_long_outage_of_the_service_costs_no_place_on_postgres: Service on Postgres, LONGER;
    a_short_outage_of_the_service_costs_no_place_on_the_embedded_store: Service on Embedded, SHORTER;
    a_long_outage_of_the_service_costs_no_place_on_the_embedded_store: Service on Embedded, LONGER;
    a_short_outage_of_the_database_costs_no_place: Database on Postgres, SHORTER;
    a_long_outage_of_the_database_costs_no_place: Database on Postgres, LONGER;
    a_database_frozen_for_a_short_time_costs_no_place: DatabaseFrozen on Postgres, SHORTER;
    a_database_frozen_for_a_long_time_costs_no_place: DatabaseFrozen on Postgres, LONGER;
    a_short_outage_of_service_and_database_costs_no_place: Both on Postgres, SHORTER;
    a_long_outage_of_service_and_database_costs_no_place: Both on Postgres, LONGER;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_never_rises_when_two_processes_answer_in_turn() {
    let program = built_program().expect("the program is built with the tests");

    let report = run_in_turn(&program, POLLS).await.expect("two processes can be run");

    assert_sound(&report);
    assert!(report.polls >= POLLS, "only {} polls were answered", report.polls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_never_rises_while_processes_end_start_and_stand_still() {
    let program = built_program().expect("the program is built with the tests");

    let report = run_restarts(&program, 1).await.expect("two processes can be run");

    assert_sound(&report);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_told_deadline_is_kept_although_the_process_that_told_it_is_killed() {
    let program = built_program().expect("the program is built with the tests");

    let report = run_heartbeats_lost(&program).await.expect("two processes can be run");

    let breaks: Vec<_> = report.verdict.breaks.iter().map(ToString::to_string).collect();
    assert!(breaks.is_empty(), "{}\n{}", breaks.join("\n"), report.log.join("\n"));
    assert!(report.polls >= 20, "only {} polls were answered", report.polls);
}

/// The present program in both roles: that of the upgrade itself is in `make soak`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replacing_a_process_while_people_join_in_waves_breaks_nothing() {
    let program = built_program().expect("the program is built with the tests");
    let (older, newer) = (program.clone(), program);
    let seed = now().unsigned_abs();

    let upgrade = Upgrade { older, newer, size: Size::SHORT, seed };
    let report = run_upgrade(&upgrade).await.expect("two processes can be run");

    let breaks: Vec<_> = report.breaks.iter().map(ToString::to_string).collect();
    assert!(breaks.is_empty(), "seed {seed}:\n{}\n{}", breaks.join("\n"), report.log.join("\n"));
    assert!(report.acknowledged() > 70, "only {} changes", report.acknowledged());
}
