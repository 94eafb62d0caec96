//! Breaks that are planted in a store by SQL, after a sale in which nothing was wrong.

use std::collections::BTreeSet;

use stagedoor_faults::checker::Kind;
use stagedoor_faults::dump::Dump;
use stagedoor_faults::store::{Connection, StoreKind};

use crate::{a_clean_sale, found};

/// What is planted, which kinds are to be found, and which may be found along with them because the
/// same rows say something else too. `@n@` is a unique id.
struct Planted {
    what: &'static str,
    sql: &'static str,
    kinds: &'static [Kind],
    along_with: &'static [Kind],
}

const PLANTED: [Planted; 28] = [
    Planted {
        what: "a charge is gone",
        sql: "DELETE FROM point_entries WHERE id = (SELECT id FROM point_entries \
              WHERE kind = 'CHARGE' ORDER BY id DESC LIMIT 1)",
        kinds: &[Kind::Lost, Kind::WrongBalance],
        along_with: &[Kind::OutOfOrder],
    },
    Planted {
        what: "a charge counts twice",
        sql: "INSERT INTO point_entries (id, user_id, number, kind, amount, balance_after, created_at) \
              SELECT @1@, e.user_id, a.entries + 1, e.kind, e.amount, a.balance + e.amount, e.created_at \
              FROM point_entries e JOIN point_accounts a ON a.user_id = e.user_id \
              WHERE e.kind = 'CHARGE' ORDER BY e.id LIMIT 1; \
              UPDATE point_accounts SET entries = entries + 1, balance = \
              (SELECT balance_after FROM point_entries WHERE id = @1@) \
              WHERE user_id = (SELECT user_id FROM point_entries WHERE id = @1@)",
        kinds: &[Kind::Doubled],
        along_with: &[],
    },
    Planted {
        what: "points come from nowhere",
        sql: "INSERT INTO point_entries (id, user_id, number, kind, amount, balance_after, created_at) \
              SELECT @1@, e.user_id, a.entries + 1, 'CHARGE', 7777777, a.balance + 7777777, e.created_at \
              FROM point_entries e JOIN point_accounts a ON a.user_id = e.user_id ORDER BY e.id LIMIT 1; \
              UPDATE point_accounts SET entries = entries + 1, balance = balance + 7777777 \
              WHERE user_id = (SELECT user_id FROM point_entries WHERE id = @1@)",
        kinds: &[Kind::Unaccounted],
        along_with: &[],
    },
    Planted {
        what: "a refund is gone",
        sql: "DELETE FROM point_entries WHERE id = (SELECT id FROM point_entries \
              WHERE kind = 'REFUND' ORDER BY id DESC LIMIT 1)",
        kinds: &[Kind::Lost, Kind::HalfDone, Kind::WrongBalance],
        along_with: &[Kind::OutOfOrder],
    },
    Planted {
        what: "a ticket is kept whose points came back",
        sql: "UPDATE reservations SET status = 'CONFIRMED' WHERE id = (SELECT reservation_id \
              FROM payments JOIN point_entries ON payment_id = payments.id \
              JOIN reservations ON reservations.id = reservation_id \
              WHERE kind = 'REFUND' AND status = 'CANCELLED' ORDER BY payments.id DESC LIMIT 1)",
        kinds: &[Kind::HalfDone],
        along_with: &[Kind::TwoOwners],
    },
    Planted {
        what: "a balance is one too high",
        sql: "UPDATE point_accounts SET balance = balance + 1 WHERE user_id = \
              (SELECT user_id FROM point_accounts WHERE entries > 0 ORDER BY user_id LIMIT 1)",
        kinds: &[Kind::WrongBalance],
        along_with: &[],
    },
    Planted {
        what: "a sold seat is free",
        sql: "UPDATE seats SET status = 'FREE', reservation_id = NULL WHERE id = \
              (SELECT id FROM seats WHERE status = 'SOLD' ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone],
        along_with: &[],
    },
    Planted {
        what: "a paid reservation expired",
        sql: "UPDATE reservations SET status = 'EXPIRED', ended_at = NULL WHERE id = \
              (SELECT id FROM reservations WHERE status = 'CONFIRMED' ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone],
        along_with: &[],
    },
    Planted {
        what: "a payment took no points",
        sql: "UPDATE point_entries SET payment_id = NULL WHERE id = \
              (SELECT id FROM point_entries WHERE payment_id IS NOT NULL ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone, Kind::Unaccounted],
        along_with: &[],
    },
    Planted {
        what: "a payment is gone",
        sql: "DELETE FROM payments WHERE reservation_id = (SELECT id FROM reservations \
              WHERE status = 'CONFIRMED' ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone, Kind::Lost],
        along_with: &[Kind::Unaccounted],
    },
    Planted {
        what: "a queue token that was paid with timed out",
        sql: "UPDATE queue_tokens SET reason = 'TIMED_OUT' WHERE id = \
              (SELECT id FROM queue_tokens WHERE reason = 'COMPLETED' ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone],
        along_with: &[],
    },
    Planted {
        what: "a seat is sold to two",
        sql: "UPDATE reservation_seats SET seat_id = (SELECT s.seat_id FROM reservation_seats s \
              JOIN reservations r ON r.id = s.reservation_id WHERE r.status = 'CONFIRMED' \
              ORDER BY r.id, s.seat_id LIMIT 1) WHERE reservation_id = (SELECT id FROM reservations \
              WHERE status = 'CONFIRMED' ORDER BY id DESC LIMIT 1) AND seat_id = (SELECT s.seat_id \
              FROM reservation_seats s JOIN reservations r ON r.id = s.reservation_id \
              WHERE r.status = 'CONFIRMED' ORDER BY r.id DESC, s.seat_id LIMIT 1)",
        kinds: &[Kind::TwoOwners],
        along_with: &[Kind::HalfDone, Kind::AnswerUntrue],
    },
    Planted {
        what: "a hold is gone",
        sql: "DELETE FROM reservation_seats WHERE reservation_id = (SELECT id FROM reservations \
              WHERE status = 'EXPIRED' ORDER BY id LIMIT 1); \
              DELETE FROM reservations WHERE id = (SELECT id FROM reservations \
              WHERE status = 'EXPIRED' ORDER BY id LIMIT 1)",
        kinds: &[Kind::Lost],
        along_with: &[],
    },
    Planted {
        what: "a hold was released by no client",
        sql: "UPDATE reservations SET status = 'CANCELLED', ended_at = created_at WHERE id = \
              (SELECT id FROM reservations WHERE status = 'EXPIRED' AND queue_token_id NOT IN \
              (SELECT id FROM queue_tokens WHERE reason = 'LEFT') ORDER BY id LIMIT 1)",
        kinds: &[Kind::LeftSomething],
        along_with: &[],
    },
    Planted {
        what: "a released reservation expired",
        sql: "UPDATE reservations SET status = 'EXPIRED', ended_at = NULL WHERE id = \
              (SELECT id FROM reservations WHERE status = 'CANCELLED' AND queue_token_id NOT IN \
              (SELECT id FROM queue_tokens WHERE reason = 'LEFT') AND id NOT IN \
              (SELECT reservation_id FROM payments) ORDER BY id LIMIT 1)",
        kinds: &[Kind::Lost],
        along_with: &[Kind::TwoOwners],
    },
    Planted {
        what: "a transferred ticket is valid",
        sql: "UPDATE tickets SET state = 'VALID', void_at = NULL WHERE id = (SELECT old.id FROM tickets old \
              JOIN tickets new ON new.seat_id = old.seat_id AND new.reservation_id = old.reservation_id \
              WHERE old.state = 'TRANSFERRED' AND new.state = 'VALID' ORDER BY old.id LIMIT 1)",
        kinds: &[Kind::TwoOwners, Kind::Lost, Kind::Unaccounted],
        along_with: &[Kind::HalfDone],
    },
    Planted {
        what: "the ticket of a recipient is another user's",
        sql: "UPDATE tickets SET holder_id = @1@ WHERE id = (SELECT new.id FROM tickets old \
              JOIN tickets new ON new.seat_id = old.seat_id AND new.reservation_id = old.reservation_id \
              WHERE old.state = 'TRANSFERRED' AND new.state = 'VALID' ORDER BY old.id LIMIT 1)",
        kinds: &[Kind::HalfDone],
        along_with: &[],
    },
    Planted {
        what: "a ticket is gone",
        sql: "DELETE FROM tickets WHERE id = (SELECT id FROM tickets WHERE state = 'VALID' AND seat_id NOT IN \
              (SELECT seat_id FROM tickets WHERE state <> 'VALID') ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone],
        along_with: &[Kind::Lost],
    },
    Planted {
        what: "a ticket was transferred by no client",
        sql: "UPDATE tickets SET state = 'TRANSFERRED', void_at = issued_at WHERE id = (SELECT id \
              FROM tickets WHERE state = 'VALID' AND seat_id NOT IN \
              (SELECT seat_id FROM tickets WHERE state <> 'VALID') ORDER BY id LIMIT 1)",
        kinds: &[Kind::LeftSomething, Kind::HalfDone, Kind::Unaccounted],
        along_with: &[Kind::TwoOwners],
    },
    Planted {
        what: "a check-in is gone",
        sql: "UPDATE tickets SET checked_in_at = NULL, checked_in_by = NULL, door = NULL WHERE id = \
              (SELECT id FROM tickets WHERE checked_in_at IS NOT NULL ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone],
        along_with: &[],
    },
    Planted {
        what: "the event of a check-in is gone",
        sql: "DELETE FROM events WHERE kind = 'ticket.checked_in' AND subject_id = \
              (SELECT id FROM tickets WHERE version = 1 AND checked_in_at IS NOT NULL ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone, Kind::Lost],
        along_with: &[],
    },
    Planted {
        what: "a ticket was checked in by no client",
        sql: "UPDATE tickets SET checked_in_at = issued_at, checked_in_by = holder_id, door = 'Nowhere' WHERE id = \
              (SELECT id FROM tickets WHERE state = 'VALID' AND checked_in_at IS NULL ORDER BY id LIMIT 1)",
        kinds: &[Kind::HalfDone, Kind::Unaccounted],
        along_with: &[],
    },
    Planted {
        what: "a ticket was checked in at another door",
        sql: "UPDATE tickets SET door = 'Nowhere' WHERE id = \
              (SELECT id FROM tickets WHERE checked_in_at IS NOT NULL ORDER BY id LIMIT 1)",
        kinds: &[Kind::Unaccounted],
        along_with: &[],
    },
    Planted {
        what: "the refund of a cancelled seat is gone",
        sql: "DELETE FROM point_entries WHERE id = (SELECT point_entries.id FROM point_entries \
              JOIN payments ON payments.id = payment_id \
              JOIN reservations ON reservations.id = reservation_id \
              WHERE kind = 'REFUND' AND status = 'CONFIRMED' ORDER BY point_entries.id DESC LIMIT 1)",
        kinds: &[Kind::Lost, Kind::HalfDone, Kind::WrongBalance],
        along_with: &[Kind::OutOfOrder],
    },
    Planted {
        what: "a cancelled seat is in its reservation",
        sql: "INSERT INTO reservation_seats (reservation_id, seat_id) SELECT reservation_id, seat_id \
              FROM tickets JOIN reservations ON reservations.id = reservation_id \
              WHERE state = 'SEAT_CANCELLED' AND status = 'CONFIRMED' ORDER BY tickets.id LIMIT 1",
        kinds: &[Kind::HalfDone],
        along_with: &[Kind::TwoOwners],
    },
    Planted {
        what: "a user is gone",
        sql: "DELETE FROM users WHERE id = (SELECT id FROM users WHERE email LIKE 'fan-%' \
              ORDER BY id LIMIT 1)",
        kinds: &[Kind::Lost],
        along_with: &[],
    },
    Planted {
        what: "the last in line is let in before the first",
        sql: "DROP INDEX queue_tokens_live; \
              UPDATE queue_tokens SET status = 'WAITING', seen_at = created_at, idle_at = created_at, \
              active_since = NULL, expires_at = NULL, reason = NULL, ended_at = NULL WHERE place = 1; \
              UPDATE queue_tokens SET status = 'ACTIVE', active_since = created_at, \
              expires_at = created_at, seen_at = NULL, idle_at = NULL, reason = NULL, \
              ended_at = NULL WHERE place = 2",
        kinds: &[Kind::OutOfLine],
        along_with: &[Kind::HalfDone, Kind::Lost, Kind::LeftSomething],
    },
    Planted {
        what: "a room takes fewer than are in it",
        sql: "UPDATE rooms SET capacity = 0; DROP INDEX queue_tokens_live; \
              UPDATE queue_tokens SET status = 'ACTIVE', active_since = created_at, expires_at = \
              (SELECT max(booking_closes_at) FROM schedules), seen_at = NULL, idle_at = NULL, \
              reason = NULL, \
              ended_at = NULL WHERE place = 1",
        kinds: &[Kind::OverCapacity],
        along_with: &[Kind::HalfDone, Kind::Lost, Kind::LeftSomething, Kind::OutOfLine],
    },
];

