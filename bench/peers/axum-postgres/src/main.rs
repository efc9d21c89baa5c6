//! axum with tokio-postgres and deadpool: a listener, a single-threaded runtime and a pool for each worker.
//! DATABASE_URL is the database, DATABASE_MAX_CONN how many connections all pools have together.

#[path = "../../arguments.rs"]
mod arguments;
mod pages;
mod store;

use std::env;
use std::io;
use std::net::SocketAddr;
use std::thread;

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use mimalloc::MiMalloc;
use socket2::{Domain, Socket, Type};
use store::Store;
use tokio::net::TcpListener;
use tokio::runtime;

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

const BACKLOG: i32 = 8192;

fn main() {
    let arguments = arguments::read();
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| arguments::fail("DATABASE_URL is not set"));
    let most = env::var("DATABASE_MAX_CONN")
        .ok()
        .and_then(|text| text.parse().ok());
    let connections = (most.unwrap_or(16) / arguments.workers).max(1);
    let workers: Vec<_> = (0..arguments.workers)
        .map(|_| {
            let listener = listen(arguments.address).unwrap_or_else(|error| arguments::fail(error));
            let store = Store::new(&url, connections);
            thread::spawn(move || serve(listener, store))
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

fn serve(listener: std::net::TcpListener, store: Store) {
    let routes = Router::new()
        .route("/plaintext", get(pages::plaintext))
        .route("/json", get(pages::json))
        .route("/db", get(pages::db))
        .route("/queries", get(pages::queries))
        .route("/updates", get(pages::updates))
        .route("/fortunes", get(pages::fortunes))
        .route("/async-db", get(pages::items))
        .with_state(store);
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
