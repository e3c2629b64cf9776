//! The books of three services, put side by side when all is quiet: goods for money, money for
//! goods, nothing held, nothing lost. It reads the databases and shares no code with the services.

use crate::database::connection;
use bakery_nats::Pool;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The databases.
#[derive(Clone)]
pub struct Audit {
    /// Of inventory.
    pub inventory: Pool,
    /// Of orders.
    pub orders: Pool,
    /// Of the bank.
    pub bank: Pool,
}

#[derive(QueryableByName)]
struct Figure {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    figure: i64,
}

type Figures = BTreeMap<String, i64>;

async fn figures(pool: &Pool, sql: &str) -> Figures {
    let mut conn = connection(pool).await;
    let rows: Vec<Figure> =
        diesel::sql_query(sql).load(&mut conn).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    rows.into_iter().map(|row| (row.name, row.figure)).collect()
}

/// Orders that bought something, and how an order may end.
const BOUGHT: &str = "status IN ('confirmed', 'preparing', 'ready', 'served')";
const ENDED: &str =
    "status IN ('confirmed', 'preparing', 'ready', 'served', 'rejected', 'declined', 'cancelled')";

impl Audit {
    /// What does not hold; empty when all is well. `accepted` are the orders whose acceptance a
    /// client saw.
    pub async fn violations(&self, accepted: &[Uuid]) -> Vec<String> {
        let mut found = self.lost_orders(accepted).await;
        found.extend(self.goods().await);
        found.extend(self.money().await);
        found.extend(self.refunds().await);
        found.extend(self.ledger().await);
        found
    }

    /// I1, I3: every accepted order is there and has ended, and waits for nobody.
    async fn lost_orders(&self, accepted: &[Uuid]) -> Vec<String> {
        let sql = format!(
            "SELECT id::text AS name, ({ENDED} AND NOT open)::int::bigint AS figure FROM orders"
        );
        let orders = figures(&self.orders, &sql).await;
        let ids: BTreeSet<String> = accepted.iter().map(Uuid::to_string).collect();
        let lost = ids.iter().filter(|id| !orders.contains_key(*id));
        let lost = lost.map(|id| format!("I1: the accepted order {id} is not there"));
        let open = orders.iter().filter(|(_, ended)| **ended == 0);
        let open = open.map(|(id, _)| format!("I3: the order {id} has not ended"));
        lost.chain(open).collect()
    }

    /// I9, I10, I11: the units in the shops' books are those in the buyers' books.
    async fn goods(&self) -> Vec<String> {
        let held =
            "SELECT id::text AS name, 1::bigint AS figure FROM unit WHERE state = 'reserved'";
        let zombies = figures(&self.inventory, held).await;
        let mut found: Vec<String> =
            zombies.keys().map(|unit| format!("I11: the unit {unit} is still held")).collect();
        let units = "SELECT 'I9: batch ' || b.id AS name, b.quantity - count(u.id) AS figure
             FROM batch b LEFT JOIN unit u ON u.batch_id = b.id
              AND (u.branch, u.product_id, u.day) = (b.branch, b.product_id, b.day)
             GROUP BY b.id HAVING b.quantity <> count(u.id)";
        let lost = figures(&self.inventory, units).await;
        found.extend(lost.into_iter().map(|(batch, n)| format!("{batch} lacks {n} units")));
        let sold =
            "SELECT order_id || ' ' || id AS name, price AS figure FROM unit WHERE state = 'sold'";
        let sold = figures(&self.inventory, sold).await;
        let bought = format!(
            "SELECT orders.id || ' ' || (unit->>'id') AS name, (unit->>'price')::bigint AS figure
             FROM orders, jsonb_array_elements(items) item, jsonb_array_elements(item->'units') unit
             WHERE {BOUGHT}"
        );
        let bought = figures(&self.orders, &bought).await;
        found.extend(difference("I10: units sold and units bought", &sold, &bought));
        let wanted = format!(
            "SELECT orders.id || ' ' || (item->>'product_id') AS name,
                    (item->>'quantity')::bigint - jsonb_array_length(item->'units') AS figure
             FROM orders, jsonb_array_elements(items) item WHERE {BOUGHT}"
        );
        let short = figures(&self.orders, &wanted).await.into_iter().filter(|(_, n)| *n != 0);
        found.extend(short.map(|(line, n)| format!("I10: {line} lacks {n} units")));
        found
    }

