//! From when to when each leg is heard.

use super::*;

impl Bench {
    /// `+kind begin`, and `-kind begin..end why`.
    fn taps(&self) -> Vec<String> {
        let tap = |body: &Body| match body {
            Body::TapUp(up) => Some(format!("+{} {}", up.kind, up.begin_ms)),
            Body::TapDown(down) => Some(format!(
                "-{} {}..{} {}",
                down.kind, down.begin_ms, down.end_ms, down.reason
            )),
            _ => None,
        };
        self.events.iter().filter_map(tap).collect()
    }

    fn after(&mut self, ms: u64) -> &mut Self {
        self.until(self.begun + Duration::from_millis(ms));
        self
    }

    fn tapped(&mut self, leg: &str, kind: TapKind) {
        self.signal(CallEvent::TapAttached {
            leg: LegId::new(leg),
            kind,
            payload_types: Vec::new(),
        });
    }
}

#[test]
fn a_tap_that_fails_is_replaced_or_loses_its_leg_is_told_from_when_to_when() {
    let (agent, caller) = (LegId::new("agent"), LegId::new("caller"));
    let mut bench = Bench::joined(Ears::Quick);
    bench.after(1_000).tapped("caller", TapKind::Recording);
    bench.after(2_000).signal(CallEvent::TapFailed {
        leg: caller,
        kind: TapKind::Recording,
        reason: "gone".to_owned(),
    });
    bench.after(3_000).tapped("caller", TapKind::ChanSpy);
    bench.after(4_000).tapped("caller", TapKind::Recording);
    bench.after(5_000).signal(CallEvent::LegLeft {
        leg: agent,
        exit: LegExit::HungUp,
    });
    bench.after(6_000).hang_up();
    let recording = TapKind::Recording.as_str();
    let chanspy = TapKind::ChanSpy.as_str();
    assert_eq!(
        bench.taps(),
        [
            format!("+{recording} 0"),
            format!("+{recording} 0"),
            format!("-{recording} 0..2000 failed"),
            format!("+{chanspy} 3000"),
            format!("-{chanspy} 3000..4000 failed"),
            format!("+{recording} 4000"),
            format!("-{recording} 0..5000 left"),
            format!("-{recording} 4000..6000 left"),
        ]
    );
}
