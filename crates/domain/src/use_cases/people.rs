//! Signing up, logging in, changing a password and deleting an account.

use std::sync::Arc;

use crate::mail::Language;
use crate::operations::{ChangePassword, ChangePasswordRefused, CreateUser, DeleteUser};
use crate::ports::{Passwords, StoreError, Submit, SubmitError, Users};
use crate::{
    Email, Idempotency, NewPassword, PersonName, Role, Submission, User, UserId, Verdict, password,
};

/// A person who wants an account.
#[derive(Clone)]
pub struct SignUp {
    /// The id the user gets.
    pub id: UserId,
    /// What the person is called.
    pub name: PersonName,
    /// The address to sign in with.
    pub email: Email,
    /// The password; a guest has none.
    pub password: Option<NewPassword>,
    /// What the person may do.
    pub role: Role,
    /// The language of the e-mail by which the person confirms the address; nothing if the service sends none.
    pub verification: Option<Language>,
    /// The caller's key, if any.
    pub idempotency: Option<Idempotency>,
}

/// The e-mail address and the password do not belong together. It is not said which is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the e-mail address and the password do not belong together")]
pub struct LogInRefused;

/// Proof that a user's current password was checked. Only [`People::check_password`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedPassword {
    user_id: UserId,
    hash: String,
}

/// Signs people up and in, and changes their passwords.
#[derive(Clone)]
pub struct People {
    /// Reads users.
    pub users: Arc<dyn Users>,
    /// Hashes and checks passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Makes users.
    pub create_user: Arc<dyn Submit<CreateUser>>,
    /// Changes passwords.
    pub change_password: Arc<dyn Submit<ChangePassword>>,
    /// Deletes accounts.
    pub delete_user: Arc<dyn Submit<DeleteUser>>,
}

impl People {
    /// Makes an account.
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn sign_up(&self, sign_up: SignUp) -> Result<Verdict<CreateUser>, SubmitError> {
        let password_hash = match sign_up.password {
            Some(password) => self.passwords.hash(password.into_text()).await?,
            None => User::NO_PASSWORD.to_owned(),
        };
        let command = CreateUser {
            id: sign_up.id,
            name: sign_up.name,
            email: sign_up.email,
            password_hash,
            role: sign_up.role,
            verification: sign_up.verification,
        };
        self.create_user.submit(Submission { command, key: sign_up.idempotency }).await
    }

    /// The user whose address and password these are. An unknown address, and a user without a
    /// password, take as long as a wrong password. `is_known` says that there was a recent log-in to the account
    /// from the same place.
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn log_in(
        &self,
        email: &str,
        password: String,
        is_known: bool,
    ) -> Result<Result<User, LogInRefused>, SubmitError> {
        let user = find_user(&*self.users, email).await?.filter(User::has_password);
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let fits = self.fits(hash, password, is_known).await?;
        Ok(user.filter(|_| fits).ok_or(LogInRefused))
    }

    /// Checks the current password of a user, before [`Self::change_password`]. `is_known` as in
    /// [`Self::log_in`]; a user without a password takes as long as a wrong password.
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn check_password(
        &self,
        user: &User,
        password: String,
        is_known: bool,
    ) -> Result<Result<CheckedPassword, ChangePasswordRefused>, SubmitError> {
        let hash = user.has_password().then(|| user.password_hash.clone());
        let fits = self.fits(hash.clone(), password, is_known).await?;
        let checked = hash.filter(|_| fits).map(|hash| CheckedPassword { user_id: user.id, hash });
        Ok(checked.ok_or(ChangePasswordRefused::WrongPassword))
    }

    /// Changes a password whose current one was checked, and ends all sessions of the user. Answers the
    /// version of the sessions that begin from now on.
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn change_password(
        &self,
        checked: CheckedPassword,
        new: NewPassword,
    ) -> Result<Verdict<ChangePassword>, SubmitError> {
        let new_hash = self.passwords.hash(new.into_text()).await?;
        let CheckedPassword { user_id, hash: checked_hash } = checked;
        let command = ChangePassword { user_id, checked_hash, new_hash };
        self.change_password.submit(Submission::new(command)).await
    }

