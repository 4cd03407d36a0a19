//! Redis servers that answer and take nothing: everything arrives once they are mended, and meanwhile `/ready`, the
//! metric's source and the doctor say what it is.

use std::net::TcpListener;

use redis::cmd;
use sidetone_base::Severity;
use sidetone_shell::wire::{RedisConfig, diagnose};

use crate::proxy::Proxy;
use crate::support::{Server, Wire, assert_whole, heard, started, until};

/// What is said of a server that refuses.
struct Said {
    /// In `/ready`.
    found: &'static str,
    /// By the doctor.
    cure: &'static str,
}

/// Waits until `/ready` says it and the doctor has the cure, and no other.
async fn assert_said(wire: &Wire, config: &RedisConfig, said: &Said) {
    until(said.found, async || {
        let missing = wire.readiness.missing();
        missing.get("redis").filter(|why| why.contains(said.found)).map(drop)
    })
    .await;
    let findings = diagnose(config).await;
    let faults: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Fault)
        .collect();
    assert!(!faults.is_empty(), "{findings:#?}");
    for fault in faults {
        assert!(fault.cure.contains(said.cure), "{findings:#?}");
    }
}

async fn assert_well(wire: &Wire) {
    until("Redis to be ready", async || {
        wire.readiness.missing().is_empty().then_some(())
    })
    .await;
}

fn talk(wire: &Wire, turns: std::ops::Range<u32>) {
    turns.for_each(|turn| wire.publisher.publish(heard("c", &format!("s{turn}"))));
}

/// One call on a server that is well, then refuses, then is mended. Nothing is published while it is well again and
/// before `said` was said: what finds it out is the idle connection.
async fn refused_and_healed(server: &Server, refuse: impl AsyncFnOnce(), heal: impl AsyncFnOnce(), said: Said) {
    let wire = Wire::start(server);
    wire.publisher.publish(started("c"));
    assert_whole(&mut server.connect().await, "c", 1).await;
    assert_well(&wire).await;
    refuse().await;
    assert_said(&wire, &server.config(), &said).await;
    talk(&wire, 0..20);
    heal().await;
    assert_whole(&mut server.connect().await, "c", 21).await;
    assert_well(&wire).await;
    wire.stop().await;
}

/// One call on a server that refuses from the first.
async fn refused_at_first(server: &Server, heal: impl AsyncFnOnce(), said: Said) {
    let wire = Wire::start(server);
    wire.publisher.publish(started("c"));
    talk(&wire, 0..20);
    assert_said(&wire, &server.config(), &said).await;
    heal().await;
    assert_whole(&mut server.connect().await, "c", 21).await;
    assert_well(&wire).await;
    wire.stop().await;
}

/// Ports that nobody has.
fn ports<const N: usize>() -> [String; N] {
    let held: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port().to_string())
}

#[tokio::test]
async fn the_address_moves_to_a_new_primary_and_the_old_one_lives_on_as_its_replica() {
    let [one, two] = ports();
    let first = Server::with("primary", &["--port", &one]).await;
    let second = Server::with("replica", &["--port", &two, "--replicaof", "127.0.0.1", &one]).await;
    let name = Proxy::to(&first).await;
    let config = name.config(&first);
    let wire = Wire::with(first.outbox(), config.clone());
    wire.publisher.publish(started("c"));
    assert_whole(&mut second.connect().await, "c", 1).await;
    second.tell("REPLICAOF NO ONE").await;
    first.tell(&format!("REPLICAOF 127.0.0.1 {two}")).await;
    let said = Said {
        found: "is a replica",
        cure: "point redis.url at the primary, or at a name that follows it (it says that its primary is 127.0.0.1:",
    };
    assert_said(&wire, &config, &said).await;
    talk(&wire, 0..127);
    name.lead_to(&second);
    assert_whole(&mut second.connect().await, "c", 128).await;
    assert_whole(&mut first.connect().await, "c", 128).await;
    assert_well(&wire).await;
    wire.stop().await;
}

