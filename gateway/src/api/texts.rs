//! The texts that people write, as schemas. `crate::checks` reads them; these say the same.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// No control character.
const LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";
/// The same with something in it that can be seen.
const VISIBLE: &str = concat!(
    r"^[^\x00-\x1f\x7f-\x9f]*",
    r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
    r"[^\x00-\x1f\x7f-\x9f]*$",
);
/// Something, one @, something.
const EMAIL: &str = concat!(
    r"^[^@\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+",
    r"@[^@\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$",
);

/// What somebody or something is called.
pub(crate) enum Name {}
/// Where a branch is.
pub(crate) enum Address {}
/// A sentence or a path.
pub(crate) enum Text {}
/// An e-mail address.
pub(crate) enum Email {}
/// Why something was done.
pub(crate) enum ReasonText {}

fn text(says: &str, length: (usize, usize), pattern: &str, example: &str) -> RefOr<Schema> {
    let (least, most) = length;
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(says))
        .min_length((least > 0).then_some(least))
        .max_length(Some(most))
        .pattern(Some(pattern))
        .examples([example]);
    Schema::from(text.build()).into()
}

impl PartialSchema for Name {
    fn schema() -> RefOr<Schema> {
        let says = "One line; the blanks around it are left out.";
        text(says, (1, 80), VISIBLE, "Ada")
    }
}

impl PartialSchema for ReasonText {
    fn schema() -> RefOr<Schema> {
        text("One line.", (1, 200), VISIBLE, "One loaf was burnt")
    }
}

impl PartialSchema for Address {
    fn schema() -> RefOr<Schema> {
        text("One line, or nothing.", (0, 200), LINE, "1 Market Square, Berlin")
    }
}

impl PartialSchema for Text {
    fn schema() -> RefOr<Schema> {
        text("One line, or nothing.", (0, 500), LINE, "Fresh every half hour")
    }
}

impl PartialSchema for Email {
    fn schema() -> RefOr<Schema> {
        // The bytes count, so an address of other letters than English ones is shorter.
        text("Plausible, no more.", (0, 254), EMAIL, "ada@example.org")
    }
}

impl ToSchema for Name {}
impl ToSchema for Address {}
impl ToSchema for Text {}
impl ToSchema for Email {}
impl ToSchema for ReasonText {}