async fn every_break_is_found(kind: StoreKind) {
    let sale = a_clean_sale(kind).await;
    let mut connection = sale.scene.place.connect().expect("the store is there");

    for planted in &PLANTED {
        let store = with(&mut connection, planted.sql);

        let (kinds, sentences) = found(&sale.report.operations, &store);

        let expected: BTreeSet<_> = planted.kinds.iter().copied().collect();
        let allowed: BTreeSet<_> = planted.along_with.iter().copied().collect();
        let what = planted.what;
        assert!(
            kinds.is_superset(&expected),
            "{what}: {expected:?} and not {kinds:?}\n{sentences}"
        );
        assert!(
            kinds.difference(&expected).all(|kind| allowed.contains(kind)),
            "{what}: {expected:?} and not {kinds:?}\n{sentences}"
        );
    }
    let store = with(&mut connection, "SELECT 1");
    assert_eq!(found(&sale.report.operations, &store), (BTreeSet::new(), String::new()));
}

/// What is in the store with something planted, which is taken out again. No constraint stands in its way.
fn with(connection: &mut Connection, sql: &str) -> Dump {
    connection.begin_snapshot().expect("a transaction");
    let id = "00000000-0000-7000-8000-000000000bad";
    let (prelude, id) = match connection {
        Connection::Postgres(_) => {
            ("SET LOCAL session_replication_role = replica", format!("CAST('{id}' AS uuid)"))
        }
        Connection::Embedded(_) => ("PRAGMA defer_foreign_keys = ON", format!("'{id}'")),
    };
    connection.execute(prelude).expect("constraints can be laid aside");
    connection.execute(&sql.replace("@1@", &id)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let store = Dump::read(connection).expect("the store reads");
    connection.roll_back().expect("it can be taken out");
    store
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_break_planted_in_postgres_is_found_and_nothing_else() {
    every_break_is_found(StoreKind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_break_planted_in_the_embedded_store_is_found_and_nothing_else() {
    every_break_is_found(StoreKind::Embedded).await;
}
