//! The requests, one row each: its subject, and the request and reply that its files show.

use crate::Form;
use crate::jobs::{discount_job, jobs, key, list_jobs, pause_job, put_jobs, ran, run_job, state};
use crate::kitchen::{board, kitchen_stats, queue, stats, wanted};
use crate::ops::{in_flight, retried};
use crate::refunds::{receipt, refund_order, refunded_order};
use crate::samples::{
    account_id, at, batch_id, branch, cancelled, date, day, donuts, eur, euros, id, lines, loaf,
    main, order_id, slug, transfer_id,
};
use bakery_nats::branch::Branch;
use bakery_nats::messages::inventory::{ProductState, Production};
use bakery_nats::messages::orders::Status;
use bakery_nats::request::{Request, subject};
use bakery_nats::requests::bank::{
    Account, AccountPage, AccountStatement, Behaviour, Behaviours, Deposit, Entry, GetAccount,
    GetBehaviours, GetTill, ListAccounts, NewAccount, OpenAccounts, Opened, Scope, SetBehaviour,
    Till,
};
use bakery_nats::requests::dead::{
    BankRetryDead, GatewayRetryDead, InventoryRetryDead, OrdersRetryDead, SchedulerRetryDead,
};
use bakery_nats::requests::gateway::{AddUser, RebuildUsers, Role, UserView, UsersRebuilt};
use bakery_nats::requests::health::{
    BankHealth, Dependency, GatewayHealth, Health, InventoryHealth, OrdersHealth, SchedulerHealth,
    State,
};
use bakery_nats::requests::inventory::{
    BakeNow, BakedNow, BranchState, Branches, Catalogue, CatalogueEntry, CatalogueReply, DayReply,
    Discount, GetBranch, GetDay, GetProduct, ListBranches, ListProducts, Listed, Menu, MenuEntry,
    MenuReply, NewProduct, PutBranch, SetProductState, SwitchBranch,
};
use bakery_nats::requests::kitchen::{BakeList, Board, Kitchen};
use bakery_nats::requests::orders::{
    Action, Advance, Customer, DaySales, DaySalesReply, Direction, GetOrder, GetTimeline, Item,
    ListOrders, Order, OrderPage, Place, SalesLine, StatusCount, Timeline, TimelineEntry,
};
use bakery_nats::requests::pipeline::GetPipeline;
use bakery_nats::requests::receipts::GetReceipt;
use bakery_nats::requests::scheduler::{DeleteJob, JobDeleted, JobsPut};
use bakery_nats::requests::shelf::{GetShelf, ShelfBatch, ShelfProduct, ShelfReply};

/// A row: the two files, the frozen subject and the one in the code.
pub(crate) struct FrozenRequest {
    pub(crate) asked: Form,
    pub(crate) reply: Form,
    pub(crate) frozen: String,
    pub(crate) found: String,
}

