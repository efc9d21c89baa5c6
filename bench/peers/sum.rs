//! What `/baseline11` responds: the sum of the values in the query, and of the body if there is one.

/// `None` if one of them is not an integer.
pub fn sum(query: &str, body: &[u8]) -> Option<String> {
    let mut total: i64 = 0;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (_, value) = pair.split_once('=')?;
        total = total.checked_add(value.parse().ok()?)?;
    }
    if !body.is_empty() {
        let number: i64 = std::str::from_utf8(body).ok()?.parse().ok()?;
        total = total.checked_add(number)?;
    }
    Some(total.to_string())
}
