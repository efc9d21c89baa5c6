//! hyper 1: a listener and a single-threaded runtime for each worker.

#[path = "../../arguments.rs"]
mod arguments;

use std::convert::Infallible;
use std::future;
use std::io;
use std::net::SocketAddr;
use std::thread;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, SERVER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use mimalloc::MiMalloc;
use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::runtime;

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

const BACKLOG: i32 = 8192;

fn main() {
    let arguments = arguments::read();
    let listeners: io::Result<Vec<_>> = (0..arguments.workers)
        .map(|_| listen(arguments.address))
        .collect();
    let listeners = listeners.unwrap_or_else(|error| arguments::fail(error));
    let workers: Vec<_> = listeners
        .into_iter()
        .map(|listener| thread::spawn(move || serve(listener)))
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
    let runtime = runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        accept(TcpListener::from_std(listener).expect("a listener that does not block")).await
    });
}

async fn accept(listener: TcpListener) {
    let mut http = http1::Builder::new();
    http.pipeline_flush(true).title_case_headers(true);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => arguments::fail(error), // to be seen, instead of a benchmark of fewer connections
        };
        stream.set_nodelay(true).expect("a TCP socket");
        let answers = service_fn(|request| future::ready(Ok::<_, Infallible>(answer(&request))));
        let connection = http.serve_connection(TokioIo::new(stream), answers);
        tokio::spawn(async {
            let _ = connection.await; // the client has gone, as it may
        });
    }
}

fn answer(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return status(StatusCode::METHOD_NOT_ALLOWED);
    }
    match request.uri().path() {
        "/plaintext" => found("text/plain", "13", b"Hello, World!"),
        "/json" => found("application/json", "27", br#"{"message":"Hello, World!"}"#),
        _ => status(StatusCode::NOT_FOUND),
    }
}

/// hyper adds the date, which it formats once a second.
fn found(content_type: &'static str, length: &'static str, body: &'static [u8]) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    fields.insert(CONTENT_LENGTH, HeaderValue::from_static(length));
    fields.insert(SERVER, HeaderValue::from_static("chopin"));
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