/// Every request.
pub(crate) fn all() -> Vec<FrozenRequest> {
    vec![
        row("bakery.q.inventory.menu", Menu { branch: main() }, menu()),
        row("bakery.q.inventory.product", product(), menu_entry()),
        row("bakery.q.inventory.list-products", list_products(), Listed { changed: 1 }),
        row("bakery.q.inventory.bake-now", bake_now(), baked_now()),
        row("bakery.q.inventory.set-product-state", set_product_state(), off_sale()),
        row("bakery.q.inventory.catalogue", Catalogue { branch: main() }, catalogue()),
        row("bakery.q.inventory.branches", ListBranches {}, branches()),
        row("bakery.q.inventory.branch", GetBranch { branch: main() }, branch_state()),
        row("bakery.q.inventory.put-branch", put_branch(), branch_state()),
        row("bakery.q.inventory.switch-branch", switch_branch(), switched()),
        row("bakery.q.inventory.day", GetDay { branch: main(), date: date() }, day_reply()),
        row("bakery.q.inventory.shelf", GetShelf { branch: main() }, shelf()),
        row("bakery.q.inventory.retry-dead", InventoryRetryDead { sequence: 17 }, retried()),
        row("bakery.q.inventory.health", InventoryHealth {}, up()),
        row("bakery.q.orders.place", place(), placed()),
        row("bakery.q.orders.order", GetOrder { order_id: order_id() }, confirmed()),
        row("bakery.q.orders.list", list_orders(), order_page()),
        row("bakery.q.orders.timeline", GetTimeline { order_id: order_id() }, timeline()),
        row("bakery.q.orders.advance", advance(), called_off()),
        row("bakery.q.orders.day-sales", sales(), day_sales()),
        row("bakery.q.orders.refund", refund_order(), refunded_order()),
        row("bakery.q.orders.receipt", GetReceipt { order_id: order_id() }, receipt()),
        row("bakery.q.orders.kitchen", Kitchen { branch: main() }, queue()),
        row("bakery.q.orders.board", Board { branch: main() }, board()),
        row("bakery.q.orders.bake-list", BakeList { branch: main() }, wanted()),
        row("bakery.q.orders.kitchen-stats", stats(), kitchen_stats()),
        row("bakery.q.orders.pipeline", GetPipeline {}, in_flight()),
        row("bakery.q.orders.retry-dead", OrdersRetryDead { sequence: 17 }, retried()),
        row("bakery.q.orders.health", OrdersHealth {}, down()),
        row("bakery.q.bank.accounts", list_accounts(), account_page()),
        row("bakery.q.bank.account", GetAccount { account_id: account_id() }, statement()),
        row("bakery.q.bank.open-accounts", open_accounts(), Opened { opened: 1 }),
        row("bakery.q.bank.deposit", deposit(), account()),
        row("bakery.q.bank.set-behaviour", set_behaviour(), behaviours()),
        row("bakery.q.bank.behaviours", GetBehaviours {}, behaviours()),
        row("bakery.q.bank.till", get_till(), Till { charged: 78_300, refunded: 300 }),
        row("bakery.q.bank.retry-dead", BankRetryDead { sequence: 17 }, retried()),
        row("bakery.q.bank.health", BankHealth {}, up()),
        row("bakery.q.gateway.add-user", add_user(), user()),
        row("bakery.q.gateway.rebuild-users", RebuildUsers {}, UsersRebuilt { known: 320 }),
        row("bakery.q.gateway.retry-dead", GatewayRetryDead { sequence: 17 }, retried()),
        row("bakery.q.gateway.health", GatewayHealth {}, up()),
        row("bakery.q.scheduler.jobs", list_jobs(), jobs()),
        row("bakery.q.scheduler.put-jobs", put_jobs(), JobsPut { jobs: 5 }),
        row("bakery.q.scheduler.pause-job", pause_job(), state(discount_job(), None, None)),
        row("bakery.q.scheduler.run-job", run_job(), ran()),
        row("bakery.q.scheduler.delete-job", DeleteJob { job: key("sweep") }, JobDeleted {}),
        row("bakery.q.scheduler.retry-dead", SchedulerRetryDead { sequence: 17 }, retried()),
        row("bakery.q.scheduler.health", SchedulerHealth {}, up()),
    ]
}

fn row<R: Request>(frozen: &str, request: R, reply: R::Reply) -> FrozenRequest {
    let file = |part: &str| format!("{}.{}.{part}.json", R::SERVICE, R::NAME);
    FrozenRequest {
        asked: Form::of(file("request"), &request),
        reply: Form::of(file("reply"), &reply),
        frozen: frozen.to_owned(),
        found: subject::<R>(),
    }
}

fn menu_entry() -> MenuEntry {
    MenuEntry {
        id: slug("donut"),
        name: "Donut".to_owned(),
        description: "Sugar glaze.".to_owned(),
        price: euros(150),
        image: "/images/donut.svg".to_owned(),
        shelf_life_s: 28_800,
        available: 11,
        state: ProductState::OnSale,
        discount: Some(Discount { full_price: euros(300), percent: 50 }),
        baked_at: Some(at("2026-11-24T08:00:00Z")),
    }
}

fn menu() -> MenuReply {
    MenuReply { products: vec![menu_entry()] }
}

fn product() -> GetProduct {
    GetProduct { branch: main(), id: slug("donut") }
}

fn donut() -> NewProduct {
    let MenuEntry { id, name, description, price, image, shelf_life_s, .. } = menu_entry();
    NewProduct {
        id,
        name,
        description,
        price,
        image,
        shelf_life_s,
        discount_percent: 30,
        production: Some(Production { every_s: 60, batch: 1 }),
    }
}

fn list_products() -> ListProducts {
    ListProducts { branch: main(), products: vec![donut()] }
}

fn set_product_state() -> SetProductState {
    let product_id = slug("donut");
    SetProductState { branch: main(), product_id, state: ProductState::OffSale }
}

fn off_sale() -> MenuEntry {
    MenuEntry { state: ProductState::OffSale, available: 0, ..menu_entry() }
}

fn catalogue() -> CatalogueReply {
    let entry = CatalogueEntry { product: donut(), state: ProductState::OnSale, version: 2 };
    CatalogueReply { products: vec![entry] }
}

pub(crate) fn branch_state() -> BranchState {
    BranchState {
        branch: branch(),
        open: true,
        closes_at: Some(at("2026-11-24T17:00:00Z")),
        opens_at: None,
        date: date(),
        discounting: false,
        now: None,
    }
}

