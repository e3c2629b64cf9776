//! Who is treated how: account before branch before everybody, and the first that fits counts.

use bakery_nats::id::derived;
use bakery_nats::requests::bank::{Behaviour, Scope, SetBehaviour};
use bakery_nats::slug::Slug;
use std::collections::HashMap;
use uuid::Uuid;

const GOOD: Behaviour =
    Behaviour { latency_ms: 0, decline_percent: 0, silent: false, doubled: false };

/// What the bank does wrong, by whom it does it to; empty when it behaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    by_scope: HashMap<Scope, Behaviour>,
}

impl FromIterator<SetBehaviour> for Rules {
    fn from_iter<I: IntoIterator<Item = SetBehaviour>>(all: I) -> Self {
        Self { by_scope: all.into_iter().map(|one| (one.scope, one.behaviour)).collect() }
    }
}

impl Rules {
    /// How many scopes are treated in a special way.
    pub fn len(&self) -> usize {
        self.by_scope.len()
    }

    /// True if the bank behaves, whoever it is about.
    pub fn is_empty(&self) -> bool {
        self.by_scope.is_empty()
    }

    /// True if something is said of just this scope.
    pub fn names(&self, scope: &Scope) -> bool {
        self.by_scope.contains_key(scope)
    }

    /// How an account's order at a branch is treated.
    pub fn of(&self, branch: &Slug, account_id: Uuid) -> &Behaviour {
        if self.is_empty() {
            return &GOOD;
        }
        [Scope::Account(account_id), Scope::Branch(branch.clone()), Scope::All]
            .iter()
            .find_map(|scope| self.by_scope.get(scope))
            .unwrap_or(&GOOD)
    }

    /// True if the charge of an order is refused without a reason. The order's id decides, so the
    /// same order is always treated the same, and of many the wanted part.
    pub fn refuse(&self, branch: &Slug, account_id: Uuid, order_id: Uuid) -> bool {
        let percent = self.of(branch, account_id).decline_percent;
        percent > 0 && derived(&["refusal", &order_id.to_string()]).as_u128() % 100 < percent.into()
    }

    /// All of them: accounts, then branches, then everybody.
    pub fn list(&self) -> Vec<SetBehaviour> {
        let one = |(scope, behaviour): (&Scope, &Behaviour)| SetBehaviour {
            scope: scope.clone(),
            behaviour: behaviour.clone(),
        };
        let mut all: Vec<SetBehaviour> = self.by_scope.iter().map(one).collect();
        all.sort_by_cached_key(|one| match &one.scope {
            Scope::Account(id) => (0, id.to_string()),
            Scope::Branch(branch) => (1, branch.to_string()),
            Scope::All => (2, String::new()),
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;
    use bakery_nats::id::derived;
    use bakery_nats::requests::bank::{Behaviour, Scope, SetBehaviour};
    use bakery_nats::slug::Slug;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    const ANN: Uuid = Uuid::from_u128(1);
    const BOB: Uuid = Uuid::from_u128(2);

    fn slug(text: &str) -> Slug {
        text.parse().unwrap()
    }

    fn late(scope: Scope, latency_ms: u32) -> SetBehaviour {
        SetBehaviour { scope, behaviour: Behaviour { latency_ms, ..Behaviour::default() } }
    }

    fn declining(decline_percent: u8) -> Rules {
        let behaviour = Behaviour { decline_percent, ..Behaviour::default() };
        [SetBehaviour { scope: Scope::All, behaviour }].into_iter().collect()
    }

    #[test]
    fn the_account_counts_before_the_branch_before_everybody() {
        let rules: Rules = [
            late(Scope::All, 1),
            late(Scope::Branch(slug("main")), 2),
            late(Scope::Account(ANN), 3),
        ]
        .into_iter()
        .collect();
        assert_eq!(rules.of(&slug("main"), ANN).latency_ms, 3);
        assert_eq!(rules.of(&slug("main"), BOB).latency_ms, 2);
        assert_eq!(rules.of(&slug("north"), BOB).latency_ms, 1);
        assert_eq!(rules.of(&slug("north"), ANN).latency_ms, 3);
    }

    #[test]
    fn without_rules_everybody_is_treated_well() {
        assert_eq!(*Rules::default().of(&slug("main"), ANN), Behaviour::default());
        let rules: Rules = [late(Scope::Branch(slug("main")), 2)].into_iter().collect();
        assert_eq!(*rules.of(&slug("north"), ANN), Behaviour::default());
    }

    #[test]
    fn the_list_is_in_the_order_in_which_it_counts() {
        let wanted = [
            late(Scope::Account(ANN), 3),
            late(Scope::Account(BOB), 4),
            late(Scope::Branch(slug("main")), 2),
            late(Scope::All, 1),
        ];
        let rules: Rules = wanted.iter().rev().cloned().collect();
        assert_eq!(rules.list(), wanted);
    }

    #[test]
    fn about_the_wanted_part_of_the_orders_is_refused_and_always_the_same_ones() {
        let orders = (0..10_000).map(|n: u32| derived(&["order", &n.to_string()]));
        let refused = |percent| {
            let rules = declining(percent);
            let refuse = |order: &Uuid| rules.refuse(&slug("main"), ANN, *order);
            orders.clone().filter(refuse).collect::<BTreeSet<_>>()
        };
        assert_eq!(refused(0).len(), 0);
        assert_eq!(refused(100).len(), 10_000);
        let third = refused(30);
        assert!((2_800..3_200).contains(&third.len()), "{}", third.len());
        assert_eq!(third, refused(30));
        assert!(third.is_subset(&refused(31)));
    }
}
