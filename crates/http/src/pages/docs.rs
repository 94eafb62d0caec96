//! The OpenAPI document and the pages that show it (Swagger UI), embedded in the program.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::{Config, serve};

use crate::pages::Asset;
use crate::route::{Route, get};
use crate::wire::error::ApiError;

const DOCUMENT: &str = "/openapi.json";

/// The files of Swagger UI.
const FILES: [&str; 8] = [
    "index.html",
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-16x16.png",
    "favicon-32x32.png",
];

/// As for our pages, but Swagger UI writes styles into its elements, and images into its styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'";

/// The document.
pub(crate) fn document_route() -> Route {
    get(DOCUMENT, document).undocumented()
}

/// Swagger UI.
pub(crate) fn routes() -> Vec<Route> {
    vec![get("/docs", to_docs).undocumented(), get("/docs/{name:.*}", file).undocumented()]
}

/// The document as it is sent; made when it is first read.
pub(crate) struct Document {
    json: fn() -> String,
    asset: OnceLock<Asset>,
}

impl Document {
    pub(crate) fn new(json: fn() -> String) -> Self {
        Self { json, asset: OnceLock::new() }
    }
}

async fn document(req: HttpRequest, document: Data<Document>) -> HttpResponse {
    let asset = || Asset::new("openapi.json", (document.json)().into_bytes(), POLICY);
    document.asset.get_or_init(asset).answer(&req, "no-cache")
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

async fn file(req: HttpRequest, name: Path<String>) -> Result<HttpResponse, ApiError> {
    let name = if name.is_empty() { "index.html" } else { name.as_str() };
    let file = SWAGGER_UI.get(name).ok_or(ApiError::RouteNotFound)?;
    Ok(file.answer(&req, "no-cache"))
}

static SWAGGER_UI: LazyLock<BTreeMap<&str, Asset>> = LazyLock::new(|| {
    let config = Arc::new(Config::new([DOCUMENT]));
    let files = FILES.iter().filter_map(|name| {
        let content = serve(name, Arc::clone(&config)).ok()??.bytes.into_owned();
        Some((*name, Asset::new(name, content, POLICY)))
    });
    files.collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_swagger_ui_is_in_the_program() {
        let found: Vec<_> = SWAGGER_UI.keys().copied().collect();
        let mut named = FILES.to_vec();
        named.sort_unstable();

        assert_eq!(found, named);
    }
}
