//! Books that agree, and every way in which they do not.

use super::{Check, Office, Report};
use bakery_nats::messages::inventory::{Day, DayLine};
use bakery_nats::messages::orders::Status;
use bakery_nats::money::Currency;
use bakery_nats::requests::bank::Till;
use bakery_nats::requests::inventory::DayReply;
use bakery_nats::requests::orders::{DaySalesReply, SalesLine, StatusCount};
use chrono::NaiveDate;
use serde_json::json;

fn date() -> NaiveDate {
    "2026-11-24".parse().unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::try_from(code.to_owned()).unwrap()
}

/// The books of one day.
#[derive(Clone)]
struct Books {
    shelf: DayReply,
    sales: DaySalesReply,
    till: Option<Till>,
}

impl Books {
    fn report(&self, branch: &str) -> Report {
        Report::of(branch.parse().unwrap(), &self.shelf, &self.sales, self.till)
    }
}

/// Rye: 10 baked, 6 sold for 2.00, 1 of them for 1.50, one came back and was sold again. Donut: 5
/// baked, 2 sold for 1.00.
fn books() -> Books {
    let rye = DayLine {
        product_id: "rye".parse().unwrap(),
        baked: 10,
        free: 0,
        reserved: 0,
        sold_full: 5,
        sold_discount: 1,
        stale: 1,
        thrown: 3,
        returned: 1,
        missed: 4,
        takings: 1350,
        refunds: 200,
    };
    let donut = DayLine {
        product_id: "donut".parse().unwrap(),
        baked: 5,
        free: 0,
        reserved: 0,
        sold_full: 2,
        sold_discount: 0,
        stale: 0,
        thrown: 3,
        returned: 0,
        missed: 0,
        takings: 200,
        refunds: 0,
    };
    let line = |product: &str, units, total| {
        let product_id = product.parse().unwrap();
        SalesLine { product_id, units, total }
    };
    Books {
        shelf: DayReply {
            day: Day { date: date(), currency: currency("EUR"), lines: vec![rye, donut] },
            closed: true,
            from: Some("2026-11-24T06:00:00Z".parse().unwrap()),
            to: Some("2026-11-25T06:00:00Z".parse().unwrap()),
        },
        sales: DaySalesReply {
            orders: vec![
                StatusCount { status: Status::Served, orders: 4 },
                StatusCount { status: Status::Cancelled, orders: 1 },
            ],
            open: 0,
            lines: vec![line("donut", 2, 200), line("rye", 6, 1150)],
            takings: 1550,
            refunds: 200,
            paid_back: Some(0),
            asked_refunds: 0,
            asked_back: 0,
        },
        till: Some(Till { charged: 1550, refunded: 200 }),
    }
}

fn failed(report: &Report) -> Vec<&Check> {
    report.checks.iter().filter(|check| check.ok == Some(false)).collect()
}

#[test]
fn books_that_agree_add_up() {
    let report = books().report("main");
    assert!(report.adds_up);
    let expected =
        [("units", 15), ("sold", 8), ("takings", 1550), ("refunds", 200), ("money", 1350)];
    assert_eq!(report.checks.len(), expected.len());
    for (check, (name, sum)) in report.checks.iter().zip(expected) {
        assert_eq!((check.name.as_str(), check.expected, check.found), (name, sum, Some(sum)));
        assert_eq!((check.ok, &check.detail), (Some(true), &None), "{name}");
    }
    assert_eq!(report.orders.by_status, [("cancelled", 1), ("served", 4)].into());
    let totals = serde_json::to_value(report.totals).unwrap();
    let expected = json!({
        "baked": 15, "sold_full": 7, "sold_discount": 1, "stale": 1, "thrown": 6, "free": 0,
        "reserved": 0, "returned": 1, "missed": 4, "takings": 1550, "refunds": 200,
    });
    assert_eq!(totals, expected);
}

/// A slip in one of the books, the check that finds it, both figures, and the sentence.
type Slip = (fn(&mut Books), &'static str, i64, i64, &'static str);

