//! Who has changed a branch or a product sees it on the next menu, whatever the cache keeps.

use super::shop::{Shop, stored};
use super::{LOOK_PAUSE_MS, WAIT_S};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn menu(shop: &Shop, branch: &str) -> Value {
    let answered = shop.send("GET", &format!("/api/v1/menu?branch={branch}"), None).await;
    assert_eq!(answered.status, 200);
    answered.json()
}

/// Reads the menu until the answer comes from the cache: the connection may not be there yet.
async fn until_kept(shop: &Shop, branch: &str) {
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    loop {
        menu(shop, branch).await;
        if shop.asked().is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "the menu is never kept");
        tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
    }
}

#[tokio::test]
async fn a_change_is_on_the_next_menu() {
    let shop = Shop::with_cache().await;
    let product =
        stored("inventory.list-products.request")["products"][0].as_object().unwrap().clone();
    let product = product.into_iter().filter(|(name, _)| name != "id").collect();
    let branch = stored("inventory.put-branch.request").as_object().unwrap().clone();
    let branch = branch.into_iter().filter(|(name, _)| name != "id").collect();
    let writes = [
        ("PUT", "", Some(Value::Object(branch))),
        ("PUT", "/switch", Some(json!({"closed": true}))),
        ("PUT", "/products/donut", Some(Value::Object(product))),
        ("PUT", "/products/donut/sale", Some(json!({"on_sale": false}))),
        ("DELETE", "/products/donut", None),
    ];
    for (i, (method, path, body)) in writes.into_iter().enumerate() {
        let branch = format!("branch-{i}");
        shop.says("inventory.menu", stored("inventory.menu.reply"));
        until_kept(&shop, &branch).await;
        let changed = json!({"products": []});
        shop.says("inventory.menu", changed.clone());
        let path = format!("/api/v1/admin/branches/{branch}{path}");
        let answered = shop.send(method, &path, body.as_ref()).await;
        assert!(answered.status < 300, "{method} {path}: {}", answered.status);
        assert_eq!(menu(&shop, &branch).await, changed, "{method} {path}");
        shop.asked();
    }
}
