//! chopin-core 0.5: its own epoll engine, a listener and a thread for each worker.

#[path = "../../arguments.rs"]
mod arguments;

use chopin_core::{Context, Response, Router, Server};

fn plaintext(_: Context) -> Response {
    Response::text_static(b"Hello, World!")
}

fn json(_: Context) -> Response {
    Response::json_static(br#"{"message":"Hello, World!"}"#)
}

/// The engine sends what a handler returns, to HEAD too, and says its length: here 0.
fn without_body(content_type: &'static str) -> Response {
    Response {
        content_type,
        ..Response::new(200)
    }
}

fn main() {
    let arguments = arguments::read();
    let mut router = Router::new();
    router.get("/plaintext", plaintext);
    router.head("/plaintext", |_| without_body("text/plain"));
    router.get("/json", json);
    router.head("/json", |_| without_body("application/json"));
    let address = arguments.address.to_string();
    if let Err(error) = Server::bind(&address).workers(arguments.workers).serve(router) {
        arguments::fail(error);
    }
    arguments::fail("no worker is left: can they listen?"); // a worker that cannot listen ends without a word
}
