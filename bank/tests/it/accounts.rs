//! `bank.open-accounts`, `bank.accounts` and `bank.account`.

use crate::{
    ada, answer, asked, balance, bank, bob, charge_wire, deposit, deposits, eur, new, order_id,
    records, refund_wire, statement, transfers,
};
use bakery_bank::ledger::{House, TransferKind};
use bakery_bank::{OpenAccountsWriter, account, accounts};
use bakery_nats::messages::bank::AccountOpened;
use bakery_nats::record::Record;
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::{GetAccount, ListAccounts, OpenAccounts};
use bakery_nats::write::commit;
use bakery_testbed::{at, id, message};
use std::sync::Arc;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn opened_accounts_have_their_money_and_are_announced_once() {
    let pool = bank().await;
    let before = transfers(&pool, "deposit").await;
    let open = OpenAccounts { accounts: vec![new(id("new", 1), 500), new(id("new", 2), 0)] };
    let (reply, wires) = message::write(&pool, OpenAccountsWriter, open.clone(), at(1)).await;
    assert_eq!(reply.expect("opened").opened, 2);
    let told: Vec<AccountOpened> = wires.iter().map(message::body).collect();
    let one = |n| AccountOpened { account_id: id("new", n), currency: eur(0).currency };
    assert_eq!(told, [one(1), one(2)]);
    let made = transfers(&pool, "deposit").await - before;
    assert_eq!(made, 1, "an account without money has a transfer");

    let (reply, wires) = message::write(&pool, OpenAccountsWriter, open, at(2)).await;
    assert_eq!((reply.expect("opened").opened, wires.len()), (0, 0));
    assert_eq!(balance(&pool, id("new", 1)).await, 500, "the opening money was paid twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_two_requests_of_one_batch_name_is_opened_by_the_first() {
    let pool = bank().await;
    let request = |opening| Asked {
        request_id: Uuid::now_v7(),
        at: at(1),
        body: OpenAccounts { accounts: vec![new(id("new", 1), opening)] },
    };
    let batch = [request(500), request(700)];
    let done = commit(&pool, &Arc::new(OpenAccountsWriter), &batch).await.expect("no fault");
    let opened: Vec<usize> =
        done.replies.into_iter().map(|reply| reply.expect("opened").opened).collect();
    assert_eq!((opened, done.wires.len()), (vec![1, 0], 1));
    assert_eq!(balance(&pool, id("new", 1)).await, 500);
    assert_eq!(records(&pool, batch[1].request_id).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_opens_nothing_and_its_batch_goes_on() {
    let pool = bank().await;
    let request =
        |accounts| Asked { request_id: Uuid::now_v7(), at: at(1), body: OpenAccounts { accounts } };
    let batch = [
        request(vec![new(id("new", 1), 1), new(id("new", 2), -1)]),
        request(vec![new(id("new", 3), 1)]),
    ];
    let done = commit(&pool, &Arc::new(OpenAccountsWriter), &batch).await.expect("no fault");
    let refusal = done.replies[0].as_ref().expect_err("opened");
    assert_eq!(refusal.errors[0].field, "accounts[1].opening.amount");
    assert_eq!(done.replies[1].as_ref().expect("opened").opened, 1);
    let unknown = account(pool.clone(), asked(GetAccount { account_id: id("new", 1) })).await;
    assert_eq!(unknown.expect_err("opened").status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_announcement_of_an_account_is_owed_until_it_is_known_to_be_in_the_stream() {
    let pool = bank().await;
    let mut conn = pool.get().await.unwrap();
    let owed = Record::owed(&mut conn, 0, 10).await.unwrap();
    assert_eq!(owed.len(), 1, "the accounts of the bank were opened by one request");
    let wires = owed[0].wires("bank", &owed[0].message_id, 1).unwrap();
    let whose: Vec<Uuid> =
        wires.iter().map(|wire| message::body::<AccountOpened>(wire).account_id).collect();
    assert_eq!(whose, [ada(), bob()]);
    let keys = [(owed[0].business_id, owed[0].step.clone())];
    assert_eq!(Record::settle(&mut conn, &keys).await.unwrap(), 1);
    assert!(Record::owed(&mut conn, 0, 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_customer_once_by_id_and_none_of_the_house() {
    let pool = bank().await;
    let open = OpenAccounts { accounts: (0..7).map(|n| new(id("new", n), 1)).collect() };
    message::write(&pool, OpenAccountsWriter, open, at(1)).await.0.expect("opened");
    answer(&pool, &charge_wire(1, 1)).await;
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = accounts(pool.clone(), asked(ListAccounts { after, limit: Some(4) })).await;
        let page = page.expect("a page");
        assert!(page.accounts.len() <= 4);
        seen.extend(page.accounts.into_iter().map(|account| account.id));
        after = page.next;
        if after.is_none() {
            break;
        }
        assert_eq!(after, seen.last().copied());
    }
    let mut all: Vec<Uuid> = (0..7).map(|n| id("new", n)).chain([ada(), bob()]).collect();
    all.sort_unstable();
    assert_eq!(seen, all);
    for limit in [0, 101] {
        let page = accounts(pool.clone(), asked(ListAccounts { after: None, limit: Some(limit) }));
        assert_eq!(page.await.expect_err("a page").status, 422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_has_the_newest_entry_first_in_the_order_in_which_they_were_made() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    answer(&pool, &refund_wire(1)).await;
    // By the shop's clock these are older than what is there.
    for reply in deposits(&pool, &[deposit(1, 7), deposit(2, 8)]).await {
        reply.expect("paid in");
    }
    let statement = statement(&pool, ada()).await;
    let lines: Vec<(&str, i64, Option<Uuid>)> =
        statement.entries.iter().map(|e| (e.kind.as_str(), e.amount, e.order_id)).collect();
    let order = Some(order_id(1));
    let expected = [
        ("deposit", 8, None),
        ("deposit", 7, None),
        ("refund", 300, order),
        ("charge", -300, order),
        ("deposit", 10_000, None),
    ];
    assert_eq!(lines, expected);
    assert_eq!(statement.entries[3].transfer_id, TransferKind::Charge.transfer_id(order_id(1)));
    assert_eq!(statement.account.balance, eur(10_015));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_statement_ends_after_the_newest_hundred_and_an_empty_one_is_empty() {
    let pool = bank().await;
    let wanted: Vec<_> = (1..=105).map(|n| deposit(n, i64::try_from(n).unwrap())).collect();
    deposits(&pool, &wanted).await;
    let amounts: Vec<i64> =
        statement(&pool, ada()).await.entries.iter().map(|entry| entry.amount).collect();
    assert_eq!(amounts, (6..=105).rev().collect::<Vec<i64>>());
    assert!(statement(&pool, bob()).await.entries.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_of_the_house_have_no_statement() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    let till = House::Till("main".parse().unwrap()).account_id(&eur(0).currency);
    for account_id in [till, House::World.account_id(&eur(0).currency), id("account", 9)] {
        let found = account(pool.clone(), asked(GetAccount { account_id })).await;
        assert_eq!(found.expect_err("a statement").status, 404);
    }
}
