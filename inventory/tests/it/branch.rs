//! `inventory.put-branch`, `switch-branch`, `branch` and `branches`.

use crate::{CLOSES_S, DAY_S, asked, bakery, date, instant, put_branch, span};
use bakery_inventory::{MIGRATIONS, PutBranchWriter, SwitchBranchWriter, branch, branches};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::id::derived;
use bakery_nats::messages::inventory::BranchChanged;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::{
    BranchState, GetBranch, ListBranches, PutBranch, SwitchBranch,
};
use bakery_nats::write::commit;
use bakery_testbed::{at, database, message};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Puts a branch; what was said of it, if anything.
async fn put(pool: &Pool, body: PutBranch) -> (BranchState, Option<BranchChanged>) {
    let (reply, wires) = message::write(pool, PutBranchWriter, body, at(0)).await;
    (reply.expect("put"), wires.first().map(message::body))
}

async fn refused(pool: &Pool, body: PutBranch) -> Refusal {
    let (reply, wires) = message::write(pool, PutBranchWriter, body, at(0)).await;
    assert!(wires.is_empty());
    reply.expect_err("put")
}

/// Closes a branch by hand or lets it go; the version that was announced, if any.
async fn switch(pool: &Pool, closed: bool) -> (BranchState, Option<i64>) {
    let body = SwitchBranch { branch: "main".parse().unwrap(), closed };
    let (reply, wires) = message::write(pool, SwitchBranchWriter, body, at(0)).await;
    let told: Option<BranchChanged> = wires.first().map(message::body);
    (reply.expect("switched"), told.map(|told| told.version))
}

