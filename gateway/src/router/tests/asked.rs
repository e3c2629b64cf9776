//! What the owners are asked, with the rights of the gateway, and what people get of the answers.

use super::request;
use super::shop::{Shop, stored};
use super::{fields_of, send_to};
use axum::body::Body;
use axum::http::Request;
use bakery_nats::refusal::{FieldError, Refusal};
use serde_json::{Value, json};

const BRANCH: &str = "/api/v1/admin/branches/main";
const PRODUCT: &str = "/api/v1/admin/branches/main/products/donut";

/// A frozen request without what the path says.
fn body(name: &str, in_path: &[&str]) -> Value {
    without(stored(&format!("{name}.request")), in_path)
}

fn without(mut json: Value, names: &[&str]) -> Value {
    json.as_object_mut().unwrap().retain(|name, _| !names.contains(&name.as_str()));
    json
}

/// A branch as people see it: all in one.
fn flat(mut state: Value) -> Value {
    let mut branch = state["branch"].take();
    branch
        .as_object_mut()
        .unwrap()
        .extend(without(state, &["branch"]).as_object().unwrap().clone());
    branch
}

#[tokio::test]
async fn branches_are_seen_all_in_one() {
    let shop = Shop::open().await;
    let answered = shop.send("GET", "/api/v1/branches", None).await;
    let state = stored("inventory.branch.reply");
    assert_eq!((answered.status, answered.json()), (200, json!({"branches": [flat(state)]})));
    let answered = shop.send("GET", "/api/v1/branches/main", None).await;
    let branch = answered.json();
    assert_eq!((answered.status, &branch), (200, &flat(stored("inventory.branch.reply"))));
    let mut names: Vec<&str> = branch.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "address",
        "closed",
        "closes_at",
        "currency",
        "date",
        "discounting",
        "hours",
        "id",
        "name",
        "open",
        "opens_at",
        "time_zone",
    ];
    assert_eq!(names, expected);
    let asked = [
        ("inventory.branches".to_owned(), json!({})),
        ("inventory.branch".to_owned(), json!({"branch": "main"})),
    ];
    assert_eq!(shop.asked(), asked);
    shop.refuses("inventory.branch", Refusal::not_found("branch", "main"));
    assert_eq!(shop.send("GET", "/api/v1/branches/main", None).await.status, 404);
}

#[tokio::test]
async fn branches_are_put_and_switched() {
    let shop = Shop::open().await;
    let put = body("inventory.put-branch", &["id"]);
    let answered = shop.send("PUT", BRANCH, Some(&put)).await;
    let state = stored("inventory.put-branch.reply");
    assert_eq!((answered.status, answered.json()), (200, flat(state)));
    let switch = body("inventory.switch-branch", &["branch"]);
    let answered = shop.send("PUT", &format!("{BRANCH}/switch"), Some(&switch)).await;
    let state = stored("inventory.switch-branch.reply");
    assert_eq!((answered.status, answered.json()), (200, flat(state)));
    let asked = ["inventory.put-branch", "inventory.switch-branch"]
        .map(|name| (name.to_owned(), stored(&format!("{name}.request"))));
    assert_eq!(shop.asked(), asked);

    let wrong = FieldError::new("currency", "cannot change while there are products");
    shop.refuses("inventory.put-branch", Refusal::invalid(vec![wrong]));
    let answered = shop.send("PUT", BRANCH, Some(&put)).await;
    assert_eq!((answered.status, answered.fields()), (422, fields_of(&["currency"])));
}

#[tokio::test]
async fn a_product_is_put_and_answered_as_it_is_on_the_menu() {
    let shop = Shop::open().await;
    let product =
        without(stored("inventory.list-products.request")["products"][0].clone(), &["id"]);
    let answered = shop.send("PUT", PRODUCT, Some(&product)).await;
    assert_eq!((answered.status, answered.json()), (200, stored("inventory.product.reply")));
    let asked = ["inventory.list-products", "inventory.product"]
        .map(|name| (name.to_owned(), stored(&format!("{name}.request"))));
    assert_eq!(shop.asked(), asked);

    let wrong = ["products[0].price.amount", "products[0].price.currency"];
    let wrong = wrong.map(|field| FieldError::new(field, "is not so"));
    shop.refuses("inventory.list-products", Refusal::invalid(wrong.into()));
    let answered = shop.send("PUT", PRODUCT, Some(&product)).await;
    let fields = fields_of(&["price.amount", "price.currency"]);
    assert_eq!((answered.status, answered.fields()), (422, fields));
    let detail = &answered.json()["detail"];
    assert_eq!(detail, "the input is wrong in: price.amount, price.currency");
    assert_eq!(shop.asked().len(), 1, "what was refused was read all the same");
}

#[tokio::test]
async fn a_product_is_taken_off_sale_back_on_and_off_the_menu() {
    let shop = Shop::open().await;
    let answered = shop.send("GET", &format!("{BRANCH}/products"), None).await;
    assert_eq!((answered.status, answered.json()), (200, stored("inventory.catalogue.reply")));
    assert_eq!(shop.asked(), [("inventory.catalogue".to_owned(), json!({"branch": "main"}))]);
    for (method, path, body, state) in [
        ("PUT", format!("{PRODUCT}/sale"), Some(json!({"on_sale": false})), "off_sale"),
        ("PUT", format!("{PRODUCT}/sale"), Some(json!({"on_sale": true})), "on_sale"),
        ("DELETE", PRODUCT.to_owned(), None, "retired"),
    ] {
        let answered = shop.send(method, &path, body.as_ref()).await;
        let name = "inventory.set-product-state";
        let wanted = json!({"branch": "main", "product_id": "donut", "state": state});
        assert_eq!(shop.asked(), [(name.to_owned(), wanted)]);
        if method == "DELETE" {
            assert_eq!((answered.status, answered.body.len()), (204, 0));
        } else {
            let reply = stored("inventory.set-product-state.reply");
            assert_eq!((answered.status, answered.json()), (200, reply));
        }
    }
    shop.refuses("inventory.set-product-state", Refusal::not_found("product", "donut"));
    assert_eq!(shop.send("DELETE", PRODUCT, None).await.status, 404);
}

