use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use stagedoor_domain::operations::*;
use stagedoor_domain::ports::*;
use stagedoor_domain::*;
use stagedoor_sqlite::SqliteStore;
use std::time::Instant as Clock;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

fn uid(kind: u128, n: u128) -> Uuid {
    Uuid::from_u128((kind << 96) | 0x7000_8000_0000_0000_0000_u128 | n)
}

#[tokio::test(flavor = "multi_thread")]
async fn plans() {
    let dir = std::path::Path::new("/tmp/sqlite-scratch");
    let _ = std::fs::remove_dir_all(dir);
    let store = SqliteStore::open(dir).await.unwrap();
    store.migrate_up().await.unwrap();
    let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let mut c = SqliteConnection::establish("/tmp/sqlite-scratch/stagedoor.db").unwrap();
    let us = now.unix_timestamp() * 1_000_000;
    let site = RoomId::SITE.0;
    c.batch_execute(&format!("PRAGMA synchronous=OFF; BEGIN;
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<400000)
      INSERT INTO users SELECT printf('%08x-0000-7000-8000-000000000000', i), 'n', 'e'||i||'@x', 'h', 'FAN', 0 FROM n;
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<400000)
      INSERT INTO queue_tokens SELECT printf('%08x-0000-7000-9000-000000000000', i), '{site}', printf('%08x-0000-7000-8000-000000000000', i), i, i, 0,
        CASE WHEN i<=250000 THEN 'EXPIRED' WHEN i <= 250100 THEN 'ACTIVE' ELSE 'WAITING' END,
        CASE WHEN i>250100 THEN {us}-{abandoned} END,
        CASE WHEN i>250000 AND i<=250100 THEN 0 END, CASE WHEN i>250000 AND i<=250100 THEN {us}+60000000 END,
        CASE WHEN i<=250000 THEN 'LEFT' END, CASE WHEN i<=250000 THEN 0 END FROM n;
      UPDATE rooms SET last_place=400000, version=400000, capacity=100; COMMIT", abandoned = std::env::var("ABANDONED").unwrap_or("1000".into()))).unwrap();
    drop(c);
    let user = UserId(Uuid::parse_str("00000001-0000-7000-8000-000000000000").unwrap());
    for round in 0..3u128 {
        let t = Clock::now();
        let r = Execute::<JoinRoom>::execute(
            &store,
            &[Request::new(JoinRoom {
                token_id: QueueTokenId(uid(7, round)),
                room_id: RoomId::SITE,
                user_id: UserId(
                    Uuid::parse_str(&format!("0000000{}-0000-7000-8000-000000000000", round + 1))
                        .unwrap(),
                ),
            })],
            now,
        )
        .await
        .unwrap();
        println!("join {:?} {:?}", t.elapsed(), r[0].as_ref().map(|j| j.token.place));
        let t = Clock::now();
        let r = Execute::<Admit>::execute(
            &store,
            &[Request::new(Admit { room_id: RoomId::SITE })],
            now,
        )
        .await
        .unwrap();
        println!("admit {:?} {r:?}", t.elapsed());
        let t = Clock::now();
        let r = Execute::<ExpireTokens>::execute(
            &store,
            &[Request::new(ExpireTokens)],
            now + Duration::seconds(round as i64),
        )
        .await
        .unwrap();
        println!("expire tokens {:?} {r:?}", t.elapsed());
        let t = Clock::now();
        let r = Execute::<ExpireHolds>::execute(&store, &[Request::new(ExpireHolds)], now)
            .await
            .unwrap();
        println!("expire holds {:?} {r:?}", t.elapsed());
        let t = Clock::now();
        let r = store.room_count(RoomId::SITE, now).await.unwrap().unwrap();
        println!("room_count {:?} {} {}", t.elapsed(), r.waiting, r.active);
        let t = Clock::now();
        let r = store.line_changes(RoomId::SITE, 399_990, 100).await.unwrap();
        println!("line_changes {:?} {}", t.elapsed(), r.changes.len());
        let t = Clock::now();
        let r = store.waiting_places(RoomId::SITE, &[300_000, 300_001]).await.unwrap();
        println!("waiting_places {:?} {}", t.elapsed(), r.len());
        let t = Clock::now();
        let id = QueueTokenId(Uuid::parse_str("00057e40-0000-7000-9000-000000000000").unwrap());
        let r = Execute::<SeeToken>::execute(
            &store,
            &[Request::new(SeeToken { token_id: id, at: now })],
            now,
        )
        .await
        .unwrap();
        println!("see {:?} {r:?}", t.elapsed());
        let t = Clock::now();
        let r = Execute::<LeaveRoom>::execute(
            &store,
            &[Request::new(LeaveRoom {
                token_id: QueueTokenId(uid(7, round)),
                room_id: RoomId::SITE,
            })],
            now,
        )
        .await
        .unwrap();
        println!("leave {:?} {r:?}", t.elapsed());
    }
    let _ = user;
}
