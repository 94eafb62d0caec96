//! One request of the OpenAPI document that this service sends: a webhook (OpenAPI 3.1, `webhooks`).

use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Required, ResponseBuilder};

use super::operation::{Content, Schemas, parameter};

const DESCRIPTION: &str = "\
A POST to the URL of each webhook that takes this event, signed by Standard Webhooks 1.0. A status from 200 to 299 says \
that it was received. After any other answer it is sent again, for three days, but not after 410, which switches the \
webhook off. An event can come more than once: `webhook-id` tells a repetition.";

/// What the document says of one request that is sent.
pub(crate) struct WebhookDoc {
    /// The name of the event.
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) body: Content,
}

impl WebhookDoc {
    /// The operation, and the schemas that it refers to.
    pub(crate) fn build(mut self) -> (Operation, Schemas) {
        let schemas = std::mem::take(&mut self.body.schemas);
        let received = ResponseBuilder::new().description("It was received");
        let gone = ResponseBuilder::new().description("Nothing more is to be sent here");
        let operation = OperationBuilder::new()
            .tag("webhooks")
            .summary(Some(self.summary))
            .description(Some(DESCRIPTION))
            .parameters(Some(headers()))
            .request_body(Some(self.body.request_body(Required::True)))
            .response("2XX", received.build())
            .response("410", gone.build());
        (operation.build(), schemas)
    }
}

fn headers() -> [Parameter; 3] {
    let header = |name, description: &str| {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let header = parameter(name, ParameterIn::Header, text.into()).required(Required::True);
        header.description(Some(description)).build()
    };
    [
        header("webhook-id", "The `id` of the event, the same for each attempt"),
        header("webhook-timestamp", "When this attempt was made, in seconds since 1970"),
        header(
            "webhook-signature",
            "`v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`, by the bytes that \
             the base64 of the secret after `whsec_` stands for. For a day after the secret was changed there are two, \
             with a space between them",
        ),
    ]
}
