//! Sessions in the API's document.

use super::Tokens;
use crate::api::Op;
use crate::routes::users::body::{RefreshBody, SignInBody};
use serde_json::json;

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let tag = "Sessions";
    vec![
        Op::new(("POST", "/sessions"), tag, "Sign in")
            .body::<SignInBody>(&json!({ "username": "ada", "password": "a long password" }))
            .answers::<Tokens>(200, "A session: the access token is good for ten minutes.")
            .refuses(401, "The username or the password is wrong; which, nobody is told."),
        Op::new(("POST", "/sessions/refresh"), tag, "Go on")
            .about("A refresh token is good once: keep the new one.")
            .body::<RefreshBody>(&json!({ "refresh_token": "the one of your session" }))
            .answers::<Tokens>(200, "The same session, with new tokens.")
            .refuses(401, "The session has ended, or was never there."),
        Op::new(("DELETE", "/sessions/current"), tag, "Sign out")
            .done("The session has ended; its tokens are void."),
    ]
}
