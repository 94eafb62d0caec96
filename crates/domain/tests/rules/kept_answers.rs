//! Answers that are kept under idempotency keys (rule 16) outlive an upgrade. Each line of
//! `kept_answers.txt` was written by an earlier version and is never edited: a field that an answer
//! gets later needs `#[serde(default)]`.

use stagedoor_domain::Command;
use stagedoor_domain::operations::{
    CancelConcert, CancelReservation, ChangePoints, CreateConcert, CreateSchedule, CreateUser,
    ExtendHold, HoldSeats, JoinRoom, Pay, PublishConcert,
};

/// Checks that each kept answer of a command reads, and counts them.
fn read<C: Command>() -> usize {
    let lines = include_str!("kept_answers.txt").lines();
    let kept = lines.filter_map(|line| line.strip_prefix(C::NAME)?.strip_prefix(' '));
    let read = kept.map(|text| {
        let ruling = serde_json::from_str::<Result<C::Success, C::Refusal>>(text);
        assert!(ruling.is_ok(), "{}: {}", C::NAME, ruling.unwrap_err());
    });
    let count = read.count();
    assert!(count > 0, "no answer to {} is kept", C::NAME);
    count
}

#[test]
fn answers_that_an_earlier_version_kept_still_read() {
    let read = [
        read::<CancelConcert>(),
        read::<CancelReservation>(),
        read::<ChangePoints>(),
        read::<CreateConcert>(),
        read::<CreateSchedule>(),
        read::<CreateUser>(),
        read::<ExtendHold>(),
        read::<HoldSeats>(),
        read::<JoinRoom>(),
        read::<Pay>(),
        read::<PublishConcert>(),
    ];

    let lines = include_str!("kept_answers.txt").lines().count();
    assert_eq!(read.iter().sum::<usize>(), lines, "each line is of a command with a key");
}
