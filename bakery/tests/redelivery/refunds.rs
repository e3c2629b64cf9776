//! Refunds on a bus that doubles, delays, shuffles and loses: managers give back parts and wholes of
//! orders while the kitchen works and customers call off, and no cent goes back twice.

use crate::world::World;
use crate::{ORDERS, SEEDS};
use bakery_bank::Ledger;
use bakery_nats::messages::bank::PayBack;
use bakery_nats::messages::inventory::Line;
use bakery_nats::money::{Currency, Money};
use bakery_nats::process::Outcome;
use bakery_nats::requests::orders::Action;
use bakery_nats::requests::refunds::RefundOrder;
use bakery_orders::RefundWriter;
use bakery_testbed::bus::Faults;
use bakery_testbed::{at, database, id, message};
use uuid::Uuid;

/// Steps of a run after the buying: enough for orders to be made, and given back in parts.
const ROUNDS: u64 = 24;
const KITCHEN: [Action; 3] = [Action::Start, Action::Ready, Action::Serve];

impl World {
    /// A manager gives back one bread of an order, or what is left of it; that it may be refused is
    /// no matter here.
    async fn give_back(&mut self, n: u64) {
        let order_id = self.placed[self.bus.choose(self.placed.len())];
        let one = Line { product_id: "bread".parse().unwrap(), quantity: 1 };
        let refund = RefundOrder {
            refund_id: id("refund", n),
            order_id,
            idempotency_key: n.is_multiple_of(4).then(|| "again".to_owned()),
            lines: (self.bus.choose(2) == 0).then(|| vec![one]),
            reason: "burnt".to_owned(),
        };
        let (reply, wires) = message::write(&self.orders, RefundWriter, refund, at(25)).await;
        if let Err(refusal) = reply {
            assert!(matches!(refusal.status, 409 | 422), "{refusal}");
        }
        self.bus.send(wires);
    }

    async fn refunds(&self) -> i64 {
        database::number(&self.orders, "SELECT count(*) AS number FROM refund").await
    }
}

/// Runs with the kitchen at work; gives how many refunds were made, and what the bus did.
async fn run(faults: Faults) -> (i64, (usize, usize)) {
    let mut world = World::new().await;
    let (mut hurt, mut earlier) = ((0, 0), Vec::new());
    for seed in 0..SEEDS {
        world.begin(seed, faults);
        // Everybody is busy with the orders of this seed.
        earlier.append(&mut world.placed);
        for n in 0..ORDERS {
            world.place(seed * ORDERS + n).await;
        }
        // Bought on the bad bus, too, but bought: before that nothing is refunded.
        world.settle().await;
        for round in 0..ROUNDS {
            world.deliver_some().await;
            if round.is_multiple_of(5) {
                world.somebody(Action::Cancel).await;
            }
            for action in KITCHEN {
                world.somebody(action).await;
            }
            world.give_back(seed * ROUNDS + round).await;
            world.redrive().await;
        }
        world.bus.heal();
        world.settle().await;
        world.check(&format!("seed {seed} with {faults:?} and refunds")).await;
        hurt = (hurt.0 + world.bus.hurt.0, hurt.1 + world.bus.hurt.1);
    }
    world.placed.append(&mut earlier);
    world.check(&format!("all seeds with {faults:?} and refunds")).await;
    let (parts, wholes) = (world.money("pay-back").await, world.money("refund").await);
    assert!(parts > 0 && wholes > 0, "{parts} went back in parts, {wholes} as a whole");
    (world.refunds().await, hurt)
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_on_a_bad_bus_come_to_their_end_and_give_back_no_cent_twice() {
    let (refunds, (lost, doubled)) = run(Faults { lost: 20, doubled: 30, shuffled: true }).await;
    println!("{refunds} refunds, {lost} messages lost, {doubled} doubled");
    assert!(refunds > 2 * SEEDS.cast_signed(), "only {refunds} refunds were made");
    assert!(lost > 100 && doubled > 100, "the bus did no harm: {lost}, {doubled}");
}

/// The whole log again, in one go, and what no honest sender sends.
#[tokio::test(flavor = "multi_thread")]
async fn refunds_played_again_and_forged_ones_change_nothing() {
    let mut world = World::new().await;
    world.begin(0, Faults::default());
    for n in 0..ORDERS {
        world.place(n).await;
    }
    world.settle().await;
    for n in 0..40 {
        world.somebody(Action::Start).await;
        world.give_back(n).await;
    }
    world.settle().await;
    world.check("first").await;
    let refunds = world.refunds().await;
    assert!(refunds > 3, "only {refunds} refunds were made");
    let before = world.fingerprint().await;
    let log = world.bus.log.clone();
    world.bus.send(log);
    world.settle().await;
    world.check("again").await;
    for (n, order_id) in world.placed.clone().into_iter().enumerate() {
        forge(&world, u64::try_from(n).unwrap(), order_id).await;
    }
    world.check("forged").await;
    assert_eq!((world.fingerprint().await, world.refunds().await), (before, refunds));
}

/// The bank holds even if the orders service asked for more than there is.
async fn forge(world: &World, n: u64, order_id: Uuid) {
    let amount = Money { amount: 601, currency: Currency::try_from("EUR".to_owned()).unwrap() };
    let forged = PayBack {
        refund_id: id("forged", n),
        order_id,
        account_id: id("account", n % 3),
        amount,
        made_at: at(60),
    };
    let wire = message::wire("orders", &forged, at(60));
    let outcome = message::handle(&world.bank, Ledger::default(), &[wire]).await.remove(0);
    assert!(matches!(outcome, Outcome::Dead(_)), "{outcome:?}");
}
