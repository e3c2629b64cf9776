//! What is said of one operation. What is true of many is added here, so that nobody repeats it.

use super::common::{self, problem_of, shared};
use crate::router::table::Who;
use bakery_nats::slug::Slug;
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The schemas of types, by name.
pub(crate) type Schemas = Map<String, Value>;

/// One operation: a row of the table, in words.
pub(crate) struct Op {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// The chapter it is in.
    pub(super) tag: &'static str,
    summary: &'static str,
    about: &'static str,
    pub(super) parameters: Vec<Value>,
    body: Option<Value>,
    responses: Map<String, Value>,
    pub(super) types: Vec<(String, RefOr<Schema>)>,
}

/// What an id or a field of a query looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// A name of branches, products and jobs.
    Slug,
    /// A name of a new product: what is baked by the clock has a job that is named after it.
    ProductName,
    /// An id of orders, accounts and users.
    Uuid,
    /// A business day.
    Date,
    /// A place in a stream.
    Number,
}

impl Form {
    /// As a schema.
    pub(super) fn schema(self) -> Value {
        match self {
            Self::Slug => json!(Slug::schema()),
            Self::ProductName => {
                json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": 35 })
            }
            Self::Uuid => json!({ "type": "string", "format": "uuid" }),
            Self::Number => json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX }),
            // The years that a date may have.
            Self::Date => {
                let pattern = "^(19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}$";
                json!({ "type": "string", "format": "date", "pattern": pattern })
            }
        }
    }

    /// A value of this form, as JSON.
    fn example(self, text: &str) -> Value {
        match self {
            Self::Number => text.parse::<u64>().map_or(Value::Null, Value::from),
            Self::Slug | Self::ProductName | Self::Uuid | Self::Date => text.into(),
        }
    }
}

impl Op {
    /// A row of the table: method, path, the chapter, and the thing in a few words.
    pub(crate) fn new(
        (method, path): (&'static str, &'static str),
        tag: &'static str,
        summary: &'static str,
    ) -> Self {
        let (about, parameters, body) = ("", Vec::new(), None);
        let (responses, types) = (Map::new(), Vec::new());
        Self { method, path, tag, summary, about, parameters, body, responses, types }
    }

    /// What is to be known besides.
    pub(crate) fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// A part of the path.
    pub(crate) fn id(self, form: Form, name: &str, says: &str, example: &str) -> Self {
        let mut parameter = parameter("path", name, says, form.schema());
        set(&mut parameter, "required", true.into());
        set(&mut parameter, "example", form.example(example));
        self.parameter(parameter)
    }

    /// A field of the query that can be left out.
    pub(crate) fn query(self, form: Form, name: &str, says: &str) -> Self {
        self.parameter(parameter("query", name, says, form.schema()))
    }

    /// A field of the query that is needed.
    pub(crate) fn needed(self, form: Form, name: &str, says: &str, example: &str) -> Self {
        let mut parameter = parameter("query", name, says, form.schema());
        set(&mut parameter, "required", true.into());
        set(&mut parameter, "example", example.into());
        self.parameter(parameter)
    }

    /// A field of the query, or a header, with a schema of its own.
    pub(crate) fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// The JSON that is sent, and such a one that works in the demo.
    pub(crate) fn body<T: ToSchema>(mut self, example: &Value) -> Self {
        let schema = self.reference::<T>();
        let content = json!({ "application/json": { "schema": schema, "example": example } });
        self.body = Some(json!({ "required": true, "content": content }));
        self
    }

    /// The JSON that is answered.
    pub(crate) fn answers<T: ToSchema>(mut self, status: u16, says: &str) -> Self {
        let schema = self.reference::<T>();
        self.response(status, says, json!({ "application/json": { "schema": schema } }))
    }

    /// The same as a table, for who prefers one.
    pub(crate) fn or_csv(mut self, status: u16) -> Self {
        let header = json!({
            "description": "For a table: whether all books agree.",
            "schema": { "enum": ["true", "false"] },
        });
        if let Some(response) = self.responses.get_mut(&status.to_string()) {
            put(response, "content", "text/csv", json!({ "schema": { "type": "string" } }));
            put(response, "headers", "Report-Adds-Up", header);
        }
        self
    }

    /// A text that is answered, which is not JSON.
    pub(crate) fn text(self, status: u16, says: &str, content_type: &str) -> Self {
        self.response(status, says, json!({ content_type: { "schema": { "type": "string" } } }))
    }

