//! Connection addresses of Postgres.

use std::fmt::Write;

/// `postgres://USER:PASSWORD@127.0.0.1:PORT/DATABASE`.
pub(crate) fn url(port: u16, user: &str, password: &str, database: &str) -> String {
    let [user, password, database] = [user, password, database].map(encoded);
    format!("postgres://{user}:{password}@127.0.0.1:{port}/{database}")
}

/// Percent-encodes what has a meaning in an address.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => write!(encoded, "%{byte:02X}").unwrap_or_default(),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_may_have_any_character() {
        assert_eq!(
            url(5432, "orders", "a/b@c:ü", "bakery"),
            "postgres://orders:a%2Fb%40c%3A%C3%BC@127.0.0.1:5432/bakery"
        );
    }
}
