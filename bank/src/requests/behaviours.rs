//! `bank.set-behaviour` and `bank.behaviours`: how the bank misbehaves.
//!
//! Setting is one statement and not a group commit: it is rare, and it shall count in this process
//! before the asker is told, which only somebody who sees the commit can see to.

use super::{connection, unavailable};
use crate::behaviour;
use crate::manners::{Manners, Rules};
use bakery_nats::Pool;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::{Behaviours, GetBehaviours, SetBehaviour};

const LATENCY_MS_MAX: u32 = 60_000;
const PERCENT_MAX: u8 = 100;
/// Scopes that are treated in a special way, at most: all of them fit into one reply.
const SCOPES_MAX: usize = 1000;

/// Sets how one scope is treated; the good behaviour makes the next wider scope count again.
pub async fn set_behaviour(
    pool: Pool,
    manners: Manners,
    asked: Asked<SetBehaviour>,
) -> Result<Behaviours, Refusal> {
    let errors = wrong_fields(&asked.body, &manners.rules());
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    let mut conn = connection(&pool).await?;
    behaviour::set(&mut conn, &asked.body).await.map_err(unavailable)?;
    drop(conn);
    let SetBehaviour { scope, behaviour } = asked.body;
    tracing::info!(?scope, ?behaviour, "the bank is told how to behave");
    list(&pool, &manners).await
}

/// How every scope is treated.
pub async fn get_behaviours(
    pool: Pool,
    manners: Manners,
    _: Asked<GetBehaviours>,
) -> Result<Behaviours, Refusal> {
    list(&pool, &manners).await
}

async fn list(pool: &Pool, manners: &Manners) -> Result<Behaviours, Refusal> {
    let rules = manners.refresh(pool).await.map_err(unavailable)?;
    Ok(Behaviours { behaviours: rules.list() })
}

fn wrong_fields(wanted: &SetBehaviour, rules: &Rules) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if wanted.behaviour.latency_ms > LATENCY_MS_MAX {
        errors.push(FieldError::new("behaviour.latency_ms", "must be 0 to 60,000"));
    }
    if wanted.behaviour.decline_percent > PERCENT_MAX {
        errors.push(FieldError::new("behaviour.decline_percent", "must be 0 to 100"));
    }
    if rules.len() >= SCOPES_MAX && !rules.names(&wanted.scope) {
        errors.push(FieldError::new("scope", "1,000 others are treated in a special way already"));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::{SCOPES_MAX, wrong_fields};
    use crate::manners::Rules;
    use bakery_nats::requests::bank::{Behaviour, Scope, SetBehaviour};
    use uuid::Uuid;

    fn wish(latency_ms: u32, decline_percent: u8) -> SetBehaviour {
        let behaviour = Behaviour { latency_ms, decline_percent, ..Behaviour::default() };
        SetBehaviour { scope: Scope::All, behaviour }
    }

    #[test]
    fn the_ends_of_the_ranges_are_allowed_and_what_is_beyond_is_named() {
        let rules = Rules::default();
        assert!(wrong_fields(&wish(0, 0), &rules).is_empty());
        assert!(wrong_fields(&wish(60_000, 100), &rules).is_empty());
        let [late] = wrong_fields(&wish(60_001, 0), &rules).try_into().unwrap();
        assert_eq!(late.field, "behaviour.latency_ms");
        let [refusing] = wrong_fields(&wish(0, 101), &rules).try_into().unwrap();
        assert_eq!(refusing.field, "behaviour.decline_percent");
    }

    #[test]
    fn a_full_table_takes_changes_but_nothing_new() {
        let scope = |n: usize| Scope::Account(Uuid::from_u128(n as u128));
        let late = |n| SetBehaviour { scope: scope(n), ..wish(1, 0) };
        let full: Rules = (0..SCOPES_MAX).map(late).collect();
        assert!(wrong_fields(&late(0), &full).is_empty());
        assert_eq!(wrong_fields(&late(SCOPES_MAX), &full).len(), 1);
    }
}
