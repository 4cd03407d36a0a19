//! Commands of soft-phones and operators, from Redis to the calls.

use sidetone_engine::Control;
use sidetone_shell::wire::{ControlAction, ControlCommand, Controls, Outcome};
use tokio::sync::mpsc;

use super::HubInput;

/// Commands that may wait; beyond it they wait in Redis.
const COMMANDS: usize = 64;

/// Tells the hub what earlier commands left standing. To be done before it hears of any call.
pub async fn stand(controls: &Controls, inputs: &mpsc::Sender<HubInput>) {
    for command in controls.standing() {
        for control in orders(command.action) {
            drop(inputs.send(HubInput::Control(command.call.clone(), *control)).await);
        }
    }
}

/// Follows the control stream for as long as the hub takes inputs, and says what became of each command. `reload` is
/// done for who asks to read the knowledge anew; when it is not, it gives why, in a word.
pub async fn obey<F: Future<Output = Result<(), &'static str>>>(
    controls: Controls,
    inputs: mpsc::Sender<HubInput>,
    reload: impl Fn() -> F,
) {
    let answers = controls.answers();
    let (commands, mut received) = mpsc::channel::<ControlCommand>(COMMANDS);
    let follow = async {
        while let Some(command) = received.recv().await {
            if command.action == ControlAction::Reload {
                let outcome = reload().await.map_or_else(Outcome::Refused, |()| Outcome::Done);
                answers.say(&command, outcome);
                continue;
            }
            for control in orders(command.action) {
                let told = inputs.send(HubInput::Control(command.call.clone(), *control)).await;
                if told.is_err() {
                    return;
                }
            }
            answers.told(&command);
        }
    };
    tokio::select! {
        () = controls.read(commands) => {}
        () = follow => {}
    }
}

/// What a call is to do for a command.
const fn orders(action: ControlAction) -> &'static [Control] {
    match action {
        ControlAction::Pause => &[Control::Pause],
        ControlAction::Resume => &[Control::Resume, Control::Mask(false)],
        ControlAction::Mask => &[Control::Mask(true)],
        ControlAction::Reload => &[],
    }
}
