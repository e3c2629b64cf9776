//! Somebody who is signed in at the HTTP interface, for as long as it takes.

use anyhow::{Context, Result};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use uuid::Uuid;

/// A token is replaced when so much of its life is over.
const OLD_AT_PERCENT: u32 = 50;

/// What the gateway gives to who signs in.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    /// Seconds.
    expires_in: u32,
    refresh_token: String,
}

/// What is told to a guest.
#[derive(Deserialize)]
struct Welcome {
    user: User,
    #[serde(flatten)]
    tokens: Tokens,
}

#[derive(Deserialize)]
struct User {
    account_id: Uuid,
}

/// The interface of a running bakery.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    base: String,
}

/// The tokens of somebody, and until when they are good.
pub(crate) struct Session {
    api: Api,
    tokens: Mutex<(Tokens, Instant)>,
}

impl Api {
    /// At an address such as `http://127.0.0.1:8080`.
    pub(crate) fn at(client: Client, address: &str) -> Self {
        Self { client, base: format!("{address}/api/v1") }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base))
    }

    /// Signs in with a password.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Result<Session> {
        let login = json!({"username": username, "password": password});
        Ok(self.session(self.tokens("/sessions", &login).await?))
    }

    /// A guest, and the account.
    pub(crate) async fn guest(&self, name: &str, currency: &str) -> Result<(Session, Uuid)> {
        let body = json!({"name": name, "currency": currency});
        let welcome = self.post("/guests").json(&body).send().await?.error_for_status()?;
        let Welcome { user, tokens } = welcome.json().await?;
        Ok((self.session(tokens), user.account_id))
    }

    async fn tokens(&self, path: &str, body: &Value) -> Result<Tokens> {
        let answer = self.post(path).json(body).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    fn session(&self, tokens: Tokens) -> Session {
        let until = good_until(&tokens);
        Session { api: self.clone(), tokens: Mutex::new((tokens, until)) }
    }
}

impl Session {
    /// A request signed with an access token that is good for a while.
    pub(crate) async fn sign(&self, request: RequestBuilder) -> Result<RequestBuilder> {
        let mut session = self.tokens.lock().await;
        if Instant::now() >= session.1 {
            let body = json!({"refresh_token": session.0.refresh_token});
            let tokens = self.api.tokens("/sessions/refresh", &body).await;
            let tokens = tokens.context("a session ended")?;
            let until = good_until(&tokens);
            *session = (tokens, until);
        }
        Ok(request.bearer_auth(&session.0.access_token))
    }
}

fn good_until(tokens: &Tokens) -> Instant {
    Instant::now() + Duration::from_secs(tokens.expires_in.into()) * OLD_AT_PERCENT / 100
}
