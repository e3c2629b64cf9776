//! Names of branches and products: safe as a subject token, a path segment and a file name.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Longest slug, in characters.
pub const SLUG_LENGTH_MAX: usize = 40;

/// A lower-case name of `a-z`, `0-9` and `-`, 1 to 40 characters, that starts with a letter or
/// digit. It can never hold a wildcard or a dot, so it cannot break out of a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 40, pattern = "^[a-z0-9][a-z0-9-]*$", example = "main")]
pub struct Slug(String);

/// Why a text is not a slug.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be 1 to 40 characters of a-z, 0-9 and '-', starting with a letter or digit")]
pub struct NotASlug;

impl Slug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = NotASlug;

    fn try_from(text: String) -> Result<Self, NotASlug> {
        let first_ok = text.bytes().next().is_some_and(|b| b != b'-');
        let all_ok =
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if first_ok && all_ok && text.len() <= SLUG_LENGTH_MAX {
            Ok(Self(text))
        } else {
            Err(NotASlug)
        }
    }
}

impl std::str::FromStr for Slug {
    type Err = NotASlug;

    fn from_str(text: &str) -> Result<Self, NotASlug> {
        Self::try_from(text.to_owned())
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Slug;

    #[test]
    fn takes_names_and_refuses_what_could_break_a_subject() {
        for good in ["main", "rye-bread", "a", "7-grain"] {
            assert_eq!(good.parse::<Slug>().unwrap().as_str(), good);
        }
        for bad in ["", "-x", "Main", "a.b", "a*", ">", "a b", "a\r\n", "ä", &"x".repeat(41)] {
            assert!(bad.parse::<Slug>().is_err(), "{bad:?} was taken");
        }
    }
}
