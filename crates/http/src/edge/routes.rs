//! What is mounted where: what an address takes, and what no operation takes.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

use crate::edge::load_shedding::LoadClass;
use crate::wire::error::ApiError;

/// What is read besides the documented operations: the pages and the document.
const UNDOCUMENTED: [&str; 4] = ["/", "/pages/{page}", "/assets/{version}/{name}", "/openapi.json"];

/// Every address, by its number of segments. Paths are compared as the router does it:
/// percent-decoded, segment by segment, in upper and lower case.
pub(crate) struct Routes(Vec<Vec<Route>>);

struct Route {
    segments: Vec<String>,
    methods: Vec<(Method, LoadClass)>,
}

impl Routes {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let documented = document.paths.paths.iter();
        let documented = documented.map(|(path, item)| Route::new(path, methods(item)));
        let read = || vec![(Method::GET, LoadClass::Read), (Method::HEAD, LoadClass::Read)];
        let mut routes = Self(Vec::new());
        for route in documented.chain(UNDOCUMENTED.map(|path| Route::new(path, read()))) {
            let length = route.segments.len();
            if routes.0.len() <= length {
                routes.0.resize_with(length + 1, Vec::new);
            }
            if let Some(of_length) = routes.0.get_mut(length) {
                of_length.push(route);
            }
        }
        routes
    }

    /// What a request counts as. What leads nowhere is answered at once, as a read.
    pub(crate) fn class(&self, method: &Method, decoded_path: &str) -> LoadClass {
        let mut methods = self.methods_at(decoded_path).iter();
        let found = methods.find(|(known, _)| known == method);
        found.map_or(LoadClass::Read, |(_, class)| *class)
    }

    fn methods_at(&self, decoded_path: &str) -> &[(Method, LoadClass)] {
        let asked: Vec<&str> = decoded_path.split('/').collect();
        let of_length = self.0.get(asked.len()).map(Vec::as_slice).unwrap_or_default();
        let found = of_length.iter().filter(|route| route.fits(&asked));
        let found = found.min_by_key(|route| route.parameters().count());
        found.map(|route| route.methods.as_slice()).unwrap_or_default()
    }
}

impl Route {
    fn new(path: &str, methods: Vec<(Method, LoadClass)>) -> Self {
        Self { segments: path.split('/').map(str::to_owned).collect(), methods }
    }

    fn parameters(&self) -> impl Iterator<Item = &String> {
        self.segments.iter().filter(|segment| segment.starts_with('{'))
    }

    fn fits(&self, asked: &[&str]) -> bool {
        let mut pairs = self.segments.iter().zip(asked);
        pairs.all(|(known, asked)| known == asked || (known.starts_with('{') && !asked.is_empty()))
    }
}

fn methods(item: &PathItem) -> Vec<(Method, LoadClass)> {
    let operations = [
        (&item.get, Method::GET),
        (&item.get, Method::HEAD),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ];
    let documented = operations.into_iter().filter_map(|(operation, method)| {
        let class = class(operation.as_ref()?, &method);
        Some((method, class))
    });
    documented.collect()
}

fn class(operation: &Operation, method: &Method) -> LoadClass {
    LoadClass::of(operation.operation_id.as_deref().unwrap_or_default(), method)
}

/// Refuses an unknown address, or a known one with another method.
pub(crate) async fn refuse(
    req: HttpRequest,
    routes: Data<Routes>,
) -> Result<HttpResponse, ApiError> {
    let methods = routes.methods_at(req.match_info().as_str());
    Err(if methods.is_empty() {
        ApiError::RouteNotFound
    } else {
        ApiError::MethodNotAllowed(methods.iter().map(|(method, _)| method.clone()).collect())
    })
}
