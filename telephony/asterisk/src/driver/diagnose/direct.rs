//! Calls that run from phone to phone.

use sidetone_base::Finding;

use crate::ari::Request;
use crate::config::AsteriskConfig;
use crate::driver::ari::Ari;

/// Endpoints that are looked at, and names that are told of them.
const MOST: usize = 200;
const TOLD: usize = 5;

/// Which endpoints let their sound bypass the switch, and what a tap does about it.
pub(super) async fn look(config: &AsteriskConfig, ari: &Ari, findings: &mut Vec<Finding>) {
    let list = match ari.request(&Request::endpoints()).await {
        Ok(list) => list,
        Err(error) => {
            findings.push(Finding::warning(
                "direct media",
                format!("PJSIP endpoints cannot be looked at: {error}"),
                "load res_ari_endpoints.so and res_ari_asterisk.so, or look for direct_media in pjsip.conf",
            ));
            return;
        }
    };
    let mut direct = Vec::new();
    let names = names(&list);
    let looked = names.len().min(MOST);
    for name in names.into_iter().take(MOST) {
        let settings = ari.request(&Request::endpoint(&name)).await;
        if settings.is_ok_and(|settings| is_direct(&settings)) {
            direct.push(name);
        }
    }
    findings.push(told(config.tap_direct_media, &direct, looked));
}

fn told(tapped: bool, direct: &[String], looked: usize) -> Finding {
    if direct.is_empty() {
        let found = format!("none of {looked} PJSIP endpoints lets its sound run from phone to phone");
        return Finding::fine("direct media", found);
    }
    let more = if direct.len() > TOLD { " …" } else { "" };
    let names = direct[..direct.len().min(TOLD)].join(", ");
    let found = format!(
        "{} of {looked} PJSIP endpoints have direct_media = yes ({names}{more})",
        direct.len()
    );
    match tapped {
        false => Finding::fine(
            "direct media",
            format!("{found}: calls between two of them are not tapped"),
        ),
        true => Finding::warning(
            "direct media",
            format!("{found}: a tap pulls a call between two of them through the switch for its whole length"),
            "size the switch and its network for it, or set asterisk.tap_direct_media = false: such calls are not heard then",
        ),
    }
}

fn names(list: &str) -> Vec<String> {
    let Ok(serde_json::Value::Array(endpoints)) = serde_json::from_str(list) else {
        return Vec::new();
    };
    let name = |endpoint: &serde_json::Value| Some(endpoint.get("resource")?.as_str()?.to_owned());
    endpoints.iter().filter_map(name).collect()
}

/// From the endpoint's settings: a list of `attribute` and `value`.
fn is_direct(settings: &str) -> bool {
    let Ok(serde_json::Value::Array(settings)) = serde_json::from_str(settings) else {
        return false;
    };
    settings.iter().any(|setting| {
        let is = |field: &str, wanted: &[&str]| {
            let found = setting.get(field).and_then(|found| found.as_str());
            found.is_some_and(|found| wanted.contains(&found))
        };
        is("attribute", &["direct_media"]) && is("value", &["true", "yes"])
    })
}

#[cfg(test)]
mod tests {
    use sidetone_base::Severity;

    use super::*;

    #[test]
    fn an_endpoint_with_direct_media_is_named_with_what_a_tap_does() {
        let list = r#"[{"technology":"PJSIP","resource":"8001"},{"technology":"PJSIP","resource":"trunk"}]"#;
        assert_eq!(names(list), ["8001", "trunk"]);
        assert!(is_direct(
            r#"[{"attribute":"context","value":"x"},{"attribute":"direct_media","value":"true"}]"#
        ));
        assert!(!is_direct(r#"[{"attribute":"direct_media","value":"false"}]"#));
        assert!(!is_direct("[]") && !is_direct("HTTP"));
        let both: Vec<String> = names(list);
        let warned = told(true, &both, 2);
        assert_eq!(warned.severity, Severity::Warning);
        assert!(
            warned
                .found
                .starts_with("2 of 2 PJSIP endpoints have direct_media = yes (8001, trunk)")
        );
        assert_eq!(told(false, &both, 2).severity, Severity::Fine);
        assert_eq!(told(true, &[], 2).severity, Severity::Fine);
    }
}
