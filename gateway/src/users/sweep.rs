//! What nobody can use any more: sessions and refresh tokens that have ended, and claims that were
//! never finished; and what became of dead letters.

use crate::sweep::Sweep;

const HOUR_S: f64 = 3600.0;
const DAY_S: f64 = 24.0 * HOUR_S;

/// Used tokens are kept for a week: one that comes again tells that two have it. A claim is somebody's
/// until its registration is over, which is seconds.
pub(crate) const SWEEPS: [Sweep; 6] = [
    (
        "DELETE FROM session WHERE id IN (SELECT id FROM session
             WHERE expires_at < now() - make_interval(secs => $2) LIMIT $1)",
        0.0,
    ),
    (
        "DELETE FROM session WHERE id IN (SELECT id FROM session
             WHERE revoked_at < now() - make_interval(secs => $2) LIMIT $1)",
        DAY_S,
    ),
    (
        "DELETE FROM refresh_token WHERE hash IN (SELECT hash FROM refresh_token
             WHERE expires_at < now() - make_interval(secs => $2) LIMIT $1)",
        0.0,
    ),
    (
        "DELETE FROM refresh_token WHERE hash IN (SELECT hash FROM refresh_token
             WHERE used_at < now() - make_interval(secs => $2) LIMIT $1)",
        7.0 * DAY_S,
    ),
    (
        "DELETE FROM app_user WHERE id IN (SELECT id FROM app_user
             WHERE NOT account_opened AND created_at < now() - make_interval(secs => $2) LIMIT $1)",
        HOUR_S,
    ),
    // Their letters are gone by then.
    (
        "DELETE FROM letter_try WHERE id IN (SELECT id FROM letter_try
             WHERE asked_at < now() - make_interval(secs => $2) LIMIT $1)",
        100.0 * DAY_S,
    ),
];
