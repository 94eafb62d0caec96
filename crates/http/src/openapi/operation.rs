//! One operation of the OpenAPI document.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type,
};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
};
use utoipa::{PartialSchema, ToSchema};

use crate::auth::access::Access;
use crate::wire::error::ApiError;
use crate::wire::paging::PageBody;

const JSON: &str = "application/json";
/// The media types of [`stagedoor_domain::poster::PictureFormat`].
const PICTURES: &[&str] = &["image/png", "image/jpeg", "image/webp"];
const PROBLEM: &str = "application/problem+json";
const PROBLEM_SCHEMA: &str = "ProblemBody";

/// Schemas that the document describes apart, by their names.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// What the document says of one operation.
#[derive(Default)]
pub(crate) struct OperationDoc {
    pub(crate) id: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<(Content, Required)>,
    pub(crate) access: Option<Access>,
    pub(crate) is_limited: bool,
    pub(crate) responses: Vec<(u16, Content)>,
    pub(crate) response_header: Option<&'static str>,
    pub(crate) refusals: Vec<ApiError>,
    own_form: Option<OwnForm>,
}

/// Refusals in another form than problem details.
struct OwnForm {
    schema: (String, RefOr<Schema>),
    refusals: Vec<(u16, &'static str)>,
}

/// A refusal that the document names; one in another form than problem details has no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Option<&'static str>,
}

/// The body of a request or of a response.
pub(crate) struct Content {
    media_types: Vec<&'static str>,
    description: &'static str,
    schema: Option<RefOr<Schema>>,
    pub(super) schemas: Schemas,
}

/// A JSON object.
pub(crate) fn object<T: ToSchema>() -> Content {
    let mut schemas = Schemas::new();
    let schema = reference::<T>(&mut schemas);
    Content::new(JSON, schema, schemas)
}

/// A JSON array of objects.
pub(crate) fn array<T: ToSchema>() -> Content {
    let mut schemas = Schemas::new();
    let items = reference::<T>(&mut schemas);
    Content::new(JSON, ArrayBuilder::new().items(items).into(), schemas)
}

/// A page of a list of objects.
pub(crate) fn page<T: ToSchema>() -> Content {
    generic::<PageBody<T>, T>()
}

/// A JSON object of a type that has another one as its parameter.
pub(crate) fn generic<G: ToSchema, T: ToSchema>() -> Content {
    let mut schemas = Schemas::new();
    G::schemas(&mut schemas);
    reference::<T>(&mut schemas);
    let name = format!("{}_{}", G::name(), T::name());
    schemas.push((name.clone(), G::schema()));
    Content::new(JSON, Ref::from_schema_name(name).into(), schemas)
}

/// A JSON string that is a UUID.
pub(crate) fn uuid() -> Content {
    Content::new(JSON, uuid_schema().into(), Schemas::new())
}

/// A JSON string.
pub(crate) fn string() -> Content {
    Content::new(JSON, String::schema(), Schemas::new())
}

/// Text of another media type than JSON.
pub(crate) fn text(media_type: &'static str) -> Content {
    Content::new(media_type, String::schema(), Schemas::new())
}

/// A picture as it is uploaded.
pub(crate) fn pictures() -> Content {
    Content { media_types: PICTURES.to_vec(), ..jpeg() }
}

/// A JPEG file.
pub(crate) fn jpeg() -> Content {
    Content::new("image/jpeg", binary(), Schemas::new())
}

fn binary() -> RefOr<Schema> {
    let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
    let file = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
    Schema::from(file).into()
}

/// Server-sent events; `T` documents the fields of one.
pub(crate) fn events<T: ToSchema>() -> Content {
    Content { media_types: vec!["text/event-stream"], ..object::<T>() }.described("Events")
}

/// No body.
pub(crate) fn nothing(description: &'static str) -> Content {
    Content { media_types: vec![JSON], description, schema: None, schemas: Schemas::new() }
}

fn reference<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    T::schemas(schemas);
    schemas.push((T::name().into_owned(), T::schema()));
    Ref::from_schema_name(T::name()).into()
}