fn slips() -> [Slip; 9] {
    [
        (
            |b| b.shelf.day.lines[0].stale = 0,
            "units.rye",
            10,
            9,
            "of rye 10 units were baked, but 9 accounted for",
        ),
        (
            |b| b.shelf.day.lines[1].free = 1,
            "units.donut",
            5,
            6,
            "of donut 5 units were baked, but 6 accounted for",
        ),
        (
            |b| b.sales.lines[1].units = 5,
            "sold.rye",
            6,
            5,
            "the shelf sold 6 of rye, the orders say 5",
        ),
        (
            |b| drop(b.sales.lines.remove(0)),
            "sold.donut",
            2,
            0,
            "the shelf sold 2 of donut, the orders say 0",
        ),
        (
            |b| b.sales.lines[0].product_id = "bun".parse().unwrap(),
            "sold.bun",
            0,
            2,
            "the shelf sold 0 of bun, the orders say 2",
        ),
        (
            |b| b.shelf.day.lines[1].takings = 100,
            "takings",
            1450,
            1550,
            "the shelf took 14.50 EUR, the orders say 15.50 EUR",
        ),
        (
            |b| b.shelf.day.lines[0].refunds = 0,
            "refunds",
            0,
            200,
            "the shelf gave back 0.00 EUR, the orders say 2.00 EUR",
        ),
        (
            |b| b.till = Some(Till { charged: 1551, refunded: 200 }),
            "money",
            1350,
            1351,
            "the orders came to 13.50 EUR, the till to 13.51 EUR",
        ),
        (
            |b| b.till = Some(Till { charged: 1550, refunded: 0 }),
            "money",
            1350,
            1550,
            "the orders came to 13.50 EUR, the till to 15.50 EUR",
        ),
    ]
}

#[test]
fn every_figure_that_does_not_match_is_named_with_both_sides() {
    for (slip, name, expected, found, detail) in slips() {
        let mut books = books();
        slip(&mut books);
        let report = books.report("main");
        assert!(!report.adds_up, "{name}");
        let failed = failed(&report);
        let check = failed.iter().find(|check| check.name == name).expect(name);
        assert_eq!((check.expected, check.found), (expected, Some(found)), "{name}");
        assert_eq!(check.detail.as_deref(), Some(detail));
    }
}

#[test]
fn each_product_that_is_wrong_is_named_and_no_other() {
    let mut books = books();
    books.shelf.day.lines[0].thrown = 4;
    books.shelf.day.lines[1].thrown = 4;
    books.sales.lines[0].units = 0;
    let report = books.report("main");
    let names: Vec<&str> = failed(&report).iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["units.rye", "units.donut", "sold.donut"]);
    assert_eq!(report.checks.len(), 6, "takings, refunds and money agree");
}

#[test]
fn what_may_still_change_the_figures_is_said() {
    let mut books = books();
    books.till = Some(Till { charged: 1550, refunded: 0 });
    let mut told = |open, reserved| {
        books.sales.open = open;
        books.shelf.day.lines[0].reserved = reserved;
        books.shelf.day.lines[0].thrown = 3 - reserved;
        let report = books.report("main");
        let failed = failed(&report);
        assert_eq!(failed.len(), 1);
        failed[0].detail.clone().unwrap().rsplit("EUR").next().unwrap().to_owned()
    };
    assert_eq!(told(0, 0), "");
    assert_eq!(told(1, 0), "; 1 order is still open");
    assert_eq!(told(0, 1), "; 1 unit is still reserved");
    assert_eq!(told(2, 3), "; 2 orders are still open and 3 units are still reserved");
}

#[test]
fn a_day_without_a_till_says_why_and_is_no_failure() {
    let books = Books { till: None, ..books() };
    let report = books.report("main");
    let money = report.checks.last().unwrap();
    assert_eq!((money.name.as_str(), money.expected), ("money", 1350));
    assert_eq!((money.found, money.ok), (None, None));
    assert!(money.detail.as_ref().unwrap().starts_with("the bank was not asked: "));
    assert!(report.adds_up);
}

#[test]
fn a_day_on_which_nothing_happened_adds_up() {
    let mut books = books();
    books.shelf.day.lines.clear();
    let sales = DaySalesReply {
        orders: vec![],
        open: 0,
        lines: vec![],
        takings: 0,
        refunds: 0,
        paid_back: Some(0),
        asked_refunds: 0,
        asked_back: 0,
    };
    books.sales = sales;
    books.till = Some(Till { charged: 0, refunded: 0 });
    let report = books.report("main");
    assert!(report.adds_up);
    assert_eq!(report.csv().lines().count(), 2, "the header and the total");
}

#[test]
fn a_table_has_a_line_a_product_and_the_total() {
    let table = "product_id,baked,sold_full,sold_discount,stale,thrown,free,reserved,returned,\
                 missed,takings,refunds,paid_back\r\n\
                 rye,10,5,1,1,3,0,0,1,4,1350,200,\r\n\
                 donut,5,2,0,0,3,0,0,0,0,200,0,\r\n\
                 total,15,7,1,1,6,0,0,1,4,1550,200,150\r\n";
    let mut books = books();
    books.sales.paid_back = Some(150);
    assert_eq!(books.report("main").csv(), table);
}

