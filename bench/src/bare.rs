//! The reference of what the HTTP library can do: a handler that answers constant bytes.

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::Result;

const WORKERS: usize = 2;

async fn answer(body: Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(Bytes::clone(&body))
}

/// Serves any path with this number of bytes, on a free port that is printed.
pub async fn serve(bytes: usize) -> Result<()> {
    let body = Data::new(Bytes::from(vec![b'x'; bytes]));
    let app = move || App::new().app_data(body.clone()).default_service(web::to(answer));
    let server = HttpServer::new(app).workers(WORKERS).bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("{address}");
    }
    Ok(server.run().await?)
}
