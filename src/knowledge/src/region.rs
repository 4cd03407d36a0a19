//! Regions: a city's rule goes before its province's, which goes before the country's.

/// The whole country: what holds everywhere, and the own region of a line that is of no one place.
pub const COUNTRY: &str = "000000";

/// Whether `code` is six digits.
pub fn is_valid(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a rule of `outer` holds in `inner`: the same place, its city, its province or the country.
pub fn covers(outer: &str, inner: &str) -> bool {
    chain(inner).iter().any(|code| code == outer)
}

/// `370502` → `370502`, `370500`, `370000`, `000000`: most specific first, without repetition.
pub fn chain(code: &str) -> Vec<String> {
    let mut out = vec![code.to_owned()];
    if is_valid(code) {
        out.push(format!("{}00", &code[..4]));
        out.push(format!("{}0000", &code[..2]));
    }
    out.push(COUNTRY.to_owned());
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::chain;

    #[test]
    fn a_region_falls_back_to_what_contains_it() {
        assert_eq!(chain("370502"), ["370502", "370500", "370000", "000000"]);
        assert_eq!(chain("370500"), ["370500", "370000", "000000"]);
        assert_eq!(chain("370000"), ["370000", "000000"]);
        assert_eq!(chain("000000"), ["000000"]);
        assert_eq!(chain("?"), ["?", "000000"]);
    }
}
