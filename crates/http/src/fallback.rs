//! What no operation takes: an unknown address, or a known one with another method.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::error::ApiError;

/// The methods of every address, as documented.
pub(crate) struct Addresses(Vec<(Vec<String>, Vec<Method>)>);

impl Addresses {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let segments = |path: &str| path.split('/').map(str::to_owned).collect();
        let paths = document.paths.paths.iter();
        Self(paths.map(|(path, item)| (segments(path), methods(item))).collect())
    }

    fn methods_at(&self, path: &str) -> Vec<Method> {
        let asked: Vec<&str> = path.split('/').collect();
        let fits = |pattern: &[String]| {
            pattern.len() == asked.len()
                && pattern.iter().zip(&asked).all(|(known, asked)| {
                    known == asked || (known.starts_with('{') && !asked.is_empty())
                })
        };
        let found = self.0.iter().filter(|(pattern, _)| fits(pattern));
        let parameters = |(pattern, _): &&(Vec<String>, Vec<Method>)| {
            pattern.iter().filter(|segment| segment.starts_with('{')).count()
        };
        found.min_by_key(parameters).map(|(_, methods)| methods.clone()).unwrap_or_default()
    }
}

fn methods(item: &PathItem) -> Vec<Method> {
    let operations = [
        (&item.get, Method::GET),
        (&item.get, Method::HEAD),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ];
    let documented = operations.into_iter().filter(|(operation, _)| operation.is_some());
    documented.map(|(_, method)| method).collect()
}

pub(crate) async fn refuse(
    req: HttpRequest,
    addresses: Data<Addresses>,
) -> Result<HttpResponse, ApiError> {
    let methods = addresses.methods_at(req.path());
    Err(if methods.is_empty() {
        ApiError::RouteNotFound
    } else {
        ApiError::MethodNotAllowed(methods)
    })
}
