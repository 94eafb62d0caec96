//! Pages of lists: `?limit=&cursor=` and `{items, nextCursor}`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use stagedoor_domain::{Page, PageSize, Rule};
use std::fmt::Display;
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

use crate::wire::error::{ApiError, FieldRule};

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// The most items on the page, 1 to 100; 20 if it is left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    pub(crate) limit: Option<String>,
    /// The `nextCursor` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    pub(crate) cursor: Option<String>,
}

impl PageQuery {
    pub(crate) fn size(&self) -> Result<PageSize, ApiError> {
        let Some(limit) = &self.limit else { return Ok(PageSize::DEFAULT) };
        Ok(PageSize::new(limit.parse().unwrap_or(0))?)
    }

    /// The id or number of the last item of the page before.
    pub(crate) fn after<C: FromStr>(&self) -> Result<Option<C>, ApiError> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let id = URL_SAFE_NO_PAD.decode(cursor).ok();
        let id = id.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
        let rule = FieldRule::Domain(Rule::Cursor);
        id.map(Some).ok_or_else(|| ApiError::field("cursor", rule))
    }
}

/// A page as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageBody<T: ToSchema> {
    /// The items, newest first unless the operation says otherwise.
    pub(crate) items: Vec<T>,
    /// The cursor of the next page; null on the last page.
    #[schema(example = "MDE5YWEwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAz")]
    pub(crate) next_cursor: Option<String>,
}

impl<T: ToSchema> PageBody<T> {
    pub(crate) fn of<I, C: Display>(page: Page<I, C>, item: impl Fn(I) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(item).collect(),
            next_cursor: page.next.map(|id| URL_SAFE_NO_PAD.encode(id.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(limit: Option<&str>, cursor: Option<&str>) -> PageQuery {
        PageQuery { limit: limit.map(str::to_owned), cursor: cursor.map(str::to_owned) }
    }

    #[test]
    fn a_cursor_given_out_is_read_back_and_anything_else_is_refused() {
        let body = PageBody::of(Page { items: vec![7_u32], next: Some(42_i64) }, |item| item);
        let cursor = body.next_cursor.unwrap();

        assert_eq!(query(None, Some(&cursor)).after::<i64>(), Ok(Some(42)));
        for forged in ["", "42", "!!!", "AAAA"] {
            assert!(query(None, Some(forged)).after::<i64>().is_err(), "{forged}");
        }
    }

    #[test]
    fn a_limit_is_a_whole_number_from_1_to_100() {
        for refused in ["0", "101", "-1", "many", "99999999999999999999", ""] {
            assert!(query(Some(refused), None).size().is_err(), "{refused}");
        }
        assert_eq!(query(Some("100"), None).size().unwrap().items(), 100);
        assert_eq!(query(None, None).size().unwrap().items(), 20);
    }
}
