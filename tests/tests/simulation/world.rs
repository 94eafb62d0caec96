//! The rows of the store as the domain's own invariants look at them.

use stagedoor_domain::{Stored, WorkingSet};

pub struct World<'a>(pub &'a WorkingSet);

impl World<'_> {
    pub fn all<T: Stored>(&self) -> impl Iterator<Item = &T> {
        self.0.all()
    }

    pub fn get<T: Stored>(&self, id: T::Id) -> &T {
        self.0.require(&id).expect("the row is there")
    }
}
