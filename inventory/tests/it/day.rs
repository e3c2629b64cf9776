//! `inventory.day`: the figures of a business day.

use crate::{
    CLOSES_S, DAY_S, asked, bake, bakery, closing_due, confirm, date, discount_due, line, line_of,
    order_id, product, report, reserve,
};
use bakery_inventory::{ListProductsWriter, SetProductStateWriter, Shelf};
use bakery_nats::messages::inventory::{ProductState, Release, ReserveRefused};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::{GetDay, ListProducts, NewProduct, SetProductState};
use bakery_testbed::{at, database, message};
use chrono::NaiveDate;

#[tokio::test(flavor = "multi_thread")]
async fn a_day_tells_what_was_baked_and_what_became_of_it() {
    let pool = bakery().await;
    bake(&pool, "donut", 2, 0, 1).await;
    bake(&pool, "bread", 5, 0, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 2)], 10)).await;
    message::sent(&pool, Shelf, &confirm(1, 11)).await;
    message::sent(&pool, Shelf, &discount_due(at(20))).await;
    message::sent(&pool, Shelf, &reserve(2, &[line("bread", 1), line("donut", 1)], 20)).await;
    message::sent(&pool, Shelf, &confirm(2, 21)).await;
    message::sent(&pool, Shelf, &reserve(3, &[line("bread", 1)], 30)).await;

    let reply = report(&pool, "main", date(0)).await;
    let order: Vec<&str> = reply.day.lines.iter().map(|line| line.product_id.as_str()).collect();
    assert_eq!(order, ["bread", "donut"], "the order of the menu");
    let bread = line_of(&reply, "bread");
    assert_eq!((bread.baked, bread.free, bread.reserved), (5, 1, 1));
    assert_eq!((bread.sold_full, bread.sold_discount, bread.takings), (2, 1, 750));
    let donut = line_of(&reply, "donut");
    assert_eq!((donut.baked, donut.free, donut.sold_discount, donut.takings), (2, 1, 1, 75));
    assert_eq!((reply.from, reply.to), (Some(at(-3600)), Some(at(DAY_S - 3600))));
    assert!(!reply.closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_cheaper_at_a_discount_is_sold_at_the_full_price() {
    let pool = bakery().await;
    let products = vec![NewProduct { discount_percent: 0, ..product("bread", 300, "EUR") }];
    let list = ListProducts { branch: "main".parse().unwrap(), products };
    message::write(&pool, ListProductsWriter, list, at(0)).await.0.expect("listed");
    bake(&pool, "bread", 1, 0, 1).await;
    message::sent(&pool, Shelf, &discount_due(at(20))).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 1)], 20)).await;
    message::sent(&pool, Shelf, &confirm(1, 21)).await;
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.sold_full, bread.sold_discount, bread.takings), (1, 0, 300));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_orders_want_in_vain_is_tallied_on_the_day_they_want_it() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    let wish = [line("bread", 3), line("donut", 4)];
    message::sent(&pool, Shelf, &reserve(1, &wish, 10)).await;
    // A repeat is answered from the record and wants nothing more.
    message::sent(&pool, Shelf, &reserve(1, &wish, 10)).await;
    let both = [reserve(2, &[line("donut", 2)], 11), reserve(3, &[line("donut", 1)], 11)];
    message::handle(&pool, Shelf, &both).await;
    // Enough bread: only the donut is missing.
    message::sent(&pool, Shelf, &reserve(4, &[line("bread", 1), line("donut", 5)], 12)).await;
    message::sent(&pool, Shelf, &reserve(5, &[line("donut", 10)], CLOSES_S)).await;
    let reply = report(&pool, "main", date(0)).await;
    assert_eq!((line_of(&reply, "bread").missed, line_of(&reply, "donut").missed), (3, 12));
    assert_eq!(line_of(&reply, "donut").baked, 0, "a product that was only asked for has a line");
    assert_eq!(line_of(&report(&pool, "main", date(1)).await, "donut").missed, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_sale_is_missed_and_what_is_unknown_or_undone_is_not() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    let set = SetProductState {
        branch: "main".parse().unwrap(),
        product_id: "bread".parse().unwrap(),
        state: ProductState::OffSale,
    };
    message::write(&pool, SetProductStateWriter, set, at(1)).await.0.expect("set");
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 2), line("donut", 1)], 2)).await;
    message::sent(&pool, Shelf, &reserve(2, &[line("none", 1), line("donut", 1)], 2)).await;
    let release = message::wire("orders", &Release { order_id: order_id(3) }, at(2));
    message::sent(&pool, Shelf, &release).await;
    let late = message::sent(&pool, Shelf, &reserve(3, &[line("donut", 1)], 3)).await;
    assert_eq!(message::body::<ReserveRefused>(&late[0]).code, "already_released");
    let reply = report(&pool, "main", date(0)).await;
    assert_eq!((reply.day.lines.len(), line_of(&reply, "bread").missed), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_anything_has_no_lines_and_one_of_rest_no_hours() {
    let pool = bakery().await;
    database::execute(&pool, "UPDATE branch SET hours = hours - 'sat'").await;
    message::sent(&pool, Shelf, &closing_due(at(CLOSES_S))).await;
    let friday = report(&pool, "main", date(0)).await;
    assert_eq!((friday.day.lines.len(), friday.closed), (0, true));
    assert_eq!(friday.to, Some(at(2 * DAY_S - 3600)), "its money moves until Sunday");
    let saturday = report(&pool, "main", date(1)).await;
    assert_eq!((saturday.from, saturday.to, saturday.closed), (None, None, false));
    // A bread that is baked on the day of rest is one of Sunday's.
    bake(&pool, "bread", 1, DAY_S, 1).await;
    assert_eq!(line_of(&report(&pool, "main", date(2)).await, "bread").free, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_branch_has_no_days_and_neither_has_a_date_beyond_all_calendars() {
    let pool = bakery().await;
    let ask = |branch: &str, date| asked(GetDay { branch: branch.parse().unwrap(), date }, at(0));
    let refusal = bakery_inventory::day(pool.clone(), ask("nowhere", date(0))).await;
    assert_eq!(refusal, Err(Refusal::not_found("branch", "nowhere")));
    for far in [NaiveDate::MIN, NaiveDate::MAX] {
        let refusal = bakery_inventory::day(pool.clone(), ask("main", far)).await;
        assert_eq!(refusal.expect_err("a day").errors[0].field, "date");
    }
}
