//! What the rules of e-mail read of the set.

use super::WorkingSet;
use crate::{Corrupt, Instant, Mail};

impl WorkingSet {
    /// E-mails that are due, the earliest first.
    pub(crate) fn due_mails(&self, now: Instant) -> Result<Vec<Mail>, Corrupt> {
        self.check_named("the e-mails", "due", |needs| needs.due_mails > 0)?;
        let open = self.all::<Mail>().filter_map(|mail| Some((mail.due_at()?, *mail)));
        let mut due: Vec<_> = open.filter(|(due_at, _)| *due_at <= now).collect();
        due.sort_by_key(|(due_at, mail)| (*due_at, mail.id));
        Ok(due.into_iter().map(|(_, mail)| mail).collect())
    }
}
