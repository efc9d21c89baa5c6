//! axum with serde: a listener and a single-threaded runtime for each worker.

#[path = "../../arguments.rs"]
mod arguments;
mod product;

use std::io;
use std::net::SocketAddr;
use std::thread;

use axum::http::StatusCode;
use axum::http::header::SERVER;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use mimalloc::MiMalloc;
use product::Product;
use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::runtime;

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

const BACKLOG: i32 = 8192;

fn main() {
    let arguments = arguments::read();
    let workers: Vec<_> = (0..arguments.workers)
        .map(|_| {
            let listener = listen(arguments.address).unwrap_or_else(|error| arguments::fail(error));
            thread::spawn(move || serve(listener))
        })
        .collect();
    workers
        .into_iter()
        .for_each(|worker| worker.join().expect("panics abort"));
}

fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn serve(listener: std::net::TcpListener) {
    let routes = Router::new().route("/products", get(none).post(echo));
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)
            .expect("a listener that does not block")
            .tap_io(|stream| stream.set_nodelay(true).expect("a TCP socket"));
        axum::serve(listener, routes).await.expect("a listener");
    });
}

async fn none() -> Response {
    ([(SERVER, "chopin")], Json(Vec::<Product>::new())).into_response()
}

/// `Json` itself refuses other media types and whatever is not of the struct's types.
async fn echo(Json(product): Json<Product>) -> Response {
    match product.fault() {
        None => ([(SERVER, "chopin")], Json(product)).into_response(),
        Some(fault) => (StatusCode::UNPROCESSABLE_ENTITY, fault).into_response(),
    }
}
