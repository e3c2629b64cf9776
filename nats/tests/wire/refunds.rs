//! What refunds and receipts brought: their own requests, and the fields that older ones grew.

use crate::Form;
use crate::requests::{confirmed, day_reply, day_sales, list_orders, sales};
use crate::samples::{account_id, at, date, donuts, eur, loaf, main, order_id, refund_id, slug};
use bakery_nats::messages::inventory::{Line, ReservedUnit};
use bakery_nats::messages::orders::Status;
use bakery_nats::requests::orders::{DaySales, DaySalesReply, ListOrders, Order, Price};
use bakery_nats::requests::receipts::{Receipt, ReceiptLine, ReceiptRefund, ReceiptShop};
use bakery_nats::requests::refunds::{OrderRefund, RefundLine, RefundOrder, RefundState};

/// The fields that later versions added; the files without them must stay readable.
pub(crate) fn grown() -> Vec<Form> {
    let list = ListOrders {
        account_id: Some(account_id()),
        number: Some(7),
        date: Some(date()),
        ..list_orders()
    };
    let day = day_reply();
    vec![
        Form::of("orders.order.reply.grown.json".to_owned(), &refunded_order()),
        Form::of("orders.list.request.grown.json".to_owned(), &list),
        Form::of(
            "orders.day-sales.request.grown.json".to_owned(),
            &DaySales { from: day.from, to: day.to, ..sales() },
        ),
        Form::of(
            "orders.day-sales.reply.grown.json".to_owned(),
            &DaySalesReply {
                paid_back: Some(150),
                asked_refunds: 2,
                asked_back: 450,
                ..day_sales()
            },
        ),
        Form::of("inventory.reserved-unit.grown.json".to_owned(), &cheaper()),
    ]
}

fn cheaper() -> ReservedUnit {
    ReservedUnit { full_price: Some(1240), ..loaf() }
}

pub(crate) fn refund_order() -> RefundOrder {
    RefundOrder {
        refund_id: refund_id(),
        order_id: order_id(),
        idempotency_key: Some("burnt-1".to_owned()),
        lines: Some(vec![Line { product_id: slug("donut"), quantity: 1 }]),
        reason: "one donut was burnt".to_owned(),
    }
}

fn lines() -> Vec<RefundLine> {
    let [donut, _] = <[ReservedUnit; 2]>::try_from(donuts()).unwrap();
    vec![RefundLine { product_id: slug("donut"), quantity: 1, amount: 150, units: vec![donut.id] }]
}

pub(crate) fn refunded_order() -> Order {
    let refund = OrderRefund {
        id: refund_id(),
        lines: lines(),
        amount: 150,
        reason: "one donut was burnt".to_owned(),
        state: RefundState::Paid,
        made_at: at("2026-11-24T12:00:00.123456Z"),
        paid_at: Some(at("2026-11-24T12:00:00.234567Z")),
    };
    let mut order = confirmed();
    for (item, unit_price) in order.items.iter_mut().zip([620, 150]) {
        item.prices = vec![Price { quantity: item.quantity, unit_price, full_price: None }];
    }
    Order { status: Status::Served, refunded: 150, refunds: vec![refund], ..order }
}

pub(crate) fn receipt() -> Receipt {
    let line = |product: &str, name: &str, prices, units: Vec<ReservedUnit>| ReceiptLine {
        product_id: slug(product),
        name: name.to_owned(),
        quantity: u32::try_from(units.len()).unwrap(),
        prices: vec![prices],
        line_total: units.iter().map(|unit| unit.price).sum(),
        units,
    };
    let loaf_at = Price { quantity: 1, unit_price: 620, full_price: Some(1240) };
    let donut_at = Price { quantity: 2, unit_price: 150, full_price: None };
    let refund = ReceiptRefund {
        made_at: at("2026-11-24T12:00:00.123456Z"),
        amount: 150,
        reason: "one donut was burnt".to_owned(),
        lines: lines(),
    };
    Receipt {
        order_id: order_id(),
        number: "007".to_owned(),
        date: date(),
        time: at("2026-11-24T10:00:00.123456Z"),
        shop: ReceiptShop {
            branch: main(),
            name: "Bakery on the square".to_owned(),
            address: "1 Market Square".to_owned(),
            time_zone: "Europe/Berlin".parse().unwrap(),
        },
        lines: vec![
            line("sourdough", "Sourdough loaf", loaf_at, vec![cheaper()]),
            line("donut", "Donut", donut_at, donuts()),
        ],
        total: 920,
        discount: 620,
        currency: eur(),
        refunds: vec![refund],
        refunded: 150,
        remains: 770,
    }
}
