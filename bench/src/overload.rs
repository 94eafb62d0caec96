//! What happens when more is asked for than can be done, and when very many only stay.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::bench::Bench;
use crate::flood::{Clients, Flood, NOTHING, Text, Then};
use crate::growth::{Measured, measured};
use crate::requests::Request;
use crate::scenarios::{booking, on_sale, queue};
use crate::service::Server;
use crate::store::{Store, StoreKind};

const OVERLOAD: &str = "overload";
/// How often the peak is asked for.
const FACTORS: [f64; 3] = [1.0, 2.0, 5.0];
/// How many ask when the peak is looked for, and how many at a fixed rate.
const AT_PEAK: usize = 256;
const CLIENTS: usize = 4_000;
const STAYING: u64 = 10_000;
const REFUSAL_BYTES: usize = 200;
/// The share of the peak that is sent after the overload.
const AFTERWARDS: f64 = 0.5;

/// What is asked for.
struct Flow {
    name: &'static str,
    seed: fn(&Bench) -> String,
    text: fn(&Bench) -> Text,
    then: Then,
}

/// The status of whatever is served.
const SERVED: u16 = 201;

/// A load and what came of it.
#[derive(Serialize)]
pub struct Row {
    pub name: String,
    pub offered: f64,
    pub goodput: f64,
    pub of_peak: f64,
    pub refused: f64,
    /// Those of them who had been served before.
    pub broken_off: f64,
    pub served_ms: (f64, f64),
    pub refused_ms: (f64, f64),
    pub resident_mb: f64,
}

/// Measures all of it if it is asked for by the word `overload`, or by none.
pub async fn measure(bench: &Bench, only: &str) -> Result<(Vec<Row>, Vec<Measured>)> {
    let (mut rows, mut found) = (Vec::new(), Vec::new());
    if !OVERLOAD.contains(only) {
        return Ok((rows, found));
    }
    let flows = [
        Flow { name: "on-sale", seed: on_sale::opened, text: on_sale::come, then: on_sale::go_on },
        Flow { name: "hold", seed: booking::flooded, text: booking::flood, then: NOTHING },
        Flow {
            name: "pay",
            seed: booking::flooded_with_payments,
            text: booking::flood_of_payments,
            then: NOTHING,
        },
        Flow { name: "join", seed: queue::flooded, text: queue::flood, then: NOTHING },
    ];
    rows.push(ceiling(bench).await?);
    for flow in flows {
        flow.measure(bench, &mut rows, &mut found).await.with_context(|| flow.name)?;
    }
    found.extend(those_who_stay(bench).await?);
    Ok((rows, found))
}

impl Flow {
    async fn measure(
        &self,
        bench: &Bench,
        rows: &mut Vec<Row>,
        found: &mut Vec<Measured>,
    ) -> Result<()> {
        println!("overload: {} at its peak, and at 1, 2 and 5 times that", self.name);
        let (store, server) = started(bench, (self.seed)(bench)).await?;
        let time = bench.run_time * bench.runs() as u32 / 2;
        let mut next = 0;
        let text = (self.text)(bench);
        let mut ask = |connections, rate, time| {
            let text = Arc::clone(&text);
            let address = &server.address;
            let then = self.then;
            let clients =
                Clients { address, text, then, first: next, expected: SERVED, connections };
            let flood = clients.run(rate, time)?;
            next = flood.next;
            ensure!(flood.failed.is_empty(), "answers that are neither: {:?}", flood.failed);
            anyhow::Ok(flood)
        };
        ask(AT_PEAK, None, time / 2)?;
        let peak = ask(AT_PEAK, None, time)?.goodput();
        for factor in FACTORS {
            let flood = ask(CLIENTS, Some(peak * factor), time)?;
            let row = Row::new(format!("{}, {factor} x", self.name), &flood, peak, &server)?;
            println!("{}", row.line());
            rows.push(row);
        }
        found.extend(rows.last().map(|row| row.against_goals(self.name)).into_iter().flatten());
        let after = ask(AT_PEAK, Some(peak * AFTERWARDS), time)?;
        let back = format!("{}: until it has recovered", self.name);
        found.push(measured(&back, "s", after.trouble_until.as_secs_f64(), 5.0));
        server.stop().await?;
        store.stagedoor(&bench.program, &["audit"]).await
    }
}

