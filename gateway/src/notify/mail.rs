//! Mails to customers. The address is asked of the orders service when a mail is written, and kept
//! nowhere: not in the outbox, and not in a log.

use super::body::{Data, Payload};
use super::delivery::{self, DueMail, Ticket};
use super::event::Event;
use super::letter::{Letter, letter};
use super::retry::{Outcome, Verdict};
use super::worker::Channel;
use crate::app::App;
use crate::config::{Mail, SmtpUrl};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::GetBranch;
use bakery_nats::requests::orders::{Direction, GetOrder, GetTimeline};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;
use uuid::Uuid;

/// Mails of one gateway at the same time.
const MAILS_MAX: usize = 4;
/// The mail server answers each command within this.
const COMMAND_TIMEOUT_S: u64 = 10;
/// A whole mail takes no longer.
const MAIL_TIMEOUT_S: u64 = 25;
/// Mails to one address and of one account, within a while. Nobody has proven that the address in an
/// order is theirs: who places and cancels orders must not fill somebody else's mailbox.
const MAILS_PER_ADDRESS_MAX: u32 = 10;
const MAILS_PER_ACCOUNT_MAX: u32 = 30;
const MAILS_WINDOW_S: u64 = 3600;
/// What is wrong where the mail server was tried, and shall be again. Such a mail is counted already:
/// while the server is away, none are lost by that.
const NOT_NOW: &str = "the mail server does not take it now";
const NOT_REACHED: &str = "the mail server is not reached";
const NOT_IN_TIME: &str = "the mail server did not answer in time";
const COUNTED: [&str; 3] = [NOT_NOW, NOT_REACHED, NOT_IN_TIME];
/// Answers that are about us and not about the mail (RFC 4954): they are an operator's to mend, and
/// no mail is given up for them.
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

/// Writes and sends mails.
pub(super) struct Letters {
    app: App,
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Letters {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// The server's URL cannot be read.
    pub(super) fn open(app: &App, mail: &Mail) -> Result<Self, String> {
        Ok(Self { app: app.clone(), server: server(&mail.server)?, from: mail.from.clone() })
    }

    /// Writes the mail, asking for what it needs, and sends it.
    async fn write_and_send(&self, due: &DueMail) -> Result<Outcome, Refusal> {
        let unreadable = || Outcome::unanswered(Verdict::Never, "its row cannot be read");
        let payload = serde_json::from_str(&due.body).ok();
        let event = due.event.parse::<Event>().ok();
        let Some((Payload::<Data> { data, .. }, event)) = payload.zip(event) else {
            return Ok(unreadable());
        };
        let order = self.app.ask(&GetOrder { order_id: data.order_id }).await?;
        let Some(email) = order.customer.email else {
            return Ok(Outcome::unanswered(Verdict::Skipped, "there is no address"));
        };
        let Ok(to) = email.parse::<Address>() else {
            return Ok(Outcome::unanswered(Verdict::Never, "the address is none"));
        };
        if event == Event::Cancelled && !self.was_paid(data.order_id).await? {
            return Ok(Outcome::unanswered(Verdict::Skipped, "it was not paid"));
        }
        let branch = self.app.ask(&GetBranch { branch: data.branch.clone() }).await?.branch;
        match letter(event, &data.number, &branch.name, data.money().as_ref()) {
            Some(_) if self.are_too_many(due, order.account_id, &email).await => {
                Ok(Outcome::unanswered(Verdict::Skipped, "there were too many mails"))
            }
            Some(letter) => Ok(self.send(due.ticket.id, to, letter).await),
            None => Ok(unreadable()),
        }
    }

    /// Whether this account, or this address, was sent enough. Each mail is counted once.
    async fn are_too_many(&self, due: &DueMail, account_id: Uuid, email: &str) -> bool {
        if due.reason.as_deref().is_some_and(|reason| COUNTED.contains(&reason)) {
            return false;
        }
        let (account, address) = (account_id.to_string(), email.to_lowercase());
        let window = Duration::from_secs(MAILS_WINDOW_S);
        for (key, limit) in [(account, MAILS_PER_ACCOUNT_MAX), (address, MAILS_PER_ADDRESS_MAX)] {
            if self.app.rate.check("mails", &key, limit, window).await.or_refuse().is_err() {
                return true;
            }
        }
        false
    }

    /// Whether the bank had said so: only then money goes back.
    async fn was_paid(&self, order_id: Uuid) -> Result<bool, Refusal> {
        let timeline = self.app.ask(&GetTimeline { order_id }).await?;
        Ok(timeline.events.iter().any(|entry| {
            entry.direction == Direction::Received
                && entry.subject.starts_with("bakery.evt.bank.")
                && entry.subject.ends_with(".charged")
        }))
    }

    async fn send(&self, id: Uuid, to: Address, letter: Letter) -> Outcome {
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            // The same one again has the same id: mail programs know it.
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text);
        let Ok(message) = message else {
            return Outcome::unanswered(Verdict::Never, "it cannot be written");
        };
        let limit = Duration::from_secs(MAIL_TIMEOUT_S);
        match tokio::time::timeout(limit, self.server.send(message)).await {
            Ok(Ok(_)) => Outcome { verdict: Verdict::Delivered, answer: None, reason: None },
            Ok(Err(error)) => refused(error.status().map(u16::from), error.is_permanent()),
            Err(_) => Outcome::unanswered(Verdict::Later, NOT_IN_TIME),
        }
    }
}

