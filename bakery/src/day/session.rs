//! Somebody who is signed in, for as long as the day takes.

use anyhow::{Context, Result};
use reqwest::Client;
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A token is replaced when so much of its life is over.
const OLD_AT_PERCENT: u32 = 50;

/// What the gateway gives to who signs in.
#[derive(Deserialize)]
pub(super) struct Tokens {
    access_token: String,
    /// Seconds.
    expires_in: u32,
    refresh_token: String,
}

/// The tokens, and until when they are good.
pub(super) struct Session(Mutex<(Tokens, Instant)>);

impl Session {
    pub(super) fn of(tokens: Tokens) -> Self {
        let until = good_until(&tokens);
        Self(Mutex::new((tokens, until)))
    }

    /// An access token that is good for a while.
    pub(super) async fn token(&self, client: &Client, base: &str) -> Result<String> {
        let mut session = self.0.lock().await;
        if Instant::now() >= session.1 {
            let body = json!({"refresh_token": session.0.refresh_token});
            let request = client.post(format!("{base}/sessions/refresh")).json(&body);
            let answer = request.send().await?.error_for_status().context("a session ended")?;
            let tokens: Tokens = answer.json().await?;
            let until = good_until(&tokens);
            *session = (tokens, until);
        }
        Ok(session.0.access_token.clone())
    }
}

fn good_until(tokens: &Tokens) -> Instant {
    Instant::now() + Duration::from_secs(tokens.expires_in.into()) * OLD_AT_PERCENT / 100
}
