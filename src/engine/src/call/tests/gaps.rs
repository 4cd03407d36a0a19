//! Taps that fall silent.

use sidetone_base::SampleRate;

use super::*;

impl Bench {
    /// `begin-end cause`, with `…` behind those that are open.
    fn gaps(&self) -> Vec<String> {
        let gap = |body: &Body| match body {
            Body::AudioGap(gap) => {
                let open = if gap.open { " …" } else { "" };
                Some(format!("{}-{} {}{open}", gap.begin_ms, gap.end_ms, gap.cause))
            }
            _ => None,
        };
        self.events.iter().filter_map(gap).collect()
    }

    /// Silence that is sent, on both legs.
    fn idle(&mut self, length: Duration) {
        let from = self.now;
        for n in 0..length.as_millis() as u64 / 20 {
            for leg in ["caller", "agent"] {
                self.play_as(leg, from + Duration::from_millis(n * 20), silence());
            }
        }
        self.now = from + length;
    }

    /// The agent's leg goes on, the caller's brings nothing.
    fn agent_alone(&mut self, length: Duration) {
        let from = self.now;
        for n in 0..length.as_millis() as u64 / 20 {
            self.play_as("agent", from + Duration::from_millis(n * 20), silence());
        }
        self.until(from + length);
    }
}

fn silence() -> TapFrame {
    let rate = SampleRate::NARROW;
    TapFrame::Pcm {
        rate,
        samples: vec![0; 160],
    }
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[test]
fn a_tap_that_falls_silent_is_said_while_it_is_and_when_it_is_over() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.idle(secs(3));
    bench.agent_alone(Duration::from_millis(1_900));
    assert_eq!(bench.gaps(), [""; 0]);
    bench.agent_alone(secs(4));
    assert_eq!(bench.gaps(), ["3000-4980 no_audio …"], "once");
    bench.idle(secs(1));
    assert_eq!(bench.gaps()[1..], ["3000-8900 no_audio"]);
}

#[test]
fn sound_that_was_only_late_leaves_no_gap() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.idle(secs(3));
    bench.agent_alone(secs(4));
    let now = bench.now;
    (0..200).for_each(|_| bench.play(now, silence()));
    bench.idle(secs(1));
    let end: Vec<String> = bench.gaps()[1..].to_vec();
    assert!(
        end.len() == 1 && ["3000-3000 no_audio", "3000-3020 no_audio"].contains(&end[0].as_str()),
        "{end:?}"
    );
}

#[test]
fn a_tap_that_never_begins_is_said_and_ends_with_its_leg() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.agent_alone(secs(3));
    bench.signal(CallEvent::LegLeft {
        leg: LegId::new("caller"),
        exit: LegExit::HungUp,
    });
    assert_eq!(bench.gaps(), ["0-2000 no_audio …", "0-3000 no_audio"]);
}

#[test]
fn hold_pause_chanspy_and_comfort_noise_are_no_gaps() {
    let held = |bench: &mut Bench| {
        bench.signal(CallEvent::Held {
            leg: LegId::new("agent"),
        })
    };
    let paused = |bench: &mut Bench| bench.give(bench.now, Input::Control(Control::Pause));
    let chanspy = |bench: &mut Bench| {
        bench.signal(CallEvent::TapAttached {
            leg: LegId::new("caller"),
            kind: TapKind::ChanSpy,
            payload_types: Vec::new(),
        });
    };
    let comfort = |bench: &mut Bench| {
        let packet = [0x80, 13, 0, 9, 0, 0, 9, 0, 0, 0, 0, 1, 60];
        bench.play(bench.now, TapFrame::Rtp(packet.to_vec()));
    };
    let quiet: [&dyn Fn(&mut Bench); 3] = [&held, &paused, &chanspy];
    for quiet in quiet.into_iter().chain([&comfort as &dyn Fn(&mut Bench)]) {
        let mut bench = Bench::joined(Ears::Quick);
        bench.idle(secs(3));
        quiet(&mut bench);
        bench.agent_alone(secs(60));
        assert_eq!(bench.gaps(), [""; 0]);
    }
}

#[test]
fn a_hold_ends_a_gap_and_after_it_the_bound_runs_anew() {
    let mut bench = Bench::joined(Ears::Quick);
    let agent = LegId::new("agent");
    bench.idle(secs(1));
    bench.agent_alone(secs(3));
    bench.signal(CallEvent::Held { leg: agent.clone() });
    bench.agent_alone(secs(10));
    bench.signal(CallEvent::Resumed { leg: agent });
    bench.agent_alone(secs(3));
    let gaps = ["1000-2980 no_audio …", "1000-4000 no_audio", "14000-16000 no_audio …"];
    assert_eq!(bench.gaps(), gaps);
}
