//! hyper 1: a listener and a single-threaded runtime for each worker.

#[path = "../../arguments.rs"]
mod arguments;
#[path = "../../sum.rs"]
mod sum;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::thread;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
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
        let answers = service_fn(|request| async { Ok::<_, Infallible>(answer(request).await) });
        let connection = http.serve_connection(TokioIo::new(stream), answers);
        tokio::spawn(async {
            let _ = connection.await; // the client has gone, as it may
        });
    }
}

async fn answer(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    match *request.method() {
        Method::GET | Method::HEAD if path == "/plaintext" => found(
            "text/plain",
            HeaderValue::from_static("13"),
            "Hello, World!".into(),
        ),
        Method::GET | Method::HEAD if path == "/json" => found(
            "application/json",
            HeaderValue::from_static("27"),
            r#"{"message":"Hello, World!"}"#.into(),
        ),
        Method::GET | Method::HEAD | Method::POST if path == "/baseline11" => add(request).await,
        Method::GET | Method::HEAD => status(StatusCode::NOT_FOUND),
        _ => status(StatusCode::METHOD_NOT_ALLOWED),
    }
}

async fn add(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return status(StatusCode::BAD_REQUEST);
    };
    match sum::sum(head.uri.query().unwrap_or(""), &body.to_bytes()) {
        Some(total) => found("text/plain", total.len().into(), total.into()),
        None => status(StatusCode::BAD_REQUEST),
    }
}

/// hyper adds the date, which it formats once a second.
fn found(content_type: &'static str, length: HeaderValue, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    fields.insert(CONTENT_LENGTH, length);
    fields.insert(SERVER, HeaderValue::from_static("chopin"));
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