impl Content {
    fn new(media_type: &'static str, schema: RefOr<Schema>, schemas: Schemas) -> Self {
        Self { media_types: vec![media_type], description: "", schema: Some(schema), schemas }
    }

    pub(crate) fn described(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    pub(super) fn request_body(self, required: Required) -> RequestBody {
        let content = ContentBuilder::new().schema(self.schema).build();
        let each = self.media_types.into_iter();
        let body = each.fold(RequestBodyBuilder::new(), |body, media_type| {
            body.content(media_type, content.clone())
        });
        let described = (!self.description.is_empty()).then_some(self.description);
        let is_required = matches!(required, Required::True).then_some(required);
        body.description(described).required(is_required).build()
    }

    /// OpenAPI wants a description of each response: without one it is the status in words.
    fn response(self, status: u16) -> ResponseBuilder {
        let status = StatusCode::from_u16(status).ok();
        let reason = status.and_then(|status| status.canonical_reason()).unwrap_or_default();
        let described = if self.description.is_empty() { reason } else { self.description };
        let response = ResponseBuilder::new().description(described);
        let Some(schema) = self.schema else { return response };
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let each = self.media_types.into_iter();
        each.fold(response, |response, media_type| response.content(media_type, content.clone()))
    }
}

impl OperationDoc {
    /// Adds the parameters of a path: UUIDs.
    pub(crate) fn path(&mut self, path: &str) {
        let names = path.split('{').skip(1).filter_map(|rest| rest.split(['}', ':']).next());
        let uuid =
            |name| parameter(name, ParameterIn::Path, uuid_schema()).required(Required::True);
        self.parameters.extend(names.map(|name| uuid(name).build()));
    }

    pub(crate) fn header(&mut self, name: &str, description: &str) {
        let header = parameter(name, ParameterIn::Header, uuid_schema()).required(Required::True);
        self.parameters.push(header.description(Some(description)).build());
    }

    pub(crate) fn path_text(&mut self, name: &str, description: Option<&str>) {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let known = self.parameters.iter_mut().find(|parameter| parameter.name == name);
        if let Some(parameter) = known {
            parameter.schema = Some(text.into());
            parameter.description = description.map(str::to_owned);
        }
    }

    pub(crate) fn optional_body(&mut self, content: Content) {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        let either =
            content.schema.map(|schema| OneOfBuilder::new().item(schema).item(null).into());
        self.body = Some((Content { schema: either, ..content }, Required::False));
    }

    pub(crate) fn refuses(&mut self, refusals: &[ApiError]) {
        self.refusals.extend_from_slice(refusals);
    }

