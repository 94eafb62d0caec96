//! The one list of what people can ask for. A new command gets a line in `calls!`, and an
//! [`Intent`](crate::intents::Intent) that makes it.

use futures_util::FutureExt;
use stagedoor_domain::operations::{
    BlockRefused, BlockSeats, CancelByStaff, CancelByStaffRefused, CancelConcert,
    CancelReservation, CancelSchedule, CancelScheduleRefused, CancelTicket, ChangeName,
    ChangeNameRefused, ChangePassword, ChangePasswordRefused, ChangePoints, ChangePolicy,
    CheckInTicket, CreateUser, EditConcert, EditConcertRefused, EditSchedule, EditScheduleRefused,
    ExtendHold, GiveRefused, GiveTickets, HoldSeats, JoinRoom, LeaveRefused, LeaveRoom, Pay,
    PolicyRefused, ReleaseHold, ReleaseRefused, RemoveToken, RemoveTokenRefused, TransferTicket,
    UndoCheckIn, UndoCheckInRefused,
};
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::{Instant, Refusal, Refused, Submission, Verdict};

use crate::disk::Disk;

/// The refusals of a command, whether or not it takes a key.
trait Refusals {
    fn is_kept(&self) -> bool {
        false
    }

    fn is_key_reused(&self) -> bool {
        false
    }
}

impl Refusals for ChangeNameRefused {}
impl Refusals for ChangePasswordRefused {}
impl Refusals for LeaveRefused {}
impl Refusals for ReleaseRefused {}
impl Refusals for PolicyRefused {}
impl Refusals for EditConcertRefused {}
impl Refusals for EditScheduleRefused {}
impl Refusals for CancelScheduleRefused {}
impl Refusals for CancelByStaffRefused {}
impl Refusals for BlockRefused {}
impl Refusals for GiveRefused {}
impl Refusals for RemoveTokenRefused {}
impl Refusals for UndoCheckInRefused {}

impl<R: Refusal> Refusals for Refused<R> {
    fn is_kept(&self) -> bool {
        match self {
            Self::KeyReused => true,
            Self::Rule(refusal) => refusal.is_final(),
        }
    }

    fn is_key_reused(&self) -> bool {
        matches!(self, Self::KeyReused)
    }
}

macro_rules! calls {
    ($($kind:ident: $command:ty,)*) => {
        /// A request of some kind.
        #[derive(Clone, Debug)]
        pub enum Asked {
            $($kind(Submission<$command>),)*
        }

        /// The verdict on a request of some kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Answered {
            $($kind(Verdict<$command>),)*
        }

        /// The kinds there are. A batch is of one kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $($kind,)*
        }

        impl Asked {
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)*
                }
            }
        }

        impl Answered {
            /// Whether a rule refused the request.
            pub fn is_refusal(&self) -> bool {
                match self {
                    $(Self::$kind(verdict) => verdict.is_err(),)*
                }
            }

            /// Whether the answer is kept under the request's key.
            pub fn is_kept(&self) -> bool {
                match self {
                    $(Self::$kind(verdict) => verdict.as_ref().err().is_none_or(Refusals::is_kept),)*
                }
            }

            /// Whether the request was refused because its key was used for something else.
            pub fn is_key_reused(&self) -> bool {
                match self {
                    $(Self::$kind(verdict) => {
                        verdict.as_ref().is_err_and(Refusals::is_key_reused)
                    })*
                }
            }
        }

        /// Has a batch of submissions of one kind carried out.
        pub fn execute(
            disk: &Disk,
            kind: Kind,
            batch: &[Asked],
            now: Instant,
        ) -> Result<Vec<Answered>, StoreError> {
            match kind {
                $(Kind::$kind => {
                    let submissions: Vec<Submission<$command>> = batch
                        .iter()
                        .filter_map(|asked| match asked {
                            Asked::$kind(submission) => Some(submission.clone()),
                            _ => None,
                        })
                        .collect();
                    let verdicts = at_once(disk.execute(&submissions, now))?;
                    Ok(verdicts.into_iter().map(Answered::$kind).collect())
                })*
            }
        }
    };
}

calls! {
    SignUp: CreateUser,
    Rename: ChangeName,
    ChangePassword: ChangePassword,
    Join: JoinRoom,
    Leave: LeaveRoom,
    Hold: HoldSeats,
    ReleaseHold: ReleaseHold,
    Extend: ExtendHold,
    Pay: Pay,
    Cancel: CancelReservation,
    TransferTicket: TransferTicket,
    CancelTicket: CancelTicket,
    CheckIn: CheckInTicket,
    UndoCheckIn: UndoCheckIn,
    Points: ChangePoints,
    UpdateControls: ChangePolicy,
    EditSchedule: EditSchedule,
    CancelSchedule: CancelSchedule,
    EditConcert: EditConcert,
    CancelConcert: CancelConcert,
    CancelByStaff: CancelByStaff,
    BlockSeats: BlockSeats,
    GiveTickets: GiveTickets,
    RemoveToken: RemoveToken,
}

/// The outcome of a future that never waits: the model answers at once.
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("nothing in a simulation waits")
}