#[tokio::test]
async fn the_shelf_is_shown_as_inventory_has_it() {
    let shop = Shop::open().await;
    let path = format!("{BRANCH}/shelf");
    let answered = shop.send("GET", &path, None).await;
    assert_eq!((answered.status, answered.json()), (200, stored("inventory.shelf.reply")));
    assert_eq!(shop.asked(), [("inventory.shelf".to_owned(), json!({"branch": "main"}))]);
    shop.refuses("inventory.shelf", Refusal::not_found("branch", "main"));
    assert_eq!(shop.send("GET", &path, None).await.status, 404);
}

#[tokio::test]
async fn jobs_are_listed_by_page_and_put() {
    let shop = Shop::open().await;
    let mut page = stored("scheduler.jobs.reply");
    page["next"] = json!("main/sweep");
    let answered = shop.send("GET", "/api/v1/admin/jobs?branch=main&after=main/a", None).await;
    assert_eq!((answered.status, answered.json()), (200, page.clone()));
    page["next"] = Value::Null;
    shop.says("scheduler.jobs", page.clone());
    let answered = shop.send("GET", "/api/v1/admin/jobs", None).await;
    assert_eq!((answered.status, answered.json()), (200, page));
    let put = stored("scheduler.put-jobs.request");
    let answered = shop.send("PUT", "/api/v1/admin/jobs", Some(&put)).await;
    assert_eq!((answered.status, answered.json()), (200, stored("scheduler.put-jobs.reply")));
    let asked = [
        ("scheduler.jobs".to_owned(), stored("scheduler.jobs.request")),
        ("scheduler.jobs".to_owned(), json!({})),
        ("scheduler.put-jobs".to_owned(), put.clone()),
    ];
    assert_eq!(shop.asked(), asked);

    let wrong = FieldError::new("jobs[1].when.cron", "field 3 (hour): 25 is not from 0 to 23");
    shop.refuses("scheduler.put-jobs", Refusal::invalid(vec![wrong]));
    let answered = shop.send("PUT", "/api/v1/admin/jobs", Some(&put)).await;
    assert_eq!((answered.status, answered.fields()), (422, fields_of(&["jobs[1].when.cron"])));
}

#[tokio::test]
async fn a_job_is_paused_resumed_and_deleted() {
    let shop = Shop::open().await;
    let job = "/api/v1/admin/jobs/main/discount";
    let key = json!({"branch": "main", "name": "discount"});
    for (action, paused) in [("pause", true), ("resume", false)] {
        let answered = shop.send("POST", &format!("{job}/{action}"), None).await;
        assert_eq!((answered.status, answered.json()), (200, stored("scheduler.pause-job.reply")));
        let wanted = json!({"job": key, "paused": paused});
        assert_eq!(shop.asked(), [("scheduler.pause-job".to_owned(), wanted)]);
    }
    let answered = shop.send("DELETE", job, None).await;
    assert_eq!((answered.status, answered.body.len()), (204, 0));
    assert_eq!(shop.asked(), [("scheduler.delete-job".to_owned(), json!({"job": key}))]);
    shop.refuses("scheduler.delete-job", Refusal::not_found("job", "main/discount"));
    assert_eq!(shop.send("DELETE", job, None).await.status, 404);
}

#[tokio::test]
async fn a_run_is_named_by_its_key_and_its_job() {
    let shop = Shop::open().await;
    let run = async |job: &str, key: Option<&str>| {
        let mut run = Request::post(format!("/api/v1/admin/jobs/main/{job}/run"));
        if let Some(key) = key {
            run = run.header("idempotency-key", key);
        }
        let answered = send_to(shop.app.clone(), run.body(Body::empty()).unwrap()).await;
        assert_eq!((answered.status, answered.json()), (202, stored("scheduler.run-job.reply")));
        let asked = shop.asked();
        assert_eq!(asked[0].1["job"], json!({"branch": "main", "name": job}));
        asked[0].1["run_id"].clone()
    };
    let first = run("sweep", Some("k")).await;
    assert_eq!(run("sweep", Some("k")).await, first);
    assert_ne!(run("sweep", Some("l")).await, first);
    assert_ne!(run("close", Some("k")).await, first);
    assert_ne!(run("sweep", None).await, run("sweep", None).await);
}

#[tokio::test]
async fn whoever_comes_too_early_is_told_when_the_branch_opens() {
    let shop = Shop::open().await;
    let retry_at = Some("2026-11-25T06:00:00Z".parse().unwrap());
    let closed = Refusal::new(409, "branch_closed", "the branch main is closed");
    shop.refuses("orders.place", Refusal { retry_at, ..closed });
    let place = request("POST", "/api/v1/orders", Some(&super::good_order()));
    let answered = send_to(shop.app.clone(), place).await;
    assert_eq!(answered.status, 409);
    assert_eq!(answered.json()["retry_at"], "2026-11-25T06:00:00Z");
}
