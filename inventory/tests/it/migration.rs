//! The migrations, on databases as the versions before left them.

use crate::{
    CLOSES_S, DAY_S, asked, bakery, date, line, line_of, put_branch, report, reserve, units,
};
use bakery_inventory::{MIGRATIONS, PutBranchWriter, Shelf, branch, catalogue};
use bakery_nats::Pool;
use bakery_nats::messages::inventory::{BranchChanged, ProductState, Reserved};
use bakery_nats::requests::inventory::{Catalogue, GetBranch, PutBranch};
use bakery_testbed::{at, database, id, message};
use diesel_async::AsyncMigrationHarness;
use diesel_migrations::MigrationHarness;

/// Takes the newest migration back.
async fn down(pool: &Pool) {
    let mut harness = AsyncMigrationHarness::new(pool.get().await.unwrap());
    harness.revert_last_migration(MIGRATIONS).expect("taken back");
}

/// Runs what is missing; how many that are.
async fn up(pool: &Pool) -> usize {
    let mut harness = AsyncMigrationHarness::new(pool.get().await.unwrap());
    harness.run_pending_migrations(MIGRATIONS).expect("migrated").len()
}

/// How many migrations the first version did not have.
const NEWER: usize = 2;

/// A database of the first version, with a branch that sells in dollars and one that sells
/// nothing, and of a bread every state a unit can have. The second batch is of the evening before.
async fn first_version() -> Pool {
    let pool = database::fresh("inventory", MIGRATIONS).await;
    for _ in 0..NEWER {
        down(&pool).await;
    }
    let (first, second, order) = (id("batch", 1), id("batch", 2), id("order", 1));
    let unit = |n: u64, batch, baked_at, state: &str| {
        let held = matches!(state, "reserved" | "sold");
        let (order, price) =
            if held { (format!("'{order}'"), "300") } else { ("NULL".to_owned(), "NULL") };
        let stale_at = baked_at + chrono::TimeDelta::days(1);
        format!(
            "INSERT INTO unit VALUES ('{}', 'main', 'bread', '{batch}', '{baked_at}',
                                      '{stale_at}', '{state}', {order}, {price});",
            id("unit", n)
        )
    };
    let today = ["free", "free", "reserved", "sold", "stale", "thrown"].into_iter();
    let today = (0..).zip(today).map(|(n, state)| unit(n, first, at(0), state));
    let units: String = today.chain([unit(9, second, at(-8 * 3600 - 1), "free")]).collect();
    database::execute(
        &pool,
        &format!(
            "INSERT INTO branch VALUES ('main', true), ('empty', false);
             INSERT INTO product (branch, id, name, description, price, currency, image,
                                  shelf_life_s, discount_percent)
             VALUES ('main', 'bread', 'Bread', '', 300, 'USD', '', 86400, 50);
             {units}"
        ),
    )
    .await;
    pool
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_the_first_version_is_kept_and_goes_on() {
    let pool = first_version().await;
    assert_eq!(up(&pool).await, NEWER);
    let look = |id: &str| asked(GetBranch { branch: id.parse().unwrap() }, at(0));
    let state = branch(pool.clone(), look("main")).await.expect("a branch");
    assert_eq!((state.branch.name.as_str(), state.branch.currency.as_str()), ("main", "USD"));
    assert_eq!((state.open, state.date, state.discounting), (true, date(0), false));
    assert_eq!(state.branch.calendar().opening(date(0)), Some(at(-8 * 3600)));
    let empty = branch(pool.clone(), look("empty")).await.expect("a branch");
    assert_eq!(empty.branch.currency.as_str(), "EUR");

    let question = asked(Catalogue { branch: "main".parse().unwrap() }, at(0));
    let products = catalogue(pool.clone(), question).await.expect("a catalogue").products;
    assert_eq!((products[0].state, products[0].product.production), (ProductState::OnSale, None));
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.baked, bread.free, bread.reserved, bread.sold_full), (6, 2, 1, 1));
    assert_eq!((bread.stale, bread.thrown, bread.takings), (1, 1, 300));
    assert_eq!(line_of(&report(&pool, "main", date(-1)).await, "bread").baked, 1);
    let answers = message::sent(&pool, Shelf, &reserve(2, &[line("bread", 2)], 10)).await;
    assert_eq!(message::body::<Reserved>(&answers[0]).total, 600);
}

/// Nobody was told of these branches in an event.
#[tokio::test(flavor = "multi_thread")]
async fn a_branch_of_the_first_version_is_announced_even_if_it_is_put_as_it_is() {
    let pool = first_version().await;
    up(&pool).await;
    let question = asked(GetBranch { branch: "empty".parse().unwrap() }, at(0));
    let kept = branch(pool.clone(), question).await.expect("a branch").branch;
    let put = PutBranch {
        name: kept.name.clone(),
        address: kept.address.clone(),
        hours: kept.hours,
        ..put_branch("empty", "UTC", "EUR")
    };
    let (_, wires) = message::write(&pool, PutBranchWriter, put.clone(), at(0)).await;
    let told: BranchChanged = message::body(&wires[0]);
    assert_eq!((told.version, &told.branch), (1, &kept));
    let (_, wires) = message::write(&pool, PutBranchWriter, put, at(0)).await;
    assert_eq!(message::body::<BranchChanged>(&wires[0]), told, "another version");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_taken_back_and_done_again() {
    let pool = first_version().await;
    up(&pool).await;
    message::sent(&pool, Shelf, &reserve(2, &[line("bread", 1)], 10)).await;
    message::sent(&pool, Shelf, &reserve(3, &[line("bread", 9)], 10)).await;
    for _ in 0..NEWER {
        down(&pool).await;
    }
    let columns = "SELECT count(*) AS number FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name IN ('branch', 'unit', 'product')";
    assert_eq!(database::number(&pool, columns).await, 2 + 9 + 11);
    let figures = (units(&pool, "free").await, units(&pool, "reserved").await);
    assert_eq!(figures, (2, 2));
    assert_eq!(up(&pool).await, NEWER);
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.baked, bread.free, bread.reserved), (6, 1, 2));
}

/// A discount that began before its day was noted is of the date it began on.
#[tokio::test(flavor = "multi_thread")]
async fn a_discount_that_is_on_goes_on_and_does_not_move_to_the_next_day() {
    let pool = bakery().await;
    let from = at(CLOSES_S - 1800);
    down(&pool).await;
    database::execute(&pool, &format!("UPDATE branch SET discount_from = '{from}'")).await;
    assert_eq!(up(&pool).await, 1);
    let kept = "SELECT count(*) AS number FROM branch WHERE discount_day = '2027-01-15'";
    assert_eq!(database::number(&pool, kept).await, 1);
    // What a version that does not know of days has written is read in the same way.
    for row in ["version = version", "discount_day = NULL"] {
        database::execute(&pool, &format!("UPDATE branch SET {row}")).await;
        let shorter = "UPDATE branch SET hours = hours - 'fri'";
        let look = |at| asked(GetBranch { branch: "main".parse().unwrap() }, at);
        assert!(branch(pool.clone(), look(from)).await.expect("a branch").discounting);
        database::execute(&pool, shorter).await;
        assert!(!branch(pool.clone(), look(at(DAY_S))).await.expect("a branch").discounting);
        let hours = "UPDATE branch SET hours = jsonb_set(hours, '{fri}', hours->'thu')";
        database::execute(&pool, hours).await;
    }
}
