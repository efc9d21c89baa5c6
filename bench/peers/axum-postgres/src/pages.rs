//! What each path responds.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, SERVER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use deadpool_postgres::PoolError;
use serde::Serialize;

use crate::store::{Fortune, Item, Store};

type Parameters = Query<HashMap<String, String>>;

const NAMED: [(HeaderName, &str); 1] = [(SERVER, "chopin")];
const PAGE: [(HeaderName, &str); 2] = [(SERVER, "chopin"), (CONTENT_TYPE, "text/html; charset=utf-8")];
const TEXT: [(HeaderName, &str); 2] = [(SERVER, "chopin"), (CONTENT_TYPE, "text/plain")];

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

#[derive(Serialize)]
struct Items {
    count: usize,
    items: Vec<Item>,
}

pub async fn plaintext() -> Response {
    (TEXT, "Hello, World!").into_response()
}

pub async fn json() -> Response {
    (
        NAMED,
        Json(Message {
            message: "Hello, World!",
        }),
    )
        .into_response()
}

pub async fn db(State(store): State<Store>) -> Response {
    json_of(store.world().await)
}

pub async fn queries(State(store): State<Store>, Query(parameters): Parameters) -> Response {
    json_of(store.worlds(count(&parameters)).await)
}

pub async fn updates(State(store): State<Store>, Query(parameters): Parameters) -> Response {
    json_of(store.updated(count(&parameters)).await)
}

pub async fn fortunes(State(store): State<Store>) -> Response {
    match store.fortunes().await {
        Ok(fortunes) => (PAGE, page(fortunes)).into_response(),
        Err(error) => unavailable(&error),
    }
}

pub async fn items(State(store): State<Store>, Query(parameters): Parameters) -> Response {
    let number = |name: &str, default| {
        parameters
            .get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let limit = number("limit", 50).clamp(1, 50);
    let found = store
        .items(number("min", 10), number("max", 50), limit.into())
        .await;
    json_of(found.map(|items| Items {
        count: items.len(),
        items,
    }))
}

fn count(parameters: &HashMap<String, String>) -> usize {
    let given = parameters.get("queries").and_then(|text| text.parse().ok());
    given.unwrap_or(1).clamp(1, 500)
}

fn json_of<Value: Serialize>(result: Result<Value, PoolError>) -> Response {
    match result {
        Ok(value) => (NAMED, Json(value)).into_response(),
        Err(error) => unavailable(&error),
    }
}

fn unavailable(error: &PoolError) -> Response {
    eprintln!("{error}");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn page(mut fortunes: Vec<Fortune>) -> String {
    let message = "Additional fortune added at request time.".into();
    fortunes.push(Fortune { id: 0, message });
    fortunes.sort_by(|one, other| one.message.cmp(&other.message));
    let mut page = String::with_capacity(2048);
    page.push_str(
        "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>\
         <tr><th>id</th><th>message</th></tr>",
    );
    for fortune in &fortunes {
        page.push_str("<tr><td>");
        page.push_str(&fortune.id.to_string());
        page.push_str("</td><td>");
        escape(&fortune.message, &mut page);
        page.push_str("</td></tr>");
    }
    page.push_str("</table></body></html>");
    page
}

fn escape(text: &str, page: &mut String) {
    for character in text.chars() {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            other => page.push(other),
        }
    }
}
