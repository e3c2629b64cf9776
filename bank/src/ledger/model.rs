//! The ledger against a model of it: days of deposits, charges and refunds in random order, cut
//! into random batches, with repeats. The model keeps one number an account and knows nothing of
//! transfers, entries or batches.

use super::{Book, Booked, Charging, Circumstances, Depositing, Reason, Transfer};
use bakery_nats::messages::bank::{Charge, Refund};
use bakery_nats::money::{Currency, Money};
use bakery_nats::requests::bank::Deposit;
use chrono::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Few accounts, orders and deposits, so that they meet.
const ACCOUNTS: u8 = 3;
const ORDERS: u8 = 12;
const DEPOSITS: u8 = 12;

#[derive(Clone, Copy, Debug)]
enum Action {
    Deposit { id: u8, account: u8, amount: i64 },
    Charge { order: u8, account: u8, amount: i64 },
    Refund { order: u8 },
}

fn action() -> impl Strategy<Value = Action> {
    // One account more than there are: the unknown one.
    let account = 0..=ACCOUNTS;
    prop_oneof![
        (0..DEPOSITS, account.clone(), 1..100_i64)
            .prop_map(|(id, account, amount)| Action::Deposit { id, account, amount }),
        (0..ORDERS, account, 0..100_i64).prop_map(|(order, account, amount)| Action::Charge {
            order,
            account,
            amount
        }),
        (0..ORDERS).prop_map(|order| Action::Refund { order }),
    ]
}

fn account_id(account: u8) -> Uuid {
    Uuid::from_u128(account.into())
}

fn business_id(n: u8) -> Uuid {
    Uuid::from_u128(1000 + u128::from(n))
}

fn eur(amount: i64) -> Money {
    Money { amount, currency: Currency::try_from("EUR".to_owned()).unwrap() }
}

/// What came out, in the model's words: how much the account got or lost, or the refusal.
type Result = std::result::Result<i64, &'static str>;

/// The truth, told simply: one action at a time on one number an account.
#[derive(Default)]
struct Model {
    balances: BTreeMap<u8, i64>,
    deposits: BTreeMap<u8, (u8, i64)>,
    charges: BTreeMap<u8, (u8, i64)>,
    refunded: BTreeSet<u8>,
}

impl Model {
    fn new() -> Self {
        Self { balances: (0..ACCOUNTS).map(|account| (account, 0)).collect(), ..Self::default() }
    }

    fn act(&mut self, action: Action) -> Result {
        match action {
            Action::Deposit { id, account, amount } => match self.deposits.get(&id) {
                Some(before) if *before == (account, amount) => Ok(0),
                Some(_) => Err("reused"),
                None => {
                    *self.balances.get_mut(&account).ok_or("unknown_account")? += amount;
                    self.deposits.insert(id, (account, amount));
                    Ok(amount)
                }
            },
            Action::Charge { order, .. } if self.refunded.contains(&order) => {
                Err("already_refunded")
            }
            Action::Charge { order, account, amount } => {
                let balance = self.balances.get_mut(&account).ok_or("unknown_account")?;
                if *balance < amount {
                    return Err("insufficient_funds");
                }
                *balance -= amount;
                self.charges.insert(order, (account, amount));
                Ok(-amount)
            }
            Action::Refund { order } => {
                self.refunded.insert(order);
                let Some((account, amount)) = self.charges.get(&order) else { return Ok(0) };
                *self.balances.get_mut(account).unwrap() += amount;
                Ok(*amount)
            }
        }
    }
}

/// The database and the runtime: transfers that were written, and steps that have a record.
#[derive(Default)]
struct World {
    transfers: Vec<Transfer>,
    charged: BTreeSet<u8>,
    refunded: BTreeSet<u8>,
}

impl World {
    /// Every balance is summed up from the entries; there is no other source.
    fn balances(&self) -> HashMap<Uuid, i64> {
        let mut balances = HashMap::new();
        for (account, amount) in self.transfers.iter().flat_map(Transfer::entries) {
            *balances.entry(account).or_default() += amount;
        }
        balances
    }

