//! Moments as people write them.

use sidetone_schema::Timestamp;

/// The moment that an option names: a span before now, a day or a time.
///
/// # Errors
/// When it is none, with what to write.
pub(super) fn moment(option: &str, text: &str, now: &jiff::Zoned) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp::new(at));
    }
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        let midnight = day
            .to_zoned(now.time_zone().clone())
            .map_err(|error| error.to_string())?;
        return Ok(Timestamp::new(midnight.timestamp()));
    }
    let span: jiff::Span = text
        .parse()
        .map_err(|_| format!("{option} {text}: write 7d, 12h, 2026-11-01 or 2026-11-01T08:00:00Z"))?;
    let then = now
        .checked_sub(span)
        .map_err(|error| format!("{option} {text}: {error}"))?;
    Ok(Timestamp::new(then.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_span_a_date_or_a_time() {
        let now: jiff::Zoned = "2026-11-29T10:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let at = |text: &str| moment("--since", text, &now).map(|at| at.to_string());
        assert_eq!(at("12h").unwrap(), "2026-11-28T14:00:00.000Z");
        assert_eq!(at("7d").unwrap(), "2026-11-22T02:00:00.000Z");
        assert_eq!(at("2026-11-01").unwrap(), "2026-10-31T16:00:00.000Z");
        assert_eq!(at("2026-11-01T08:00:00Z").unwrap(), "2026-11-01T08:00:00.000Z");
        assert!(at("lately").unwrap_err().contains("7d"));
    }
}
