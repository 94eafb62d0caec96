//! Commands: what can be asked to change, as plain data, and how a batch of them is decided.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::working_set::{Changes, Corrupt, IdempotencyRecord, WorkingSet};
use crate::{Instant, Needs, UserId};

/// Something that can be asked to change. Ids in it are made by the caller.
pub trait Command: Clone + Debug + Send + Sync + 'static {
    /// What is answered when it was done.
    type Success: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What is answered when a rule refuses it.
    type Refusal: Refusal;
    /// [`Idempotency`] if it takes an idempotency key (rule 16), [`NoKey`] if it does not.
    type Key: Key;
    /// The command's name in metrics, logs and idempotency records.
    const NAME: &'static str;

    /// Names the rows that the command is decided on.
    fn needs(&self, needs: &mut Needs);

    /// Names rows that the command is decided on only if what it [needs](Self::needs) says so: `set` contains that.
    /// Locks among them come after those in the [order](Needs).
    ///
    /// # Errors
    /// It reads what it does not need: a bug.
    fn needs_besides(
        &self,
        _set: &WorkingSet,
        _now: Instant,
        _needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        Ok(())
    }

    /// Decides the command on rows that are loaded and locked. A refusal leaves the set as it was.
    ///
    /// # Errors
    /// The rule that refuses, or a bug.
    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self>;
}

/// What a command has done, or why it was not done.
pub type Decided<C> = Result<<C as Command>::Success, DecideError<<C as Command>::Refusal>>;

/// Why a command was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecideError<R> {
    /// A rule refuses it.
    Refused(R),
    /// The rows contradict the rules: a bug. The whole batch ends, and nothing of it is written.
    Corrupt(Corrupt),
}

impl<R: Refusal> From<R> for DecideError<R> {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal)
    }
}

impl<R> From<Corrupt> for DecideError<R> {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt)
    }
}

/// Why a rule refuses a command.
pub trait Refusal:
    Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Whether the same request can never succeed later. Only a final refusal is kept under an
    /// idempotency key (rule 16): after any other, the same key tries again. Commands that take no
    /// key need not say it.
    fn is_final(&self) -> bool {
        true
    }
}

/// The refusal of a command that no rule refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum NeverRefused {}

impl Refusal for NeverRefused {}

/// Why a command that takes an idempotency key was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused<R> {
    /// The key was used before for something else.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A rule refuses it.
    #[error("{0}")]
    Rule(R),
}

impl<R: Refusal> From<R> for Refused<R> {
    fn from(refusal: R) -> Self {
        Self::Rule(refusal)
    }
}

/// What the refusals of a command look like: with a reused key among them or without.
pub type RefusalOf<C> = <<C as Command>::Key as Key>::Refused<<C as Command>::Refusal>;

/// The answer to one command.
pub type Verdict<C> = Result<<C as Command>::Success, RefusalOf<C>>;

/// A command, and the key that makes its repetition harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission<C: Command> {
    /// What is asked.
    pub command: C,
    /// Under which key, if the caller gave one.
    pub key: Option<C::Key>,
}

impl<C: Command> Submission<C> {
    /// A submission without a key.
    pub fn new(command: C) -> Self {
        Self { command, key: None }
    }

    /// The idempotency key, if the caller gave one.
    pub fn idempotency(&self) -> Option<&Idempotency> {
        self.key.as_ref().map(Key::idempotency)
    }
}

/// Whether a command takes an idempotency key.
pub trait Key: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// What a refusal of the command looks like.
    type Refused<R: Refusal>: Clone + Debug + PartialEq + From<R> + Send + Sync + 'static;

    /// The key.
    fn idempotency(&self) -> &Idempotency;

    /// That this key was used before for something else.
    fn reused<R: Refusal>(&self) -> Self::Refused<R>;

    /// The refusal of a rule; nothing if the key was reused.
    fn rule<R: Refusal>(refused: Self::Refused<R>) -> Option<R>;
}

impl Key for Idempotency {
    type Refused<R: Refusal> = Refused<R>;

    fn idempotency(&self) -> &Idempotency {
        self
    }