#[test]
fn head_office_sums_up_by_currency() {
    let mut dollars = books();
    dollars.shelf.day.currency = currency("USD");
    dollars.till = Some(Till { charged: 0, refunded: 0 });
    // No span, so nobody knows what was paid back.
    dollars.sales.paid_back = None;
    let mut berlin = books();
    berlin.sales.paid_back = Some(150);
    berlin.till = Some(Till { charged: 1550, refunded: 350 });
    let mut resting = books();
    resting.sales.paid_back = None;
    let reports = vec![
        berlin.report("berlin"),
        resting.report("bonn"),
        dollars.report("boston"),
        books().report("bremen"),
    ];
    let office = Office::of(date(), reports);
    assert!(!office.adds_up);
    let branches: Vec<(&str, bool)> =
        office.branches.iter().map(|one| (one.branch.as_str(), one.adds_up)).collect();
    assert_eq!(branches, [("berlin", true), ("bonn", true), ("boston", false), ("bremen", true)]);
    let paid_back: Vec<_> = office.branches.iter().map(|one| one.paid_back).collect();
    assert_eq!(paid_back, [Some(150), None, None, Some(0)]);
    let paid_back: Vec<_> = office.currencies.iter().map(|one| one.paid_back).collect();
    assert_eq!(paid_back, [Some(150), None], "what is not known is not 0");
    let table = "branch,currency,baked,sold_full,sold_discount,stale,thrown,free,reserved,\
                 returned,missed,takings,refunds,paid_back\r\n\
                 berlin,EUR,15,7,1,1,6,0,0,1,4,1550,200,150\r\n\
                 bonn,EUR,15,7,1,1,6,0,0,1,4,1550,200,\r\n\
                 boston,USD,15,7,1,1,6,0,0,1,4,1550,200,\r\n\
                 bremen,EUR,15,7,1,1,6,0,0,1,4,1550,200,0\r\n\
                 total,EUR,45,21,3,3,18,0,0,3,12,4650,600,150\r\n\
                 total,USD,15,7,1,1,6,0,0,1,4,1550,200,\r\n";
    assert_eq!(office.csv(), table);
}

/// Money back while the goods stay: the shelf knows nothing of it, orders and bank do.
#[test]
fn what_was_paid_back_of_orders_that_stayed_is_in_the_books_of_orders_and_bank() {
    let mut books = books();
    books.sales.paid_back = Some(150);
    books.till = Some(Till { charged: 1550, refunded: 350 });
    let report = books.report("main");
    assert_eq!((report.adds_up, report.orders.paid_back), (true, Some(150)));
    let money = report.checks.last().unwrap();
    assert_eq!((money.name.as_str(), money.expected, money.found), ("money", 1200, Some(1200)));
    books.till = Some(Till { charged: 1550, refunded: 200 });
    assert_eq!(failed(&books.report("main")).len(), 1);
}

/// The bank has paid, and orders has not heard of it: between the two nobody is wrong.
#[test]
fn a_refund_that_is_under_way_can_be_the_difference_and_no_more_than_that() {
    let mut books = books();
    (books.sales.asked_refunds, books.sales.asked_back) = (2, 450);
    let mut money = |refunded| {
        books.till = Some(Till { charged: 1550, refunded });
        let report = books.report("main");
        let money = report.checks.last().unwrap().clone();
        assert_eq!(report.adds_up, money.ok != Some(false));
        (money.ok, money.detail)
    };
    assert_eq!(money(200), (Some(true), None), "the bank has paid nothing yet");
    for refunded in [201, 200 + 150, 200 + 450] {
        let (ok, detail) = money(refunded);
        assert_eq!(ok, None, "{refunded}");
        assert!(detail.unwrap().ends_with("EUR; 2 refunds of 4.50 EUR are under way"));
    }
    for refunded in [199, 200 + 451] {
        let (ok, detail) = money(refunded);
        assert_eq!(ok, Some(false), "{refunded}");
        assert!(detail.unwrap().ends_with("EUR; 2 refunds of 4.50 EUR are under way"));
    }
    (books.sales.asked_refunds, books.sales.asked_back) = (1, 150);
    books.sales.open = 1;
    books.till = Some(Till { charged: 1550, refunded: 350 });
    let report = books.report("main");
    let detail = report.checks.last().unwrap().detail.clone().unwrap();
    assert!(detail.ends_with("; 1 order is still open and 1 refund of 1.50 EUR is under way"));
}
