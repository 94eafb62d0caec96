//! A route: its method, path, access, rate limit, load-shedding class, responses and refusals, declared in one
//! place. The router, the checks before a handler and the OpenAPI document all come from this declaration.

mod arguments;
mod gate;

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Responder, web};
use utoipa::ToSchema;
use utoipa::openapi::Required;

use crate::auth::access::Access;
use crate::edge::load_shedding::LoadClass;
use crate::edge::rate_limits::Action;
use crate::openapi::operation::{Content, OperationDoc, Refusal};
use crate::wire::error::{ApiError, RequiredAccess};

pub(crate) use crate::openapi::operation::{
    Schemas, array, events, jpeg, nothing, object, page, string, text, uuid,
};
pub(crate) use gate::mount;

/// One method of one path, and its handler.
pub(crate) struct Route {
    path: &'static str,
    rules: Rules,
    access: Access,
    /// The access that the arguments of the handler enforce.
    enforced: Vec<Access>,
    limit_used: bool,
    operation: Option<OperationDoc>,
    handler: actix_web::Route,
}

/// What is checked for each request before its handler runs.
struct Rules {
    method: Method,
    class: LoadClass,
    limit: Option<Action>,
    /// Every refusal that the document names; nothing when the route is not in the document.
    documented: Option<Vec<Refusal>>,
}

/// What the arguments of a handler say about its route.
#[derive(Default)]
pub(crate) struct Arguments {
    enforced: Vec<Access>,
    limit_used: bool,
    doc: OperationDoc,
}

/// An argument of a handler.
pub(crate) trait Argument {
    /// Adds what the document and the checks must say because a handler takes this argument.
    fn describe(_: &mut Arguments) {}
}

/// Documents bodies by forms: types that can tell the alternatives of a request.
macro_rules! documented_by {
    ($($body:ty: $form:ty;)*) => {$(
        impl ::utoipa::PartialSchema for $body {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                <$form as ::utoipa::PartialSchema>::schema()
            }
        }

        impl ::utoipa::ToSchema for $body {
            fn name() -> ::std::borrow::Cow<'static, str> {
                <$form as ::utoipa::ToSchema>::name()
            }

            fn schemas(schemas: &mut $crate::route::Schemas) {
                <$form as ::utoipa::ToSchema>::schemas(schemas);
            }
        }
    )*};
}
pub(crate) use documented_by;

macro_rules! methods {
    ($($name:ident $method:ident;)+) => {$(
        #[doc = concat!("A route of the method ", stringify!($method), ".")]
        pub(crate) fn $name<H, A>(path: &'static str, handler: H) -> Route
        where
            H: Handler<A>,
            A: FromRequest + Argument + 'static,
            H::Output: Responder + 'static,
        {
            Route::new(Method::$method, path, handler)
        }
    )+};
}

methods! {
    get GET;
    post POST;
    put PUT;
    patch PATCH;
    delete DELETE;
}

/// Routes of one group of the document.
pub(crate) fn tagged(tag: &'static str, routes: Vec<Route>) -> Vec<Route> {
    routes.into_iter().map(|route| route.document(|doc| doc.tag = tag)).collect()
}

impl Route {
    fn new<H, A>(method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<A>,
        A: FromRequest + Argument + 'static,
        H::Output: Responder + 'static,
    {
        let mut arguments = Arguments::default();
        arguments.doc.path(path);
        A::describe(&mut arguments);
        let class = if method.is_safe() { LoadClass::Read } else { LoadClass::Booking };
        Self {
            path,
            rules: Rules { method: method.clone(), class, limit: None, documented: None },
            access: Access::Public,
            enforced: arguments.enforced,
            limit_used: arguments.limit_used,
            operation: Some(arguments.doc),
            handler: web::method(method).to(handler),
        }
    }

    /// Leaves the route out of the document: a page, or the document itself.
    pub(crate) fn undocumented(mut self) -> Self {
        self.operation = None;
        self
    }

    /// The operation's id, and what it does in one sentence.
    pub(crate) fn operation(self, id: &'static str, summary: &'static str) -> Self {
        self.document(|doc| (doc.id, doc.summary) = (id, summary))
    }

    /// What a caller should know besides.
    pub(crate) fn description(self, text: &'static str) -> Self {
        self.document(|doc| doc.description = Some(text))
    }

    /// Which token the route needs. The handler enforces it by an argument; a test compares the two.
    pub(crate) fn access(mut self, access: Access) -> Self {
        self.access = access;
        // A browser sends its session cookie for a page of any site.
        let changes = !self.rules.method.is_safe() && access != Access::Public;
        let refused =
            if changes { &[ApiError::Forbidden(RequiredAccess::OwnPage)][..] } else { &[] };
        self.document(|doc| {
            doc.access = Some(access);
            doc.refuses(refused);
        })
    }

    /// Counts each request by its address and account, and rejects it above the limit.
    pub(crate) fn limit(mut self, action: Action) -> Self {
        self.rules.limit = Some(action);
        self.document(|doc| doc.is_limited = true)
    }

    /// Which in-flight budget counts the request. Without this, a safe method is a read and another one is booking.
    pub(crate) fn class(mut self, class: LoadClass) -> Self {
        self.rules.class = class;
        self
    }

    /// A header that the handler reads by itself.
    pub(crate) fn header(self, name: &str, description: &str) -> Self {
        self.document(|doc| doc.header(name, description))
    }

    /// A parameter of the path that is documented as plain text, not as a UUID.
    pub(crate) fn path_text(self, name: &str, description: Option<&str>) -> Self {
        self.document(|doc| doc.path_text(name, description))
    }

    /// The documented form of a body that the handler reads by itself.
    pub(crate) fn body(self, content: Content) -> Self {
        self.document(|doc| doc.body = Some((content, Required::True)))
    }

    /// A body that may be left out.
    pub(crate) fn optional_body(self, content: Content) -> Self {
        self.document(|doc| doc.optional_body(content))
    }

    /// A success.
    pub(crate) fn response(self, status: u16, content: Content) -> Self {
        self.document(|doc| doc.responses.push((status, content)))
    }

    /// A header of the successes that carry a body.
    pub(crate) fn response_header(self, name: &'static str) -> Self {
        self.document(|doc| doc.response_header = Some(name))
    }

    /// The refusals that do not follow from the access, the limit and the arguments.
    pub(crate) fn refuses(self, refusals: &[ApiError]) -> Self {
        self.document(|doc| doc.refuses(refusals))
    }

    /// The refusals of a contract that has a form of its own for them: `T`.
    pub(crate) fn refuses_as<T: ToSchema>(self, refusals: &[(u16, &'static str)]) -> Self {
        self.document(|doc| doc.refuses_as::<T>(refusals))
    }

    fn document(mut self, change: impl FnOnce(&mut OperationDoc)) -> Self {
        if let Some(doc) = &mut self.operation {
            change(doc);
        }
        self
    }

    /// Whether the arguments of the handler fit what the route declares: its access and its limit.
    fn is_consistent(&self) -> bool {
        let is_enforced = match self.enforced.as_slice() {
            [] => self.access == Access::Public,
            enforced => enforced.contains(&self.access),
        };
        is_enforced && (!self.limit_used || self.rules.limit.is_some())
    }

    /// The part of the document, with its path and method.
    pub(crate) fn into_document(self) -> Option<(&'static str, Method, OperationDoc)> {
        Some((self.path, self.rules.method, self.operation?))
    }
}

#[cfg(test)]
mod tests;
