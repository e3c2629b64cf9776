//! Reading the environment: the only place that does. A missing or wrong variable is named.

use std::str::FromStr;

/// What is wrong with a variable.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvError {
    /// It is needed and not there.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It is there and cannot be read.
    #[error("the environment variable {name} cannot be read: {reason}")]
    Invalid {
        /// Which.
        name: &'static str,
        /// Why.
        reason: String,
    },
}

/// A variable, if it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn text(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable that must be set.
pub fn required(name: &'static str) -> Result<String, EnvError> {
    text(name).ok_or(EnvError::Missing(name))
}

/// A variable of another type than text, if it is set.
pub fn parsed<T: FromStr<Err: std::fmt::Display>>(
    name: &'static str,
) -> Result<Option<T>, EnvError> {
    let read = |value: String| {
        value.parse().map_err(|error: T::Err| EnvError::Invalid { name, reason: error.to_string() })
    };
    text(name).map(read).transpose()
}

/// A variable of another type than text, or what stands for it.
pub fn parsed_or<T: FromStr<Err: std::fmt::Display>>(
    name: &'static str,
    otherwise: T,
) -> Result<T, EnvError> {
    Ok(parsed(name)?.unwrap_or(otherwise))
}
