//! Somebody who is signed in at the HTTP interface, for as long as it takes.

use anyhow::{Context, Result};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use uuid::Uuid;

/// How long what is busy is asked again.
const BUSY_FOR_S: u64 = 60;
const TRY_PAUSE_MS: u64 = 200;
const BUSY: [StatusCode; 2] = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS];
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
        let tokens = send_patiently(self.post("/sessions").json(&login)).await?;
        Ok(self.session(tokens.error_for_status()?.json().await?))
    }

    /// A guest, and the account. Where the first answer was late there is another guest, whom nobody needs.
    pub(crate) async fn guest(&self, name: &str, currency: &str) -> Result<(Session, Uuid)> {
        let body = json!({"name": name, "currency": currency});
        let welcome = send_patiently(self.post("/guests").json(&body)).await?;
        let Welcome { user, tokens } = welcome.error_for_status()?.json().await?;
        Ok((self.session(tokens), user.account_id))
    }

    /// A refresh token is good for one request.
    async fn refresh(&self, token: &str) -> Result<Tokens> {
        let request = self.post("/sessions/refresh").json(&json!({"refresh_token": token}));
        Ok(request.send().await?.error_for_status()?.json().await?)
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
            let tokens = self.api.refresh(&session.0.refresh_token).await;
            let tokens = tokens.context("a session ended")?;
            let until = good_until(&tokens);
            *session = (tokens, until);
        }
        Ok(request.bearer_auth(&session.0.access_token))
    }
}

/// Sends a request that may come twice, again for a while where the answer is that it cannot be done just
/// now, or that it came too often.
pub(crate) async fn send_patiently(request: RequestBuilder) -> Result<Response> {
    let deadline = Instant::now() + Duration::from_secs(BUSY_FOR_S);
    loop {
        let again = request.try_clone().context("a request that can be sent once only")?;
        let answer = again.send().await?;
        let is_busy = BUSY.contains(&answer.status());
        if !is_busy || Instant::now() >= deadline {
            return Ok(answer);
        }
        tokio::time::sleep(Duration::from_millis(TRY_PAUSE_MS)).await;
    }
}

fn good_until(tokens: &Tokens) -> Instant {
    Instant::now() + Duration::from_secs(tokens.expires_in.into()) * OLD_AT_PERCENT / 100
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Api, send_patiently};
    use reqwest::Client;
    use std::net::SocketAddr;
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    /// A gateway that gives these answers, one after the other, whatever it is asked.
    pub(crate) async fn gateway(answers: Vec<(u16, String)>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            for (status, body) in answers {
                let mut stream = BufReader::new(listener.accept().await.unwrap().0);
                read_request(&mut stream).await;
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} -\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        addr
    }

    async fn read_request(stream: &mut BufReader<TcpStream>) {
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(said) = line.strip_prefix("content-length:") {
                length = said.trim().parse().unwrap();
            }
        }
        stream.read_exact(&mut vec![0; length]).await.unwrap();
    }

    #[tokio::test]
    async fn what_cannot_be_done_just_now_is_asked_again_and_nothing_else() {
        let answers = [(503, "busy"), (429, "often"), (200, "done"), (404, "none")];
        let answers = answers.map(|(status, body)| (status, body.to_owned()));
        let addr = gateway(answers.into()).await;
        let api = Api::at(Client::new(), &format!("http://{addr}"));
        for (status, body) in [(200, "done"), (404, "none")] {
            let answer = send_patiently(api.get("/menu")).await.unwrap();
            assert_eq!(answer.status(), status);
            assert_eq!(answer.text().await.unwrap(), body);
        }
    }
}
