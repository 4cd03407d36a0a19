//! The files of `dialplan/freeswitch`, as FreeSWITCH reads them: what an administrator copies must be
//! well-formed, lead somewhere, and never leave a caller waiting for a daemon that is gone.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use roxmltree::{Document, Node};
use sidetone_mod_wire::Asked;
use sidetone_telephony::Wish;

/// Each file, and the element that must be in it: FreeSWITCH ignores a file whose root it does not expect.
const FILES: [(&str, &str); 7] = [
    ("autoload_configs/acl_sidetone.xml", "include"),
    ("autoload_configs/event_socket.conf.xml", "configuration"),
    ("autoload_configs/sidetone.conf.xml", "configuration"),
    ("dialplan/sidetone.xml", "include"),
    ("dialplan/sidetone_module.xml", "include"),
    ("dialplan/sidetone_socket.xml", "include"),
    ("sip_profiles/sidetone.xml", "profile"),
];

/// What the recipes use of a stock FreeSWITCH (`mod_dptools`, `mod_event_socket`, `mod_callcenter`).
const STOCK: [&str; 14] = [
    "answer",
    "bridge",
    "callcenter",
    "curl",
    "event",
    "execute_extension",
    "export",
    "hangup",
    "multiunset",
    "playback",
    "sched_transfer",
    "set",
    "socket",
    "transfer",
];

/// Between the daemon's own limit and the timer's: a machine under load.
const SPARE: Duration = Duration::from_secs(3);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplan/freeswitch")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name)
        .unwrap_or_else(|| panic!("<{}> without {name}", node.tag_name().name()))
}

fn elements<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |node| node.has_tag_name(name))
}

/// The `name` and `value` of every `<param>` below a node.
fn params<'a>(node: Node<'a, '_>) -> BTreeMap<&'a str, &'a str> {
    elements(node, "param")
        .map(|param| (attribute(param, "name"), attribute(param, "value")))
        .collect()
}

