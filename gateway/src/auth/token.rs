//! Access tokens: JSON Web Tokens by RFC 9068, signed and read by gateways only.
//!
//! The header of a token that comes in is not read: it must be, byte for byte, the header of our own
//! key. So there is no other algorithm than EdDSA, no type but ours, no key that a token could name,
//! carry or point to, and nothing critical to overlook (RFC 8725).

use crate::auth::caller::Caller;
use crate::auth::key::Key;
use bakery_nats::requests::gateway::Role;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An access token is good for so long. Whether its session still is, is asked besides.
pub(crate) const ACCESS_LIFE_S: i64 = 600;
/// Two gateways' clocks may differ by so much.
const LEEWAY_S: i64 = 5;
/// Longer than any of ours.
const TOKEN_BYTES_MAX: usize = 1024;
const ISSUER: &str = "bakery-gateway";
const AUDIENCE: &str = "bakery-api";
/// There is one client: whoever uses the API.
const CLIENT: &str = "bakery";

/// What a token says. Nothing else may stand in it: nobody but a gateway writes any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    client_id: String,
    /// The user.
    pub(crate) sub: Uuid,
    /// What the user might do when it was issued: for the client's own use. What counts is asked.
    role: Role,
    /// The session.
    pub(crate) sid: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

impl Claims {
    /// The claims of a token that is issued now.
    fn new(caller: &Caller, now: DateTime<Utc>) -> Self {
        let now = now.timestamp();
        Self {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            client_id: CLIENT.to_owned(),
            sub: caller.user_id,
            role: caller.role,
            sid: caller.session_id,
            iat: now,
            nbf: now,
            exp: now + ACCESS_LIFE_S,
            jti: Uuid::new_v4(),
        }
    }

    /// How many seconds the token is good for.
    pub(crate) fn left_s(&self, now: DateTime<Utc>) -> i64 {
        self.exp - now.timestamp()
    }

    /// Whether they are meant for us, and now.
    fn hold(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        self.iss == ISSUER
            && self.aud == AUDIENCE
            && self.client_id == CLIENT
            && self.iat <= now + LEEWAY_S
            && self.nbf <= now + LEEWAY_S
            && now < self.exp
            && self.exp - self.iat <= ACCESS_LIFE_S
    }
}

/// A token for a session.
///
/// # Errors
/// None that can be met: our claims are always JSON.
pub(crate) fn issue(
    key: &Key,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<String, serde_json::Error> {
    let claims = serde_json::to_vec(&Claims::new(caller, now))?;
    Ok(signed(key, &format!("{}.{}", key.header(), URL_SAFE_NO_PAD.encode(claims))))
}

fn signed(key: &Key, message: &str) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes())))
}

/// What a token says, if one of our gateways issued it for us, and it is good now.
pub(crate) fn read(key: &Key, token: &str, now: DateTime<Utc>) -> Option<Claims> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let claims = message.strip_prefix(key.header())?.strip_prefix('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !key.has_signed(message.as_bytes(), &signature) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims.hold(now).then_some(claims)
}

#[cfg(test)]
pub(crate) mod forged;
#[cfg(test)]
mod tests;
