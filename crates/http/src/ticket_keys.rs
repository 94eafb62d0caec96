//! The public keys of tickets, with which other programs verify codes.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde::Serialize;
use stagedoor_domain::ports::TicketKey;
use utoipa::ToSchema;

use crate::edge::LoadClass;
use crate::route::{Route, get, object, tagged};
use crate::services::Services;

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = vec![
        get("/.well-known/jwks.json", jwks)
            .operation("readTicketKeys", "The public keys that verify the codes of tickets.")
            .description(
                "A JWK Set (RFC 7517) of Ed25519 keys (RFC 8037). The first one signs; the others signed tickets that are \
                 still valid.",
            )
            .class(LoadClass::Exempt)
            .response(200, object::<JwksBody>()),
    ];
    tagged("tickets", routes)
}

/// A set of public keys.
#[derive(Serialize, ToSchema)]
pub(crate) struct JwksBody {
    keys: Vec<JwkBody>,
}

/// A public key.
#[derive(Serialize, ToSchema)]
pub(crate) struct JwkBody {
    #[schema(example = "OKP")]
    kty: &'static str,
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// The key, in base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
    /// Its thumbprint (RFC 7638).
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    kid: String,
    #[schema(example = "EdDSA")]
    alg: &'static str,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
}

impl From<TicketKey> for JwkBody {
    fn from(TicketKey { id, key }: TicketKey) -> Self {
        Self { kty: "OKP", crv: "Ed25519", x: key, kid: id, alg: "EdDSA", purpose: "sig" }
    }
}

async fn jwks(services: Data<Services>) -> HttpResponse {
    let keys = services.tickets.show.keys().into_iter().map(JwkBody::from).collect();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(JwksBody { keys })
}