/// Application and data of an extension's actions, in order.
fn actions<'a>(extension: Node<'a, '_>) -> Vec<(&'a str, &'a str)> {
    elements(extension, "action")
        .map(|action| {
            (
                attribute(action, "application"),
                action.attribute("data").unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn every_file_is_well_formed_and_has_the_root_that_freeswitch_looks_for() {
    for (file, root) in FILES {
        let text = text(file);
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(document.root_element().tag_name().name(), root, "{file}");
        if root == "configuration" {
            let name = Path::new(file).file_stem().and_then(|stem| stem.to_str());
            assert_eq!(Some(attribute(document.root_element(), "name")), name, "{file}");
        }
    }
}

#[test]
fn no_file_is_without_a_test() {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        for file in std::fs::read_dir(entry.path()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            found.push(format!("{}/{name}", entry.file_name().into_string().unwrap()));
        }
    }
    found.sort();
    assert_eq!(found, FILES.map(|(file, _)| file));
}

/// FreeSWITCH carries them out before it parses XML, and takes what follows for text.
#[test]
fn no_comment_holds_an_include() {
    for (file, _) in FILES {
        let text = text(file);
        let document = Document::parse(&text).unwrap();
        for comment in document.descendants().filter(Node::is_comment) {
            let comment = comment.text().unwrap_or_default();
            assert!(
                !comment.contains("<X-PRE-PROCESS") && !comment.contains("#include"),
                "{file}: {comment}"
            );
        }
    }
}

/// FreeSWITCH leaves out each whole line that has one of the two, and whatever else stands on it.
#[test]
fn the_tags_of_an_include_stand_alone() {
    for (file, _) in FILES {
        let text = text(file);
        let tags = text
            .lines()
            .filter(|line| line.contains("<include>") || line.contains("</include>"));
        for line in tags {
            assert!(["<include>", "</include>"].contains(&line.trim()), "{file}: {line}");
        }
    }
}

#[test]
fn the_event_socket_is_on_loopback_with_a_password_that_asks_to_be_changed() {
    let text = text("autoload_configs/event_socket.conf.xml");
    let document = Document::parse(&text).unwrap();
    let params = params(document.root_element());
    assert_eq!(params["listen-ip"], "127.0.0.1");
    assert_eq!(params["listen-port"], "8021");
    assert_eq!(params["password"], "change-me");
    assert_eq!(params["apply-inbound-acl"], "loopback.auto");
}

#[test]
fn the_address_list_refuses_whom_it_does_not_name() {
    let text = text("autoload_configs/acl_sidetone.xml");
    let document = Document::parse(&text).unwrap();
    let list = elements(document.root(), "list").next().unwrap();
    assert_eq!(
        (attribute(list, "name"), attribute(list, "default")),
        ("sidetone", "deny")
    );
    assert!(elements(list, "node").all(|node| attribute(node, "type") == "allow"));
}

#[test]
fn the_profile_for_taps_takes_no_calls() {
    let text = text("sip_profiles/sidetone.xml");
    let document = Document::parse(&text).unwrap();
    let params = params(document.root_element());
    assert_eq!(attribute(document.root_element(), "name"), "sidetone");
    assert_eq!((params["sip-ip"], params["rtp-ip"]), ("127.0.0.1", "127.0.0.1"));
    for file in [
        "dialplan/sidetone.xml",
        "dialplan/sidetone_socket.xml",
        "dialplan/sidetone_module.xml",
    ] {
        assert!(!contexts(file).contains_key(params["context"]), "{file}");
    }
}

#[test]
fn the_module_knows_each_of_its_settings() {
    let text = text("autoload_configs/sidetone.conf.xml");
    let document = Document::parse(&text).unwrap();
    let settings = elements(document.root(), "settings").next().unwrap();
    let known = ["bypass", "listen-timeout-ms", "max-legs", "ring-ms", "socket"];
    assert_eq!(params(settings).into_keys().collect::<Vec<_>>(), known);
    for profile in elements(document.root(), "profile") {
        assert!(params(profile).into_keys().all(|name| name == "listen-timeout-ms"));
    }
}

/// Context to the destinations that its extensions take.
fn contexts(file: &str) -> BTreeMap<String, Vec<String>> {
    let text = text(file);
    let document = Document::parse(&text).unwrap();
    let destinations = |context| {
        elements(context, "condition")
            .filter(|condition| condition.attribute("field") == Some("destination_number"))
            .flat_map(|condition| names(attribute(condition, "expression")))
            .collect()
    };
    elements(document.root(), "context")
        .map(|context| (attribute(context, "name").to_owned(), destinations(context)))
        .collect()
}

/// Everything that an expression of these files matches: `^ask_([12])$` is `ask_1` and `ask_2`.
fn names(expression: &str) -> Vec<String> {
    let inner = expression.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'));
    let inner = inner.unwrap_or_else(|| panic!("{expression} matches more than it says"));
    let inner = inner.replace(r"\d", "0");
    let (open, close) = match inner.find('[') {
        Some(open) => (Some(open), inner.find(']').unwrap()),
        None => (None, 0),
    };
    let plain = |text: &str| text.replace(['(', ')'], "");
    match open {
        Some(open) => inner[open + 1..close]
            .chars()
            .map(|one| plain(&format!("{}{one}{}", &inner[..open], &inner[close + 1..])))
            .collect(),
        None => plain(&inner).split('|').map(str::to_owned).collect(),
    }
}

#[test]
fn every_transfer_leads_somewhere_whichever_way_of_asking_is_installed() {
    for how in ["dialplan/sidetone_socket.xml", "dialplan/sidetone_module.xml"] {
        let mut known = contexts("dialplan/sidetone.xml");
        known.extend(contexts(how));
        for file in ["dialplan/sidetone.xml", how] {
            let text = text(file);
            let document = Document::parse(&text).unwrap();
            for (application, data) in elements(document.root(), "extension").flat_map(actions) {
                let target = match application {
                    "transfer" | "execute_extension" => data,
                    "sched_transfer" => data.split_once(' ').unwrap().1,
                    _ => continue,
                };
                let words: Vec<_> = target.split(' ').collect();
                let [destination, "XML", context] = words[..] else {
                    panic!("{file}: {target} names no dialplan and context");
                };
                let destination = destination.replace("$1", "1");
                assert!(
                    known[context].contains(&destination),
                    "{file} with {how}: nothing at {target}"
                );
            }
        }
    }
}

#[test]
fn only_applications_of_a_stock_switch_and_the_module_s_own_in_its_file() {
    for file in [
        "dialplan/sidetone.xml",
        "dialplan/sidetone_socket.xml",
        "dialplan/sidetone_module.xml",
    ] {
        let text = text(file);
        let document = Document::parse(&text).unwrap();
        for (application, data) in elements(document.root(), "extension").flat_map(actions) {
            if application == "sidetone" {
                assert_eq!(file, "dialplan/sidetone_module.xml");
                let verb = data.split(' ').next().unwrap();
                assert!(["start", "listen", "$1"].contains(&verb), "{data}");
            } else {
                assert!(STOCK.contains(&application), "{file}: {application}");
            }
        }
    }
}

/// Without `socket_resume` a caller stays parked for ever when the daemon dies; without the timer, when it
/// hangs; without `async` nobody reads the caller's audio, and a tap hears nothing.
#[test]
fn no_question_to_the_daemon_can_keep_a_caller() {
    let text = text("dialplan/sidetone_socket.xml");
    let document = Document::parse(&text).unwrap();
    let mut questions = 0;
    for extension in elements(document.root(), "extension") {
        let actions = actions(extension);
        let socket = actions
            .iter()
            .position(|(application, _)| *application == "socket")
            .unwrap();
        let before = |wanted: &str| {
            let found = actions[..socket]
                .iter()
                .find(|(application, data)| format!("{application} {data}").starts_with(wanted));
            found
                .unwrap_or_else(|| panic!("{wanted} is missing before {}", actions[socket].1))
                .1
        };
        before("set socket_resume=true");
        before("set sidetone_status=error");
        let guard = before("sched_transfer +").trim_start_matches('+');
        let guard = Duration::from_secs(guard.split(' ').next().unwrap().parse().unwrap());
        assert_eq!(
            actions.get(socket + 1).unwrap().1,
            "sidetone_guard=${sched_del(${last_sched_id})}"
        );

        let (address, modes) = actions[socket].1.split_once(' ').unwrap();
        assert_eq!(modes, "async full");
        let path = address.strip_prefix("127.0.0.1:8084/").unwrap();
        let condition = elements(extension, "condition").next().unwrap();
        for name in names(attribute(condition, "expression")) {
            let path = path.replace("$1", &name);
            assert_eq!(path.split('?').next(), Some(name.as_str()));
            assert!(
                guard >= longest(&path) + SPARE,
                "{path}: the timer ends it before the daemon does"
            );
            questions += 1;
        }
    }
    assert_eq!(questions, 7);
}

/// What an earlier answer set must not speak for one that does not come.
#[test]
fn a_question_by_socket_clears_what_an_answer_sets() {
    let text = text("dialplan/sidetone_socket.xml");
    let document = Document::parse(&text).unwrap();
    let cleared = elements(document.root(), "extension")
        .flat_map(actions)
        .find(|(application, _)| *application == "multiunset");
    let expected: Vec<String> = Asked::Last.variables().map(|name| format!("sidetone_{name}")).collect();
    assert_eq!(cleared.unwrap().1, expected.join(" "));
}

/// How long the daemon takes at most to answer.
fn longest(path: &str) -> Duration {
    match Wish::parse(path).unwrap() {
        Wish::Listen { limit, .. } => limit,
        _ => Duration::from_secs(1),
    }
}