impl Channel for Letters {
    const AT_ONCE_MAX: usize = MAILS_MAX;
    type Due = DueMail;

    async fn take(&self, conn: &mut AsyncPgConnection, room: i64) -> QueryResult<Vec<DueMail>> {
        delivery::take_mails(conn, room).await
    }

    fn ticket(due: &DueMail) -> &Ticket {
        &due.ticket
    }

    async fn tell(&self, due: &DueMail) -> Outcome {
        self.write_and_send(due).await.unwrap_or_else(|refusal| match refusal.status {
            404 => Outcome::unanswered(Verdict::Never, "there is no such order or branch"),
            _ => Outcome::unanswered(Verdict::Later, "a service did not say what is in it"),
        })
    }
}

fn server(url: &SmtpUrl) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose());
    // The error's text may quote the URL, and so the password.
    let server = server.map_err(|_| "it cannot be read".to_owned())?;
    Ok(server.timeout(Some(Duration::from_secs(COMMAND_TIMEOUT_S))).build())
}

/// What it means that the mail server did not take it.
fn refused(answer: Option<u16>, permanent: bool) -> Outcome {
    match answer {
        Some(code) if permanent && !ABOUT_US.contains(&code) => {
            Outcome::answered(Verdict::Never, code, "the mail server refuses it")
        }
        Some(code) => Outcome::answered(Verdict::Later, code, NOT_NOW),
        None => Outcome::unanswered(Verdict::Later, NOT_REACHED),
    }
}

#[cfg(test)]
mod tests {
    use super::{refused, server};
    use crate::config::SmtpUrl;
    use crate::notify::retry::Verdict;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    /// A server without TLS is never greeted.
    #[tokio::test]
    async fn where_tls_is_wanted_nothing_goes_without() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _sent = stream.write_all(b"220 test\r\n250 good\r\n250 good\r\n").await;
            }
        });
        for url in [
            format!("smtps://user:secret@{addr}"),
            format!("smtp://user:secret@{addr}?tls=required"),
        ] {
            let server = server(&SmtpUrl::try_from(url.clone()).unwrap()).unwrap();
            let error = server.test_connection().await.expect_err(&url);
            assert!(!error.is_permanent() && !format!("{error:?}").contains("secret"), "{error:?}");
        }
    }

    #[test]
    fn what_is_refused_for_ever_is_given_up_and_the_rest_is_tried_again() {
        for (answer, permanent, verdict) in [
            (Some(550), true, Verdict::Never),
            (Some(552), true, Verdict::Never),
            (Some(421), false, Verdict::Later),
            (Some(451), false, Verdict::Later),
            (Some(535), true, Verdict::Later),
            (Some(530), true, Verdict::Later),
            (None, false, Verdict::Later),
        ] {
            assert_eq!(refused(answer, permanent).verdict, verdict, "{answer:?}");
        }
    }
}
