//! The task between the group and the receiver.

use std::time::Instant;

use metrics::{counter, gauge};
use redis::RedisResult;
use redis::aio::MultiplexedConnection;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::config::HandoverConfig;
use super::courier::{Courier, Effect, Input, Letter, Outcome, Verdict};
use super::letters::{EVERY, Letters};
use super::post::Post;
use crate::metrics as names;
use crate::wire::{Backoff, RedisConfig, trouble};

/// The name of this machine: what names a daemon among those that share the group, the same after a restart.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Hands wrap-ups over for as long as the process lives. `consumer` names this daemon among those that share the group.
///
/// # Errors
/// When it cannot begin, in plain words; the configuration's own faults are told before.
pub async fn run(redis: RedisConfig, config: HandoverConfig, consumer: String) -> Result<(), String> {
    let post = Post::new(&config).map_err(|fault| fault.to_string())?;
    let letters = Letters {
        redis,
        consumer,
        give_up_after: config.give_up_after,
        dead_maxlen: config.dead_maxlen,
    };
    // Beside what the courier holds, one waits here.
    let (out, incoming) = mpsc::channel(1);
    let reading = letters.clone().read(out);
    let desk = Desk {
        letters,
        post,
        courier: Courier::new(config.policy()),
        connection: None,
        told: false,
    };
    tokio::join!(reading, desk.work(incoming));
    Ok(())
}

struct Desk {
    letters: Letters,
    post: Post,
    courier: Courier,
    connection: Option<MultiplexedConnection>,
    /// The log knows that the receiver takes nothing.
    told: bool,
}

impl Desk {
    async fn work(mut self, mut incoming: mpsc::Receiver<Letter>) {
        let mut keep = tokio::time::interval(EVERY);
        keep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let deadline = self.courier.deadline();
            let alarm = sleep_until(deadline.unwrap_or_else(Instant::now).into());
            let input = tokio::select! {
                letter = incoming.recv(), if self.courier.has_room() => match letter {
                    Some(letter) => Input::Letter(letter),
                    None => return,
                },
                () = alarm, if deadline.is_some() => Input::Wake,
                _ = keep.tick() => {
                    self.keep().await;
                    continue;
                }
            };
            self.take(input).await;
            gauge!(names::HANDOVER_HELD).set(self.courier.len() as f64);
        }
    }

    /// Carries out what the courier wants, and what follows from it.
    async fn take(&mut self, input: Input) {
        self.courier.handle(Instant::now(), input);
        while let Some(effect) = self.courier.poll() {
            match effect {
                Effect::Send(letter) => {
                    let (outcome, word) = self.post.send(&letter).await;
                    counter!(names::HANDOVER_REQUESTS, "outcome" => word).increment(1);
                    self.tell(outcome, word);
                    self.courier.handle(Instant::now(), Input::Answered(outcome));
                }
                Effect::Settle {
                    letter,
                    verdict,
                    attempts,
                } => self.settle(&letter, verdict, attempts).await,
            }
        }
    }

    /// Once for each trouble of the receiver.
    fn tell(&mut self, outcome: Outcome, word: &'static str) {
        match outcome {
            Outcome::Closed(_) if !std::mem::replace(&mut self.told, true) => {
                tracing::warn!(
                    why = word,
                    "handover.url takes no wrap-ups; they wait in Redis and are tried again"
                );
            }
            Outcome::Closed(_) => {}
            _ if std::mem::take(&mut self.told) => tracing::info!("handover.url takes wrap-ups again"),
            _ => {}
        }
    }

    /// Until Redis takes it: what is not acknowledged would be sent again.
    async fn settle(&mut self, letter: &Letter, verdict: Verdict, attempts: u32) {
        if let (Verdict::Dead(why, status), false) = (verdict, letter.is_blank()) {
            counter!(names::HANDOVER_DEAD, "why" => why).increment(1);
            let call = &letter.call_id;
            tracing::error!(
                call,
                why,
                status,
                attempts,
                "a wrap-up was not taken: it is in the stream of dead letters"
            );
        }
        let (mut backoff, mut quiet) = (Backoff::new(), false);
        while let Err(error) = self.try_settle(letter, verdict, attempts).await {
            self.connection = None;
            trouble(&self.letters.redis, "handover", &error, quiet);
            quiet = true;
            tokio::time::sleep(backoff.next()).await;
        }
    }

    async fn try_settle(&mut self, letter: &Letter, verdict: Verdict, attempts: u32) -> RedisResult<()> {
        let letters = self.letters.clone();
        letters
            .settle(self.connection().await?, letter, verdict, attempts)
            .await
    }

    async fn connection(&mut self) -> RedisResult<&mut MultiplexedConnection> {
        match &mut self.connection {
            Some(open) => Ok(open),
            none => Ok(none.insert(self.letters.connect().await?)),
        }
    }

    /// Another daemon takes what it believes to be left.
    async fn keep(&mut self) {
        if let Err(error) = self.try_keep().await {
            tracing::debug!(%error, "entries of the group are not kept");
            self.connection = None;
        }
    }

    async fn try_keep(&mut self) -> RedisResult<()> {
        let ids: Vec<String> = self.courier.ids().map(str::to_owned).collect();
        let letters = self.letters.clone();
        letters.keep(self.connection().await?, &ids).await
    }
}
