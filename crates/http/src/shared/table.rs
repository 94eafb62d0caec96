//! Tables for spreadsheets: RFC 4180, in UTF-8 with a byte order mark.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, HttpResponseBuilder};
use csv::{Terminator, WriterBuilder};
use stagedoor_domain::Instant;
use time::format_description::well_known::Rfc3339;

use crate::wire::error::ApiError;
use crate::wire::request_id;

/// Tells spreadsheets that the table is in UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A response that will have a table.
pub(crate) fn answer() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"));
    answer
}

/// What a table begins with.
pub(crate) fn head<const COLUMNS: usize>(heading: [&str; COLUMNS]) -> Result<Vec<u8>, ApiError> {
    Ok([BYTE_ORDER_MARK.as_bytes(), &lines([heading.map(str::to_owned)])?].concat())
}

/// Lines of a table.
pub(crate) fn lines<const COLUMNS: usize>(
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> Result<Vec<u8>, ApiError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let failed = |error: String| {
        tracing::error!(request_id = %request_id::current(), error, "a table cannot be written");
        ApiError::Internal
    };
    for row in rows {
        let written = writer.write_record(row.iter().map(|cell| harmless(cell)));
        written.map_err(|error| failed(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| failed(error.to_string()))
}

/// An instant in a cell.
pub(crate) fn written(instant: Instant) -> String {
    instant.format(&Rfc3339).unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula.
pub(crate) fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