async fn look(pool: &Pool, at: chrono::DateTime<chrono::Utc>) -> BranchState {
    let question = GetBranch { branch: "main".parse().unwrap() };
    branch(pool.clone(), asked(question, at)).await.expect("a branch")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_announced_when_it_opens_and_with_each_change_and_a_repeat_says_the_same() {
    let pool = database::fresh("inventory", MIGRATIONS).await;
    let body = put_branch("main", "Europe/Berlin", "EUR");
    let (state, told) = put(&pool, body.clone()).await;
    let told = told.expect("announced");
    assert_eq!((told.version, &told.branch), (1, &state.branch));
    assert_eq!(told.change_id, derived(&["branch", "main", "1"]));
    let (again, told_again) = put(&pool, body.clone()).await;
    assert_eq!((again, told_again), (state, Some(told)));

    let mut other = PutBranch { name: "Bakery at the corner".to_owned(), ..body };
    other.hours.sun = None;
    let (state, told) = put(&pool, other.clone()).await;
    assert_eq!(told.expect("announced").version, 2);
    assert_eq!((state.branch.name, state.branch.hours), (other.name, other.hours));
    assert_eq!(look(&pool, at(0)).await.branch.hours.sun, None);
}

/// Whoever has missed the news hears it, for the stream does not take it for a double; and who knows
/// it has a record under the same key and of the same content.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_again_is_the_same_step_under_an_id_that_nothing_had_before() {
    let pool = bakery().await;
    let said = async |closed: bool, second| {
        let body = SwitchBranch { branch: "main".parse().unwrap(), closed };
        let (_, mut wires) = message::write(&pool, SwitchBranchWriter, body, at(second)).await;
        assert_eq!(wires.len(), 1);
        wires.remove(0)
    };
    let (first, second, third) = (said(true, 1).await, said(true, 2).await, said(true, 3).await);
    assert!(first.message_id().ends_with(":branch:evt:1"), "{}", first.message_id());
    let ids: BTreeSet<&str> = [&first, &second, &third].map(Wire::message_id).into();
    assert_eq!(ids.len(), 3, "the stream would drop one: {ids:?}");
    for again in [&second, &third] {
        assert_eq!((&again.subject, &again.payload), (&first.subject, &first.payload));
    }
    let put = put_branch("main", "UTC", "EUR");
    let (_, wires) = message::write(&pool, PutBranchWriter, put, at(4)).await;
    assert_eq!(wires[0].payload, first.payload);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_of_one_batch_are_two_versions_of_one_branch() {
    let pool = database::fresh("inventory", MIGRATIONS).await;
    let body = put_branch("main", "UTC", "EUR");
    let other = PutBranch { address: "2 Market Square".to_owned(), ..body.clone() };
    let batch = [body, other.clone(), other].map(|body| asked(body, at(0)));
    let done = commit(&pool, &Arc::new(PutBranchWriter), &batch).await.expect("no fault");
    let told: Vec<BranchChanged> = done.wires.iter().map(message::body).collect();
    assert_eq!(told.iter().map(|told| told.version).collect::<Vec<_>>(), [1, 2, 2]);
    assert_eq!(told[1], told[2]);
    assert_eq!(look(&pool, at(0)).await.branch.address, "2 Market Square");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_are_named_and_change_nothing() {
    let pool = bakery().await;
    let before = look(&pool, at(0)).await;
    let mut wrong = put_branch("main", "UTC", "USD");
    wrong.name = " ".to_owned();
    wrong.address = "x".repeat(201);
    wrong.hours.tue = Some(span("18:00", "07:00"));
    wrong.hours.sun = Some(span("07:00", "07:00"));
    let refusal = refused(&pool, wrong).await;
    let fields: Vec<&str> = refusal.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["name", "address", "hours.tue.close", "hours.sun.close", "currency"]);
    assert_eq!(refusal.errors[2].reason, "must be later than open");
    for name in ["x".repeat(81), "bell\u{7}".to_owned()] {
        let refusal = refused(&pool, PutBranch { name, ..put_branch("main", "UTC", "EUR") }).await;
        assert_eq!(refusal.errors[0].field, "name");
    }
    assert_eq!(look(&pool, at(0)).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_currency_of_a_branch_changes_until_it_has_products() {
    let pool = database::fresh("inventory", MIGRATIONS).await;
    put(&pool, put_branch("main", "UTC", "EUR")).await;
    let (state, _) = put(&pool, put_branch("main", "UTC", "CHF")).await;
    assert_eq!(state.branch.currency.as_str(), "CHF");
    let pool = bakery().await;
    let refusal = refused(&pool, put_branch("main", "UTC", "CHF")).await;
    assert_eq!(refusal.errors[0].field, "currency");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_at_most_200_branches() {
    let pool = database::fresh("inventory", MIGRATIONS).await;
    let batch: Vec<_> =
        (0..201).map(|n| asked(put_branch(&format!("shop-{n:03}"), "UTC", "EUR"), at(0))).collect();
    let done = commit(&pool, &Arc::new(PutBranchWriter), &batch).await.expect("no fault");
    assert_eq!(done.replies.iter().filter(|reply| reply.is_ok()).count(), 200);
    let refusal = done.replies[200].as_ref().expect_err("opened");
    assert_eq!(refusal.errors[0].field, "id");
    let list = branches(pool.clone(), asked(ListBranches {}, at(0))).await.expect("branches");
    let ids: Vec<String> = list.branches.iter().map(|state| state.branch.id.to_string()).collect();
    assert_eq!(ids.len(), 200);
    assert!(ids.is_sorted());
    put(&pool, put_branch("shop-007", "Asia/Tokyo", "JPY")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_closed_by_hand_stays_closed_whatever_else_is_changed() {
    let pool = bakery().await;
    let (state, version) = switch(&pool, true).await;
    assert_eq!(
        (state.open, state.closes_at, state.opens_at, version),
        (false, None, None, Some(2))
    );
    assert_eq!(switch(&pool, true).await.1, Some(2), "a repeat is no other version");
    let (state, _) = put(&pool, put_branch("main", "Europe/Berlin", "EUR")).await;
    assert!(state.branch.closed);
    let (state, version) = switch(&pool, false).await;
    assert_eq!((state.open, version), (true, Some(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_open_until_the_microsecond_of_its_closing() {
    let pool = bakery().await;
    let state = look(&pool, at(CLOSES_S) - instant()).await;
    assert_eq!((state.open, state.closes_at, state.date), (true, Some(at(CLOSES_S)), date(0)));
    let state = look(&pool, at(CLOSES_S)).await;
    assert_eq!((state.open, state.closes_at, state.date), (false, None, date(1)));
    assert_eq!(state.opens_at, Some(at(DAY_S - 3600)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_branch_is_not_found() {
    let pool = bakery().await;
    let nowhere = || "nowhere".parse().unwrap();
    let question = asked(GetBranch { branch: nowhere() }, at(0));
    let refusal = branch(pool.clone(), question).await.expect_err("found");
    assert_eq!(refusal, Refusal::not_found("branch", "nowhere"));
    let body = SwitchBranch { branch: nowhere(), closed: true };
    let (reply, wires) = message::write(&pool, SwitchBranchWriter, body, at(0)).await;
    assert_eq!(reply, Err(Refusal::not_found("branch", "nowhere")));
    assert!(wires.is_empty());
}