    /// The same as a text, for who prefers one.
    pub(crate) fn or_text(mut self, status: u16) -> Self {
        if let Some(response) = self.responses.get_mut(&status.to_string()) {
            put(response, "content", "text/plain", json!({ "schema": { "type": "string" } }));
        }
        self
    }

    /// Or a problem: a status that is no refusal by itself.
    pub(crate) fn or_problem(mut self, status: u16) -> Self {
        let problem = problem_of(status, "");
        if let Some(response) = self.responses.get_mut(&status.to_string()) {
            for above in ["headers", "content"] {
                let more = problem.get(above).and_then(Value::as_object).into_iter().flatten();
                more.for_each(|(name, value)| put(response, above, name, value.clone()));
            }
        }
        self
    }

    /// It is done, and there is nothing to say.
    pub(crate) fn done(self, says: &str) -> Self {
        self.response(204, says, Value::Null)
    }

    /// The answer names where the new thing is.
    pub(crate) fn located(self, status: u16) -> Self {
        let schema = json!({ "type": "string", "format": "uri-reference" });
        self.header(status, "Location", json!({ "description": "Where it is.", "schema": schema }))
    }

    /// The answer has one more header.
    pub(crate) fn header(mut self, status: u16, name: &str, header: Value) -> Self {
        if let Some(response) = self.responses.get_mut(&status.to_string()) {
            put(response, "headers", name, header);
        }
        self
    }

    /// A refusal that not every operation knows, or in words of its own.
    pub(crate) fn refuses(mut self, status: u16, says: &str) -> Self {
        self.responses.insert(status.to_string(), problem_of(status, says));
        self
    }

    fn response(mut self, status: u16, says: &str, content: Value) -> Self {
        let mut response = json!({ "description": says, "headers": common::told() });
        if !content.is_null() {
            set(&mut response, "content", content);
        }
        self.responses.insert(status.to_string(), response);
        self
    }

    fn reference<T: ToSchema>(&mut self) -> Value {
        T::schemas(&mut self.types);
        self.types.push((T::name().into_owned(), T::schema()));
        json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
    }

    /// Whether this is the row with this method and path.
    pub(crate) fn is_at(&self, method: &str, path: &str) -> bool {
        (self.method, self.path) == (method, path)
    }

    /// The operation, with what its row and its parts imply. Its types are added to `schemas`.
    pub(super) fn finish(mut self, who: Who, place: usize, schemas: &mut Schemas) -> Value {
        for status in self.implied(who) {
            let known = self.responses.contains_key(&status.to_string());
            if !known {
                self.responses.insert(status.to_string(), shared(status));
            }
        }
        for (name, schema) in self.types {
            schemas.insert(name, json!(schema));
        }
        let role = who.role().map_or("anyone", |role| role.as_str());
        let security = if who.role().is_some() { json!([{ "bearer": [] }]) } else { json!([]) };
        let name = format!("{}{}", self.method.to_ascii_lowercase(), self.path);
        let id = name.replace(['{', '}'], "").replace('/', "-");
        let mut operation = json!({
            "tags": [self.tag],
            "summary": self.summary,
            "operationId": id,
            "parameters": self.parameters,
            "responses": self.responses,
            "security": security,
            "x-order": place,
            "x-role": role,
            "x-who-may": common::who_may(who),
        });
        if !self.about.is_empty() {
            set(&mut operation, "description", self.about.into());
        }
        if let Some(body) = self.body {
            set(&mut operation, "requestBody", body);
        }
        operation
    }

    /// The refusals that come from middleware and extractors.
    fn implied(&self, who: Who) -> Vec<u16> {
        let place = |place: &str| self.parameters.iter().any(|one| one["in"] == place);
        let mut statuses = vec![415, 429, 500, 503];
        if place("path") {
            statuses.push(404);
        }
        if place("query") || self.body.is_some() {
            statuses.extend([400, 422]);
        }
        if self.body.is_some() {
            statuses.extend([408, 413]);
        }
        statuses.extend(match who {
            Who::Anyone => &[][..],
            Who::Customer => &[401],
            Who::Kitchen | Who::Manager | Who::Operator => &[401, 403],
        });
        statuses
    }
}

/// A parameter that can be left out.
pub(crate) fn parameter(place: &str, name: &str, says: &str, schema: Value) -> Value {
    json!({ "in": place, "name": name, "description": says, "schema": schema })
}

/// Sets a field of an object.
pub(super) fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(name.to_owned(), value);
    }
}

/// Sets a field of an object in an object.
fn put(object: &mut Value, above: &str, name: &str, value: Value) {
    if let Some(below) = object.get_mut(above) {
        set(below, name, value);
    }
}
