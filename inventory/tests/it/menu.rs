//! `inventory.menu` and `inventory.product`: what is shown is what could be reserved.

use crate::{
    CLOSES_S, DAY_S, SHELF_LIFE_S, asked, bake, bakery, discount_due, instant, line, product,
    reserve_at,
};
use bakery_inventory::{ListProductsWriter, SetProductStateWriter, Shelf, menu};
use bakery_nats::Pool;
use bakery_nats::messages::inventory::{ProductState, ReserveRefused, Reserved};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::{
    GetProduct, ListProducts, Menu, MenuEntry, NewProduct, SetProductState,
};
use bakery_testbed::{at, message};
use chrono::{DateTime, Utc};

/// One product as it is shown at a moment.
async fn shown(pool: &Pool, product: &str, at: DateTime<Utc>) -> Result<MenuEntry, Refusal> {
    let question = GetProduct { branch: "main".parse().unwrap(), id: product.parse().unwrap() };
    bakery_inventory::product(pool.clone(), asked(question, at)).await
}

/// How many are shown at a moment; exactly so many, and no more, can then be reserved.
async fn available(pool: &Pool, at: DateTime<Utc>, order: u64) -> u32 {
    let shown = u32::try_from(shown(pool, "bread", at).await.expect("bread").available).unwrap();
    let wish = reserve_at(order, &[line("bread", shown + 1)], at);
    let refused: ReserveRefused = message::body(&message::sent(pool, Shelf, &wish).await[0]);
    assert_eq!(refused.missing[0].available, shown, "at {at}");
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_could_be_reserved_is_shown_as_available() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    bake(&pool, "bread", 1, 10, 2).await;
    let stale = at(SHELF_LIFE_S);
    assert_eq!(available(&pool, stale - instant(), 1).await, 3);
    assert_eq!(available(&pool, stale, 2).await, 1, "stale, though not swept");
    bake(&pool, "bread", 4, CLOSES_S - 5, 3).await;
    assert_eq!(available(&pool, at(CLOSES_S) - instant(), 3).await, 4);
    assert_eq!(available(&pool, at(CLOSES_S), 4).await, 0, "of yesterday, though not thrown out");
    bake(&pool, "bread", 5, CLOSES_S + 5, 4).await;
    assert_eq!(available(&pool, at(CLOSES_S) - instant(), 5).await, 4, "of tomorrow");
    assert_eq!(available(&pool, at(CLOSES_S + 6), 6).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_unit_that_can_be_bought_tells_how_fresh_it_is() {
    let pool = bakery().await;
    assert_eq!(shown(&pool, "bread", at(0)).await.unwrap().baked_at, None);
    bake(&pool, "bread", 1, 0, 1).await;
    bake(&pool, "bread", 1, 10, 2).await;
    assert_eq!(shown(&pool, "bread", at(20)).await.unwrap().baked_at, Some(at(10)));
    let both = reserve_at(1, &[line("bread", 2)], at(20));
    message::body::<Reserved>(&message::sent(&pool, Shelf, &both).await[0]);
    assert_eq!(shown(&pool, "bread", at(20)).await.unwrap().baked_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lower_price_is_shown_with_the_full_one_and_only_where_it_is_lower() {
    let pool = bakery().await;
    let never = NewProduct { discount_percent: 0, ..product("cake", 900, "EUR") };
    let list = ListProducts { branch: "main".parse().unwrap(), products: vec![never] };
    message::write(&pool, ListProductsWriter, list, at(0)).await.0.expect("listed");
    message::sent(&pool, Shelf, &discount_due(at(100))).await;
    let before = shown(&pool, "bread", at(100) - instant()).await.unwrap();
    assert_eq!((before.price.amount, before.discount), (300, None));
    let during = shown(&pool, "bread", at(100)).await.unwrap();
    let discount = during.discount.expect("a discount");
    assert_eq!(during.price.amount, 150);
    assert_eq!((discount.full_price.amount, discount.percent), (300, 50));
    let cake = shown(&pool, "cake", at(100)).await.unwrap();
    assert_eq!((cake.price.amount, cake.discount), (900, None));
    let next_day = shown(&pool, "bread", at(DAY_S + 100)).await.unwrap();
    assert_eq!((next_day.price.amount, next_day.discount), (300, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_names_what_is_off_sale_and_not_what_is_retired() {
    let pool = bakery().await;
    bake(&pool, "donut", 1, 0, 1).await;
    let set = |product: &str, state| SetProductState {
        branch: "main".parse().unwrap(),
        product_id: product.parse().unwrap(),
        state,
    };
    for (product, state) in [("bread", ProductState::Retired), ("donut", ProductState::OffSale)] {
        let set = set(product, state);
        message::write(&pool, SetProductStateWriter, set, at(0)).await.0.expect("set");
    }
    let question = Menu { branch: "main".parse().unwrap() };
    let products = menu(pool.clone(), asked(question, at(1))).await.expect("a menu").products;
    let seen: Vec<_> = products.iter().map(|p| (p.id.as_str(), p.available, p.state)).collect();
    assert_eq!(seen, [("donut", 0, ProductState::OffSale)]);
    let refusal = shown(&pool, "bread", at(1)).await.expect_err("shown");
    assert_eq!(refusal, Refusal::not_found("product", "bread"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_branch_has_no_menu() {
    let pool = bakery().await;
    let question = Menu { branch: "nowhere".parse().unwrap() };
    let refusal = menu(pool.clone(), asked(question, at(0))).await.expect_err("a menu");
    assert_eq!(refusal, Refusal::not_found("branch", "nowhere"));
    let question = GetProduct { branch: "nowhere".parse().unwrap(), id: "bread".parse().unwrap() };
    let refusal = bakery_inventory::product(pool, asked(question, at(0))).await;
    assert_eq!(refusal.expect_err("a product"), Refusal::not_found("branch", "nowhere"));
}
