//! `bank.deposit`: money from outside is paid into an account.

use crate::account::Account;
use crate::handlers::balances;
use crate::ledger::{Book, Booked, Depositing, Transfer, TransferKind};
use bakery_nats::error::HandlerError;
use bakery_nats::money::AMOUNT_MAX;
use bakery_nats::record::Record;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::{Account as View, Deposit};
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The name of its step in the record.
const STEP: &str = "deposit";

/// The writer of deposits. A deposit is known by its transfer, for ever, so the same one again
/// changes nothing, be it in this batch, in another process, or years later.
pub struct DepositWriter;

impl Writer for DepositWriter {
    type Request = Deposit;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<Deposit>],
    ) -> Result<Vec<WriteResult<Deposit>>, HandlerError> {
        let ids: BTreeSet<Uuid> = batch.iter().map(|asked| asked.body.deposit_id).collect();
        Record::lock(conn, &ids).await?;
        let transfers = ids.iter().map(|id| TransferKind::Deposit.transfer_id(*id)).collect();
        let booked = Booked::load(conn, &transfers).await?;
        let accounts = batch.iter().map(|asked| asked.body.account_id).collect();
        let accounts = Account::lock(conn, &accounts).await?;

        let mut book = Book::new(balances(&accounts)?, booked);
        let names = accounts.into_iter().map(|account| (account.id, account.name)).collect();
        let results = batch.iter().map(|asked| deposit(&mut book, &names, asked)).collect();
        Transfer::book(conn, &book.into_transfers()).await?;
        Ok(results)
    }
}

fn deposit(
    book: &mut Book,
    names: &HashMap<Uuid, String>,
    asked: &Asked<Deposit>,
) -> WriteResult<Deposit> {
    let Deposit { deposit_id, account_id, amount } = &asked.body;
    let wrong = |field, reason: String| Refusal::invalid(vec![FieldError::new(field, reason)]);
    if !(1..=AMOUNT_MAX).contains(&amount.amount) {
        let reason = "must be 1 to 10,000,000,000 minor units";
        return Err(wrong("amount.amount", reason.to_owned()));
    }
    let new = match book.deposit(&asked.body, asked.at) {
        Depositing::Paid => true,
        Depositing::PaidBefore => false,
        Depositing::IdReused => {
            let detail = format!("the deposit {deposit_id} was another sum or account before");
            return Err(Refusal::new(422, "idempotency_key_reused", detail));
        }
        Depositing::UnknownAccount => return Err(Refusal::not_found("account", account_id)),
        Depositing::WrongCurrency(kept) => {
            let reason = format!("the account is kept in {kept}");
            return Err(wrong("amount.currency", reason));
        }
        Depositing::TooMuch => {
            let reason = "the account cannot hold that much".to_owned();
            return Err(wrong("amount.amount", reason));
        }
    };
    let account = view(book, names, *account_id);
    let reply = account.ok_or_else(|| Refusal::not_found("account", account_id))?;
    let step = || Step { business_id: *deposit_id, name: STEP.to_owned(), outgoing: Vec::new() };
    Ok(Written { reply, step: new.then(step) })
}

/// The account as it is after this deposit and before the next.
fn view(book: &Book, names: &HashMap<Uuid, String>, id: Uuid) -> Option<View> {
    Some(View { id, name: names.get(&id)?.clone(), balance: book.balance(id)?.clone() })
}
