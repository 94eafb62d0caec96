//! The faults of a cluster: how each is injected, and what is measured of it.

use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use tokio::time::sleep;

use crate::checker::{Break, Kind};
use crate::faults::{Fault, Lift, Pace};
use crate::history::{Micros, Operation, now};
use crate::replicated::Replicated;
use crate::scene::Scene;

/// In every such round the leader key is left to expire by itself, after 20 s.
const UNAIDED_EVERY: usize = 4;
/// After this time no acknowledgement of a killed standby is on its way any more.
const ON_THE_WAY: Duration = Duration::from_millis(100);
/// Longer than the time to live of the leader key.
const FROZEN: Duration = Duration::from_secs(30);

/// Injects a fault of a cluster, after it has recovered from the one before.
///
/// # Errors
/// It could not be done, or the cluster did not recover.
pub async fn happen(
    fault: Fault,
    scene: &Scene,
    round: usize,
    pace: Pace,
    random: &mut Rng,
) -> Result<Lift> {
    let cluster = scene.replicated.as_ref().context("a cluster")?;
    cluster.make_healthy().await?;
    sleep(Duration::from_millis(random.u64(300..1_200))).await;
    let primary = cluster.await_primary(None).await?;
    match fault {
        Fault::PrimaryKilledWithLinks => primary_killed(cluster, primary, round),
        Fault::StandbyKilled => standby_killed(cluster, primary, round).await,
        Fault::StandbysLost => standbys_lost(cluster, primary, pace).await,
        Fault::Switchover => switchover(cluster, primary, round),
        Fault::Partition => partition(cluster, primary).await,
        Fault::PrimaryFrozen => primary_frozen(cluster, primary).await,
        other => anyhow::bail!("{} is no fault of a cluster", other.name()),
    }
}

fn primary_killed(cluster: &Replicated, primary: usize, round: usize) -> Result<Lift> {
    let begun = now();
    cluster.kill_with_links(primary)?;
    let lift = Lift { begun, ..Lift::now() };
    if round % UNAIDED_EVERY != UNAIDED_EVERY - 1 {
        cluster.expire()?;
    }
    Ok(lift)
}

async fn standby_killed(cluster: &Replicated, primary: usize, round: usize) -> Result<Lift> {
    let begun = now();
    cluster.signal("KILL", &[Replicated::others(primary)[round % 2]])?;
    sleep(Duration::from_secs(2)).await;
    Ok(Lift { begun, ..Lift::now() })
}

async fn standbys_lost(cluster: &Replicated, primary: usize, pace: Pace) -> Result<Lift> {
    let standbys = Replicated::others(primary);
    let begun = now();
    cluster.signal("KILL", &standbys)?;
    sleep(ON_THE_WAY).await;
    let alone = now();
    sleep(Duration::from_secs(if pace == Pace::Long { 15 } else { 4 })).await;
    let lift = Lift { begun, silence: Some((alone, now())), ..Lift::now() };
    for standby in standbys {
        cluster.up(standby)?;
    }
    Ok(lift)
}

fn switchover(cluster: &Replicated, primary: usize, round: usize) -> Result<Lift> {
    let begun = now();
    cluster.switch_over(primary, Replicated::others(primary)[round % 2])?;
    Ok(Lift { begun, ..Lift::now() })
}

/// The primary is cut off until another one has been elected and for a while afterwards.
async fn partition(cluster: &Replicated, primary: usize) -> Result<Lift> {
    let begun = now();
    cluster.cut_off(primary);
    let lift = Lift { begun, ..Lift::now() };
    cluster.await_primary(Some(primary)).await?;
    sleep(Duration::from_secs(2)).await;
    cluster.mend(primary);
    Ok(lift)
}

async fn primary_frozen(cluster: &Replicated, primary: usize) -> Result<Lift> {
    let begun = now();
    cluster.signal("STOP", &[primary])?;
    let lift = Lift { begun, ..Lift::now() };
    sleep(FROZEN).await;
    cluster.signal("CONT", &[primary])?;
    Ok(lift)
}

/// The changes that were requested and acknowledged while no standby ran.
pub fn unreplicated(operations: &[Operation], silence: (Micros, Micros)) -> Vec<Break> {
    let (from, to) = silence;
    let changes = operations.iter().filter_map(|it| Some((it, it.first_made()?)));
    let inside = changes.filter(|(it, made)| it.begun() >= from && made.ended <= to);
    let sentence = |asked| format!("{asked:?} was acknowledged while no standby ran");
    inside.map(|(it, _)| Break::new(Kind::Unreplicated, sentence(&it.asked))).collect()
}

/// The longest time without an acknowledged change from the beginning of a fault until the recovery.
pub fn unavailability(operations: &[Operation], begun: Micros, recovered: Micros) -> Duration {
    let changes = operations.iter().filter_map(Operation::first_made).map(|made| made.ended);
    let mut instants: Vec<_> = changes.filter(|at| (begun..=recovered).contains(at)).collect();
    instants.extend([begun, recovered]);
    instants.sort_unstable();
    let gaps = instants.windows(2).map(|pair| pair[1] - pair[0]);
    Duration::from_micros(gaps.max().unwrap_or(0).unsigned_abs())
}
