//! Subjects of the stream: `bakery.<kind>.<service>.<branch>.<name>`.
//!
//! The service comes before the branch because permissions and filters go by service. A command
//! names the service that shall act; an event and a tick name the service that speaks.

use crate::message::Kind;
use crate::slug::Slug;
use std::fmt;

/// One subject of the stream, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Command, event or tick.
    pub kind: Kind,
    /// The addressed service of a command, the speaking one of an event or tick.
    pub service: String,
    /// The branch it happens at.
    pub branch: Slug,
    /// The name of the message, such as `reserve`.
    pub name: String,
}

/// Why a text is not a subject of ours.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a subject of the form bakery.<cmd|evt|tick>.<service>.<branch>.<name>")]
pub struct NotASubject(String);

impl std::str::FromStr for Subject {
    type Err = NotASubject;

    fn from_str(text: &str) -> Result<Self, NotASubject> {
        let refused = || NotASubject(text.to_owned());
        let tokens: Vec<&str> = text.split('.').collect();
        let &["bakery", kind, service, branch, name] = tokens.as_slice() else {
            return Err(refused());
        };
        Ok(Self {
            kind: kind.parse().map_err(|()| refused())?,
            service: service.to_owned(),
            branch: branch.parse().map_err(|_| refused())?,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, service, branch, name } = self;
        write!(f, "bakery.{kind}.{service}.{branch}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::Subject;

    #[test]
    fn reads_back_what_it_writes() {
        let text = "bakery.cmd.inventory.main.reserve";
        assert_eq!(text.parse::<Subject>().unwrap().to_string(), text);
    }

    #[test]
    fn refuses_other_shapes() {
        for bad in
            ["", "bakery.cmd.inventory.main", "bakery.x.y.main.z", "bakery.cmd.inventory.*.reserve"]
        {
            assert!(bad.parse::<Subject>().is_err(), "{bad}");
        }
    }
}