    pub(crate) fn refuses_as<T: ToSchema>(&mut self, refusals: &[(u16, &'static str)]) {
        let schema = (T::name().into_owned(), T::schema());
        self.own_form = Some(OwnForm { schema, refusals: refusals.to_vec() });
    }

    /// The problems that the document names, apart from those of any operation.
    fn problems(&self) -> Vec<ApiError> {
        let limited = self.is_limited.then_some(ApiError::RATE_LIMITED).into_iter();
        if self.own_form.is_some() {
            return limited.collect();
        }
        let of_access = self.access.map(Access::refusals).unwrap_or_default();
        of_access.into_iter().chain(self.refusals.iter().cloned()).chain(limited).collect()
    }

    /// Every refusal that the document names.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        let problems = ApiError::OF_ANY.into_iter().chain(self.problems());
        let problems = problems.map(|error| {
            let (status, code) = error.parts();
            Refusal { status: status.as_u16(), code: Some(code) }
        });
        let own = self.own_form.iter().flat_map(|own| &own.refusals);
        problems.chain(own.map(|(status, _)| Refusal { status: *status, code: None })).collect()
    }

    /// The operation, and the schemas that it refers to.
    pub(crate) fn build(mut self) -> (Operation, Schemas) {
        let mut schemas = Schemas::new();
        let mut responses = self.refusal_responses();
        for (status, mut content) in std::mem::take(&mut self.responses) {
            schemas.append(&mut content.schemas);
            let header = self.response_header.filter(|_| content.schema.is_some());
            let mut response = content.response(status);
            if let Some(name) = header {
                response = response.header(name, Header::default());
            }
            if self.is_limited {
                response = with_limits(response);
            }
            responses.insert(status.to_string(), response.build());
        }
        let mut operation = OperationBuilder::new()
            .tag(self.tag)
            .summary(Some(self.summary))
            .description(self.description)
            .operation_id(Some(self.id));
        for (status, response) in responses {
            operation = operation.response(status, response);
        }
        if !self.parameters.is_empty() {
            operation = operation.parameters(Some(self.parameters));
        }
        if let Some((mut content, required)) = self.body {
            schemas.append(&mut content.schemas);
            operation = operation.request_body(Some(content.request_body(required)));
        }
        for scheme in self.access.map(Access::schemes).unwrap_or_default() {
            operation =
                operation.security(scheme.map_or_else(SecurityRequirement::default, |scheme| {
                    SecurityRequirement::new(scheme, Vec::<String>::new())
                }));
        }
        schemas.extend(self.own_form.map(|own| own.schema));
        (operation.build(), schemas)
    }

    fn refusal_responses(&self) -> BTreeMap<String, Response> {
        let mut responses = BTreeMap::new();
        for (status, text) in by_status(&ApiError::OF_ANY) {
            let mut response = problem(&text);
            if let Some(own) = &self.own_form {
                response = response.content(JSON, content(&own.schema.0));
            }
            responses.insert(status.to_string(), with_retry_after(status, response));
        }
        for (status, text) in by_status(&self.problems()) {
            let mut response = problem(&text);
            if status == 429 && self.is_limited {
                response = with_limits(response);
            }
            responses.insert(status.to_string(), with_retry_after(status, response));
        }
        if let Some(own) = &self.own_form {
            for (status, text) in &own.refusals {
                let response = ResponseBuilder::new().description(*text);
                let response = response.content(JSON, content(&own.schema.0));
                let response = with_retry_after(*status, response);
                responses.insert(status.to_string(), response);
            }
        }
        responses
    }
}

/// Refusals by their status: the codes, each with the cases in which it arises.
fn by_status(errors: &[ApiError]) -> BTreeMap<u16, String> {
    let mut found: BTreeMap<u16, Vec<(&str, Vec<&str>)>> = BTreeMap::new();
    for error in errors {
        let (status, code) = error.parts();
        let codes = found.entry(status.as_u16()).or_default();
        let at = codes.iter().position(|(known, _)| *known == code).unwrap_or_else(|| {
            codes.push((code, Vec::new()));
            codes.len() - 1
        });
        if let (Some((_, cases)), Some(case)) = (codes.get_mut(at), error.case())
            && !cases.contains(&case)
        {
            cases.push(case);
        }
    }
    let written = |codes: Vec<(&str, Vec<&str>)>| {
        let separator = if codes.iter().all(|(_, cases)| cases.is_empty()) { ", " } else { "; " };
        let each = codes.into_iter().map(|(code, cases)| match cases.as_slice() {
            [] => format!("`{code}`"),
            cases => format!("`{code}`: {}", cases.join(", or ")),
        });
        each.collect::<Vec<_>>().join(separator)
    };
    found.into_iter().map(|(status, codes)| (status, written(codes))).collect()
}

fn problem(description: &str) -> ResponseBuilder {
    ResponseBuilder::new().description(description).content(PROBLEM, content(PROBLEM_SCHEMA))
}

fn content(schema: &str) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build()
}

fn with_limits(response: ResponseBuilder) -> ResponseBuilder {
    let policy = "The limits that count this request: `q` requests in `w` seconds each";
    let left = "What is left of them: `r` requests, all again in `t` seconds";
    response.header("RateLimit-Policy", header(policy)).header("RateLimit", header(left))
}

fn with_retry_after(status: u16, response: ResponseBuilder) -> Response {
    match status {
        429 | 503 => {
            response.header("Retry-After", header("In how many seconds to ask again")).build()
        }
        _ => response.build(),
    }
}

fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}

pub(super) fn parameter(name: &str, place: ParameterIn, schema: Schema) -> ParameterBuilder {
    ParameterBuilder::new().name(name).parameter_in(place).schema(Some(schema))
}

fn uuid_schema() -> Schema {
    let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
}
