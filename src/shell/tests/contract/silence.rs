//! Connections that are there and say nothing any more: everything that waits for Redis finds it out by itself.

use redis::cmd;
use sidetone_base::{AgentId, CallId};
use sidetone_shell::wire::{ControlAction, Controls, Subscription, Target, subscribe};
use tokio::sync::mpsc;

use crate::proxy::Proxy;
use crate::support::{PATIENCE, Server, Wire, assert_whole, ended, heard, joined, started, until};

async fn next(watch: &mut Subscription) -> Option<String> {
    let event = tokio::time::timeout(PATIENCE, watch.next())
        .await
        .expect("nothing came");
    event.map(|event| format!("{}{}", event.call_id, event.seq))
}

#[tokio::test]
async fn a_command_is_read_after_the_connection_went_silent() {
    let server = Server::running("silent-control", false).await;
    let proxy = Proxy::to(&server).await;
    let wire = Wire::start(&server);
    let (out, mut commands) = mpsc::channel(4);
    let reader = tokio::spawn(Controls::open(proxy.config(&server), &wire.publisher).read(out));
    let mut redis = server.connect().await;
    until("the reader", async || {
        let clients: String = cmd("CLIENT").arg("LIST").query_async(&mut redis).await.unwrap();
        clients.contains("cmd=xread").then_some(())
    })
    .await;
    proxy.cut();
    server.tell("XADD sidetone:control * command mask call_id c").await;
    let command = tokio::time::timeout(PATIENCE, commands.recv())
        .await
        .expect("the command was lost");
    assert_eq!(command.unwrap().action, ControlAction::Mask);
    drop(commands);
    reader.await.unwrap();
    wire.stop().await;
}

#[tokio::test]
async fn events_go_on_after_the_connection_went_silent() {
    let server = Server::running("silent-events", false).await;
    let proxy = Proxy::to(&server).await;
    let mut redis = server.connect().await;
    let wire = Wire::with(server.outbox(), proxy.config(&server));
    wire.publisher.publish(started("c"));
    assert_whole(&mut redis, "c", 1).await;
    proxy.cut();
    (0..9).for_each(|turn| wire.publisher.publish(heard("c", &format!("s{turn}"))));
    until("the silence to be seen", async || {
        (!wire.readiness.missing().is_empty()).then_some(())
    })
    .await;
    assert_whole(&mut redis, "c", 10).await;
    wire.stop().await;
}

#[tokio::test]
async fn a_viewer_misses_nothing_though_the_connection_went_silent() {
    let server = Server::running("silent-watch", false).await;
    let proxy = Proxy::to(&server).await;
    let wire = Wire::start(&server);
    let mut redis = server.connect().await;
    [started("a"), joined("a", "8001")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    assert_whole(&mut redis, "a", 2).await;
    let config = proxy.config(&server);
    let mut agent = subscribe(config.clone(), Target::Agent(AgentId::new("8001")))
        .await
        .unwrap();
    let mut call = subscribe(config, Target::Call(CallId::new("a"))).await.unwrap();
    for watch in [&mut agent, &mut call] {
        assert_eq!(next(watch).await.as_deref(), Some("a1"));
        assert_eq!(next(watch).await.as_deref(), Some("a2"));
    }
    proxy.cut();
    // The agent is on no call any more when the viewer is back: its end is shown all the same.
    [heard("a", "s1"), ended("a")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    for watch in [&mut agent, &mut call] {
        assert_eq!(next(watch).await.as_deref(), Some("a3"));
        assert_eq!(next(watch).await.as_deref(), Some("a4"));
    }
    assert_eq!(next(&mut call).await, None, "the call is over");
    wire.stop().await;
}