fn switched() -> BranchState {
    let branch = Branch { closed: true, ..branch() };
    BranchState { branch, open: false, closes_at: None, ..branch_state() }
}

fn branches() -> Branches {
    Branches { branches: vec![branch_state()] }
}

fn switch_branch() -> SwitchBranch {
    SwitchBranch { branch: main(), closed: true }
}

fn put_branch() -> PutBranch {
    let Branch { id, name, address, time_zone, hours, currency, .. } = branch();
    PutBranch { id, name, address, time_zone, hours, currency }
}

pub(crate) fn day_reply() -> DayReply {
    DayReply {
        day: day(),
        closed: true,
        from: Some(at("2026-11-24T06:00:00Z")),
        to: Some(at("2026-11-25T06:00:00Z")),
    }
}

fn shelf() -> ShelfReply {
    let batch = ShelfBatch {
        batch_id: batch_id(),
        baked_at: at("2026-11-24T08:00:00Z"),
        stale_at: at("2026-11-24T16:00:00Z"),
        free: 9,
        reserved: 2,
    };
    let donuts = ShelfProduct {
        product_id: slug("donut"),
        name: "Donut".to_owned(),
        state: ProductState::OnSale,
        free: 21,
        reserved: 2,
        batches: vec![batch],
        truncated: true,
    };
    ShelfReply { now: at("2026-11-24T10:00:00Z"), discounting: false, products: vec![donuts] }
}

pub(crate) fn sales() -> DaySales {
    DaySales { branch: main(), date: date(), from: None, to: None }
}

pub(crate) fn day_sales() -> DaySalesReply {
    DaySalesReply {
        orders: vec![StatusCount { status: Status::Served, orders: 320 }],
        open: 1,
        lines: vec![SalesLine { product_id: slug("donut"), units: 540, total: 78_000 }],
        takings: 78_300,
        refunds: 300,
        paid_back: None,
        asked_refunds: 0,
        asked_back: 0,
    }
}

fn get_till() -> GetTill {
    let DayReply { from, to, .. } = day_reply();
    GetTill { branch: main(), currency: eur(), from: from.unwrap(), to: to.unwrap() }
}

fn bake_now() -> BakeNow {
    BakeNow {
        batch_id: batch_id(),
        branch: main(),
        product_id: slug("donut"),
        quantity: 12,
        baked_at: at("2026-11-24T08:00:00Z"),
    }
}

fn baked_now() -> BakedNow {
    BakedNow { batch_id: batch_id(), stale_at: at("2026-11-24T16:00:00Z") }
}

fn dependency(name: &str, latency_ms: u64, detail: Option<&str>) -> Dependency {
    Dependency {
        name: name.to_owned(),
        state: if detail.is_none() { State::Up } else { State::Down },
        latency_ms,
        detail: detail.map(str::to_owned),
    }
}

fn up() -> Health {
    Health::of(vec![dependency("postgres", 1, None), dependency("nats", 0, None)])
}

fn down() -> Health {
    let detail = Some("no answer within 1500 ms");
    Health::of(vec![dependency("postgres", 1500, detail), dependency("nats", 0, None)])
}

fn place() -> Place {
    Place {
        order_id: order_id(),
        idempotency_key: Some("breakfast-1".to_owned()),
        branch: main(),
        account_id: account_id(),
        customer: ada(Some("ada@example.org")),
        items: lines(),
    }
}

fn ada(email: Option<&str>) -> Customer {
    Customer { name: "Ada".to_owned(), email: email.map(str::to_owned) }
}

/// Nothing is known yet that inventory would have to say.
fn placed() -> Order {
    let item = |line: bakery_nats::messages::inventory::Line| Item {
        product_id: line.product_id,
        name: None,
        quantity: line.quantity,
        prices: Vec::new(),
        line_total: None,
        units: Vec::new(),
    };
    Order {
        id: order_id(),
        number: "007".to_owned(),
        branch: main(),
        status: Status::Placed,
        account_id: account_id(),
        customer: ada(Some("ada@example.org")),
        items: lines().into_iter().map(item).collect(),
        total: None,
        currency: None,
        refunded: 0,
        refunds: Vec::new(),
        reason: None,
        created_at: at("2026-11-24T10:00:00.123456Z"),
        updated_at: at("2026-11-24T10:00:00.123456Z"),
    }
}

