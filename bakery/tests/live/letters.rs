//! Dead letters, from the message that cannot be taken to the one that is handled once more.

use crate::shop::{Shop, answer_once, fill, read_until};
use bakery_nats::connect::Bus;
use bakery_nats::dead::DEAD;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::scheduler::BakeDue;
use bakery_nats::publish::{Outlet, Stream};
use bakery_testbed::message;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use uuid::Uuid;

const LETTERS: &str = "/ops/dead-letters";
const UNITS: u32 = 3;
const WAIT_S: u64 = 30;
/// So many want it at once.
const TRIES: usize = 4;

fn bake(product: &str) -> Wire {
    let (now, product_id) = (bakery_chassis::clock::wall()(), product.parse().unwrap());
    let job = "bake-by-hand".parse().unwrap();
    let tick_id = Uuid::now_v7();
    let due = BakeDue { tick_id, job, due_at: now, product_id, quantity: UNITS };
    message::wire("scheduler", &due, now)
}

async fn say(bus: &Bus, wires: Vec<Wire>) {
    Stream { context: bus.context.clone() }.publish(wires).await.unwrap();
}

/// All letters, once there are so many.
async fn letters(shop: &Shop, many: usize) -> Vec<Value> {
    let end = Instant::now() + Duration::from_secs(WAIT_S);
    loop {
        let page = shop.counter.read(LETTERS).await;
        let letters = page["letters"].as_array().unwrap().clone();
        if letters.len() >= many {
            return letters;
        }
        assert!(Instant::now() < end, "{page}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn resend(shop: &Shop, letter: &Value) -> (u16, Value) {
    let path = format!("{LETTERS}/{}/resend", letter["sequence"]);
    // Each one is counted.
    answer_once(shop.counter.post(&path)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_cause_is_mended_takes_effect_once_and_one_that_is_not_is_refused() {
    let shop = Shop::open(&[("bread", 100, 5)], &[]).await;
    let bus = shop.ground.bus().await;
    let unreadable = Wire { payload: "{".into(), ..bake("bread") };
    say(&bus, vec![unreadable]).await;
    letters(&shop, 1).await;
    say(&bus, vec![bake("baguette")]).await;
    let [unknown, unreadable] = <[Value; 2]>::try_from(letters(&shop, 2).await).unwrap();
    for (letter, reason) in [
        (&unknown, "there is no such product at this branch"),
        (&unreadable, "the body of \"bake-due\" cannot be read"),
    ] {
        assert!(letter["reason"].as_str().unwrap().contains(reason), "{letter}");
        assert_eq!(letter["service"], "inventory");
        let (status, problem) = resend(&shop, letter).await;
        assert_eq!((status, &problem["code"]), (409, &json!("still_dead")));
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
    }

    fill(&bus, &[("baguette", 150, 0)]).await;
    let tries = (0..TRIES).map(|_| resend(&shop, &unknown));
    let tries = futures::future::join_all(tries).await;
    assert!(tries.iter().all(|(status, _)| *status == 200), "{tries:?}");
    let done = tries.iter().filter(|(_, resent)| resent["outcome"] == "done").count();
    assert_eq!(done, 1, "{tries:?}");
    assert_eq!(shop.counter.available("baguette").await, i64::from(UNITS));
    let (status, resent) = resend(&shop, &unknown).await;
    assert_eq!((status, &resent["outcome"]), (200, &json!("already_done")));
    assert_eq!(shop.counter.available("baguette").await, i64::from(UNITS));
    assert_eq!(resend(&shop, &unreadable).await.0, 409);

    let noted = letters(&shop, 2).await;
    assert_eq!(noted[0]["resent"]["outcome"], "already_done");
    assert_eq!(noted[0]["resent"]["tries"], json!(TRIES + 2));
    assert_eq!(noted[1]["resent"]["outcome"], "refused");
    let read = async || shop.counter.read("/ops/pipeline").await;
    let is_well = |pipeline: &Value| {
        let mut services = pipeline["services"].as_array().into_iter().flatten();
        pipeline["unknown"] == json!([]) && services.all(|one| one["state"] == "up")
    };
    let pipeline = read_until(read, is_well).await;
    assert_eq!(pipeline["dead_letters"]["messages"], 2);
    assert_eq!(pipeline["orders"]["orders"], json!([]));

    // Every other test ends without dead letters.
    bus.context.get_stream(DEAD).await.unwrap().purge().await.unwrap();
    shop.close(&[]).await;
}
