//! Users, their passwords and their sessions.

use stagedoor_domain::User;
use stagedoor_domain::user::Sessions;

use super::{Checks, Commit, changed};

impl Checks {
    /// A user gets another name, or another password that ends all sessions, and nothing else. Several changes of
    /// one user may be in one commit.
    pub(super) fn check_users(&self, commit: &Commit<'_>) {
        for (before, after) in changed(&self.users, commit.set) {
            let Some(before) = before else {
                assert_eq!(after.sessions, Sessions::default(), "{after:?} is new");
                continue;
            };
            let User { name, password_hash, sessions, .. } = after.clone();
            if password_hash == before.password_hash {
                assert_eq!(sessions, before.sessions, "{before:?} became {after:?}");
            } else {
                assert!(sessions.version > before.sessions.version, "{before:?} became {after:?}");
                assert_eq!(sessions.ended_at, Some(commit.now), "{before:?} became {after:?}");
            }
            let rest = User { name, password_hash, sessions, ..before.clone() };
            assert_eq!(rest, *after, "{before:?} became {after:?}");
        }
    }
}