pub(crate) fn confirmed() -> Order {
    let item = |product: &str, name: &str, line_total, units: Vec<_>| Item {
        product_id: slug(product),
        name: Some(name.to_owned()),
        quantity: u32::try_from(units.len()).unwrap(),
        prices: Vec::new(),
        line_total: Some(line_total),
        units,
    };
    Order {
        status: Status::Confirmed,
        customer: ada(None),
        items: vec![
            item("sourdough", "Sourdough loaf", 620, vec![loaf()]),
            item("donut", "Donut", 300, donuts()),
        ],
        total: Some(920),
        currency: Some(eur()),
        updated_at: at("2026-11-24T10:00:00.345678Z"),
        ..placed()
    }
}

fn called_off() -> Order {
    let mut order = confirmed();
    order.status = Status::Cancelled;
    order.reason = Some(cancelled());
    order.items.iter_mut().for_each(|item| item.units.clear());
    order
}

pub(crate) fn list_orders() -> ListOrders {
    ListOrders {
        branch: Some(main()),
        status: Some(Status::Confirmed),
        account_id: None,
        number: None,
        date: None,
        before: Some(order_id()),
        limit: Some(20),
    }
}

pub(crate) fn order_page() -> OrderPage {
    let mut order = confirmed();
    order.items.iter_mut().for_each(|item| item.units.clear());
    OrderPage { orders: vec![order], next: Some(order_id()) }
}

fn timeline() -> Timeline {
    let entry = |direction, subject: &str, message_id: &str, cause: Option<&str>| TimelineEntry {
        time: at("2026-11-24T10:00:00.234567Z"),
        direction,
        subject: subject.to_owned(),
        message_id: message_id.to_owned(),
        causation_id: cause.map(str::to_owned),
        correlation_id: order_id(),
    };
    let request_id = "019ab5f2-8c00-7a31-9d4e-5b6c7d8e9f02";
    let reserve = format!("orders:{}:reserve:cmd:1", order_id());
    Timeline {
        events: vec![
            entry(Direction::Received, "bakery.q.orders.place", request_id, None),
            entry(Direction::Sent, "bakery.cmd.inventory.main.reserve", &reserve, Some(request_id)),
        ],
    }
}

fn advance() -> Advance {
    Advance { order_id: order_id(), action: Action::Cancel }
}

fn list_accounts() -> ListAccounts {
    ListAccounts { after: Some(account_id()), limit: Some(20) }
}

fn account() -> Account {
    Account { id: account_id(), name: "Ada".to_owned(), balance: euros(49_080) }
}

fn account_page() -> AccountPage {
    AccountPage { accounts: vec![account()], next: None }
}

fn statement() -> AccountStatement {
    let entry = |transfer_id, kind: &str, order_id, amount, time: &str| Entry {
        transfer_id,
        kind: kind.to_owned(),
        order_id,
        amount,
        at: at(time),
    };
    let opening = id("2b1f8a54-6c3d-5e7f-8a9b-0c1d2e3f4a5c");
    AccountStatement {
        account: account(),
        entries: vec![
            entry(transfer_id(), "charge", Some(order_id()), -920, "2026-11-24T10:00:00.3Z"),
            entry(opening, "deposit", None, 50_000, "2026-11-24T06:00:00Z"),
        ],
    }
}

fn open_accounts() -> OpenAccounts {
    let account = NewAccount { id: account_id(), name: "Ada".to_owned(), opening: euros(50_000) };
    OpenAccounts { accounts: vec![account] }
}

fn deposit() -> Deposit {
    let deposit_id = id("019ab5f2-9000-7c11-8a2b-3c4d5e6f7081");
    Deposit { deposit_id, account_id: account_id(), amount: euros(1_000) }
}

fn set_behaviour() -> SetBehaviour {
    let behaviour =
        Behaviour { latency_ms: 1500, decline_percent: 20, silent: false, doubled: true };
    SetBehaviour { scope: Scope::Branch(main()), behaviour }
}

fn behaviours() -> Behaviours {
    let silent = Behaviour { silent: true, ..Behaviour::default() };
    let one = |scope| SetBehaviour { scope, behaviour: silent.clone() };
    let account = one(Scope::Account(account_id()));
    Behaviours { behaviours: vec![account, set_behaviour(), one(Scope::All)] }
}

fn add_user() -> AddUser {
    AddUser {
        username: "grace.h".to_owned(),
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzLi4$\
                        bm9ib2R5IGtub3dzIGEgcGFzc3dvcmQgb2YgdGhpcy4"
            .to_owned(),
        name: "Grace".to_owned(),
        role: Role::Operator,
    }
}

fn user() -> UserView {
    UserView {
        id: id("019ab5f2-8c00-7a31-9d4e-5b6c7d8e9f05"),
        username: Some("grace.h".to_owned()),
        name: "Grace".to_owned(),
        email: None,
        role: Role::Operator,
        account_id: account_id(),
        disabled: false,
        created_at: at("2026-11-24T06:00:00Z"),
    }
}
