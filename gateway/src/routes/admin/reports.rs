//! The books of a day: asked of inventory, orders and the bank, and put side by side.

pub(crate) mod docs;

use crate::app::App;
use crate::headers::PrefersCsv;
use crate::params::{Id, Params};
use crate::problem::Problem;
use crate::report::{Office, Report};
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::bank::GetTill;
use bakery_nats::requests::inventory::{GetDay, ListBranches};
use bakery_nats::requests::orders::DaySales;
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use futures::{StreamExt, TryStreamExt, stream};
use std::str::FromStr;

/// A table has no place for the checks, so this header sums them up.
const REPORT_ADDS_UP: &str = "Report-Adds-Up";
/// What a form can be.
const FORM: &str = "must be json or csv";
/// Branches that are asked for at the same time.
const BRANCHES_AT_ONCE: usize = 8;

/// What a report is written as.
enum Form {
    Json,
    Csv,
}

impl FromStr for Form {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Err(()),
        }
    }
}

/// `GET /admin/reports/{branch}/{date}?format=`: one business day of one branch.
pub(crate) async fn branch(
    State(app): State<App>,
    Id((branch, date)): Id<(Slug, String)>,
    PrefersCsv(csv): PrefersCsv,
    mut params: Params,
) -> Result<Response, Problem> {
    let (date, form) = (params.date_in_path(&date), form(&mut params, csv));
    let date = params.finish(date)?;
    let report = report(&app, branch, date).await?;
    Ok(match form {
        Form::Json => Json(report).into_response(),
        Form::Csv => table(report.csv(), report.adds_up),
    })
}

/// `GET /admin/reports?date=&format=`: the same day at every branch, and their sums by currency.
pub(crate) async fn office(
    State(app): State<App>,
    PrefersCsv(csv): PrefersCsv,
    mut params: Params,
) -> Result<Response, Problem> {
    let (date, form) = (params.date(), form(&mut params, csv));
    let date = params.finish(date)?;
    let branches = app.ask(&ListBranches {}).await?.branches;
    let asked = branches.into_iter().map(|state| report(&app, state.branch.id, date));
    let reports = stream::iter(asked).buffered(BRANCHES_AT_ONCE).try_collect().await?;
    let office = Office::of(date, reports);
    Ok(match form {
        Form::Json => Json(office).into_response(),
        Form::Csv => table(office.csv(), office.adds_up),
    })
}

/// The query counts before the header; a wrong form ends the request at `finish`.
fn form(params: &mut Params, prefers_csv: bool) -> Form {
    let otherwise = if prefers_csv { Form::Csv } else { Form::Json };
    params.parsed("format", FORM).unwrap_or(otherwise)
}

/// Asks for the books of a day. Where a branch is unknown, inventory's word counts.
async fn report(app: &App, branch: Slug, date: NaiveDate) -> Result<Report, Refusal> {
    let shelf = app.ask(&GetDay { branch: branch.clone(), date }).await?;
    let span = shelf.from.zip(shelf.to);
    // The same span for both: what was paid back in it stands in the books of orders and bank.
    let (from, to) = span.unzip();
    let sales = DaySales { branch: branch.clone(), date, from, to };
    let till = span.map(|(from, to)| {
        let currency = shelf.day.currency.clone();
        GetTill { branch: branch.clone(), currency, from, to }
    });
    let asked = async {
        match &till {
            Some(till) => app.ask(till).await.map(Some),
            None => Ok(None),
        }
    };
    let (sales, till) = tokio::join!(app.ask(&sales), asked);
    Ok(Report::of(branch, &shelf, &sales?, till?))
}

fn table(csv: String, adds_up: bool) -> Response {
    let headers = [
        (CONTENT_TYPE.as_str(), "text/csv; charset=utf-8"),
        (REPORT_ADDS_UP, if adds_up { "true" } else { "false" }),
    ];
    (headers, csv).into_response()
}