#[tokio::test]
async fn a_full_redis_is_named_and_gets_everything_once_it_has_room() {
    let server = Server::running("oom", false).await;
    let said = Said {
        found: "maxmemory",
        cure: "raise maxmemory",
    };
    let (refuse, heal) = (
        async || server.tell("CONFIG SET maxmemory 1").await,
        async || server.tell("CONFIG SET maxmemory 0").await,
    );
    refused_and_healed(&server, refuse, heal, said).await;
}

#[tokio::test]
async fn a_redis_that_cannot_save_is_named_and_gets_everything_once_it_can() {
    let server = Server::with("misconf", &["--save", "3600 1000000"]).await;
    let in_the_way = server.dir.join("dump.rdb");
    let save = async |status: &str| {
        server.tell("BGSAVE").await;
        until(status, async || {
            let mut redis = server.connect().await;
            let info: redis::InfoDict = cmd("INFO").arg("persistence").query_async(&mut redis).await.unwrap();
            let idle = info.get::<u8>("rdb_bgsave_in_progress") == Some(0);
            (idle && info.get::<String>("rdb_last_bgsave_status").as_deref() == Some(status)).then_some(())
        })
        .await;
    };
    let refuse = async || {
        std::fs::create_dir(&in_the_way).unwrap();
        save("err").await;
    };
    let heal = async || {
        std::fs::remove_dir(&in_the_way).unwrap();
        save("ok").await;
    };
    let said = Said {
        found: "cannot save",
        cure: "make room on the disk",
    };
    refused_and_healed(&server, refuse, heal, said).await;
}

#[tokio::test]
async fn a_cluster_that_is_down_is_named_and_gets_everything_once_it_is_up() {
    let [port, bus] = ports();
    let cluster = ["--cluster-enabled", "yes", "--port", &port, "--cluster-port", &bus];
    let server = Server::with("clusterdown", &cluster).await;
    let said = Said {
        found: "Cluster that is down",
        cure: "mend the Cluster",
    };
    let heal = async || {
        server.tell("CLUSTER ADDSLOTSRANGE 0 16383").await;
        agreed(&server).await;
    };
    refused_at_first(&server, heal, said).await;
}

#[tokio::test]
async fn a_node_that_has_not_all_slots_is_named_and_gets_everything_once_it_has() {
    let [one, bus_one, two, bus_two] = ports();
    let node = async |name: &str, port: &str, bus: &str| {
        let args = ["--cluster-enabled", "yes", "--port", port, "--cluster-port", bus];
        Server::with(name, &args).await
    };
    let (first, second) = (
        node("moved-1", &one, &bus_one).await,
        node("moved-2", &two, &bus_two).await,
    );
    // The second has the slots of what is tried and written, the first has all others.
    let mut redis = first.connect().await;
    let mut slots: Vec<String> = Vec::new();
    for key in [
        "sidetone:probe",
        "sidetone:{c}:events",
        "sidetone:ivr:c-caller",
        "sidetone:agent:8001:call",
    ] {
        let slot: u32 = cmd("CLUSTER")
            .arg("KEYSLOT")
            .arg(key)
            .query_async(&mut redis)
            .await
            .unwrap();
        slots.push(slot.to_string());
    }
    first.tell("CLUSTER ADDSLOTSRANGE 0 16383").await;
    first.tell(&format!("CLUSTER DELSLOTS {}", slots.join(" "))).await;
    second.tell(&format!("CLUSTER ADDSLOTS {}", slots.join(" "))).await;
    first.tell(&format!("CLUSTER MEET 127.0.0.1 {two} {bus_two}")).await;
    agreed(&first).await;
    agreed(&second).await;
    let said = Said {
        found: "some of our keys elsewhere",
        cure: "point redis.url at a single Redis",
    };
    let own: String = cmd("CLUSTER").arg("MYID").query_async(&mut redis).await.unwrap();
    let heal = async || {
        for slot in &slots {
            first.tell(&format!("CLUSTER SETSLOT {slot} NODE {own}")).await;
            second.tell(&format!("CLUSTER SETSLOT {slot} NODE {own}")).await;
        }
        agreed(&first).await;
    };
    refused_at_first(&first, heal, said).await;
}

