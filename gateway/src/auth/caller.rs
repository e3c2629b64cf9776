//! Who calls, and what they may.

use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bakery_nats::requests::gateway::Role;
use uuid::Uuid;

/// A user with a session that lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The user.
    pub(crate) user_id: Uuid,
    /// What the user may do, as it is now.
    pub(crate) role: Role,
    /// The user's account at the bank.
    pub(crate) account_id: Uuid,
    /// The session.
    pub(crate) session_id: Uuid,
}

impl Caller {
    /// Whether everybody's orders are the caller's to see: who works on them sees them.
    pub(crate) fn sees_all_orders(&self) -> bool {
        self.role >= Role::Kitchen
    }

    /// Whether the order of an account is the caller's to see: the own ones, and all for who works
    /// on them.
    pub(crate) fn may_see_orders_of(&self, account_id: Uuid) -> bool {
        self.sees_all_orders() || self.account_id == account_id
    }

    /// Whether an account is the caller's to see: the own one, and all for who runs the shop.
    pub(crate) fn may_see_account(&self, account_id: Uuid) -> bool {
        self.role >= Role::Manager || self.account_id == account_id
    }
}

/// Put into the request by the guard. Behind a route for anyone there is none.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().copied().ok_or_else(Problem::unauthorized)
    }
}

#[cfg(test)]
mod tests {
    use super::Caller;
    use bakery_nats::requests::gateway::Role;
    use uuid::Uuid;

    #[test]
    fn everybody_sees_their_own_and_staff_what_they_work_on() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sees = [(false, false), (true, false), (true, true), (true, true)];
        for (role, (orders, account)) in Role::ALL.into_iter().zip(sees) {
            let id = Uuid::from_u128(3);
            let caller = Caller { user_id: id, role, account_id: own, session_id: id };
            assert!(caller.may_see_orders_of(own) && caller.may_see_account(own));
            assert_eq!(caller.may_see_orders_of(other), orders, "{role}");
            assert_eq!(caller.may_see_account(other), account, "{role}");
        }
    }
}
