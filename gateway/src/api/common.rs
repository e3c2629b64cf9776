//! What many operations have in common: the refusals, the headers, the pages of a list.

use super::Op;
use super::op::{Form, Schemas, parameter, set};
use crate::headers::{IDEMPOTENCY_KEY_LENGTH_MAX, WAIT_MAX_S};
use crate::params::LIMIT_MAX;
use crate::router::table::Who;
use bakery_nats::refusal::FieldError;
use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

/// How the document begins.
pub(super) const ABOUT: &str = "Sign in at `POST /sessions` (or become a guest at `POST /guests`) \
    and send the token as `Authorization: Bearer`. What goes wrong is a problem document (RFC 9457) \
    that names the fields that are wrong. Sums are whole minor units: 450 EUR cents is 4.50 EUR. \
    `HEAD` is known wherever `GET` is. Which methods a path knows, the header `Allow` of a 405 says.";

/// Every refusal that is the same for all.
const REFUSALS: [(u16, &str); 11] = [
    (400, "The body is no JSON, or the query or a header cannot be read."),
    (401, "There is no access token, or none that is good."),
    (403, "The role of the user does not allow this."),
    (404, "There is no such thing, or it is not the user's to see."),
    (408, "The body did not arrive within 10 s."),
    (413, "The body is longer than 64 KiB."),
    (415, "The body is not sent as `application/json`, or it is compressed."),
    (422, "Fields are wrong; `errors` names each with the reason."),
    (429, "Too many requests of this user or address; `Retry-After` says when to come again."),
    (500, "Something went wrong that the caller cannot mend."),
    (503, "Something this needs does not answer just now; the same request may be sent again."),
];

/// Who may, in a sentence.
pub(super) fn who_may(who: Who) -> &'static str {
    match who {
        Who::Anyone => "Everybody, also without a token.",
        Who::Customer => "Every user, for what is their own; staff for what is anybody's.",
        Who::Kitchen => "Kitchen, manager and operator.",
        Who::Manager => "Manager and operator.",
        Who::Operator => "The operator.",
    }
}

/// The refusal that all share.
pub(super) fn shared(status: u16) -> Value {
    json!({ "$ref": format!("#/components/responses/{status}") })
}

/// A refusal in other words.
pub(super) fn problem_of(status: u16, says: &str) -> Value {
    let mut headers = told();
    let more: &[&str] = match status {
        401 => &["WWW-Authenticate"],
        415 => &["Accept-Encoding"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    headers.extend(more.iter().map(|name| referred(name)));
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let content = json!({ "application/problem+json": { "schema": schema } });
    json!({ "description": says, "headers": headers, "content": content })
}

/// The responses that are referred to.
pub(super) fn responses() -> Map<String, Value> {
    let response = |(status, says): (u16, &str)| (status.to_string(), problem_of(status, says));
    REFUSALS.map(response).into_iter().collect()
}

/// Headers that every answer can have.
pub(super) fn told() -> Map<String, Value> {
    ["X-Request-Id", "RateLimit", "RateLimit-Policy"].map(referred).into_iter().collect()
}

fn referred(name: &str) -> (String, Value) {
    (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }))
}

/// The headers that are referred to.
pub(super) fn headers() -> Value {
    let text = |says: &str| json!({ "description": says, "schema": { "type": "string" } });
    json!({
        "X-Request-Id": text("Names the request: the caller's own, or a new one."),
        "RateLimit": text("Where a limit applies: how much of it is left, and when more is."),
        "RateLimit-Policy": text("Where a limit applies: how much is allowed in how many seconds."),
        "Retry-After": {
            "description": "In so many seconds the same request can succeed.",
            "schema": { "type": "integer", "minimum": 0 },
        },
        "WWW-Authenticate": text("`Bearer`: how somebody shows who they are."),
        "Accept-Encoding": text("`identity`, where the body was compressed."),
    })
}

/// How somebody shows who they are.
pub(super) fn bearer() -> Value {
    json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access_token` of a session, good for ten minutes.",
    })
}

/// The schemas that no operation names by itself.
pub(super) fn schemas(schemas: &mut Schemas) {
    schemas.insert("FieldError".to_owned(), json!(FieldError::schema()));
    schemas.insert("Problem".to_owned(), problem());
}

/// What [`crate::problem::Problem`] writes.
fn problem() -> Value {
    let text = |says: &str| json!({ "type": "string", "description": says });
    let errors = json!({ "$ref": "#/components/schemas/FieldError" });
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": text("`/problems/` and the code."),
            "title": text("The code in words."),
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "code": text("For programs, such as `out_of_stock`."),
            "detail": text("For people, one sentence."),
            "errors": {
                "type": "array",
                "description": "The fields that are wrong.",
                "items": errors,
            },
            "retry_at": {
                "type": "string",
                "format": "date-time",
                "description": "From when on the same request can succeed, where that is known.",
            },
        },
    })
}

impl Op {
    /// The branch, where the first one is meant if none is named.
    pub(crate) fn branch(self) -> Self {
        let mut schema = Form::Slug.schema();
        set(&mut schema, "default", crate::checks::BRANCH.into());
        self.parameter(parameter("query", "branch", "The branch.", schema))
    }

    /// A page of a list: how long, and what the one before ended with.
    pub(crate) fn page(self, cursor: &str) -> Self {
        self.query(Form::Uuid, cursor, "`next` of the page before.").limit()
    }

    /// How long a page of a list is.
    pub(crate) fn limit(self) -> Self {
        let schema =
            json!({ "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 20 });
        self.parameter(parameter("query", "limit", "Entries of a page.", schema))
    }

    /// The caller's own name for a write.
    pub(crate) fn idempotent(self) -> Self {
        let pattern = format!("^[!-~]{{1,{IDEMPOTENCY_KEY_LENGTH_MAX}}}$");
        let schema = json!({ "type": "string", "pattern": pattern });
        let says = "Your own name for this write, new for each: the same one again is the same \
                    write, and answered alike.";
        self.parameter(parameter("header", "Idempotency-Key", says, schema))
            .refuses(400, "A header, the query or the body cannot be read.")
    }

    /// The caller's own name for a write that nothing takes back.
    pub(crate) fn idempotent_always(mut self, example: &str) -> Self {
        self = self.idempotent();
        if let Some(header) = self.parameters.last_mut() {
            set(header, "required", true.into());
            set(header, "example", example.into());
        }
        self
    }

    /// Somebody would like to wait for the end.
    pub(crate) fn waits(self) -> Self {
        let says = format!(
            "`wait=` and seconds, at most {WAIT_MAX_S}: the answer comes when the order is \
             settled. Another preference is overlooked."
        );
        let mut header = parameter("header", "Prefer", &says, json!({ "type": "string" }));
        set(&mut header, "example", "wait=5".into());
        self.parameter(header)
    }

    /// JSON or a table.
    pub(crate) fn form(self) -> Self {
        let says = "How the report is written. It counts before the header `Accept`.";
        let schema = json!({ "enum": ["json", "csv"], "default": "json" });
        self.parameter(parameter("query", "format", says, schema))
    }
}
