//! Passwords, hashed with Argon2id (RFC 9106).

use std::sync::Arc;

use argon2::{Algorithm, Argon2, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use async_trait::async_trait;
use stagedoor_domain::ports::{Passwords, StoreError, SubmitError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use argon2::Params as PasswordCosts;

/// How many hashes are computed at once; each takes a processor and 19 MiB.
const RUNNING_MAX: usize = 2;
/// How many more may wait for their turn: a few seconds' worth.
const WAITING_MAX: usize = 128;
/// How many log-ins from where the account is known may wait besides.
const KNOWN_WAITING_MAX: usize = 32;

/// Hashes and checks passwords on threads that serve no requests.
pub struct Argon2Passwords {
    argon2: Argon2<'static>,
    /// What a password is checked against when there is no user, so that it takes as long.
    no_user: String,
    admitted: Arc<Semaphore>,
    /// More places, for log-ins from where the account is known.
    admitted_known: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// The right to compute one hash. It is released when the computation ends, not when its caller
/// goes away.
struct Turn {
    _admitted: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl Argon2Passwords {
    /// Costs as OWASP and the `argon2` crate recommend, unless a test asks for cheaper ones.
    ///
    /// # Errors
    /// The system gave no random salt.
    pub fn new(costs: Option<PasswordCosts>) -> anyhow::Result<Self> {
        let costs = costs.unwrap_or_default();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, costs);
        let no_user = hash(&argon2, "no user's password").map_err(anyhow::Error::msg)?;
        Ok(Self {
            argon2,
            no_user,
            admitted: Arc::new(Semaphore::new(RUNNING_MAX + WAITING_MAX)),
            admitted_known: Arc::new(Semaphore::new(KNOWN_WAITING_MAX)),
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
        })
    }

    async fn compute<T: Send + 'static>(
        &self,
        kind: &'static str,
        is_known: bool,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, String> + Send + 'static,
    ) -> Result<T, SubmitError> {
        let turn = self.turn(is_known).await?;
        metrics::counter!("stagedoor_password_hashes_total", "work" => kind).increment(1);
        let argon2 = self.argon2.clone();
        let computed = tokio::task::spawn_blocking(move || {
            let result = work(&argon2);
            drop(turn);
            result
        });
        let result = computed.await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(result.map_err(StoreError::Corrupt)?)
    }

    async fn turn(&self, is_known: bool) -> Result<Turn, SubmitError> {
        let known = || Arc::clone(&self.admitted_known).try_acquire_owned();
        let admitted = match Arc::clone(&self.admitted).try_acquire_owned() {
            Err(_) if is_known => known(),
            admitted => admitted,
        };
        let admitted = admitted.map_err(|_| SubmitError::Overloaded)?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|_| SubmitError::Overloaded)?;
        Ok(Turn { _admitted: admitted, _running: running })
    }
}

#[async_trait]
impl Passwords for Argon2Passwords {
    async fn hash(&self, password: String) -> Result<String, SubmitError> {
        self.compute("hash", false, move |argon2| hash(argon2, &password)).await
    }

    async fn verify(
        &self,
        password: String,
        of_user: Option<String>,
        is_known: bool,
    ) -> Result<bool, SubmitError> {
        let is_user = of_user.is_some();
        let hash = of_user.unwrap_or_else(|| self.no_user.clone());
        let check = move |argon2: &Argon2<'static>| verify(argon2, &password, &hash);
        let fits = self.compute("verify", is_known, check).await?;
        Ok(fits && is_user)
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, String> {
    let hash = argon2.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

fn verify(argon2: &Argon2<'_>, password: &str, hash: &str) -> Result<bool, String> {
    let hash = PasswordHash::new(hash).map_err(|_| "a password hash does not read".to_owned())?;
    Ok(argon2.verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Argon2Passwords {
        Argon2Passwords::new(Some(PasswordCosts::new(8, 1, 1, None).unwrap())).unwrap()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let passwords = cheap();
        let hash = passwords.hash("stagedoor".to_owned()).await.unwrap();
        let again = passwords.hash("stagedoor".to_owned()).await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(hash, again);
        let check = |password: &str, hash: &str| {
            passwords.verify(password.to_owned(), Some(hash.to_owned()), false)
        };
        assert_eq!(check("stagedoor", &hash).await, Ok(true));
        assert_eq!(check("stagehand", &hash).await, Ok(false));
    }

    #[tokio::test]
    async fn without_a_user_no_password_fits_not_even_the_one_it_is_checked_against() {
        let passwords = cheap();

        assert_eq!(passwords.verify("no user's password".to_owned(), None, false).await, Ok(false));
    }

    #[tokio::test]
    async fn a_hash_that_does_not_read_is_corrupt() {
        let answer = cheap().verify("stagedoor".to_owned(), Some("plain".to_owned()), false).await;

        let cause = "a password hash does not read".to_owned();
        assert_eq!(answer, Err(StoreError::Corrupt(cause).into()));
    }

    #[tokio::test]
    async fn too_many_at_once_are_rejected_at_once() {
        let passwords = cheap();
        let all = RUNNING_MAX + WAITING_MAX;
        let taken = passwords.admitted.try_acquire_many(u32::try_from(all).unwrap()).unwrap();

        assert_eq!(passwords.hash("x".to_owned()).await, Err(SubmitError::Overloaded));
        let check = |is_known| passwords.verify("x".to_owned(), None, is_known);
        assert_eq!(check(false).await, Err(SubmitError::Overloaded));
        assert_eq!(check(true).await, Ok(false), "places are kept for who is known");
        drop(taken);
        assert!(passwords.hash("x".to_owned()).await.is_ok());
    }

    #[test]
    fn the_default_costs_are_those_recommended() {
        let params = PasswordCosts::default();

        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
    }
}
