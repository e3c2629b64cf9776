//! Users in the API's document.

use super::body::{DisabledBody, GuestBody, PasswordBody, RoleBody, UserBody};
use super::{Page, Welcome};
use crate::api::Op;
use crate::api::op::Form;
use crate::users::profile::Profile;
use bakery_nats::requests::gateway::UserView;
use serde_json::json;

const TAG: &str = "Users";
const USER: &str = "0190c6a8-0000-7000-8000-000000000001";
const TOO_MANY: &str = "Too many newcomers or attempts from here, or too many requests.";

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let mut ops = newcomers();
    ops.extend([
        Op::new(("GET", "/users/me"), TAG, "Who you are, what you have and what you bought")
            .answers::<Profile>(200, "You."),
        Op::new(("PUT", "/users/me/password"), TAG, "Change your password")
            .about("All your other sessions end.")
            .body::<PasswordBody>(&json!({ "old": "a long password", "new": "a longer password" }))
            .done("It is changed.")
            .refuses(409, "`guest`: a guest has no password.")
            .refuses(429, TOO_MANY),
        Op::new(("GET", "/users"), TAG, "All users")
            .page("after")
            .answers::<Page>(200, "A page of users, in the order in which they came."),
        Op::new(("GET", "/users/{id}"), TAG, "One user")
            .id(Form::Uuid, "id", "The user.", USER)
            .answers::<Profile>(200, "The user."),
        Op::new(("PUT", "/users/{id}/role"), TAG, "Give a user another role")
            .about("It counts at once, also for who is signed in.")
            .id(Form::Uuid, "id", "The user.", USER)
            .body::<RoleBody>(&json!({ "role": "kitchen" }))
            .answers::<UserView>(200, "The user.")
            .refuses(409, "`own_user`, or `guest`: a guest is a customer for ever."),
        Op::new(("PUT", "/users/{id}/disabled"), TAG, "Let a user in no more, or again")
            .about("Who is let in no more loses every session.")
            .id(Form::Uuid, "id", "The user.", USER)
            .body::<DisabledBody>(&json!({ "disabled": true }))
            .answers::<UserView>(200, "The user.")
            .refuses(409, "`own_user`: nobody lets themselves out."),
    ]);
    ops
}

fn newcomers() -> Vec<Op> {
    let ada = json!({
        "username": "ada",
        "password": "a long password",
        "name": "Ada",
        "email": "ada@example.org",
    });
    vec![
        Op::new(("POST", "/users"), TAG, "Become a customer")
            .about("Opens an account at the bank, and signs in.")
            .body::<UserBody>(&ada)
            .answers::<Welcome>(201, "The user, signed in.")
            .located(201)
            .refuses(409, "`username_taken`.")
            .refuses(429, TOO_MANY),
        Op::new(("POST", "/guests"), TAG, "Become a customer with no more than a name")
            .about("A guest cannot sign in again: the session is all there is.")
            .body::<GuestBody>(&json!({ "name": "Ada" }))
            .answers::<Welcome>(201, "The guest, signed in.")
            .located(201)
            .refuses(429, TOO_MANY),
    ]
}
