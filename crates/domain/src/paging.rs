//! Pages of a list, read by cursor: the id of the last item seen.

use crate::invalid::{Invalid, between};

/// How many items a page may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The most items on one page.
    pub const MAX: i64 = 100;
    /// What a caller gets who names no size.
    pub const DEFAULT: Self = Self(20);
    /// A single item.
    pub const ONE: Self = Self(1);
    /// A page as large as they get.
    pub const LARGEST: Self = Self(100);

    /// A size of 1 to [`Self::MAX`] items.
    ///
    /// # Errors
    /// Names the field `limit`.
    pub fn new(limit: i64) -> Result<Self, Invalid> {
        let limit = between(limit, "limit", 1, Self::MAX)?;
        Ok(Self(u16::try_from(limit).unwrap_or(u16::MAX)))
    }

    /// A size of 1 to `most` items, for lists that programs read as a whole.
    ///
    /// # Errors
    /// Names the field `limit`.
    pub fn up_to(most: u16, limit: i64) -> Result<Self, Invalid> {
        let limit = between(limit, "limit", 1, i64::from(most))?;
        Ok(Self(u16::try_from(limit).unwrap_or(most)))
    }

    /// The size as a count of items.
    pub fn items(self) -> usize {
        usize::from(self.0)
    }
}

/// One page, newest first, and the cursor of the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, C> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts; nothing on the last page.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Makes a page of rows read with one more than `size` asked for; `cursor` names an item.
    pub fn of(mut rows: Vec<T>, size: PageSize, cursor: impl Fn(&T) -> C) -> Self {
        let more = rows.len() > size.items();
        rows.truncate(size.items());
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }
}
