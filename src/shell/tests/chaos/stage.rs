//! Two redis-servers, one the other's replica, a name that leads to the primary, and the process that is killed.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use redis::aio::MultiplexedConnection;
use redis::cmd;

use crate::Plan;
use crate::proxy::Proxy;
use crate::random::Random;
use crate::support::{Server, until};

/// A command that was written.
pub(crate) struct Issued {
    pub(crate) id: String,
    pub(crate) command: &'static str,
    pub(crate) call: String,
}

pub(crate) struct Stage {
    /// The primary is first.
    servers: [(Server, String); 2],
    name: Proxy,
    daemon: Option<Child>,
    calls: u32,
    pub(crate) folder: PathBuf,
    pub(crate) issued: Vec<Issued>,
}

impl Stage {
    pub(crate) async fn set(plan: Plan) -> Self {
        let ports: [TcpListener; 2] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
        let [one, two] = ports.map(|listener| listener.local_addr().unwrap().port().to_string());
        let server = async |name: &str, port: &str| {
            let args = ["--port", port, "--repl-diskless-sync-delay", "0"];
            Server::with(name, &args).await
        };
        let servers = [
            (server("chaos-1", &one).await, one),
            (server("chaos-2", &two).await, two),
        ];
        let folder = std::env::temp_dir().join(format!("sidetone-chaos-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let name = Proxy::to(&servers[0].0).await;
        let mut stage = Self {
            servers,
            name,
            daemon: None,
            calls: plan.calls,
            folder,
            issued: Vec::new(),
        };
        stage.replicate().await;
        stage.start();
        stage
    }

    pub(crate) async fn primary(&self) -> MultiplexedConnection {
        self.servers[0].0.connect().await
    }

    /// Makes the second the first's replica and waits until it has everything.
    async fn replicate(&self) {
        let [(_, port), (replica, _)] = &self.servers;
        replica.tell(&format!("REPLICAOF 127.0.0.1 {port}")).await;
        let mut redis = replica.connect().await;
        until("the replica", async || {
            let info: redis::InfoDict = cmd("INFO").arg("replication").query_async(&mut redis).await.unwrap();
            info.get::<String>("master_link_status")
                .filter(|status| status == "up")
                .map(drop)
        })
        .await;
    }

    fn start(&mut self) {
        let child = Command::new(std::env::current_exe().unwrap())
            .arg("daemon")
            .arg(&self.folder)
            .arg(self.name.config(&self.servers[0].0).url)
            .arg(self.calls.to_string())
            .stdin(Stdio::null())
            .spawn();
        self.daemon = Some(child.unwrap());
    }

    /// `kill -9`, and another one takes its place.
    pub(crate) fn kill(&mut self) {
        self.stop();
        self.start();
    }

    fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }

    /// The replica becomes the primary, and the name leads there. The old primary lives on as its replica, with all that is
    /// connected to it; or it dies, without a word, with what it had not yet told its replica.
    pub(crate) async fn failover(&mut self, dies: bool) {
        if dies {
            self.servers[0].0.kill();
        }
        self.servers.swap(0, 1);
        self.servers[0].0.tell("REPLICAOF NO ONE").await;
        self.name.lead_to(&self.servers[0].0);
        if dies {
            self.servers[1].0.start().await;
        }
        self.replicate().await;
    }

    /// Every connection goes silent.
    pub(crate) fn silence(&self) {
        self.name.cut();
    }

    /// Masks or unmasks a call. `WAIT`: a command that a failover takes with it was never given.
    pub(crate) async fn command(&mut self, random: &mut Random) {
        let call = format!("call{}", random.below(self.calls.into()));
        let command = if random.below(2) == 0 { "mask" } else { "resume" };
        let mut redis = self.primary().await;
        let mut add = cmd("XADD");
        add.arg("sidetone:control").arg("MAXLEN").arg("~").arg(1_000).arg("*");
        add.arg("command").arg(command).arg("call_id").arg(&call);
        let id: String = add.query_async(&mut redis).await.unwrap();
        let copies: u32 = cmd("WAIT").arg(1).arg(5_000).query_async(&mut redis).await.unwrap();
        assert_eq!(copies, 1, "the replica does not follow");
        self.issued.push(Issued { id, command, call });
    }

    /// Ends the calls and waits until every stream has its end.
    pub(crate) async fn hang_up(&mut self) {
        let mut redis = self.primary().await;
        let last = self.issued.last().map(|issued| issued.id.clone()).unwrap_or_default();
        until("the last command", async || {
            self.witness().contains(&last).then_some(())
        })
        .await;
        std::fs::write(self.folder.join("hang-up"), "").unwrap();
        for number in 0..self.calls {
            let key = format!("sidetone:{{call{number}}}:state");
            until(&format!("the end of call {number}"), async || {
                let status: Option<String> = cmd("HGET")
                    .arg(&key)
                    .arg("status")
                    .query_async(&mut redis)
                    .await
                    .unwrap();
                status.filter(|status| status == "ended").map(drop)
            })
            .await;
        }
        self.stop();
    }

    pub(crate) fn witness(&self) -> String {
        std::fs::read_to_string(self.folder.join("witness")).unwrap_or_default()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop();
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}
