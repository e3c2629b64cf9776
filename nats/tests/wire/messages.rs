//! The messages of the stream, one row each: its subject at branch `main`, its step, the field
//! that is its business id, and the value that its file shows.

use crate::Form;
use crate::samples::{
    account_id, at, batch_id, branch, date, day, eur, euros, id, lines, main, order_changed,
    order_id, refund_id, reserved, slug, transfer_id,
};
use bakery_nats::envelope::Outgoing;
use bakery_nats::message::Message;
use bakery_nats::messages::bank::{
    AccountOpened, Charge, Charged, Declined, PaidBack, PayBack, Refund, Refunded,
};
use bakery_nats::messages::inventory::{
    Baked, BranchChanged, Confirm, DayClosed, DiscountBegun, MissingLine, Opened, ProductListed,
    ProductState, Production, Release, Released, Reserve, ReserveRefused, Restock, Restocked, Sold,
    Swept,
};
use bakery_nats::messages::orders::OrderRefunded;
use bakery_nats::messages::scheduler::{BakeDue, ClosingDue, DiscountDue, OpeningDue, SweepDue};
use serde_json::Value;

/// A row: what is frozen, and what the code has.
pub(crate) struct FrozenMessage {
    pub(crate) form: Form,
    pub(crate) frozen: Facts,
    pub(crate) found: Facts,
}

/// What two services must agree on besides the JSON.
#[derive(Debug, PartialEq)]
pub(crate) struct Facts {
    pub(crate) subject: String,
    step: String,
    /// The value of the field that names the business, or the business id itself.
    business_id: Value,
}

/// Every message of the stream.
pub(crate) fn all() -> Vec<FrozenMessage> {
    vec![
        row("bakery.cmd.inventory.main.reserve", "reserve", "order_id", reserve()),
        row("bakery.evt.inventory.main.reserved", "reserve", "order_id", reserved()),
        row("bakery.evt.inventory.main.reserve-refused", "reserve", "order_id", refused()),
        row("bakery.cmd.inventory.main.confirm", "confirm", "order_id", confirm()),
        row("bakery.evt.inventory.main.sold", "confirm", "order_id", sold()),
        row("bakery.cmd.inventory.main.release", "release", "order_id", release()),
        row("bakery.evt.inventory.main.released", "release", "order_id", released()),
        row("bakery.cmd.inventory.main.restock", "restock", "order_id", restock()),
        row("bakery.evt.inventory.main.restocked", "restock", "order_id", restocked()),
        row("bakery.evt.inventory.main.baked", "bake", "batch_id", baked()),
        row("bakery.evt.inventory.main.swept", "sweep", "tick_id", swept()),
        row("bakery.evt.inventory.main.product-listed", "list", "listing_id", listed()),
        row("bakery.evt.inventory.main.branch-changed", "branch", "change_id", branch_changed()),
        row("bakery.evt.inventory.main.opened", "opening", "tick_id", day_opened()),
        row("bakery.evt.inventory.main.discount-begun", "discount", "tick_id", discount_begun()),
        row("bakery.evt.inventory.main.day-closed", "closing", "tick_id", day_closed()),
        row("bakery.cmd.bank.main.charge", "charge", "order_id", charge()),
        row("bakery.evt.bank.main.charged", "charge", "order_id", charged()),
        row("bakery.evt.bank.main.declined", "charge", "order_id", declined()),
        row("bakery.cmd.bank.main.refund", "refund", "order_id", refund()),
        row("bakery.evt.bank.main.refunded", "refund", "order_id", refunded()),
        row("bakery.cmd.bank.main.pay-back", "pay-back", "refund_id", pay_back()),
        row("bakery.evt.bank.main.paid-back", "pay-back", "refund_id", paid_back()),
        row("bakery.evt.bank.main.account-opened", "open", "account_id", opened()),
        // On the wire its last token is the status: see `wire.rs`.
        row("bakery.evt.orders.main.changed", "changed", "order_id", order_changed()),
        row("bakery.evt.orders.main.refunded", "refunded", "refund_id", order_refunded()),
        row("bakery.tick.scheduler.main.bake-due", "bake", "tick_id", bake_due()),
        row("bakery.tick.scheduler.main.sweep-due", "sweep", "tick_id", sweep_due()),
        row("bakery.tick.scheduler.main.opening-due", "opening", "tick_id", opening_due()),
        row("bakery.tick.scheduler.main.discount-due", "discount", "tick_id", discount_due()),
        row("bakery.tick.scheduler.main.closing-due", "closing", "tick_id", closing_due()),
    ]
}

fn row<M: Message>(subject: &str, step: &str, id_field: &str, body: M) -> FrozenMessage {
    let sent = Outgoing::answer(&main(), &body);
    assert_eq!((sent.kind, sent.step.as_str()), (M::KIND, M::STEP));
    let json = serde_json::to_value(&body).unwrap();
    FrozenMessage {
        form: Form::of(format!("{}.{}.json", M::SERVICE, M::NAME), &body),
        frozen: Facts {
            subject: subject.to_owned(),
            step: step.to_owned(),
            business_id: json[id_field].clone(),
        },
        found: Facts {
            subject: sent.subject,
            step: sent.step,
            business_id: Value::String(body.business_id().to_string()),
        },
    }
}