    fn open(&self) -> Book {
        let balances = self.balances();
        let balance = |id| balances.get(&id).copied().unwrap_or_default();
        let customers = (0..ACCOUNTS).map(account_id).map(|id| (id, eur(balance(id)))).collect();
        Book::new(customers, self.transfers.iter().map(|t| (t.id, Booked::from(t))).collect())
    }

    /// The runtime answers a step that has a record by itself.
    fn is_new(&mut self, action: Action) -> bool {
        match action {
            Action::Deposit { .. } => true,
            Action::Charge { order, .. } => self.charged.insert(order),
            Action::Refund { order } => self.refunded.insert(order),
        }
    }

    fn batch(&mut self, batch: &[Action]) -> Vec<(Action, Result)> {
        let mut book = self.open();
        // Tombstones are what earlier batches left: this batch's refunds come after its charges.
        let refunded = self.refunded.clone();
        let mut batch: Vec<Action> = batch.iter().copied().filter(|a| self.is_new(*a)).collect();
        batch.sort_by_key(|action| matches!(action, Action::Refund { .. }));
        let results = batch.iter().map(|action| (*action, act(&mut book, *action, &refunded)));
        let results = results.collect();
        self.transfers.extend(book.into_transfers());
        results
    }
}

fn act(book: &mut Book, action: Action, refunded: &BTreeSet<u8>) -> Result {
    let at = DateTime::UNIX_EPOCH;
    match action {
        Action::Deposit { id, account, amount } => {
            let (deposit_id, account_id) = (business_id(id), account_id(account));
            match book.deposit(&Deposit { deposit_id, account_id, amount: eur(amount) }, at) {
                Depositing::Paid => Ok(amount),
                Depositing::PaidBefore => Ok(0),
                Depositing::IdReused => Err("reused"),
                Depositing::UnknownAccount => Err("unknown_account"),
                other => panic!("{other:?}"),
            }
        }
        Action::Charge { order, account, amount } => {
            let (order_id, account_id) = (business_id(order), account_id(account));
            let given = Circumstances {
                branch: "main".parse().unwrap(),
                at,
                already_refunded: refunded.contains(&order),
                refused_by_bank: false,
            };
            match book.charge(&Charge { order_id, account_id, amount: eur(amount) }, &given) {
                Charging::Charged { .. } => Ok(-amount),
                Charging::Declined(reason) => Err(Reason::code(reason)),
                Charging::Absurd(rule) => panic!("{rule}"),
            }
        }
        Action::Refund { order } => {
            let (order_id, account_id) = (business_id(order), account_id(ACCOUNTS));
            Ok(book.refund(&Refund { order_id, account_id }, at).amount)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_ledger_agrees_with_the_model_and_its_sums_hold(
        batches in vec(vec(action(), 0..12), 0..12)
    ) {
        let (mut world, mut model) = (World::default(), Model::new());
        for batch in &batches {
            for (action, result) in world.batch(batch) {
                prop_assert_eq!(result, model.act(action), "{:?}", action);
            }
            let balances = world.balances();
            for (account, expected) in &model.balances {
                let is = balances.get(&account_id(*account)).copied().unwrap_or_default();
                prop_assert_eq!(is, *expected);
                prop_assert!(is >= 0);
            }
            // What is in the accounts, in the till and outside is nothing, all in all.
            prop_assert_eq!(balances.values().sum::<i64>(), 0);
        }
        for transfer in &world.transfers {
            let [(from, taken), (to, given)] = transfer.entries();
            prop_assert_eq!(taken + given, 0);
            prop_assert!(from != to && taken != 0);
        }
        let ids: BTreeSet<Uuid> = world.transfers.iter().map(|t| t.id).collect();
        prop_assert_eq!(ids.len(), world.transfers.len(), "a transfer was made twice");
    }
}
