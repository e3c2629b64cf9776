//! Mails to customers, from the news of an order to the mail server, with what the owners say.

use super::people::strangers;
use super::shop::{Shop, stored};
use super::smtp::MailServer;
use super::{LOOK_PAUSE_MS, WAIT_S};
use crate::app::App;
use crate::config::{Mail, Notifications, SmtpUrl};
use crate::notify::{self, tests::said};
use crate::users::news::News;
use bakery_nats::Pool;
use bakery_nats::messages::orders::Status;
use bakery_nats::refusal::Refusal;
use bakery_testbed::database::{execute, number};
use bakery_testbed::{at, message};
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::task::TaskTracker;

/// A gateway that sends mails.
struct Post {
    shop: Shop,
    server: MailServer,
    pool: Pool,
}

impl Post {
    async fn open() -> Self {
        let (mut shop, server) = (Shop::open().await, MailServer::open().await);
        let url = SmtpUrl::try_from(server.url.clone()).unwrap();
        let mail = Mail { server: url, from: "Bakery <shop@example.org>".parse().unwrap() };
        shop.app.users = Arc::new(strangers().await);
        shop.app.notify = Arc::new(Notifications { mail: Some(mail), ..Notifications::default() });
        shop.says("orders.order", order(Some("ada@example.org"), "Ada"));
        let (app, pool): (&App, Pool) = (&shop.app, shop.app.users.pool.clone());
        notify::open(app, &pool, &TaskTracker::new()).await.unwrap();
        execute(&pool, &format!("UPDATE notify_channel SET since = '{}'", at(0))).await;
        Self { shop, server, pool }
    }

    async fn hear(&self, order: u64, status: Status) {
        message::handle(&self.pool, News, &[said(order, status, 4, 4)]).await;
    }

    /// These orders are ready, for somebody with this address.
    async fn hear_ready(&self, orders: Range<u64>, email: &str) {
        self.shop.says("orders.order", order(Some(email), "Ada"));
        let wires: Vec<_> = orders.map(|order| said(order, Status::Ready, 6, 6)).collect();
        message::handle(&self.pool, News, &wires).await;
    }

    /// From now on mails are taken, and those that wait are sent at once.
    async fn takes_mails(&self) {
        self.server.says(None);
        // Who is on the way may have heard the old answer, and would wait again.
        self.until("lease IS NOT NULL", 0).await;
        execute(&self.pool, "UPDATE delivery SET due_at = now()").await;
    }

    /// Waits until so many rows are there. On a busy machine the look may come only after one more attempt.
    async fn until(&self, what: &str, rows: i64) {
        let sql = format!("SELECT count(*) AS number FROM delivery WHERE {what}");
        let deadline = Instant::now() + Duration::from_secs(WAIT_S);
        while number(&self.pool, &sql).await != rows {
            assert!(Instant::now() < deadline, "{what}: {}", number(&self.pool, &sql).await);
            tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
        }
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.shop.app.stop.cancel();
    }
}

fn order(email: Option<&str>, name: &str) -> Value {
    let mut order = stored("orders.order.reply");
    order["customer"] = json!({"name": name});
    if let Some(email) = email {
        order["customer"]["email"] = json!(email);
    }
    order
}

#[tokio::test]
async fn a_mail_goes_to_the_orders_address_which_is_kept_nowhere() {
    let post = Post::open().await;
    post.hear(1, Status::Confirmed).await;
    post.until("state = 'delivered' AND attempt = 1", 1).await;
    let mail = post.server.mails().pop().unwrap();
    assert_eq!(mail.to, ["RCPT TO:<ada@example.org>"]);
    let head = mail.head();
    for line in [
        "From: Bakery <shop@example.org>",
        "To: ada@example.org",
        "Subject: Bakery on the square: order 007 is confirmed",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(head.lines().any(|known| known == line), "{line}: {head}");
    }
    assert!(mail.text.contains("Total: 5.00 EUR\nOrder: 007\nBranch: Bakery on the square\n"));
    let of_ada = "SELECT count(*) AS number FROM delivery WHERE delivery::text LIKE '%ada@%'";
    assert_eq!(number(&post.pool, of_ada).await, 0);
}

