use bakery_bank::{ledger::TransferKind, manners::Manners, *};
use bakery_nats::{
    envelope::*,
    error::HandlerError,
    messages::bank::*,
    money::*,
    process::{Outcome, process},
    request::Asked,
    requests::bank as q,
    write::Writer,
};
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use std::sync::Arc;
use uuid::Uuid;
const URL: &str = "postgres://bakery@127.0.0.1:54991/bank";
fn eur(n: i64) -> Money {
    Money { amount: n, currency: Currency::try_from("EUR".to_owned()).unwrap() }
}
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}
fn asked<T>(body: T) -> Asked<T> {
    Asked { request_id: Uuid::now_v7(), at: now(), body }
}
fn msg(position: usize, body: Input) -> Delivered<Input> {
    Delivered {
        position,
        body,
        meta: Meta {
            subject: "bakery.cmd.bank.main.charge".parse().unwrap(),
            message_id: "orders:x:charge:cmd:1".into(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            traceparent: String::new(),
            at: now(),
        },
    }
}
fn show(o: &[Outcome]) -> Vec<String> {
    o.iter()
        .map(|o| match o {
            Outcome::Send(w) => w
                .iter()
                .map(|w| {
                    format!(
                        "{} {}",
                        w.subject.rsplit('.').next().unwrap(),
                        String::from_utf8_lossy(&w.payload)
                    )
                })
                .collect::<Vec<_>>()
                .join("|"),
            Outcome::Dead(r) => format!("DEAD {r}"),
        })
        .collect()
}
async fn write<W: Writer>(
    pool: &bakery_nats::Pool,
    w: &W,
    b: &[Asked<W::Request>],
) -> Vec<bakery_nats::write::WriteResult<W::Request>> {
    let mut c = pool.get().await.unwrap();
    c.transaction(async |c| w.write(c, b).await).await.map_err(|e: HandlerError| e.chain()).unwrap()
}
#[tokio::test(flavor = "multi_thread")]
async fn scratch() {
    bakery_chassis::migrate::run("bank", URL, MIGRATIONS).await.unwrap();
    let pool = bakery_chassis::database::pool(&bakery_chassis::database::DatabaseConfig {
        url: URL.into(),
        pool_max: 4,
    })
    .unwrap();
    let a: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
    let new = |i: usize, n| q::NewAccount { id: a[i], name: format!("n{i}"), opening: eur(n) };
    let r = write(
        &pool,
        &OpenAccountsWriter,
        &[
            asked(q::OpenAccounts { accounts: vec![new(0, 1000), new(1, 0)] }),
            asked(q::OpenAccounts { accounts: vec![new(1, 5), new(2, 70)] }),
            asked(q::OpenAccounts { accounts: vec![] }),
        ],
    )
    .await;
    println!("{r:#?}");
    let dep = |id: u128, acc: Uuid, m: Money| {
        asked(q::Deposit {
            deposit_id: Uuid::from_u128(id ^ a[0].as_u128()),
            account_id: acc,
            amount: m,
        })
    };
    let b = [
        dep(1, a[1], eur(10)),
        dep(1, a[1], eur(10)),
        dep(2, a[1], eur(5)),
        dep(1, a[1], eur(11)),
        dep(3, Uuid::nil(), eur(1)),
        dep(4, a[1], eur(0)),
        dep(5, a[0], Money { amount: 1, currency: Currency::try_from("USD".to_owned()).unwrap() }),
    ];
    for _ in 0..2 {
        for x in write(&pool, &DepositWriter, &b).await {
            println!("{x:?}");
        }
    }
    let h = Arc::new(Ledger::default());
    let o: Vec<Uuid> = (0..8).map(|_| Uuid::now_v7()).collect();
    let ch = |i: usize, acc, n| {
        Input::Charge(Charge { order_id: o[i], account_id: acc, amount: eur(n) })
    };
    let rf = |i: usize, acc| Input::Refund(Refund { order_id: o[i], account_id: acc });
    let batch =
        |v: Vec<Input>| v.into_iter().enumerate().map(|(i, x)| msg(i, x)).collect::<Vec<_>>();
    let first = vec![
        rf(0, a[0]),
        ch(0, a[0], 600),
        ch(1, a[0], 600),
        ch(2, a[0], 401),
        ch(3, a[1], -1),
        ch(4, a[1], 0),
        rf(5, a[2]),
        ch(6, a[2], 70),
        ch(7, Uuid::nil(), 1),
    ];
    for _ in 0..2 {
        println!(
            "{:#?}",
            show(&process(pool.clone(), h.clone(), batch(first.clone())).await.unwrap())
        );
    }
    println!(
        "{:#?}",
        show(
            &process(
                pool.clone(),
                h.clone(),
                batch(vec![rf(1, a[0]), ch(5, a[2], 1), rf(6, a[1]), rf(4, a[1])])
            )
            .await
            .unwrap()
        )
    );
    let mut c = pool.get().await.unwrap();
    c.batch_execute("DELETE FROM record").await.unwrap();
    println!(
        "no records: {:#?}",
        show(
            &process(
                pool.clone(),
                h.clone(),
                batch(vec![ch(6, a[2], 70), rf(1, a[0]), ch(2, a[0], 400)])
            )
            .await
            .unwrap()
        )
    );
    c.batch_execute("DELETE FROM record").await.unwrap();
    println!(
        "no records: {:#?}",
        show(
            &process(pool.clone(), h.clone(), batch(vec![ch(2, a[0], 400), ch(2, a[0], 400)]))
                .await
                .unwrap()
        )
    );
    println!("{:#?}", account(pool.clone(), asked(q::GetAccount { account_id: a[0] })).await);
    println!("{:?}", account(pool.clone(), asked(q::GetAccount { account_id: Uuid::nil() })).await);
    println!(
        "{:?}",
        accounts(pool.clone(), asked(q::ListAccounts { after: Some(a[0]), limit: Some(1) })).await
    );
    println!(
        "{:?}",
        accounts(pool.clone(), asked(q::ListAccounts { after: None, limit: Some(0) })).await
    );
    let m = Manners::default();
    for (scope, beh) in [
        (q::Scope::All, q::Behaviour { silent: true, ..Default::default() }),
        (q::Scope::Account(a[0]), q::Behaviour { decline_percent: 100, ..Default::default() }),
        (q::Scope::All, q::Behaviour { doubled: true, ..Default::default() }),
    ] {
        println!(
            "{:?}",
            set_behaviour(
                pool.clone(),
                m.clone(),
                asked(q::SetBehaviour { scope, behaviour: beh })
            )
            .await
        );
    }
    println!(
        "{:#?}",
        show(
            &process(
                pool.clone(),
                Arc::new(Ledger::new(m.clone())),
                batch(vec![Input::Charge(Charge {
                    order_id: Uuid::now_v7(),
                    account_id: a[0],
                    amount: eur(1)
                })])
            )
            .await
            .unwrap()
        )
    );
    for s in [q::Scope::All, q::Scope::Account(a[0])] {
        println!(
            "{:?}",
            set_behaviour(
                pool.clone(),
                m.clone(),
                asked(q::SetBehaviour { scope: s, behaviour: Default::default() })
            )
            .await
        );
    }
    for sql in [
        "UPDATE transfer SET amount = 1",
        "DELETE FROM entry",
        "TRUNCATE entry",
        "TRUNCATE transfer CASCADE",
        "DELETE FROM transfer",
        "INSERT INTO entry SELECT id, (SELECT id FROM account WHERE kind='world'), 5, now() FROM transfer WHERE kind='charge' LIMIT 1",
    ] {
        println!(
            "{sql}: {:?}",
            c.batch_execute(sql).await.map_err(HandlerError::from).map_err(|e| e.chain())
        );
    }
    // an attacker's account in place of a till
    let till = ledger::House::Till("evil".parse().unwrap()).account_id(&eur(0).currency);
    diesel::sql_query(format!(
        "INSERT INTO account VALUES ('{till}', 'customer', 'x', 'EUR', 0) ON CONFLICT DO NOTHING"
    ))
    .execute(&mut c)
    .await
    .unwrap();
    let mut e = msg(
        0,
        Input::Charge(Charge { order_id: Uuid::now_v7(), account_id: a[0], amount: eur(1) }),
    );
    e.meta.subject = "bakery.cmd.bank.evil.charge".parse().unwrap();
    println!("{:?}", show(&process(pool.clone(), h.clone(), vec![e]).await.unwrap()));
    // throughput
    diesel::sql_query("UPDATE account SET balance = 1000000000 WHERE kind='customer'")
        .execute(&mut c)
        .await
        .unwrap();
    for round in 0..3 {
        let t = std::time::Instant::now();
        for _ in 0..50 {
            let v = (0..200)
                .map(|i| {
                    msg(
                        i,
                        Input::Charge(Charge {
                            order_id: Uuid::now_v7(),
                            account_id: a[i % 3],
                            amount: eur(1),
                        }),
                    )
                })
                .collect();
            process(pool.clone(), h.clone(), v).await.unwrap();
        }
        println!("round {round}: 10000 charges {:?}", t.elapsed());
    }
    let _ = TransferKind::Charge;
}
