//! What is posted, and the rules of chopin's program for it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Draft,
    Listed,
    Sold,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    id: i64,
    name: String,
    description: String,
    price: f64,
    stock: u32,
    active: bool,
    state: State,
    email: String,
    released: NaiveDate,
    tags: Vec<String>,
}

impl Product {
    /// The first one.
    pub fn fault(&self) -> Option<&'static str> {
        let rules = [
            ((1..=1_000_000).contains(&self.id), "id"),
            (has_length(&self.name, 1, 100), "name"),
            (has_length(&self.description, 0, 2000), "description"),
            ((0.0..=1e6).contains(&self.price), "price"),
            (self.stock <= 100_000, "stock"),
            (has_length(&self.email, 3, 254) && is_email(&self.email), "email"),
            (
                self.tags.len() <= 10 && self.tags.iter().all(|tag| has_length(tag, 1, 20)),
                "tags",
            ),
        ];
        rules
            .into_iter()
            .find_map(|(is_kept, name)| (!is_kept).then_some(name))
    }
}

/// In characters, each of 1 to 4 bytes: mostly their number decides.
fn has_length(text: &str, least: usize, most: usize) -> bool {
    let surely = text.len() <= most && text.len().div_ceil(4) >= least;
    surely || (least..=most).contains(&text.chars().count())
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let is_allowed = |c: u8| c.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&c);
    !local.is_empty() && local.bytes().all(is_allowed) && domain.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    let is_allowed = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(is_allowed)
}
