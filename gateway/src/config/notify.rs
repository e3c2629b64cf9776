//! Who outside is told of orders, and how: webhooks and mails. Both are off unless they are set.

use bakery_chassis::env::{self, EnvError};
use lettre::message::Mailbox;
use std::fmt;
use url::Url;

/// What a mail server's address looks like.
const SMTP_URL: &str = "must be such as smtps://user:password@mail.example or \
                        smtp://mail.example?tls=required; a password never goes unencrypted";

/// What people outside are told by.
#[derive(Clone, Debug, Default)]
pub struct Notifications {
    /// `WEBHOOKS`, `WEBHOOKS_PRIVATE`.
    pub webhooks: Webhooks,
    /// `SMTP_URL`, `SMTP_FROM`: no mails where they are not set.
    pub mail: Option<Mail>,
}

/// Whether programs outside are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Webhooks {
    /// `WEBHOOKS=off`: nobody is.
    #[default]
    Off,
    /// `WEBHOOKS=on`: by HTTPS, at public addresses.
    On,
    /// With `WEBHOOKS_PRIVATE=allow` besides: also by HTTP, and at addresses of this network.
    OnPrivate,
}

/// Where mails go out, and who writes them.
#[derive(Clone, Debug)]
pub struct Mail {
    /// `SMTP_URL`.
    pub server: SmtpUrl,
    /// `SMTP_FROM`, such as `Bakery <shop@example.org>`.
    pub from: Mailbox,
}

/// The address of a mail server. It may hold a password, and so is never printed.
#[derive(Clone)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// The address, password and all.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl")
    }
}

impl TryFrom<String> for SmtpUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let url = Url::parse(&text).map_err(|_| SMTP_URL)?;
        let required = url.query_pairs().any(|pair| pair == ("tls".into(), "required".into()));
        let safe = match url.scheme() {
            "smtps" => true,
            "smtp" => required || (url.username().is_empty() && url.password().is_none()),
            _ => false,
        };
        if safe && url.has_host() { Ok(Self(text)) } else { Err(SMTP_URL) }
    }
}

impl Notifications {
    /// Reads the variables above.
    ///
    /// # Errors
    /// The variable that cannot be understood.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            webhooks: webhooks(env::text("WEBHOOKS"), env::text("WEBHOOKS_PRIVATE"))?,
            mail: mail(env::text("SMTP_URL"), env::text("SMTP_FROM"))?,
        })
    }
}

fn webhooks(on: Option<String>, private: Option<String>) -> Result<Webhooks, EnvError> {
    let invalid = |name, reason: &str| EnvError::Invalid { name, reason: reason.to_owned() };
    let allowed = match private.as_deref() {
        None | Some("deny") => false,
        Some("allow") => true,
        Some(_) => return Err(invalid("WEBHOOKS_PRIVATE", "must be allow or deny")),
    };
    match on.as_deref() {
        None | Some("off") => Ok(Webhooks::Off),
        Some("on") if allowed => Ok(Webhooks::OnPrivate),
        Some("on") => Ok(Webhooks::On),
        Some(_) => Err(invalid("WEBHOOKS", "must be on or off")),
    }
}

fn mail(server: Option<String>, from: Option<String>) -> Result<Option<Mail>, EnvError> {
    let (server, from) = match (server, from) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(EnvError::Missing("SMTP_URL")),
        (Some(_), None) => return Err(EnvError::Missing("SMTP_FROM")),
        (Some(server), Some(from)) => (server, from),
    };
    let invalid = |name, reason: &str| EnvError::Invalid { name, reason: reason.to_owned() };
    let server = SmtpUrl::try_from(server).map_err(|reason| invalid("SMTP_URL", reason))?;
    let from = from.parse().map_err(|_| {
        invalid("SMTP_FROM", "must be an address such as Bakery <shop@example.org>")
    })?;
    Ok(Some(Mail { server, from }))
}

#[cfg(test)]
mod tests {
    use super::{SmtpUrl, Webhooks, mail, webhooks};
    use bakery_chassis::env::EnvError;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn webhooks_are_off_unless_they_are_on() {
        let read = |on: Option<&str>, private: Option<&str>| {
            webhooks(on.map(str::to_owned), private.map(str::to_owned))
        };
        assert_eq!(read(None, None), Ok(Webhooks::Off));
        assert_eq!(read(None, Some("allow")), Ok(Webhooks::Off));
        assert_eq!(read(Some("off"), Some("allow")), Ok(Webhooks::Off));
        assert_eq!(read(Some("on"), None), Ok(Webhooks::On));
        assert_eq!(read(Some("on"), Some("deny")), Ok(Webhooks::On));
        assert_eq!(read(Some("on"), Some("allow")), Ok(Webhooks::OnPrivate));
        for (on, private, name) in
            [(Some("yes"), None, "WEBHOOKS"), (Some("on"), Some("1"), "WEBHOOKS_PRIVATE")]
        {
            assert!(read(on, private).unwrap_err().to_string().contains(name));
        }
    }

    #[test]
    fn half_of_a_mail_server_is_refused() {
        let (server, from) = (text("smtps://mail.example"), text("Bakery <shop@example.org>"));
        assert!(mail(None, None).unwrap().is_none());
        assert!(mail(server.clone(), from.clone()).unwrap().is_some());
        assert_eq!(mail(server.clone(), None).unwrap_err(), EnvError::Missing("SMTP_FROM"));
        assert_eq!(mail(None, from).unwrap_err(), EnvError::Missing("SMTP_URL"));
        for bad in ["shop", "a@b\r\nBcc: c@d", "Bakery"] {
            let error = mail(server.clone(), text(bad)).unwrap_err().to_string();
            assert!(error.contains("SMTP_FROM"), "{error}");
        }
    }

    #[test]
    fn a_password_never_goes_unencrypted_and_is_never_printed() {
        let read = |text: &str| SmtpUrl::try_from(text.to_owned());
        for good in [
            "smtps://user:secret@mail.example:465",
            "smtp://user:secret@mail.example?tls=required",
            "smtp://127.0.0.1:1025",
        ] {
            assert!(!format!("{:?}", read(good).unwrap()).contains("secret"), "{good}");
        }
        for bad in [
            "smtp://user:secret@mail.example",
            "smtp://user@mail.example?tls=opportunistic",
            "mail.example",
            "http://mail.example",
            "smtp:",
            "",
        ] {
            let reason = read(bad).unwrap_err();
            assert!(!reason.contains("secret"), "{bad}");
        }
    }
}
