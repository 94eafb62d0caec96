//! Commands: what can be asked to change, as plain data, and how a batch of them is decided.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::working_set::{Answer, Changes, Corrupt, WorkingSet};
use crate::{Instant, Needs, UserId};

/// Something that can be asked to change. Ids in it are made by the caller.
pub trait Command: Clone + Debug + Send + Sync + 'static {
    /// What is answered when it was done.
    type Success: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What is answered when a rule refuses it.
    type Refusal: Refusal;
    /// The command's name in metrics, logs and kept answers.
    const NAME: &'static str;

    /// Names the rows that the command is decided on.
    fn needs(&self, needs: &mut Needs);

    /// Names rows that the command is decided on only if what it [needs](Self::needs) says so: `set` contains that.
    /// Locks among them come after those in the [order](Needs).
    fn needs_besides(&self, _set: &WorkingSet, _now: Instant, _needs: &mut Needs) {}

    /// Decides the command on rows that are loaded and locked. A refusal leaves the set as it was.
    ///
    /// # Errors
    /// The rule that refuses, or a bug.
    fn decide(
        &self,
        set: &mut WorkingSet,
        now: Instant,
    ) -> Result<Self::Success, DecideError<Self::Refusal>>;
}

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
    Clone + Debug + Serialize + DeserializeOwned + From<KeyReused> + Send + Sync + 'static
{
    /// Whether the same request can never succeed later. Only a final refusal is kept under an
    /// idempotency key (rule 16): after any other, the same key tries again.
    fn is_final(&self) -> bool;
}

/// The answer to one command.
pub type Verdict<C> = Result<<C as Command>::Success, <C as Command>::Refusal>;

/// A command, and the key that makes its repetition harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<C> {
    /// What is asked.
    pub command: C,
    /// Under which key, if the caller gave one.
    pub idempotency: Option<Idempotency>,
}

impl<C> Request<C> {
    /// A request without a key.
    pub fn new(command: C) -> Self {
        Self { command, idempotency: None }
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

/// The key was used before for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key was used for another request")]
pub struct KeyReused;

/// Decides a batch in order: a later command sees what an earlier one did, and a refusal undoes
/// nothing but itself. A request whose key has an answer gets that answer and does nothing. A
/// success or a [final](Refusal::is_final) refusal is kept under the request's key.
///
/// # Errors
/// [`Corrupt`] when a kept answer cannot be read or rows contradict the rules; then nothing is to be
/// written.
pub fn decide_all<C: Command>(
    mut set: WorkingSet,
    requests: &[Request<C>],
    now: Instant,
) -> Result<(Vec<Verdict<C>>, Changes), Corrupt> {
    let verdicts = requests
        .iter()
        .map(|request| decide_one(&mut set, request, now))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((verdicts, set.into_changes()))
}

fn decide_one<C: Command>(
    set: &mut WorkingSet,
    request: &Request<C>,
    now: Instant,
) -> Result<Verdict<C>, Corrupt> {
    let Some(idempotency) = &request.idempotency else {
        return verdict(&request.command, set, now);
    };
    if let Some(answer) = set.get::<Answer>(&(idempotency.owner, idempotency.key.clone())) {
        return recall::<C>(answer, idempotency);
    }
    let verdict = verdict(&request.command, set, now)?;
    if verdict.as_ref().is_err_and(|refusal| !refusal.is_final()) {
        return Ok(verdict);
    }
    let kept = serde_json::to_string(&verdict).map_err(|cause| corrupt::<C>(&cause))?;
    set.insert(Answer {
        owner: idempotency.owner,
        key: idempotency.key.clone(),
        command: C::NAME.to_owned(),
        fingerprint: idempotency.fingerprint.clone(),
        verdict: kept,
        recorded_at: now,
    });
    Ok(verdict)
}

fn verdict<C: Command>(
    command: &C,
    set: &mut WorkingSet,
    now: Instant,
) -> Result<Verdict<C>, Corrupt> {
    match command.decide(set, now) {
        Ok(success) => Ok(Ok(success)),
        Err(DecideError::Refused(refusal)) => Ok(Err(refusal)),
        Err(DecideError::Corrupt(corrupt)) => Err(corrupt),
    }
}

fn recall<C: Command>(answer: &Answer, idempotency: &Idempotency) -> Result<Verdict<C>, Corrupt> {
    if answer.command != C::NAME || answer.fingerprint != idempotency.fingerprint {
        return Ok(Err(KeyReused.into()));
    }
    serde_json::from_str(&answer.verdict).map_err(|cause| corrupt::<C>(&cause))
}

fn corrupt<C: Command>(cause: &serde_json::Error) -> Corrupt {
    Corrupt::new(format!("a kept {} answer does not read: {cause}", C::NAME))
}
