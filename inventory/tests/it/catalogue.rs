//! `inventory.list-products`, `set-product-state` and `catalogue`.

use crate::{asked, bake, bake_due, bakery, line, product, reserve, units};
use bakery_inventory::{ListProductsWriter, SetProductStateWriter, Shelf, catalogue};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::{
    ProductListed, ProductState, Production, ReserveRefused, Reserved,
};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::{
    Catalogue, CatalogueEntry, ListProducts, MenuEntry, NewProduct, SetProductState,
};
use bakery_nats::slug::Slug;
use bakery_nats::write::{Done, commit};
use bakery_testbed::{at, message};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lists products at `main`: how many changed, and what was said of them.
async fn list(
    pool: &Pool,
    products: &[NewProduct],
) -> Result<(usize, Vec<ProductListed>), Refusal> {
    let list = ListProducts { branch: "main".parse().unwrap(), products: products.to_vec() };
    let (reply, wires) = message::write(pool, ListProductsWriter, list, at(0)).await;
    Ok((reply?.changed, wires.iter().map(message::body).collect()))
}

async fn set(
    pool: &Pool,
    product: &str,
    state: ProductState,
) -> (Done<SetProductState>, Vec<ProductListed>) {
    let (branch, product_id) = ("main".parse().unwrap(), product.parse().unwrap());
    let body = SetProductState { branch, product_id, state };
    let (reply, wires) = message::write(pool, SetProductStateWriter, body, at(2)).await;
    (reply, wires.iter().map(message::body).collect())
}

async fn entries(pool: &Pool) -> Vec<CatalogueEntry> {
    let question = Catalogue { branch: "main".parse().unwrap() };
    catalogue(pool.clone(), asked(question, at(0))).await.expect("a catalogue").products
}

