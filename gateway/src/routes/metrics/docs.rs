//! What is counted, in the API's document.

use crate::api::Op;

/// Its operation.
pub(crate) fn ops() -> Vec<Op> {
    vec![
        Op::new(("GET", "/metrics"), "System", "What this gateway counts")
            .about("For Prometheus, which better asks at `HEALTH_ADDR`, where no token is needed.")
            .text(200, "The figures, in the text format of Prometheus.", "text/plain"),
    ]
}
