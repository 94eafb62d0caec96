//! Where requests enter their route: load shedding and rate limits, before anything of the body is read.

use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Error, HttpMessage};

use super::{Route, Rules};
use crate::edge::load_shedding::RequestsInFlight;
use crate::edge::rate_limits::Allowance;
use crate::openapi::operation::Refusal;
use crate::wire::error::ApiError;

/// Mounts routes: one resource for each path. The router takes the first path that fits, so paths with fewer
/// parameters come first, and otherwise those that are listed first.
pub(crate) fn mount(config: &mut ServiceConfig, routes: Vec<Route>) {
    let mut resources: Vec<(&str, Vec<Route>)> = Vec::new();
    for route in routes {
        match resources.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, of_path)) => of_path.push(route),
            None => resources.push((route.path, vec![route])),
        }
    }
    resources.sort_by_key(|(path, _)| path.matches('{').count());
    for (path, routes) in resources {
        let mut resource = web::resource(path);
        let mut rules = Vec::new();
        for route in routes {
            debug_assert!(route.is_consistent(), "{path}: another access or limit than declared");
            let documented = route.operation.map(|doc| doc.refusals());
            rules.push(Rules { documented, ..route.rules });
            resource = resource.route(route.handler);
        }
        let rules: Rc<[Rules]> = rules.into();
        let gate =
            move |req: ServiceRequest, next: Next<BoxBody>| gate(Rc::clone(&rules), req, next);
        config.service(resource.wrap(from_fn(gate)));
    }
}

async fn gate(
    rules: Rc<[Rules]>,
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(rules) = rules.iter().find(|rules| rules.method == req.method()) else {
        return Ok(req.error_response(ApiError::MethodNotAllowed(methods(&rules))));
    };
    if let Some(requests) = req.app_data::<Data<RequestsInFlight>>() {
        let in_flight = requests.admit(rules.class)?;
        in_flight.map(|in_flight| req.extensions_mut().insert(in_flight));
    }
    if let Some(action) = rules.limit
        && let Err(refused) = Allowance::count_request(req.request(), action)
    {
        return Ok(req.error_response(refused));
    }
    let answered = next.call(req).await;
    if cfg!(debug_assertions) {
        rules.check_documented(&answered);
    }
    answered
}

/// The methods that a path takes, for `Allow`: the edge answers `HEAD` as `GET`.
fn methods(rules: &[Rules]) -> Vec<Method> {
    let all = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let is_taken = |method: &Method| {
        let routed = if *method == Method::HEAD { &Method::GET } else { method };
        rules.iter().any(|rules| rules.method == *routed)
    };
    all.into_iter().filter(is_taken).collect()
}

impl Rules {
    /// Panics when a refusal is not in the document, so that a test fails.
    fn check_documented(&self, answered: &Result<ServiceResponse<BoxBody>, Error>) {
        let Some(documented) = &self.documented else { return };
        let error = match answered {
            Ok(answer) if answer.response().error().is_none() => {
                let status = answer.status();
                let is_refusal = status.is_client_error() || status.is_server_error();
                let is_known = documented.iter().any(|known| known.status == status.as_u16());
                assert!(!is_refusal || is_known, "{} {status} is not documented", self.method);
                return;
            }
            Ok(answer) => answer.response().error(),
            Err(error) => Some(error),
        };
        if let Some(error) = error.and_then(|error| error.as_error::<ApiError>()) {
            let (status, code) = error.parts();
            let known = Refusal { status: status.as_u16(), code: Some(code) };
            let is_known = documented.contains(&known) || matches!(error, ApiError::Http(_));
            assert!(is_known, "{} {status} {code} is not documented", self.method);
        }
    }
}