/// Waits until the node believes that the Cluster is up and every slot is served.
async fn agreed(node: &Server) {
    until("the Cluster to be up", async || {
        let info: String = cmd("CLUSTER")
            .arg("INFO")
            .query_async(&mut node.connect().await)
            .await
            .unwrap();
        (info.contains("cluster_state:ok") && info.contains("cluster_slots_assigned:16384")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_has_lost_its_primary_is_named_and_gets_everything_once_it_is_one() {
    let [nobody] = ports();
    let args = ["--replicaof", "127.0.0.1", &nobody, "--replica-serve-stale-data", "no"];
    let server = Server::with("masterdown", &args).await;
    let said = Said {
        found: "is a replica",
        cure: "point redis.url at the primary",
    };
    refused_at_first(&server, async || server.tell("REPLICAOF NO ONE").await, said).await;
}

#[tokio::test]
async fn a_redis_that_still_reads_its_data_is_named_and_gets_everything_then() {
    let mut server = Server::with("loading", &["--rdbcompression", "no"]).await;
    let mut redis = server.connect().await;
    for key in 0..40 {
        let value = "x".repeat(4_096);
        cmd("SET")
            .arg(format!("key{key}"))
            .arg(value)
            .exec_async(&mut redis)
            .await
            .unwrap();
    }
    server.tell("SAVE").await;
    server.kill();
    // Microseconds for each key, so that the reading takes four seconds, and bytes after which it looks up.
    server.push(&[
        "--key-load-delay",
        "100000",
        "--loading-process-events-interval-bytes",
        "1024",
    ]);
    server.start().await;
    let said = Said {
        found: "still reads its data",
        cure: "wait until it has read its data",
    };
    let read = async || {
        until("the data to be read", async || {
            let mut redis = server.connect().await;
            let info: redis::InfoDict = cmd("INFO").arg("persistence").query_async(&mut redis).await.ok()?;
            (info.get::<u8>("loading") == Some(0)).then_some(())
        })
        .await;
    };
    refused_at_first(&server, read, said).await;
}

#[tokio::test]
async fn a_redis_that_wants_another_password_is_named_and_gets_everything_then() {
    let server = Server::running("noauth", false).await;
    let mut admin = server.connect().await;
    let set = async |admin: &mut redis::aio::MultiplexedConnection, password: &str| {
        let mut set = cmd("CONFIG");
        set.arg("SET")
            .arg("requirepass")
            .arg(password)
            .exec_async(admin)
            .await
            .unwrap();
    };
    set(&mut admin, "s3cret").await;
    let wire = Wire::start(&server);
    wire.publisher.publish(started("c"));
    let said = Said {
        found: "wants a password",
        cure: "put user and password into redis.url",
    };
    assert_said(&wire, &server.config(), &said).await;
    let wrong = RedisConfig {
        url: format!("{}?user=default&pass=wr0ng", server.url()),
        ..server.config()
    };
    let findings = diagnose(&wrong).await;
    assert!(findings[0].cure.contains("look at user and password"), "{findings:#?}");
    assert!(!format!("{findings:?}").contains("wr0ng"));
    set(&mut admin, "").await;
    assert_whole(&mut server.connect().await, "c", 1).await;
    assert_well(&wire).await;
    wire.stop().await;
}

#[tokio::test]
async fn the_doctor_tells_a_missing_right_from_a_server_that_refuses() {
    let server = Server::running("noperm", true).await;
    server
        .tell("ACL SETUSER reader on >s3cret ~sidetone:* &sidetone:* +@read +info")
        .await;
    let config = RedisConfig {
        url: format!("{}?user=reader&pass=s3cret", server.url()),
        ..server.config()
    };
    let findings = diagnose(&config).await;
    let fault = findings
        .iter()
        .find(|finding| finding.severity == Severity::Fault)
        .unwrap();
    assert!(fault.cure.contains("docs/EVENTS.md"), "{findings:#?}");
}