    /// I7, I8, I12, I19: net, each order paid its price if it bought, less what was given back
    /// while it stayed, and nothing otherwise.
    async fn money(&self) -> Vec<String> {
        let paid = figures(
            &self.bank,
            "SELECT order_id::text AS name,
                    sum(CASE kind WHEN 'charge' THEN amount ELSE -amount END)::bigint AS figure
             FROM transfer WHERE order_id IS NOT NULL GROUP BY order_id
             HAVING sum(CASE kind WHEN 'charge' THEN amount ELSE -amount END) <> 0",
        )
        .await;
        let price = format!(
            "SELECT id::text AS name, total - coalesce(back.amount, 0)::bigint AS figure
             FROM orders LEFT JOIN (
                 SELECT order_id, sum(amount) AS amount FROM refund GROUP BY order_id
             ) AS back ON back.order_id = orders.id
             WHERE {BOUGHT} AND total <> coalesce(back.amount, 0)"
        );
        let price = figures(&self.orders, &price).await;
        difference("I7: money kept and price", &paid, &price)
    }

    /// Every refund has ended, both books have the same of each order, and no order got back more
    /// than it was charged: neither in all nor, by the buyers' book, for any unit.
    async fn refunds(&self) -> Vec<String> {
        let open = "SELECT id::text AS name, 1::bigint AS figure FROM refund
             WHERE state <> 'paid' OR paid_at IS NULL";
        let open = figures(&self.orders, open).await;
        let mut found: Vec<String> =
            open.keys().map(|id| format!("I3: the refund {id} is not paid")).collect();
        let beyond = figures(
            &self.bank,
            "SELECT order_id::text AS name,
                    (coalesce(sum(amount) FILTER (WHERE kind <> 'charge'), 0)
                     - coalesce(sum(amount) FILTER (WHERE kind = 'charge'), 0))::bigint AS figure
             FROM transfer WHERE order_id IS NOT NULL GROUP BY order_id
             HAVING coalesce(sum(amount) FILTER (WHERE kind <> 'charge'), 0)
                  > coalesce(sum(amount) FILTER (WHERE kind = 'charge'), 0)",
        )
        .await;
        found.extend(beyond.into_iter().map(|(id, by)| format!("I8: {id} got {by} too much back")));
        // How many, and how much; a refund of nothing moves nothing.
        let both = |table: &str| {
            format!(
                "SELECT order_id::text AS name,
                        (sum(amount) * 1000 + count(*))::bigint AS figure
                 FROM {table} GROUP BY order_id"
            )
        };
        let bank = both("transfer WHERE kind = 'pay-back'");
        let orders = both("refund WHERE amount > 0");
        let (bank, orders) =
            (figures(&self.bank, &bank).await, figures(&self.orders, &orders).await);
        found.extend(difference("I8: money paid back and refunds", &bank, &orders));
        let twice = "SELECT unit AS name, count(*) AS figure
             FROM refund, jsonb_array_elements(lines) line,
                  jsonb_array_elements_text(line->'units') unit
             GROUP BY unit HAVING count(*) > 1";
        let twice = figures(&self.orders, twice).await;
        found.extend(twice.keys().map(|unit| format!("I8: the unit {unit} is refunded twice")));
        found
    }

    /// I4, I5: entries sum to zero, and every stored balance is the sum of its entries.
    async fn ledger(&self) -> Vec<String> {
        let wrong = figures(
            &self.bank,
            "SELECT 'I4: transfer ' || transfer_id AS name, sum(amount)::bigint AS figure
             FROM entry GROUP BY transfer_id HAVING sum(amount) <> 0
             UNION ALL
             SELECT 'I5: account ' || a.id, (a.balance - coalesce(sum(e.amount), 0))::bigint
             FROM account a LEFT JOIN entry e ON e.account_id = a.id
             WHERE a.kind = 'customer' GROUP BY a.id
             HAVING a.balance <> coalesce(sum(e.amount), 0)",
        )
        .await;
        wrong.into_iter().map(|(what, by)| format!("{what} is wrong by {by}")).collect()
    }
}

/// What stands in one book and not, or otherwise, in the other.
fn difference(what: &str, left: &Figures, right: &Figures) -> Vec<String> {
    let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    keys.into_iter()
        .filter(|key| left.get(*key) != right.get(*key))
        .map(|key| format!("{what}: {key}: {:?} and {:?}", left.get(key), right.get(key)))
        .collect()
}
