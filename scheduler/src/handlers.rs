//! What the scheduler takes from the stream: news of branches and products. They make, move and
//! remove jobs; nothing is sent.

mod branch_changed;
mod product_listed;

use crate::board::Board;
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::message::{DecodeError, Message, decode};
use bakery_nats::messages::inventory::{BranchChanged, ProductListed};
use bakery_nats::process::{Answers, Handler, Input as InputTrait};
use bakery_nats::record::Records;
use bakery_nats::slug::Slug;
use bakery_nats::subject::Subject;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Everything the scheduler takes.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is the message of its name")]
pub enum Input {
    BranchChanged(BranchChanged),
    ProductListed(ProductListed),
}

impl InputTrait for Input {
    fn decode(subject: &Subject, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(match subject.name.as_str() {
            BranchChanged::NAME => Self::BranchChanged(decode(payload)?),
            ProductListed::NAME => Self::ProductListed(decode(payload)?),
            other => return Err(DecodeError::UnknownName(other.to_owned())),
        })
    }

    fn key(&self) -> (Uuid, &'static str) {
        match self {
            Self::BranchChanged(body) => (body.business_id(), BranchChanged::STEP),
            Self::ProductListed(body) => (body.business_id(), ProductListed::STEP),
        }
    }
}

/// The handler of the service.
pub struct News;

impl Handler for News {
    const SERVICE: &'static str = "scheduler";
    type Input = Input;

    /// Branches come first: the jobs of a product go by the hours of its branch.
    async fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Input>>,
        _known: &Records,
    ) -> Result<Answers, HandlerError> {
        let mut answers = Answers::default();
        let (mut branches, mut products) = (Vec::new(), Vec::new());
        for Delivered { position, meta, body } in batch {
            match body {
                Input::BranchChanged(body) if body.branch.id != *meta.branch() => {
                    answers.bury(position, "its subject names another branch");
                }
                Input::BranchChanged(body) => branches.push(Delivered { position, meta, body }),
                Input::ProductListed(body) => products.push(Delivered { position, meta, body }),
            }
        }
        let products = product_listed::readable(products, &mut answers);
        let of_branches = branches.iter().map(|message| message.meta.branch());
        let of_products = products.iter().map(|listed| &listed.key.0);
        let all: BTreeSet<Slug> = of_branches.chain(of_products).cloned().collect();
        let mut board = Board::of_branches(conn, &all).await?;
        branch_changed::apply(&mut board, &branches);
        product_listed::apply(conn, &mut board, products).await?;
        board.save(conn).await?;
        Ok(answers)
    }
}
