//! Signing up and logging in.

use std::sync::Arc;

use crate::invalid::{Invalid, Rule};
use crate::operations::CreateUser;
use crate::ports::{Passwords, Submit, SubmitError, Users};
use crate::{Email, Idempotency, PersonName, Request, Role, User, UserId, Verdict};

/// A person who wants an account.
#[derive(Clone)]
pub struct SignUp {
    /// The id the user gets.
    pub id: UserId,
    /// What the person is called.
    pub name: PersonName,
    /// The address to sign in with.
    pub email: Email,
    /// The password, checked by [`SignUp::check_password`]; a guest has none.
    pub password: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// The caller's key, if any.
    pub idempotency: Option<Idempotency>,
}

impl SignUp {
    /// The shortest password, in characters (NIST SP 800-63B section 5.1.1.2).
    pub const PASSWORD_CHARACTERS_MIN: usize = 8;
    /// The longest password, in characters, so that hashing one has a bounded cost.
    pub const PASSWORD_CHARACTERS_MAX: usize = 256;

    /// Checks a new password's length.
    ///
    /// # Errors
    /// Names the field `password`.
    pub fn check_password(password: &str) -> Result<(), Invalid> {
        let (low, high) = (Self::PASSWORD_CHARACTERS_MIN, Self::PASSWORD_CHARACTERS_MAX);
        if (low..=high).contains(&password.chars().count()) {
            Ok(())
        } else {
            Err(Invalid::new("password", Rule::Characters(low, high)))
        }
    }
}

/// The e-mail address and the password do not belong together. It is not said which is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the e-mail address and the password do not belong together")]
pub struct LogInRefused;

/// Signs people up and in.
#[derive(Clone)]
pub struct People {
    /// Reads users.
    pub users: Arc<dyn Users>,
    /// Hashes and checks passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Makes users.
    pub create_user: Arc<dyn Submit<CreateUser>>,
}

impl People {
    /// Makes an account.
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn sign_up(&self, sign_up: SignUp) -> Result<Verdict<CreateUser>, SubmitError> {
        let password_hash = match sign_up.password {
            Some(password) => self.passwords.hash(password).await?,
            None => User::NO_PASSWORD.to_owned(),
        };
        let command = CreateUser {
            id: sign_up.id,
            name: sign_up.name,
            email: sign_up.email,
            password_hash,
            role: sign_up.role,
        };
        self.create_user.submit(Request { command, idempotency: sign_up.idempotency }).await
    }

    /// The user whose address and password these are. An unknown address, and a user without a
    /// password, take as long as a wrong password.
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn log_in(
        &self,
        email: &str,
        password: String,
    ) -> Result<Result<User, LogInRefused>, SubmitError> {
        let user = match Email::parse(email) {
            Ok(email) => self.users.user_by_email(&email).await?,
            Err(_) => None,
        };
        let user = user.filter(User::has_password);
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let fits = self.passwords.verify(password, hash).await?;
        Ok(user.filter(|_| fits).ok_or(LogInRefused))
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::*;
    use crate::operations::CreateUserRefused;
    use crate::ports::{MockPasswords, MockSubmit, MockUsers};

    fn people(
        users: MockUsers,
        passwords: MockPasswords,
        submit: MockSubmit<CreateUser>,
    ) -> People {
        People {
            users: Arc::new(users),
            passwords: Arc::new(passwords),
            create_user: Arc::new(submit),
        }
    }

    fn a_user() -> User {
        User {
            id: UserId(uuid::Uuid::from_u128(1)),
            name: PersonName::parse("Fan").unwrap(),
            email: Email::parse("fan@example.com").unwrap(),
            password_hash: "hash".to_owned(),
            role: Role::Fan,
            created_at: time::macros::datetime!(2026-11-21 10:00 UTC),
        }
    }

    #[tokio::test]
    async fn signing_up_stores_the_hash_and_not_the_password() {
        let mut passwords = MockPasswords::new();
        passwords
            .expect_hash()
            .with(eq("correct horse".to_owned()))
            .returning(|_| Ok("hash".to_owned()));
        let mut submit = MockSubmit::<CreateUser>::new();
        submit
            .expect_submit()
            .withf(|request| request.command.password_hash == "hash")
            .returning(|_| Ok(Err(CreateUserRefused::EmailTaken)));
        let sign_up = SignUp {
            id: UserId(uuid::Uuid::from_u128(1)),
            name: PersonName::parse("Fan").unwrap(),
            email: Email::parse("fan@example.com").unwrap(),
            password: Some("correct horse".to_owned()),
            role: Role::Fan,
            idempotency: None,
        };

        let verdict = people(MockUsers::new(), passwords, submit).sign_up(sign_up).await;

        assert_eq!(verdict, Ok(Err(CreateUserRefused::EmailTaken)));
    }

    #[tokio::test]
    async fn signing_up_without_a_password_hashes_nothing() {
        let mut submit = MockSubmit::<CreateUser>::new();
        submit
            .expect_submit()
            .withf(|request| request.command.password_hash.is_empty())
            .returning(|_| Ok(Err(CreateUserRefused::EmailTaken)));
        let guest = SignUp {
            id: UserId(uuid::Uuid::from_u128(1)),
            name: PersonName::parse("Guest").unwrap(),
            email: Email::parse("1@guest.invalid").unwrap(),
            password: None,
            role: Role::Fan,
            idempotency: None,
        };

        let people = people(MockUsers::new(), MockPasswords::new(), submit);

        assert_eq!(people.sign_up(guest).await, Ok(Err(CreateUserRefused::EmailTaken)));
    }

    #[tokio::test]
    async fn an_unknown_address_and_a_guest_are_refused_after_the_same_work_as_a_wrong_password() {
        let guest = User { password_hash: User::NO_PASSWORD.to_owned(), ..a_user() };
        let table = [(None, None), (Some(guest), None), (Some(a_user()), Some("hash".to_owned()))];
        for (found, hash) in table {
            let mut users = MockUsers::new();
            users.expect_user_by_email().returning(move |_| Ok(found.clone()));
            let mut passwords = MockPasswords::new();
            passwords
                .expect_verify()
                .with(eq("wrong".to_owned()), eq(hash))
                .times(1)
                .returning(|_, _| Ok(false));

            let answer = people(users, passwords, MockSubmit::new())
                .log_in("FAN@example.com", "wrong".to_owned())
                .await;

            assert_eq!(answer, Ok(Err(LogInRefused)));
        }
    }

    #[tokio::test]
    async fn the_right_password_logs_in() {
        let mut users = MockUsers::new();
        users.expect_user_by_email().returning(|_| Ok(Some(a_user())));
        let mut passwords = MockPasswords::new();
        passwords.expect_verify().returning(|_, _| Ok(true));

        let answer = people(users, passwords, MockSubmit::new())
            .log_in("fan@example.com", "right".to_owned())
            .await;

        assert_eq!(answer, Ok(Ok(a_user())));
    }
}
