//! Signing up.

use serde::{Deserialize, Serialize};

use crate::mail::{Contact, Language};
use crate::user::{Profile, Sessions};
use crate::{
    Command, Decided, Email, Idempotency, Instant, Mail, MailKind, Needs, PersonName, PointAccount,
    Refusal, Role, User, UserId, WorkingSet,
};

/// Makes a user and an empty point account (rule 17), and the e-mail by which the user confirms the address (rule 23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateUser {
    /// The id the user gets.
    pub id: UserId,
    /// What the person is called.
    pub name: PersonName,
    /// The address to sign in with.
    pub email: Email,
    /// The Argon2id hash of the password, or [`User::NO_PASSWORD`].
    pub password_hash: String,
    /// What the person may do.
    pub role: Role,
    /// The language of the e-mail by which the person confirms the address, and of later ones; nothing if the service
    /// sends none.
    pub verification: Option<Language>,
}

/// Why no user was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CreateUserRefused {
    /// Another user has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
}

impl Refusal for CreateUserRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::EmailTaken => true,
        }
    }
}

impl Command for CreateUser {
    /// The user that was made.
    type Success = Profile;
    type Refusal = CreateUserRefused;
    type Key = Idempotency;
    const NAME: &'static str = "create_user";

    fn needs(&self, needs: &mut Needs) {
        needs.emails.insert(self.email.clone());
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        if set.user_with(&self.email)?.is_some() {
            return Err(CreateUserRefused::EmailTaken.into());
        }
        let user = User {
            id: self.id,
            name: self.name.clone(),
            email: self.email.clone(),
            password_hash: self.password_hash.clone(),
            role: self.role,
            created_at: now,
            sessions: Sessions::default(),
            contact: Contact { verified_at: None, language: self.verification.unwrap_or_default() },
        };
        let profile = user.profile();
        set.insert(user);
        set.insert(PointAccount::open(self.id));
        if self.verification.is_some() {
            set.insert(Mail::of_account(self.id, MailKind::VerifyAddress, now));
        }
        Ok(profile)
    }
}