    fn reused<R: Refusal>(&self) -> Refused<R> {
        Refused::KeyReused
    }

    fn rule<R: Refusal>(refused: Refused<R>) -> Option<R> {
        match refused {
            Refused::KeyReused => None,
            Refused::Rule(refusal) => Some(refusal),
        }
    }
}

/// The key of a command that takes none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {}

impl Key for NoKey {
    type Refused<R: Refusal> = R;

    fn idempotency(&self) -> &Idempotency {
        match *self {}
    }

    fn reused<R: Refusal>(&self) -> R {
        match *self {}
    }

    fn rule<R: Refusal>(refused: R) -> Option<R> {
        Some(refused)
    }
}

/// A caller's `Idempotency-Key` (rule 16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Whose key; the same text under another owner is another key.
    pub owner: UserId,
    /// The key, 1 to 255 bytes.
    pub key: String,
    /// A digest of what was asked, which tells a repetition from a reuse.
    pub fingerprint: String,
}

/// Decides a batch in order: a later command sees what an earlier one did, and a refusal undoes
/// nothing but itself. A submission whose key has a record gets its verdict and does nothing. A
/// success or a [final](Refusal::is_final) refusal is kept under the submission's key. What others learn of the changes is
/// among them, as [events](crate::Event).
///
/// # Errors
/// [`Corrupt`] when an idempotency record cannot be read or rows contradict the rules; then nothing is to be
/// written.
pub fn decide_all<C: Command>(
    mut set: WorkingSet,
    submissions: &[Submission<C>],
    now: Instant,
) -> Result<(Vec<Verdict<C>>, Changes), Corrupt> {
    let verdicts = submissions
        .iter()
        .map(|submission| decide_one(&mut set, submission, now))
        .collect::<Result<Vec<_>, _>>()?;
    set.add_events(now);
    Ok((verdicts, set.into_changes()))
}

fn decide_one<C: Command>(
    set: &mut WorkingSet,
    submission: &Submission<C>,
    now: Instant,
) -> Result<Verdict<C>, Corrupt> {
    let Some(key) = &submission.key else {
        return Ok(ruling(&submission.command, set, now)?.map_err(Into::into));
    };
    let Idempotency { owner, key: text, fingerprint } = key.idempotency().clone();
    if let Some(record) = set.get::<IdempotencyRecord>(&(owner, text.clone()))? {
        return recall::<C>(record, key);
    }
    let ruling = ruling(&submission.command, set, now)?;
    if ruling.as_ref().is_err_and(|refusal| !refusal.is_final()) {
        return Ok(ruling.map_err(Into::into));
    }
    set.insert(IdempotencyRecord {
        owner,
        key: text,
        command: C::NAME.to_owned(),
        fingerprint,
        verdict: serde_json::to_string(&ruling).map_err(|cause| corrupt::<C>(&cause))?,
        recorded_at: now,
    });
    Ok(ruling.map_err(Into::into))
}

/// What the rules say, with a bug apart from a refusal.
fn ruling<C: Command>(
    command: &C,
    set: &mut WorkingSet,
    now: Instant,
) -> Result<Result<C::Success, C::Refusal>, Corrupt> {
    match command.decide(set, now) {
        Ok(success) => Ok(Ok(success)),
        Err(DecideError::Refused(refusal)) => Ok(Err(refusal)),
        Err(DecideError::Corrupt(corrupt)) => Err(corrupt),
    }
}

fn recall<C: Command>(record: &IdempotencyRecord, key: &C::Key) -> Result<Verdict<C>, Corrupt> {
    if record.command != C::NAME || record.fingerprint != key.idempotency().fingerprint {
        return Ok(Err(key.reused()));
    }
    let ruling: Result<C::Success, C::Refusal> =
        serde_json::from_str(&record.verdict).map_err(|cause| corrupt::<C>(&cause))?;
    Ok(ruling.map_err(Into::into))
}

fn corrupt<C: Command>(cause: &serde_json::Error) -> Corrupt {
    Corrupt::new(format!("the idempotency record of {} does not read: {cause}", C::NAME))
}