    /// Deletes the account of a user whose password was checked. Answers the version of the user's sessions
    /// from now on, of which there is none.
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn delete(
        &self,
        checked: CheckedPassword,
    ) -> Result<Verdict<DeleteUser>, SubmitError> {
        let CheckedPassword { user_id, hash: checked_hash } = checked;
        self.delete_user.submit(Submission::new(DeleteUser { user_id, checked_hash })).await
    }

    /// Whether a password belongs to a hash, in one of the forms that may have been hashed.
    async fn fits(
        &self,
        hash: Option<String>,
        password: String,
        is_known: bool,
    ) -> Result<bool, SubmitError> {
        for form in password::forms(password) {
            if self.passwords.verify(form, hash.clone(), is_known).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The user of an e-mail address, in whichever form a store has it.
///
/// # Errors
/// A failure of the store.
pub async fn find_user(users: &dyn Users, email: &str) -> Result<Option<User>, StoreError> {
    for form in Email::forms(email) {
        let found = users.user_by_email(&form).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::*;
    use crate::operations::CreateUserRefused;
    use crate::ports::{MockPasswords, MockSubmit, MockUsers};
    use crate::user::Sessions;

    fn people(
        users: MockUsers,
        passwords: MockPasswords,
        submit: MockSubmit<CreateUser>,
    ) -> People {
        People {
            users: Arc::new(users),
            passwords: Arc::new(passwords),
            create_user: Arc::new(submit),
            change_password: Arc::new(MockSubmit::new()),
            delete_user: Arc::new(MockSubmit::new()),
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
            sessions: Sessions::default(),
            contact: Default::default(),
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
            .withf(|submission| submission.command.password_hash == "hash")
            .returning(|_| Ok(Err(CreateUserRefused::EmailTaken.into())));
        let sign_up = SignUp {
            id: UserId(uuid::Uuid::from_u128(1)),
            name: PersonName::parse("Fan").unwrap(),
            email: Email::parse("fan@example.com").unwrap(),
            password: Some(NewPassword::parse("correct horse").unwrap()),
            role: Role::Fan,
            verification: None,
            idempotency: None,
        };

        let verdict = people(MockUsers::new(), passwords, submit).sign_up(sign_up).await;

        assert_eq!(verdict, Ok(Err(CreateUserRefused::EmailTaken.into())));
    }

    #[tokio::test]
    async fn signing_up_without_a_password_hashes_nothing() {
        let mut submit = MockSubmit::<CreateUser>::new();
        submit
            .expect_submit()
            .withf(|submission| submission.command.password_hash.is_empty())
            .returning(|_| Ok(Err(CreateUserRefused::EmailTaken.into())));
        let guest = SignUp {
            id: UserId(uuid::Uuid::from_u128(1)),
            name: PersonName::parse("Guest").unwrap(),
            email: Email::parse("1@guest.invalid").unwrap(),
            password: None,
            role: Role::Fan,
            verification: None,
            idempotency: None,
        };

        let people = people(MockUsers::new(), MockPasswords::new(), submit);

        assert_eq!(people.sign_up(guest).await, Ok(Err(CreateUserRefused::EmailTaken.into())));
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
                .with(eq("wrong".to_owned()), eq(hash), eq(false))
                .times(1)
                .returning(|_, _, _| Ok(false));

            let answer = people(users, passwords, MockSubmit::new())
                .log_in("FAN@example.com", "wrong".to_owned(), false)
                .await;

            assert_eq!(answer, Ok(Err(LogInRefused)));
        }
    }

    #[tokio::test]
    async fn the_right_password_logs_in() {
        let mut users = MockUsers::new();
        users.expect_user_by_email().returning(|_| Ok(Some(a_user())));
        let mut passwords = MockPasswords::new();
        passwords.expect_verify().returning(|_, _, _| Ok(true));

        let answer = people(users, passwords, MockSubmit::new())
            .log_in("fan@example.com", "right".to_owned(), true)
            .await;

        assert_eq!(answer, Ok(Ok(a_user())));
    }

    /// Passwords of which only this one fits the hash of [`a_user`].
    fn only(right: &'static str) -> MockPasswords {
        let mut passwords = MockPasswords::new();
        passwords.expect_verify().returning(move |password, hash, _| {
            Ok(password == right && hash.as_deref() == Some("hash"))
        });
        passwords
    }

    #[tokio::test]
    async fn a_password_is_changed_from_the_hash_that_was_checked_to_that_of_the_new_one() {
        let mut passwords = only("right");
        passwords
            .expect_hash()
            .with(eq("correct horse".to_owned()))
            .returning(|_| Ok("new hash".to_owned()));
        let mut submit = MockSubmit::<ChangePassword>::new();
        submit
            .expect_submit()
            .withf(|submission| {
                let ChangePassword { user_id, checked_hash, new_hash } = &submission.command;
                *user_id == a_user().id && checked_hash == "hash" && new_hash == "new hash"
            })
            .times(1)
            .returning(|_| Ok(Ok(3)));
        let mut people = people(MockUsers::new(), passwords, MockSubmit::new());
        people.change_password = Arc::new(submit);

        let checked = people.check_password(&a_user(), "right".to_owned(), true).await;
        let checked = checked.unwrap().ok().unwrap();
        let new = NewPassword::parse("correct horse").unwrap();

        assert_eq!(people.change_password(checked, new).await, Ok(Ok(3)));
    }

    #[tokio::test]
    async fn a_wrong_password_and_a_user_without_one_prove_nothing_after_the_same_work() {
        let guest = User { password_hash: User::NO_PASSWORD.to_owned(), ..a_user() };
        for (user, hash) in [(a_user(), Some("hash".to_owned())), (guest, None)] {
            let mut passwords = MockPasswords::new();
            passwords
                .expect_verify()
                .with(eq("wrong".to_owned()), eq(hash), eq(false))
                .times(1)
                .returning(|_, _, _| Ok(false));
            let people = people(MockUsers::new(), passwords, MockSubmit::new());

            let checked = people.check_password(&user, "wrong".to_owned(), false).await.unwrap();

            assert_eq!(checked.err(), Some(ChangePasswordRefused::WrongPassword));
        }
    }

    #[tokio::test]
    async fn a_password_is_one_in_whichever_normal_form_it_was_hashed_and_is_typed() {
        let (nfc, nfd) = ("pass\u{e9} partout", "passe\u{301}\u{a0}partout");
        assert_eq!(NewPassword::parse(nfd).unwrap().into_text(), nfc);
        for (hashed, typed, fits, checks) in
            [(nfc, nfc, true, 1), (nfc, nfd, true, 1), (nfd, nfd, true, 2), (nfd, nfc, false, 1)]
        {
            let mut users = MockUsers::new();
            users.expect_user_by_email().returning(|_| Ok(Some(a_user())));
            let mut passwords = MockPasswords::new();
            let verify = passwords.expect_verify().times(checks);
            verify.returning(move |password, _, _| Ok(password == hashed));

            let answer = people(users, passwords, MockSubmit::new())
                .log_in("fan@example.com", typed.to_owned(), false)
                .await;

            assert_eq!(answer.unwrap().is_ok(), fits, "{hashed:?} {typed:?}");
        }
    }

    #[tokio::test]
    async fn an_address_is_looked_up_as_it_was_taken_once_and_as_it_is_taken_today() {
        let mut users = MockUsers::new();
        for former in ["fa\u{ad}n@m\u{fc}ller.de", "fan@xn--mller-kva.de"] {
            let found = (former == "fan@xn--mller-kva.de").then(a_user);
            let email = Email::stored(former).unwrap();
            users
                .expect_user_by_email()
                .with(eq(email))
                .times(1)
                .returning(move |_| Ok(found.clone()));
        }

        let found = find_user(&users, " Fa\u{ad}n@M\u{dc}LLER.de").await;

        assert_eq!(found, Ok(Some(a_user())));
    }
}
