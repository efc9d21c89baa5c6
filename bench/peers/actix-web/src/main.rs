//! actix-web 4: one listener, whose connections an accepting thread deals to the workers.

#[path = "../../arguments.rs"]
mod arguments;
#[path = "../../sum.rs"]
mod sum;

use std::io;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, SERVER};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Resource, guard, web};
use mimalloc::MiMalloc;

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

const BACKLOG: u32 = 8192;
const KEEP_ALIVE: Duration = Duration::from_secs(65);

#[actix_web::main]
async fn main() -> io::Result<()> {
    let arguments = arguments::read();
    let application = || {
        App::new()
            .service(answers("/plaintext", "text/plain", "Hello, World!"))
            .service(answers(
                "/json",
                "application/json",
                r#"{"message":"Hello, World!"}"#,
            ))
            .service(sums("/baseline11"))
    };
    HttpServer::new(application)
        .workers(arguments.workers)
        .backlog(BACKLOG)
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .bind(arguments.address)?
        .run()
        .await
}

fn answers(path: &str, content_type: &'static str, body: &'static str) -> Resource {
    let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    web::resource(path).route(route.to(move || async move { found(content_type, body) }))
}

fn sums(path: &str) -> Resource {
    let read = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    let written = web::post();
    web::resource(path)
        .route(read.to(|request: HttpRequest| async move { sum_of(&request, b"") }))
        .route(written.to(|request: HttpRequest, body: web::Bytes| async move { sum_of(&request, &body) }))
}

fn sum_of(request: &HttpRequest, body: &[u8]) -> HttpResponse {
    match sum::sum(request.query_string(), body) {
        Some(total) => found("text/plain", total),
        None => HttpResponse::BadRequest().finish(),
    }
}

/// actix-web adds the length and the date, which it formats every half second.
fn found(content_type: &'static str, body: impl MessageBody + 'static) -> HttpResponse {
    let mut response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static(content_type)))
        .insert_header((SERVER, HeaderValue::from_static("chopin")))
        .body(body);
    response.head_mut().set_camel_case_headers(true);
    response
}
