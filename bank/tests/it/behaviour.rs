//! `bank.set-behaviour` and `bank.behaviours`: the bank misbehaves, and still does after a restart.

use crate::{
    ada, answer, asked, balance, bank, bob, charge, charge_wire, code, order_id, records, transfers,
};
use bakery_bank::manners::Manners;
use bakery_bank::{Ledger, get_behaviours, set_behaviour};
use bakery_nats::Pool;
use bakery_nats::messages::bank::{Charge, Charged};
use bakery_nats::process::Outcome;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::bank::{Behaviour, Behaviours, GetBehaviours, Scope, SetBehaviour};
use bakery_testbed::{at, database, message};

fn wish(scope: Scope, decline_percent: u8) -> SetBehaviour {
    let behaviour = Behaviour { decline_percent, ..Behaviour::default() };
    SetBehaviour { scope, behaviour }
}

async fn set(pool: &Pool, manners: &Manners, to: SetBehaviour) -> Result<Behaviours, Refusal> {
    set_behaviour(pool.clone(), manners.clone(), asked(to)).await
}

/// What a process that has just started finds.
async fn after_a_restart(pool: &Pool) -> (Manners, Vec<SetBehaviour>) {
    let manners = Manners::default();
    let found = get_behaviours(pool.clone(), manners.clone(), asked(GetBehaviours {})).await;
    (manners, found.expect("behaviours").behaviours)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_is_told_to_refuse_takes_nothing_and_the_refusal_outlives_its_reason() {
    let pool = bank().await;
    let manners = Manners::default();
    set(&pool, &manners, wish(Scope::All, 100)).await.expect("set");
    let wire = charge_wire(1, 300);
    let refused = message::sent(&pool, Ledger::new(manners.clone()), &wire).await.remove(0);
    assert_eq!(code(&refused), "refused_by_bank");

    set(&pool, &manners, wish(Scope::All, 0)).await.expect("set");
    let again = message::wire_again("orders", &charge(1, 300), at(9), 2);
    let second = message::sent(&pool, Ledger::new(manners.clone()), &again).await.remove(0);
    assert_eq!(second.payload, refused.payload, "a refusal was taken back");
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (10_000, 0));

    let other = message::sent(&pool, Ledger::new(manners), &charge_wire(2, 300)).await.remove(0);
    assert_eq!(message::body::<Charged>(&other).order_id, order_id(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_named_are_refused() {
    let pool = bank().await;
    let manners = Manners::default();
    set(&pool, &manners, wish(Scope::Account(bob()), 100)).await.expect("set");
    let bobs = Charge { account_id: bob(), ..charge(2, 0) };
    let wires = [charge_wire(1, 300), message::wire("orders", &bobs, at(1))];
    let outcomes = message::handle(&pool, Ledger::new(manners), &wires).await;
    let charged = |outcome: &Outcome| match outcome {
        Outcome::Send(wires) => wires[0].subject.ends_with(".charged"),
        Outcome::Dead(reason) => panic!("{reason}"),
    };
    assert_eq!(outcomes.iter().map(charged).collect::<Vec<_>>(), [true, false]);
    assert_eq!(records(&pool, order_id(2)).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_set_is_listed_and_counts_after_a_restart() {
    let pool = bank().await;
    let all = Behaviour { latency_ms: 60_000, decline_percent: 1, silent: true, doubled: true };
    let wanted = [
        wish(Scope::Account(ada()), 100),
        wish(Scope::Branch("main".parse().unwrap()), 50),
        SetBehaviour { scope: Scope::All, behaviour: all },
    ];
    let manners = Manners::default();
    for one in wanted.iter().rev() {
        set(&pool, &manners, one.clone()).await.expect("set");
    }
    let (restarted, found) = after_a_restart(&pool).await;
    assert_eq!(found, wanted);
    let wire = charge_wire(1, 300);
    let said = message::sent(&pool, Ledger::new(restarted), &wire).await.remove(0);
    assert_eq!(code(&said), "refused_by_bank");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_word_about_a_scope_counts_and_good_behaviour_needs_no_row() {
    let pool = bank().await;
    let manners = Manners::default();
    set(&pool, &manners, wish(Scope::All, 30)).await.expect("set");
    let listed = set(&pool, &manners, wish(Scope::All, 70)).await.expect("set");
    assert_eq!(listed.behaviours, [wish(Scope::All, 70)]);
    set(&pool, &manners, wish(Scope::All, 0)).await.expect("set");
    assert!(after_a_restart(&pool).await.1.is_empty());
    assert_eq!(database::number(&pool, "SELECT count(*) AS number FROM behaviour").await, 0);
    assert!(manners.rules().is_empty(), "this process still misbehaves");
    answer(&pool, &charge_wire(1, 300)).await;
    assert_eq!(balance(&pool, ada()).await, 9700);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_wish_is_named_by_its_field_and_changes_nothing() {
    let pool = bank().await;
    let manners = Manners::default();
    set(&pool, &manners, wish(Scope::All, 30)).await.expect("set");
    let mut wrong = wish(Scope::All, 101);
    wrong.behaviour.latency_ms = 60_001;
    let refusal = set(&pool, &manners, wrong).await.expect_err("set");
    let fields: Vec<&str> = refusal.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["behaviour.latency_ms", "behaviour.decline_percent"]);
    assert_eq!(after_a_restart(&pool).await.1, [wish(Scope::All, 30)]);
}
