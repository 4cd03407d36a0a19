//! `sidetone knowledge stats --feedback`

use serde_json::json;
use sidetone_shell::wire::FeedbackLedger;

use crate::commands::StoreArgs;
use crate::runtime::opinions::deeds;

/// Prints what agents did with each node's hints, and by how much it moves the node.
pub(super) fn run(store: &StoreArgs, as_json: bool) -> Result<(), String> {
    let mut ledger = FeedbackLedger::new(store.config());
    let rows = crate::runtime::start()?.block_on(ledger.read())?;
    let now = jiff::Timestamp::now().as_second() as f64;
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|(node, row)| (deeds(row, now).shift(), node, row.faded(now)))
        .collect();
    rows.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(b.2.shown.total_cmp(&a.2.shown)));
    if !as_json {
        println!("moved by   shown clicked  copied dismissed corrected  node   (counts fade by half in 30 days)");
    }
    for (shift, node, row) in rows {
        if as_json {
            let line = json!({"node": node, "shift": round(shift.into()), "shown": round(row.shown),
                "clicked": round(row.clicked), "copied": round(row.copied), "dismissed": round(row.dismissed),
                "corrected": round(row.corrected), "opinions": row.opinions});
            println!("{line}");
        } else {
            println!(
                "{shift:>+8.3} {:>7.1} {:>7.1} {:>7.1} {:>9.1} {:>9.1}  {node}",
                row.shown, row.clicked, row.copied, row.dismissed, row.corrected
            );
        }
    }
    Ok(())
}

fn round(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}
