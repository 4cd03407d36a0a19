//! How people ask for a row for each step of time: names of steps in forms of speech, both tables of data.

use super::lexicon::of_kind;

/// What stands for nothing in a slot.
const NOTHING: &str = "-";

/// Each way of asking for steps, with the step that it asks for.
pub(super) fn ways() -> Vec<(&'static str, String)> {
    let mut ways = Vec::new();
    for (step, names) in of_kind("step") {
        let of_step = of_kind("stepform").filter(|(steps, _)| steps.split(' ').any(|of| of == step));
        for form in of_step.flat_map(|(_, forms)| forms.split(' ')) {
            let named = names.split(' ').map(|name| form.replace("{}", name));
            ways.extend(named.flat_map(|form| filled(&form)).map(|way| (step, way)));
        }
    }
    ways
}

/// A form with every choice of what its slots may hold.
fn filled(form: &str) -> Vec<String> {
    let slot = form.split_once('{').and_then(|(head, rest)| {
        let (name, tail) = rest.split_once('}')?;
        let (_, values) = of_kind("stepslot").find(|(of, _)| *of == name)?;
        Some((head, values, tail))
    });
    let Some((head, values, tail)) = slot else {
        return vec![form.to_owned()];
    };
    let choice = |value: &str| match value {
        NOTHING => format!("{head}{tail}"),
        value => format!("{head}{value}{tail}"),
    };
    values.split(' ').flat_map(|value| filled(&choice(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_filled_with_names_and_slots() {
        let ways = ways();
        for (step, way) in [
            ("minute", "逐分钟"),
            ("minute", "一分钟一格"),
            ("hour", "按钟头拆"),
            ("day", "一天给我一个数"),
            ("week", "一个礼拜一个礼拜地看"),
        ] {
            assert!(ways.contains(&(step, way.to_owned())), "{step} {way}");
        }
        // "Words a minute" is what speech is measured in.
        assert!(!ways.contains(&("minute", "每分钟".to_owned())));
        assert!(ways.iter().all(|(_, way)| !way.contains('{')));
    }
}