#[tokio::test]
async fn nothing_that_somebody_wrote_reaches_the_head_of_a_mail() {
    let post = Post::open().await;
    let evil = "Eve\r\nBcc: all@example.org\r\n\r\nBuy at http://evil.example";
    post.shop.says("orders.order", order(Some("ada@example.org"), evil));
    let mut branch = stored("inventory.branch.reply");
    branch["branch"]["name"] = json!("Pier\r\nBcc: all@example.org\r\n\r\nhello");
    post.shop.says("inventory.branch", branch);
    post.hear(1, Status::Ready).await;
    post.until("state = 'delivered'", 1).await;
    let mail = post.server.mails().pop().unwrap();
    assert_eq!(mail.to.len(), 1);
    assert!(!mail.text.contains("Eve") && !mail.text.contains("evil"), "{}", mail.text);
    assert!(mail.head().lines().all(|line| !line.starts_with("Bcc")), "{}", mail.text);

    for (order_n, email) in [
        (2, "ada@example.org\r\nBcc: all@example.org"),
        (3, "ada@example.org>\r\nRCPT TO:<all@example.org"),
        (4, "ada@example.org, all@example.org"),
        (5, "Ada <ada@example.org>"),
    ] {
        post.shop.says("orders.order", order(Some(email), "Ada"));
        post.hear(order_n, Status::Ready).await;
        post.until("state = 'failed' AND attempt = 1", i64::try_from(order_n).unwrap() - 1).await;
    }
    assert_eq!(post.server.mails().len(), 1);
}

#[tokio::test]
async fn what_is_refused_for_now_is_tried_again_and_for_ever_is_not() {
    let post = Post::open().await;
    post.server.says(Some("451 later, ada@example.org"));
    post.hear(1, Status::Ready).await;
    post.until("state = 'due' AND attempt >= 1 AND answer = 451 AND lease IS NULL", 1).await;
    post.takes_mails().await;
    post.until("state = 'delivered' AND attempt >= 2", 1).await;
    assert_eq!(post.server.mails().len(), 1);
    assert!(post.server.refused() >= 1);

    post.server.says(Some("550 nobody, ada@example.org"));
    post.hear(2, Status::Ready).await;
    post.until("state = 'failed' AND attempt = 1 AND answer = 550", 1).await;
    let quoted = "SELECT count(*) AS number FROM delivery WHERE reason LIKE '%@%'";
    assert_eq!(number(&post.pool, quoted).await, 0);
    assert_eq!(post.server.mails().len(), 1);
}

#[tokio::test]
async fn without_an_address_there_is_nobody_to_tell() {
    let post = Post::open().await;
    post.shop.says("orders.order", order(None, "Ada"));
    post.hear(1, Status::Ready).await;
    post.until("state = 'skipped'", 1).await;
    post.shop.refuses("orders.order", Refusal::unavailable("the orders service"));
    post.hear(2, Status::Ready).await;
    post.until("state = 'due' AND attempt >= 1 AND lease IS NULL", 1).await;
    post.shop.refuses("orders.order", Refusal::not_found("order", 3));
    post.hear(3, Status::Ready).await;
    post.until("state = 'failed' AND attempt = 1", 1).await;
    assert!(post.server.mails().is_empty());
}

#[tokio::test]
async fn only_who_paid_is_told_that_money_goes_back() {
    let post = Post::open().await;
    post.hear(1, Status::Cancelled).await;
    post.until("state = 'skipped'", 1).await;
    let mut timeline = stored("orders.timeline.reply");
    let mut charged = timeline["events"][0].clone();
    charged["subject"] = json!("bakery.evt.bank.main.charged");
    timeline["events"].as_array_mut().unwrap().push(charged);
    post.shop.says("orders.timeline", timeline);
    post.hear(2, Status::Cancelled).await;
    post.until("state = 'delivered'", 1).await;
    let mail = post.server.mails().pop().unwrap();
    assert!(mail.text.contains("What you paid goes back to you.\nTotal: 5.00 EUR"));
}

#[tokio::test]
async fn an_address_gets_ten_mails_an_hour_and_an_account_thirty() {
    let post = Post::open().await;
    let too_many = "state = 'skipped' AND reason = 'there were too many mails'";
    post.hear_ready(0..11, "ada@example.org").await;
    post.until("state = 'delivered'", 10).await;
    post.until(too_many, 1).await;
    post.hear_ready(11..12, "Ada@Example.org").await;
    post.until(too_many, 2).await;
    // All are of one account, which counts also what its address was not sent.
    post.hear_ready(12..22, "bo@example.org").await;
    post.until("state = 'delivered'", 20).await;
    post.hear_ready(22..32, "cy@example.org").await;
    post.until("state = 'due'", 0).await;
    post.until("state = 'delivered'", 28).await;
    post.until(too_many, 4).await;
    assert_eq!(post.server.mails().len(), 28);
}

#[tokio::test]
async fn a_mail_counts_once_however_often_the_mail_server_is_tried() {
    let post = Post::open().await;
    post.server.says(Some("451 later"));
    post.hear_ready(0..10, "ada@example.org").await;
    post.until("state = 'due' AND attempt >= 1 AND answer = 451 AND lease IS NULL", 10).await;
    post.takes_mails().await;
    post.until("state = 'delivered' AND attempt >= 2", 10).await;
}