fn reserve() -> Reserve {
    Reserve { order_id: order_id(), lines: lines() }
}

fn refused() -> ReserveRefused {
    let missing = vec![MissingLine { product_id: slug("donut"), wanted: 3, available: 1 }];
    ReserveRefused { order_id: order_id(), code: "out_of_stock".to_owned(), missing }
}

fn confirm() -> Confirm {
    Confirm { order_id: order_id() }
}

fn sold() -> Sold {
    Sold { order_id: order_id(), units: 3 }
}

fn release() -> Release {
    Release { order_id: order_id() }
}

fn released() -> Released {
    Released { order_id: order_id(), units: 3 }
}

fn restock() -> Restock {
    Restock { order_id: order_id() }
}

fn restocked() -> Restocked {
    Restocked { order_id: order_id(), free: 2, stale: 1, thrown: 0 }
}

fn baked() -> Baked {
    Baked {
        batch_id: batch_id(),
        product_id: slug("donut"),
        quantity: 12,
        baked_at: at("2026-11-24T08:00:00Z"),
        stale_at: at("2026-11-24T16:00:00Z"),
    }
}

fn swept() -> Swept {
    Swept { tick_id: sweep_due().tick_id, lines: lines() }
}

fn listed() -> ProductListed {
    ProductListed {
        listing_id: id("5d3ae2f0-7b0c-5a6e-9f15-3d0c2b8e4a11"),
        product_id: slug("donut"),
        version: 1,
        name: "Donut".to_owned(),
        price: euros(150),
        state: ProductState::OnSale,
        production: None,
    }
}

/// The same event with all that later versions added; the file above must stay readable.
pub(crate) fn listed_with_all() -> ProductListed {
    let production = Some(Production { every_s: 60, batch: 1 });
    ProductListed { version: 2, state: ProductState::OffSale, production, ..listed() }
}

fn branch_changed() -> BranchChanged {
    let change_id = id("8a0c7f3e-2d51-5b94-a6e8-7f1d3c5b9e20");
    BranchChanged { change_id, version: 3, branch: branch() }
}

fn day_opened() -> Opened {
    Opened { tick_id: opening_due().tick_id, date: date() }
}

fn discount_begun() -> DiscountBegun {
    DiscountBegun { tick_id: discount_due().tick_id, from: discount_due().due_at }
}

fn day_closed() -> DayClosed {
    DayClosed { tick_id: closing_due().tick_id, day: day() }
}

fn charge() -> Charge {
    Charge { order_id: order_id(), account_id: account_id(), amount: euros(920) }
}

fn charged() -> Charged {
    Charged {
        order_id: order_id(),
        account_id: account_id(),
        transfer_id: transfer_id(),
        amount: euros(920),
    }
}

fn declined() -> Declined {
    let code = "insufficient_funds".to_owned();
    Declined { order_id: order_id(), account_id: account_id(), code }
}

fn refund() -> Refund {
    Refund { order_id: order_id(), account_id: account_id() }
}

fn refunded() -> Refunded {
    Refunded { order_id: order_id(), account_id: account_id(), amount: 920 }
}

fn pay_back() -> PayBack {
    PayBack {
        refund_id: refund_id(),
        order_id: order_id(),
        account_id: account_id(),
        amount: euros(150),
        made_at: at("2026-11-24T12:00:00.123456Z"),
    }
}

fn paid_back() -> PaidBack {
    let (refund_id, order_id, account_id) = (refund_id(), order_id(), account_id());
    PaidBack { refund_id, order_id, account_id, amount: euros(150) }
}

fn order_refunded() -> OrderRefunded {
    OrderRefunded {
        order_id: order_id(),
        number: "007".to_owned(),
        account_id: account_id(),
        refund_id: refund_id(),
        amount: 150,
        currency: eur(),
        reason: "one donut was burnt".to_owned(),
    }
}

fn opened() -> AccountOpened {
    AccountOpened { account_id: account_id(), currency: eur() }
}

fn bake_due() -> BakeDue {
    BakeDue {
        tick_id: batch_id(),
        job: slug("bake-donut"),
        due_at: at("2026-11-24T08:00:00Z"),
        product_id: slug("donut"),
        quantity: 12,
    }
}

fn sweep_due() -> SweepDue {
    SweepDue {
        tick_id: id("0f6d2c1e-9a43-5d27-8f3b-6c1d7e5a9042"),
        job: slug("sweep"),
        due_at: at("2026-11-24T16:05:00Z"),
    }
}

fn opening_due() -> OpeningDue {
    OpeningDue {
        tick_id: id("3c9d1e7a-5b28-5f46-9a0d-8e2b4c6f1d30"),
        job: slug("opening"),
        due_at: at("2026-11-24T06:00:00Z"),
    }
}

fn discount_due() -> DiscountDue {
    DiscountDue {
        tick_id: id("6e1f4b8c-7d39-5a57-8b1e-9f3c5d7a2e41"),
        job: slug("discount"),
        due_at: at("2026-11-24T16:30:00Z"),
    }
}

fn closing_due() -> ClosingDue {
    ClosingDue {
        tick_id: id("9f2a5c9d-8e4a-5b68-9c2f-a04d6e8b3f52"),
        job: slug("closing"),
        due_at: at("2026-11-24T17:00:00Z"),
    }
}