impl Row {
    fn new(name: String, flood: &Flood, peak: f64, server: &Server) -> Result<Self> {
        let ms = |of: &Histogram<u64>| {
            let at = |quantile| of.value_at_quantile(quantile) as f64 / 1e3;
            (at(0.5), at(0.99))
        };
        Ok(Self {
            name,
            offered: flood.came as f64 / flood.seconds,
            goodput: flood.goodput(),
            of_peak: flood.goodput() / peak,
            refused: flood.refused.len() as f64 / flood.seconds,
            broken_off: flood.broken_off as f64 / flood.seconds,
            served_ms: ms(&flood.served),
            refused_ms: ms(&flood.refused),
            resident_mb: server.resident_mb()?,
        })
    }

    fn against_goals(&self, flow: &str) -> [Measured; 2] {
        let not_served = (1.0 - self.of_peak) * 100.0;
        [
            measured(&format!("{flow}: of its peak not served at 5 x"), "%", not_served, 20.0),
            measured(&format!("{flow}: refusals at 5 x, p99"), "ms", self.refused_ms.1, 50.0),
        ]
    }

    pub fn line(&self) -> String {
        let Self { served_ms: served, refused_ms: refused, .. } = self;
        format!(
            "{:<12} offered {:>7.0}/s  served {:>7.0}/s ({:>3.0} % of peak) p50 {:>6.1} p99 {:>6.1} ms  \
             refused {:>7.0}/s p50 {:>6.1} p99 {:>6.1} ms, {:>5.0}/s of them inside  {:>4.0} MB",
            self.name,
            self.offered,
            self.goodput,
            self.of_peak * 100.0,
            served.0,
            served.1,
            self.refused,
            refused.0,
            refused.1,
            self.broken_off,
            self.resident_mb,
        )
    }
}

/// The most answers that this number of clients gets here: constant bytes, as long as a refusal.
async fn ceiling(bench: &Bench) -> Result<Row> {
    println!("overload: the bare handler");
    let server = Server::start_bare(REFUSAL_BYTES).await?;
    let request = Request::get("/", &queue::access_token(bench, 1)).text().into_bytes();
    let text: Text = Arc::new(move |_| request.clone());
    let address = &server.address;
    let connections = CLIENTS;
    let clients = Clients { address, text, then: NOTHING, first: 0, expected: 200, connections };
    let flood = clients.run(None, bench.run_time)?;
    let row = Row::new("bare handler".to_owned(), &flood, flood.goodput(), &server)?;
    println!("{}", row.line());
    Ok(row)
}

async fn started(bench: &Bench, seed: String) -> Result<(Store, Server)> {
    let store = bench.new_store(StoreKind::Postgres, "bench_service").await?;
    store.run(&seed)?;
    store.settle()?;
    let server = Server::start(&bench.program, &store, &[]).await?;
    Ok((store, server))
}

/// What idle connections and open streams of events cost.
async fn those_who_stay(bench: &Bench) -> Result<Vec<Measured>> {
    let count = bench.size(STAYING);
    println!("overload: {count} idle connections, {count} streams of events");
    let (_store, server) = started(bench, queue::ten_thousand(bench)).await?;
    let before = server.resident_mb()?;
    let once = Request::get("/healthz", "").text();
    let idle = staying(&server.address, vec![once; count as usize]).await?;
    let with_idle = server.resident_mb()?;
    drop(idle);
    let followers = queue::follow(bench, count).iter().map(Request::text).collect();
    let streams = staying(&server.address, followers).await?;
    let with_streams = server.resident_mb()?;
    ensure!(streams.len() as u64 == count, "every stream is open");
    server.stop().await?;
    Ok(vec![
        measured(&format!("memory of {count} idle connections"), "MB", with_idle - before, 400.0),
        measured(&format!("memory of {count} event streams"), "MB", with_streams - before, 400.0),
    ])
}

/// Connections that stay open, each after the first of its answer.
async fn staying(address: &str, requests: Vec<String>) -> Result<Vec<TcpStream>> {
    let mut opening = JoinSet::new();
    let address: Arc<str> = address.into();
    let mut streams = Vec::new();
    for request in requests {
        let address = Arc::clone(&address);
        opening.spawn(async move {
            let mut stream = TcpStream::connect(&*address).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut head = [0; 15];
            stream.read_exact(&mut head).await?;
            ensure!(head.starts_with(b"HTTP/1.1 200 OK"), "it is not answered");
            Ok(stream)
        });
        if opening.len() >= AT_PEAK {
            streams.push(opening.join_next().await.context("one")???);
        }
    }
    while let Some(opened) = opening.join_next().await {
        streams.push(opened??);
    }
    // Those accepted last are given their buffers, and each stream its second event.
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(streams)
}
