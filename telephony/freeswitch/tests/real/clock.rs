//! When what is heard was said.

use std::time::{Duration, Instant};

use sidetone_base::TapKind;
use sidetone_freeswitch::{FreeswitchSwitch, TapChoice};

use super::{LIMIT, SHORT};
use crate::heard::Heard;
use crate::rig::Rig;

/// A frame that is on its way from the switch to this test.
const ON_THE_WAY: Duration = Duration::from_millis(500);

/// What waits in the module while there is no daemon comes with the time at which it was said, and what is said
/// afterwards is not late by it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_with_the_module_moves_no_word() {
    let rig = Rig::start_with_module("clock", 29000);
    let mut config = rig.config(TapChoice::Module);
    config.module.socket = Some(rig.module_socket());
    let (switch, mut output) = FreeswitchSwitch::start(config.clone()).await.unwrap();
    let mut heard = Heard::default();
    rig.call("PCMU", "8101");
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Module) == 2)
        .await;
    // As if the dialplan had started them: a daemon that stops leaves those.
    drop(switch);
    for (leg, heard) in &heard.legs {
        rig.switch(&format!("uuid_sidetone {leg} stop"));
        let started = rig.switch(&format!("uuid_sidetone {leg} start role={}", heard.role));
        assert!(started.contains("+OK"), "{started}");
    }
    tokio::time::sleep(SHORT).await;
    let restarted = Instant::now();
    let (_switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
    let mut heard = Heard::default();
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Module) == 2)
        .await;
    heard.listen_for(&mut output, SHORT).await;
    let now = Instant::now();
    for leg in heard.legs.values() {
        let [first, last] = leg.heard_at();
        println!(
            "first frame {:?} before the restart, the last one {:?} old",
            restarted - first,
            now - last
        );
        assert!(first < restarted, "it was said while there was no daemon");
        assert!(now.saturating_duration_since(last) < ON_THE_WAY);
        let sound = Duration::from_millis(20) * u32::try_from(leg.packets).unwrap();
        let span = last - first;
        assert!(span.abs_diff(sound) < ON_THE_WAY, "{sound:?} of sound within {span:?}");
    }
}
