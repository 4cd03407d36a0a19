//! Whether an example file says what its configuration types can hold. The desk's tests use it, too.

use std::fmt::Debug;

use serde::de::DeserializeOwned;

/// No type has this key: whoever reads it names those that it has.
const NO_KEY: &str = "zz_no_key";

/// The settings that the types have and the example does not name, commented or not.
pub(crate) fn left_out<T: DeserializeOwned>(example: &str) -> Vec<String> {
    let (mut section, mut named) = (String::new(), Vec::new());
    let mut sections = vec![(String::new(), String::new())];
    for line in example.lines().map(|line| line.trim_start_matches(['#', ' '])) {
        if let Some(header) = header(line) {
            section = of_any_name::<T>(header);
            sections.push((header.to_owned(), section.clone()));
        } else if let Some((key, _)) = line.split_once('=') {
            named.push(path(&section, key.trim()));
        }
    }
    let has = |(header, section): &(String, String)| {
        let keys = keys::<T>(header).into_iter().map(|key| path(section, &key));
        keys.collect::<Vec<_>>()
    };
    let mut keys: Vec<String> = sections.iter().flat_map(has).collect();
    let begins = |key: &String| {
        let mut under = sections.iter().map(|(_, section)| format!("{section}."));
        under.any(|section| section.starts_with(&format!("{key}.")))
    };
    keys.retain(|key| !named.contains(key) && !begins(key));
    keys
}

fn header(line: &str) -> Option<&str> {
    Some(line.strip_prefix('[')?.split_once(']')?.0)
}

/// The section, where it has a name of the site's own that of all such: what one of them names, all have.
fn of_any_name<T: DeserializeOwned>(section: &str) -> String {
    match section.rsplit_once('.') {
        Some((map, _)) if keys::<T>(map).is_empty() => path(map, "*"),
        _ => section.to_owned(),
    }
}

/// The keys that are set in the example, and to something else than they have without being set, though no comment right above says
/// what they have then.
pub(crate) fn changed<T: DeserializeOwned + Debug>(example: &str) -> Vec<String> {
    let table: toml::Table = example.parse().expect("the example is TOML");
    let read = |table: &toml::Table| table.clone().try_into::<T>().map(|config| format!("{config:?}"));
    let whole = read(&table).expect("the example is valid");
    let mut keys = Vec::new();
    set(&table, "", &mut keys);
    let told = told(example);
    keys.retain(|key| !told.contains(key));
    keys.retain(|key| {
        let mut without = table.clone();
        remove(&mut without, key);
        read(&without).is_ok_and(|config| config != whole)
    });
    keys
}

/// The keys whose default the comment above them tells.
fn told(example: &str) -> Vec<String> {
    let (mut section, mut comment, mut told) = ("", String::new(), Vec::new());
    for line in example.lines() {
        if line.starts_with('#') {
            comment += line;
            continue;
        }
        if let Some(header) = header(line) {
            section = header;
        } else if let Some((key, _)) = line
            .split_once('=')
            .filter(|_| comment.to_lowercase().contains("default:"))
        {
            told.push(path(section, key.trim()));
        }
        comment.clear();
    }
    told
}

/// The keys that a section can have; none where it is a map of names of one's own.
fn keys<T: DeserializeOwned>(section: &str) -> Vec<String> {
    let header = if section.is_empty() {
        String::new()
    } else {
        format!("[{section}]\n")
    };
    let Err(error) = toml::from_str::<T>(&format!("{header}{NO_KEY} = 1\n")) else {
        return Vec::new();
    };
    let expected = error
        .message()
        .strip_prefix(&format!("unknown field `{NO_KEY}`, expected "));
    let quoted = expected.unwrap_or_default().split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

fn path(section: &str, key: &str) -> String {
    match section {
        "" => key.to_owned(),
        _ => format!("{section}.{key}"),
    }
}

fn set(table: &toml::Table, section: &str, keys: &mut Vec<String>) {
    for (key, value) in table {
        let path = path(section, key);
        match value {
            toml::Value::Table(inner) => set(inner, &path, keys),
            _ => keys.push(path),
        }
    }
}

fn remove(table: &mut toml::Table, path: &str) {
    match path.split_once('.') {
        Some((first, rest)) => {
            if let Some(inner) = table.get_mut(first).and_then(toml::Value::as_table_mut) {
                remove(inner, rest);
            }
        }
        None => drop(table.remove(path)),
    }
}
