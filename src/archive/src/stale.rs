//! Which parts of days a change makes wrong: they go, in the same transaction.

use sidetone_metrics::MetricId;

use crate::duck::{Connection, DuckError};
use crate::formula::Merge;
use crate::roll::{DAY_MS, parted};

const WEEK_MS: i64 = 7 * DAY_MS;
/// The end of what has none yet.
const FAR: i64 = 9_000_000_000_000_000;
/// What depends on a caller's later and earlier contacts.
const OF_CALLERS: [&str; 3] = ["rep", "rep7", "fcr"];

/// Marks what a change touches. It does nothing where there are no parts.
pub(crate) struct Stale<'a> {
    duck: &'a Connection,
    main: &'a str,
    on: bool,
}

impl<'a> Stale<'a> {
    /// Before the change: `touched` has the keys of what is replaced, `since` the agents.
    pub(crate) fn begin(duck: &'a Connection, main: &'a str) -> Result<Self, DuckError> {
        let on = !duck.query("select 1 from part_day limit 1")?.is_empty();
        let stale = Self { duck, main, on };
        if on {
            duck.execute(&format!(
                "create or replace temp table moved (what varchar, a bigint, b bigint);
                 create or replace temp table states as select * from {main}.s where exists (select 1 from since where since.agent = s.agent and s.t0 >= since.t0)"
            ))?;
            stale.contacts()?;
        }
        Ok(stale)
    }

    /// The times of the contacts that are replaced, as they stand.
    fn contacts(&self) -> Result<(), DuckError> {
        let main = self.main;
        let spans = [
            ("c", "t0", "coalesce(t1, t0)".to_owned()),
            ("q", "t0", "coalesce(t1, t0)".to_owned()),
            ("p", "t0", format!("coalesce(t1, {FAR})")),
            ("r", "t0", "coalesce(t1, t0)".to_owned()),
            ("o", "t0", "coalesce(t1, t0)".to_owned()),
            ("n", "t", "t".to_owned()),
            ("k", "t", "t".to_owned()),
        ];
        for (table, a, b) in spans {
            self.duck.execute(&format!(
                "insert into moved select 'contact', {a}, {b} from {main}.{table} where call_id in (select call_id from touched)"
            ))?;
        }
        self.duck.execute(&format!(
            "insert into moved select 'contact', due, due from {main}.tk where 'ticket:' || ticket in (select call_id from touched)
               or created_by in (select call_id from touched)"
        ))
    }

    /// After the facts are replaced.
    pub(crate) fn replaced(&self) -> Result<(), DuckError> {
        if !self.on {
            return Ok(());
        }
        self.contacts()?;
        self.duck.execute(&format!(
            "create or replace temp table states_now as select * from {}.s where exists (select 1 from since where since.agent = s.agent and s.t0 >= since.t0);
             insert into moved select 'state', t0, coalesce(t1, {FAR}) from
              ((select * from states except select * from states_now) union all (select * from states_now except select * from states)) as changed;
             drop table temp.states; drop table temp.states_now",
            self.main
        ))
    }

    /// When what follows from a caller's contacts is derived, and not yet put in its place.
    pub(crate) fn derived(&self) -> Result<(), DuckError> {
        if !self.on {
            return Ok(());
        }
        for table in OF_CALLERS {
            let old = format!(
                "select * from {}.{table} where call_id in (select call_id from kin)",
                self.main
            );
            let new = format!("select * from temp.{table} where call_id in (select call_id from kin)");
            self.duck.execute(&format!(
                "insert into moved select 'caller', c.t1, c.t1 from (({old} except {new}) union all ({new} except {old})) as changed
                  join temp.c on c.call_id = changed.call_id"
            ))?;
        }
        Ok(())
    }

    /// Takes away the parts of the days that were touched.
    pub(crate) fn finish(self) -> Result<(), DuckError> {
        if !self.on {
            return Ok(());
        }
        let metrics = |of: &[&str]| {
            parted()
                .filter(|(_, f)| of.is_empty() || f.reads(of))
                .map(|(m, f)| (m.id, f.merge))
                .collect::<Vec<_>>()
        };
        for (what, metrics) in [
            ("contact", metrics(&[])),
            ("state", metrics(&["s"])),
            ("caller", metrics(&OF_CALLERS)),
        ] {
            let days = self.duck.ints(&format!(
                "select day from (select distinct day from part_day) as days
                  where exists (select 1 from moved where what = '{what}' and a < day + {DAY_MS} and b >= day)"
            ))?;
            forget(self.duck, &metrics, &days)?;
        }
        self.duck.execute("drop table temp.moved")
    }
}

/// Takes away the parts of days of some metrics, and those that have these days in them.
fn forget(duck: &Connection, metrics: &[(MetricId, Merge)], days: &[i64]) -> Result<(), DuckError> {
    if days.is_empty() {
        return Ok(());
    }
    let list = |of: &mut dyn Iterator<Item = i64>| of.map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let number = |id: &MetricId| i64::from(id.number());
    let plain = metrics.iter().filter(|(_, merge)| !matches!(merge, Merge::Weeks(_)));
    let mut which = vec![format!(
        "metric in ({}) and day in ({})",
        list(&mut plain.map(|(id, _)| number(id))),
        list(&mut days.iter().copied())
    )];
    for (id, merge) in metrics {
        if let Merge::Weeks(weeks) = merge {
            let mut all = days
                .iter()
                .flat_map(|day| (0..=*weeks).map(move |back| day + back * WEEK_MS));
            which.push(format!("metric = {} and day in ({})", number(id), list(&mut all)));
        }
    }
    remove(duck, &which.join(" or "))
}

/// Takes away all parts of these metrics.
pub(crate) fn forget_all(duck: &Connection, metrics: impl Iterator<Item = MetricId>) -> Result<(), DuckError> {
    let numbers: Vec<String> = metrics.map(|id| id.number().to_string()).collect();
    remove(duck, &format!("metric in ({})", numbers.join(", ")))
}

fn remove(duck: &Connection, which: &str) -> Result<(), DuckError> {
    if duck
        .query(&format!("select 1 from part_day where {which} limit 1"))?
        .is_empty()
    {
        return Ok(());
    }
    ["part", "part_value", "part_day"]
        .into_iter()
        .try_for_each(|table| duck.execute(&format!("delete from {table} where {which}")))
}
