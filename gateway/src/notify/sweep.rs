//! What nobody will be told any more ends, and what is only history goes.

use super::retry::LIFE_S;
use crate::sweep::Sweep;

/// The log of deliveries is kept for so long: longer than the stream and than dead letters, so that an
/// event that is read again is known.
const LOG_DAYS: f64 = 100.0;
const DAY_S: f64 = 86_400.0;

/// A way that was closed leaves rows that nobody takes; news
/// that came while a webhook was switched off leave some as well.
pub(crate) const SWEEPS: [Sweep; 4] = [
    (
        "UPDATE delivery SET state = 'failed', ended_at = now(), lease = NULL, leased_until = NULL,
             reason = 'it was not told in time'
         WHERE id IN (SELECT id FROM delivery WHERE state = 'due'
             AND asked_at < now() - make_interval(secs => $2)
             AND (leased_until IS NULL OR leased_until < now()) LIMIT $1)",
        LIFE_S as f64,
    ),
    (
        "UPDATE delivery SET state = 'failed', ended_at = now(), lease = NULL, leased_until = NULL,
             reason = 'the webhook was switched off'
         WHERE id IN (SELECT d.id FROM delivery d JOIN webhook w ON w.id = d.webhook_id
             WHERE d.state = 'due' AND NOT w.enabled
             AND d.created_at < now() - make_interval(secs => $2) LIMIT $1)",
        0.0,
    ),
    (
        "UPDATE webhook SET old_secret = NULL, old_secret_until = NULL
         WHERE id IN (SELECT id FROM webhook
             WHERE old_secret_until < now() - make_interval(secs => $2) LIMIT $1)",
        0.0,
    ),
    (
        "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery
             WHERE ended_at < now() - make_interval(secs => $2) LIMIT $1)",
        LOG_DAYS * DAY_S,
    ),
];
