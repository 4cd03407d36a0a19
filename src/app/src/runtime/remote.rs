//! Commands of soft-phones and operators, from Redis to the calls.

use sidetone_engine::Control;
use sidetone_shell::wire::{ControlAction, ControlCommand, RedisConfig, read_control};
use tokio::sync::mpsc;

use super::HubInput;

/// Commands that may wait; beyond it they wait in Redis.
const COMMANDS: usize = 64;

/// Follows the control stream for as long as the hub takes inputs. `reload` is done for who asks to read the knowledge
/// anew.
pub async fn obey<F: Future<Output = ()>>(redis: RedisConfig, inputs: mpsc::Sender<HubInput>, reload: impl Fn() -> F) {
    let (commands, mut received) = mpsc::channel::<ControlCommand>(COMMANDS);
    let follow = async {
        while let Some(command) = received.recv().await {
            let controls: &[Control] = match command.action {
                ControlAction::Pause => &[Control::Pause],
                ControlAction::Resume => &[Control::Resume, Control::Mask(false)],
                ControlAction::Mask => &[Control::Mask(true)],
                ControlAction::Reload => {
                    reload().await;
                    continue;
                }
            };
            for control in controls {
                if inputs
                    .send(HubInput::Control(command.call.clone(), *control))
                    .await
                    .is_err()
                {
                    return;
                }
            }
        }
    };
    tokio::select! {
        () = read_control(redis, commands) => {}
        () = follow => {}
    }
}
