//! The engine as the daemon runs it, with a recogniser that hears what it is told.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_assist::AssistConfig;
use sidetone_base::{CallEvent, CallId, SwitchOutput};
use sidetone_domain::Pack;
use sidetone_engine::{Call, Effect, EngineConfig, Input, Parts, Recognised, Recognition};
use sidetone_freeswitch::FreeswitchSwitch;
use sidetone_speech::Hypothesis;
use sidetone_speech::text::{Corrector, TextPipeline};
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep_until, timeout};

const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Engine {
    calls: HashMap<CallId, Call>,
    parts: Arc<Parts>,
    /// What every final is.
    says: &'static str,
    /// Types of the events that were published.
    pub(crate) published: Vec<&'static str>,
}

impl Engine {
    pub(crate) fn new(says: &'static str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333");
        let pack = Arc::new(Pack::load(&folder).unwrap_or_else(|faults| panic!("{faults}")));
        let parts = Parts {
            text: TextPipeline::new(Corrector::new(pack.knowledge().vocabulary())),
            detector: Box::new(|| None),
            denoiser: Box::new(|| None),
            pack,
        };
        Self {
            calls: HashMap::new(),
            parts: Arc::new(parts),
            says,
            published: Vec::new(),
        }
    }

    /// Follows the switch until `done` is.
    pub(crate) async fn follow<T>(
        &mut self,
        switch: &FreeswitchSwitch,
        output: &mut Receiver<SwitchOutput>,
        done: impl Future<Output = T>,
    ) -> T {
        tokio::pin!(done);
        let all = async {
            loop {
                let wake = self.calls.values().filter_map(Call::deadline).min();
                let alarm = async {
                    match wake {
                        Some(at) => sleep_until(at.into()).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    value = &mut done => return value,
                    Some(said) = output.recv() => self.hear(switch, said),
                    () = alarm => {
                        let calls: Vec<CallId> = self.calls.keys().cloned().collect();
                        for call in calls {
                            self.tell(switch, &call, Instant::now(), Input::Wake);
                        }
                    }
                }
            }
        };
        timeout(LIMIT, all).await.expect("it does not come to an end")
    }

    fn hear(&mut self, switch: &FreeswitchSwitch, said: SwitchOutput) {
        let now = Instant::now();
        match said {
            SwitchOutput::Signal(signal) => {
                if matches!(signal.event, CallEvent::Started { .. }) {
                    let day = AssistConfig::new(jiff::civil::date(2026, 3, 2), "370500");
                    let config = EngineConfig::new(day);
                    let call = Call::new(now, signal.call.clone(), config, Arc::clone(&self.parts));
                    self.calls.insert(signal.call.clone(), call);
                }
                self.tell(switch, &signal.call, now, Input::Signal(signal.event));
            }
            SwitchOutput::Audio { call, leg, at, frame } => {
                self.tell(switch, &call, at, Input::Audio { leg, frame });
            }
            SwitchOutput::Asked { ask, call, question } => {
                self.tell(switch, &call, now, Input::Asked { ask, question });
            }
            SwitchOutput::Fact(_) | SwitchOutput::Connected { .. } | SwitchOutput::Disconnected => {}
        }
    }

    fn tell(&mut self, switch: &FreeswitchSwitch, id: &CallId, now: Instant, input: Input) {
        let Some(call) = self.calls.get_mut(id) else { return };
        call.handle(now, input);
        while let Some(effect) = call.poll() {
            match effect {
                Effect::Recognise(job) => {
                    let heard = Hypothesis {
                        text: self.says.to_owned(),
                        confidence: 0.9,
                        ..Hypothesis::default()
                    };
                    let answer = Recognised {
                        key: job.key,
                        pass: job.pass,
                        waited: Duration::ZERO,
                        outcome: Recognition::Text(heard),
                    };
                    call.handle(now, Input::Recognised(answer));
                }
                Effect::Publish(event) => self.published.push(event.body.type_name()),
                Effect::Answer { ask, answer } => switch.asks().answer(ask, answer),
                Effect::Forget(_)
                | Effect::Unmasked(_)
                | Effect::Compose { .. }
                | Effect::LegDone(_)
                | Effect::Looked(_)
                | Effect::Finished => {}
            }
        }
    }
}
