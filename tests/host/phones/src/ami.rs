//! A manager session, for what a test does to the switch.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Logged in as the tests' own user of `manager.conf`.
pub(crate) struct Ami {
    lines: BufReader<TcpStream>,
    actions: u32,
}

impl Ami {
    /// Connects to this port of loopback.
    #[must_use]
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut ami = Self {
            lines: BufReader::new(stream),
            actions: 0,
        };
        let _ = ami.act(
            "Login",
            &[("Username", "tests"), ("Secret", "tests"), ("Events", "off")],
        );
        ami
    }

    /// Does it; the answer is a success, and returned as it is.
    pub(crate) fn act(&mut self, action: &str, fields: &[(&str, &str)]) -> String {
        let (success, answer) = self.ask(action, fields);
        assert!(success, "{action} {fields:?}: {answer}");
        answer
    }

    fn ask(&mut self, action: &str, fields: &[(&str, &str)]) -> (bool, String) {
        self.actions += 1;
        let id = format!("ActionID: {}", self.actions);
        let mut text = format!("Action: {action}\r\n{id}\r\n");
        fields
            .iter()
            .for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
        self.lines
            .get_mut()
            .write_all(format!("{text}\r\n").as_bytes())
            .unwrap();
        loop {
            let message = self.message();
            if message.lines().any(|line| line == id) {
                return (message.lines().any(|line| line == "Response: Success"), message);
            }
        }
    }

    fn message(&mut self) -> String {
        let mut message = String::new();
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the manager hung up");
            if line.trim_end().is_empty() {
                return message;
            }
            message.push_str(line.trim_end());
            message.push('\n');
        }
    }
}
