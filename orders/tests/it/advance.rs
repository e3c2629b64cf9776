//! `orders.advance`: what people can do with an order, and when.

use crate::{Stored, advance, order_id, place, reach, records, said, shop, stored};
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{Action, Advance};
use bakery_nats::write::commit;
use bakery_orders::AdvanceWriter;
use bakery_orders::saga::State;
use bakery_testbed::at;
use std::sync::Arc;
use uuid::Uuid;

const ACTIONS: [Action; 4] = [Action::Cancel, Action::Start, Action::Ready, Action::Serve];

/// What becomes of a wish.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// The order moves on.
    Goes,
    /// It was done before: the same answer again.
    Same,
    /// 409.
    Stop,
}

/// Of cancel, start, ready and serve, as a person reads the rules.
fn fates(state: State) -> [Fate; 4] {
    use Fate::{Goes, Same, Stop};
    match state {
        State::Placed | State::Reserved => [Goes, Stop, Stop, Stop],
        State::Confirmed => [Goes, Goes, Stop, Stop],
        State::Preparing => [Stop, Same, Goes, Stop],
        State::Ready => [Stop, Stop, Same, Goes],
        State::Served => [Stop, Stop, Stop, Same],
        State::Charged | State::Releasing | State::Rejected | State::Declined => [Stop; 4],
        State::GivingUp(_) | State::Returning(_) | State::Cancelled => [Same, Stop, Stop, Stop],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_every_state_each_action_goes_on_or_is_said_again_or_is_a_conflict() {
    let pool = shop().await;
    let pairs = State::ALL.into_iter().flat_map(|state| {
        ACTIONS.into_iter().zip(fates(state)).map(move |(action, fate)| (state, action, fate))
    });
    for (order, (state, action, fate)) in (1..).zip(pairs) {
        reach(&pool, order, state).await;
        let before = stored(&pool, order).await;
        let steps_before = records(&pool, order, action.as_str()).await;
        let (reply, sent) = advance(&pool, order, action).await;
        let after = stored(&pool, order).await;
        let steps = records(&pool, order, action.as_str()).await - steps_before;
        let pair = format!("{action:?} of {state:?}");
        if fate == Fate::Goes {
            assert_eq!(reply.expect(&pair).status.as_str(), after.status, "{pair}");
            assert_eq!(after.version, before.version + 1, "{pair}");
            assert_eq!(steps, 1, "{pair}");
            continue;
        }
        assert_eq!((after, sent.len(), steps), (before, 0, 0), "{pair} changed something");
        match reply {
            Ok(view) => assert_eq!((view.status, fate), (state.status(), Fate::Same), "{pair}"),
            Err(refusal) => {
                assert_eq!((refusal.status, fate), (409, Fate::Stop), "{pair}: {refusal}");
                assert_eq!(refusal.code, "wrong_state");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kitchen_takes_an_order_step_by_step_and_each_is_announced() {
    let pool = shop().await;
    reach(&pool, 1, State::Confirmed).await;
    let steps = [
        (Action::Start, Status::Preparing, 5),
        (Action::Ready, Status::Ready, 6),
        (Action::Serve, Status::Served, 7),
    ];
    for (action, status, version) in steps {
        let (reply, sent) = advance(&pool, 1, action).await;
        let view = reply.expect("done");
        assert_eq!((view.status, view.updated_at), (status, at(30)));
        assert_eq!(view.items[0].units.len(), 2, "the kitchen does not see the units");
        assert_eq!(said(&sent), [format!("evt.orders.main.{status} 1")]);
        let news: OrderChanged = serde_json::from_slice(&sent[0].payload).unwrap();
        assert_eq!((news.status, news.version), (status, version));
        assert!(!stored(&pool, 1).await.open, "the clock would drive an order of the kitchen");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_being_paid_cannot_be_cancelled_just_now_and_is_told_so() {
    let pool = shop().await;
    for (order, state, words) in
        [(1, State::Charged, "being paid just now"), (2, State::Preparing, "only before preparing")]
    {
        reach(&pool, order, state).await;
        let refusal = advance(&pool, order, Action::Cancel).await.0.expect_err("cancelled");
        assert!(refusal.detail.contains(words), "{}", refusal.detail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_order_is_not_found() {
    let pool = shop().await;
    place(&pool, 1).await;
    for action in ACTIONS {
        assert_eq!(advance(&pool, 9, action).await.0.expect_err("done").status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_wishes_in_one_batch_the_second_sees_what_the_first_did() {
    let pool = shop().await;
    reach(&pool, 1, State::Confirmed).await;
    reach(&pool, 2, State::Confirmed).await;
    let wish = |order, action| Asked {
        request_id: Uuid::now_v7(),
        at: at(30),
        body: Advance { order_id: order_id(order), action },
    };
    let batch = [
        wish(1, Action::Start),
        wish(1, Action::Start),
        wish(1, Action::Cancel),
        wish(2, Action::Start),
        wish(2, Action::Ready),
    ];
    let done = commit(&pool, &Arc::new(AdvanceWriter), &batch).await.expect("no passing fault");
    let told: Vec<Result<Status, u16>> =
        done.replies.into_iter().map(|r| r.map(|o| o.status).map_err(|e| e.status)).collect();
    let (preparing, ready) = (Ok(Status::Preparing), Ok(Status::Ready));
    assert_eq!(told, [preparing, preparing, Err(409), preparing, ready]);
    let expected =
        ["evt.orders.main.preparing 1", "evt.orders.main.preparing 1", "evt.orders.main.ready 1"];
    assert_eq!(said(&done.wires), expected);
    let Stored { state, version, .. } = stored(&pool, 2).await;
    assert_eq!((state.as_str(), version), ("ready", 6));
}
