//! Who waits for whom: turns of the day, orders and changes of a branch at the same time.

use crate::{
    at_branch, bake, bake_due, bakery, behind, closing_due, discount_due, line, open, product,
    put_branch, reserve, sweep_due,
};
use bakery_inventory::{ListProductsWriter, PutBranchWriter, Shelf};
use bakery_nats::Pool;
use bakery_nats::messages::inventory::Reserved;
use bakery_nats::process::Outcome;
use bakery_nats::requests::inventory::{ListProducts, PutBranch};
use bakery_testbed::{at, message};

/// Rounds in which everything happens at once.
const ROUNDS: u64 = 25;

/// A discount that is being written when the order comes is in force for it.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waited_for_a_discount_pays_the_lower_price() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, 0, 1).await;
    let begin = format!(
        "SELECT 1 FROM branch WHERE id = 'main' FOR NO KEY UPDATE;
         SELECT 1 FROM product WHERE branch = 'main' FOR NO KEY UPDATE;
         UPDATE branch SET discount_from = '{}' WHERE id = 'main'",
        at(1)
    );
    let other = pool.clone();
    let order =
        async move { message::sent(&other, Shelf, &reserve(1, &[line("bread", 1)], 2)).await };
    let reserved: Reserved = message::body(&behind(&pool, &begin, order).await[0]);
    assert_eq!(reserved.total, 150);
}

/// Prices are compared with a currency that cannot change any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_waits_for_who_changes_the_currency_of_its_branch() {
    let pool = bakery().await;
    let put = put_branch("fresh", "UTC", "EUR");
    message::write(&pool, PutBranchWriter, put, at(0)).await.0.expect("opened");
    let change = "UPDATE branch SET currency = 'USD' WHERE id = 'fresh'";
    let products = vec![product("bread", 300, "EUR")];
    let list = ListProducts { branch: "fresh".parse().unwrap(), products };
    let other = pool.clone();
    let listing = async move { message::write(&other, ListProductsWriter, list, at(0)).await.0 };
    let refusal = behind(&pool, change, listing).await.expect_err("listed");
    assert_eq!(refusal.errors[0].field, "products[0].price.currency");
}

/// And the other way round: a branch has no products only as long as nobody lists some.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_currency_waits_for_who_lists_products() {
    let pool = bakery().await;
    let put = put_branch("fresh", "UTC", "EUR");
    message::write(&pool, PutBranchWriter, put, at(0)).await.0.expect("opened");
    let list = "SELECT 1 FROM branch WHERE id = 'fresh' FOR NO KEY UPDATE;
                INSERT INTO product (branch, id, name, description, price, currency, image,
                                     shelf_life_s, discount_percent)
                VALUES ('fresh', 'bread', 'Bread', '', 300, 'EUR', '', 3600, 50)";
    let other = pool.clone();
    let change = put_branch("fresh", "UTC", "USD");
    let changing = async move { message::write(&other, PutBranchWriter, change, at(0)).await.0 };
    let refusal = behind(&pool, list, changing).await.expect_err("put");
    assert_eq!(refusal.errors[0].field, "currency");
}

/// Two who wait for each other are a passing fault, and that ends this test.
#[tokio::test(flavor = "multi_thread")]
async fn turns_orders_and_changes_of_a_branch_never_wait_in_a_circle() {
    let pool = bakery().await;
    open(&pool, "tokyo", "Asia/Tokyo", "EUR").await;
    let tasks = [
        tokio::spawn(turning(pool.clone(), ["main", "tokyo"])),
        tokio::spawn(turning(pool.clone(), ["tokyo", "main"])),
        tokio::spawn(selling(pool.clone())),
        tokio::spawn(changing(pool.clone())),
    ];
    for task in tasks {
        task.await.expect("nobody waited for ever");
    }
}

async fn turning(pool: Pool, branches: [&str; 2]) {
    for n in 0..ROUNDS.cast_signed() {
        let moment = at(n * 60) + chrono::TimeDelta::milliseconds(i64::from(branches[0] == "main"));
        let [first, second] = branches;
        let batch = [
            at_branch(first, discount_due(moment)),
            at_branch(second, closing_due(moment)),
            at_branch(second, sweep_due(moment)),
        ];
        all_answered(message::handle(&pool, Shelf, &batch).await);
    }
}

async fn selling(pool: Pool) {
    for n in 0..ROUNDS {
        let seconds = n.cast_signed() * 60;
        let batch = [
            bake_due("donut", 1, at(seconds), n),
            at_branch("tokyo", reserve(2 * n, &[line("donut", 1), line("bread", 1)], seconds)),
            reserve(2 * n + 1, &[line("donut", 2), line("bread", 1)], seconds),
        ];
        all_answered(message::handle(&pool, Shelf, &batch).await);
    }
}

async fn changing(pool: Pool) {
    for n in 0..ROUNDS {
        for branch in ["tokyo", "main"] {
            let address = n.to_string();
            let put = PutBranch { address, ..put_branch(branch, "UTC", "EUR") };
            message::write(&pool, PutBranchWriter, put, at(0)).await.0.expect("put");
            let price = 100 + n.cast_signed();
            let products = ["donut", &format!("new-{n}"), "bread"];
            let products = products.map(|id| product(id, price, "EUR")).to_vec();
            let list = ListProducts { branch: branch.parse().unwrap(), products };
            message::write(&pool, ListProductsWriter, list, at(0)).await.0.expect("listed");
        }
    }
}

fn all_answered(outcomes: Vec<Outcome>) {
    for outcome in outcomes {
        assert!(matches!(outcome, Outcome::Send(_)), "{outcome:?}");
    }
}