async fn refusal(pool: &Pool, product: &str, order: u64) -> ReserveRefused {
    let answers = message::sent(pool, Shelf, &reserve(order, &[line(product, 1)], 3)).await;
    message::body(&answers[0])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_announced_with_how_it_is_baked_and_a_repeat_says_the_same() {
    let pool = bakery().await;
    let production = Some(Production { every_s: 60, batch: 1 });
    let donut = NewProduct { production, ..product("donut", 150, "EUR") };
    let (changed, told) =
        list(&pool, &[product("bread", 300, "EUR"), donut.clone()]).await.unwrap();
    assert_eq!((changed, told.len()), (1, 2), "the bread is the same");
    assert_eq!((told[0].version, told[0].product_id.as_str()), (1, "bread"));
    assert_eq!((told[1].version, told[1].production), (2, production));
    let again = list(&pool, std::slice::from_ref(&donut)).await.unwrap();
    assert_eq!(again, (0, told[1..].to_vec()));
    let entries = entries(&pool).await;
    assert_eq!(entries[1].product, donut);
    assert_eq!((entries[1].version, entries[1].state), (2, ProductState::OnSale));
    let by_hand = NewProduct { production: None, ..donut };
    assert_eq!(list(&pool, &[by_hand]).await.unwrap().1[0].production, None);
}

/// The stream would take the second for a double of the first.
#[tokio::test(flavor = "multi_thread")]
async fn news_of_a_product_that_is_said_again_has_another_id() {
    let pool = bakery().await;
    let (branch, bread): (Slug, Slug) = ("main".parse().unwrap(), "bread".parse().unwrap());
    let off = |product_id| SetProductState {
        branch: branch.clone(),
        product_id,
        state: ProductState::OffSale,
    };
    let (_, first) = message::write(&pool, SetProductStateWriter, off(bread.clone()), at(1)).await;
    let (_, second) = message::write(&pool, SetProductStateWriter, off(bread), at(2)).await;
    let products = vec![product("bread", 300, "EUR")];
    let list = ListProducts { branch: branch.clone(), products };
    let (_, third) = message::write(&pool, ListProductsWriter, list, at(3)).await;
    let said: Vec<&Wire> = [&first, &second, &third].into_iter().flatten().collect();
    assert!(said[0].message_id().ends_with(":list:evt:1"), "{}", said[0].message_id());
    let ids: BTreeSet<&str> = said.iter().map(|wire| wire.message_id()).collect();
    assert_eq!((said.len(), ids.len()), (3, 3), "{ids:?}");
    assert!(said.iter().all(|wire| wire.payload == said[0].payload));
}

/// The first commit was done, but its answer was lost: the requests are tried again as they are.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_commit_was_not_answered_is_answered_from_its_record() {
    let pool = bakery().await;
    let wish = |products| ListProducts { branch: "main".parse().unwrap(), products };
    let donut = asked(wish(vec![product("donut", 160, "EUR")]), at(1));
    let writer = Arc::new(ListProductsWriter);
    let first = commit(&pool, &writer, std::slice::from_ref(&donut)).await.expect("listed");
    let batch = [asked(wish(vec![product("bread", 310, "EUR")]), at(1)), donut];
    let second = commit(&pool, &writer, &batch).await.expect("listed");
    let changed = |reply: &Done<ListProducts>| reply.as_ref().expect("listed").changed;
    assert_eq!(second.replies.iter().map(changed).collect::<Vec<_>>(), [1, 1]);
    assert!(second.wires.contains(&first.wires[0]), "it is owed still, under the same id");
    assert_eq!(second.wires.len(), 2);
    assert_eq!(entries(&pool).await.iter().map(|e| e.version).collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_by_field_and_changes_nothing() {
    let pool = bakery().await;
    let good = product("bun", 100, "EUR");
    let made = |every_s, batch| NewProduct {
        production: Some(Production { every_s, batch }),
        ..good.clone()
    };
    for (wrong, field) in [
        (product("bun", 100, "USD"), "price.currency"),
        (product("bun", -1, "EUR"), "price.amount"),
        (product("bun", 10_000_000_001, "EUR"), "price.amount"),
        (product(&"x".repeat(36), 100, "EUR"), "id"),
        (NewProduct { shelf_life_s: 0, ..good.clone() }, "shelf_life_s"),
        (NewProduct { discount_percent: 101, ..good.clone() }, "discount_percent"),
        (NewProduct { discount_percent: -1, ..good.clone() }, "discount_percent"),
        (NewProduct { name: String::new(), ..good.clone() }, "name"),
        (NewProduct { description: "x".repeat(501), ..good.clone() }, "description"),
        (NewProduct { image: "a\nb".to_owned(), ..good.clone() }, "image"),
        (made(0, 1), "production.every_s"),
        (made(86_401, 1), "production.every_s"),
        (made(1, 0), "production.batch"),
        (made(1, 10_001), "production.batch"),
    ] {
        let refusal = list(&pool, &[product("roll", 90, "EUR"), wrong]).await.expect_err(field);
        let fields: Vec<&str> = refusal.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, [format!("products[1].{field}")]);
    }
    assert_eq!(entries(&pool).await.len(), 2, "a refused request listed something");
    let most = [
        product(&"x".repeat(35), 10_000_000_000, "EUR"),
        made(86_400, 10_000),
        NewProduct { discount_percent: 100, shelf_life_s: 1, ..product("roll", 0, "EUR") },
    ];
    assert_eq!(list(&pool, &most).await.unwrap().0, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_needs_a_branch_and_has_at_most_500_products() {
    let pool = bakery().await;
    let named = |n: usize| product(&format!("p-{n}"), 100, "EUR");
    let part = |from: usize, to: usize| (from..to).map(named).collect::<Vec<_>>();
    for (from, to) in [(0, 200), (200, 400), (400, 498)] {
        assert_eq!(list(&pool, &part(from, to)).await.unwrap().0, to - from);
    }
    assert!(set(&pool, "p-7", ProductState::Retired).await.0.is_ok());
    let refusal = list(&pool, &part(497, 499)).await.expect_err("listed");
    assert_eq!(refusal.errors[0].field, "products", "{refusal}");
    assert_eq!(list(&pool, &part(7, 8)).await.unwrap().0, 1, "what is there can change");
    let nowhere = ListProducts { branch: "nowhere".parse().unwrap(), products: part(0, 1) };
    let (reply, _) = message::write(&pool, ListProductsWriter, nowhere, at(0)).await;
    assert_eq!(reply, Err(Refusal::not_found("branch", "nowhere")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_sale_is_refused_until_it_is_on_sale_and_is_baked_all_the_same() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    let (reply, told) = set(&pool, "bread", ProductState::OffSale).await;
    let MenuEntry { available, state, baked_at, .. } = reply.expect("set");
    assert_eq!((available, state, baked_at), (0, ProductState::OffSale, None));
    assert_eq!((told[0].version, told[0].state), (2, ProductState::OffSale));
    assert_eq!(set(&pool, "bread", ProductState::OffSale).await.1, told, "no other version");
    let refused = refusal(&pool, "bread", 7).await;
    assert_eq!((refused.code.as_str(), refused.missing[0].available), ("off_sale", 0));
    bake(&pool, "bread", 1, 1, 2).await;
    // Another price leaves it off sale.
    let (_, told) = list(&pool, &[product("bread", 310, "EUR")]).await.unwrap();
    assert_eq!(told[0].state, ProductState::OffSale);
    let (reply, told) = set(&pool, "bread", ProductState::OnSale).await;
    assert_eq!((reply.expect("set").available, told[0].version), (3, 4));
    let answers = message::sent(&pool, Shelf, &reserve(1, &[line("bread", 3)], 3)).await;
    assert_eq!(message::body::<Reserved>(&answers[0]).total, 930);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_retired_is_unknown_and_not_baked_until_it_is_listed_again() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    let (reply, told) = set(&pool, "bread", ProductState::Retired).await;
    assert_eq!((reply.expect("set").available, told[0].state), (0, ProductState::Retired));
    assert_eq!(refusal(&pool, "bread", 7).await.code, "unknown_product");
    let reason = message::dead(&pool, Shelf, &bake_due("bread", 1, at(1), 2)).await;
    assert_eq!(reason, "there is no such product at this branch");
    assert_eq!(units(&pool, "free").await, 2);
    assert_eq!(entries(&pool).await[0].state, ProductState::Retired, "it left the catalogue");
    let (changed, told) = list(&pool, &[product("bread", 300, "EUR")]).await.unwrap();
    assert_eq!((changed, told[0].version, told[0].state), (1, 3, ProductState::OnSale));
    bake(&pool, "bread", 1, 1, 3).await;
    assert_eq!(units(&pool, "free").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_an_unknown_product_or_branch_cannot_be_set() {
    let pool = bakery().await;
    let (reply, told) = set(&pool, "none", ProductState::OffSale).await;
    assert_eq!(reply, Err(Refusal::not_found("product", "none")));
    assert!(told.is_empty());
    let (branch, product_id) = ("nowhere".parse().unwrap(), "bread".parse().unwrap());
    let body = SetProductState { branch, product_id, state: ProductState::Retired };
    let (reply, _) = message::write(&pool, SetProductStateWriter, body, at(2)).await;
    assert_eq!(reply, Err(Refusal::not_found("branch", "nowhere")));
    let question = Catalogue { branch: "nowhere".parse().unwrap() };
    let refusal = catalogue(pool.clone(), asked(question, at(0))).await.expect_err("found");
    assert_eq!(refusal, Refusal::not_found("branch", "nowhere"));
}
