//! Several services over one database: killed, stopped, cut off under load; and a standby that takes
//! over from a primary that dies.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use super::crowd::Crowd;
use super::{Survived, verdict};
use crate::postgres::Postgres;
use crate::relay::Relay;
use crate::{Hierarchy, Service};

/// What three services went through, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Endured {
    /// `kill -9` of one of them.
    pub kills: u64,
    /// One of them stood still for a while.
    pub pauses: u64,
    /// One of them could not reach the database for a while.
    pub cuts: u64,
    /// What everybody was told.
    pub survived: Survived,
}

impl fmt::Display for Endured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, pauses, cuts, survived } = self;
        writeln!(f, "one of three killed                {kills}")?;
        writeln!(f, "one of three stopped for a while   {pauses}")?;
        writeln!(f, "one of three cut off for a while   {cuts}")?;
        write!(f, "{survived}")
    }
}

/// Runs three services over one database through so many rounds: in each, every one of them is
/// killed, stopped and cut off once. `told` hears of each round.
///
/// # Panics
/// As [`survive`](super::survive); if one that is cut off says that it is ready, or one that is back
/// does not become so.
#[must_use]
pub fn endure(rounds: u64, told: &dyn Fn(u64)) -> Endured {
    let database = Postgres::start();
    let hierarchy = Hierarchy::in_database(&database.database("records"));
    hierarchy.carry_root_away();
    let crowd = Crowd::new(&hierarchy);
    let mut replicas: Vec<Replica> =
        (0..REPLICAS).map(|_| Replica::start(&hierarchy, &database)).collect();
    let mut endured = Endured { kills: 0, pauses: 0, cuts: 0, survived: Survived::default() };
    thread::scope(|threads| {
        reach(&crowd, &replicas);
        crowd.begin(threads);
        for round in 1..=rounds {
            for number in 0..replicas.len() {
                let killed = replicas.remove(number).killed(&hierarchy);
                replicas.insert(number, killed);
                endured.kills += 1;
                reach(&crowd, &replicas);
                go_on(&crowd);
                replicas[number].pause(&crowd);
                endured.pauses += 1;
                replicas[number].cut_off(&crowd);
                endured.cuts += 1;
                go_on(&crowd);
            }
            told(round);
        }
        crowd.end();
    });
    drop(replicas);
    let survived = verdict::judge(&hierarchy, &crowd.heard(), &[], endured.survived);
    Endured { survived, ..endured }
}

/// Kills a primary with a synchronous standby under load, and promotes the standby.
///
/// # Panics
/// As [`survive`](super::survive).
#[must_use]
pub fn fail_over() -> Survived {
    let primary = Postgres::start();
    let alone = Hierarchy::in_database(&primary.database("records"));
    let standby = primary.standby("standby");
    primary.configure("synchronous_standby_names = 'standby'\n");
    primary.reload();
    let url = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/records",
        primary.port(),
        standby.port()
    );
    let hierarchy = alone.reached_by(&url);
    hierarchy.carry_root_away();
    let crowd = Crowd::new(&hierarchy);
    let services: Vec<Service> =
        (0..REPLICAS).map(|number| started(&hierarchy, number, &url)).collect();
    thread::scope(|threads| {
        crowd.reach(&services.iter().map(Service::url).collect::<Vec<_>>());
        crowd.begin(threads);
        (0..5).for_each(|_| go_on(&crowd));
        primary.kill();
        standby.promote();
        (0..5).for_each(|_| go_on(&crowd));
        crowd.end();
    });
    drop(services);
    verdict::judge(&hierarchy, &crowd.heard(), &[], Survived::default())
}

/// A service, and its own way to the database.
struct Replica {
    service: Service,
    relay: Relay,
    number: usize,
}

impl Replica {
    fn start(hierarchy: &Hierarchy, database: &Postgres) -> Self {
        let relay = Relay::to(database.port());
        let number = usize::from(relay.port());
        Self { service: started(hierarchy, number, &url(&relay)), relay, number }
    }

    /// Killed, and started again.
    fn killed(self, hierarchy: &Hierarchy) -> Self {
        let Self { service, relay, number } = self;
        service.kill();
        Self { service: started(hierarchy, number, &url(&relay)), relay, number }
    }

    /// Stands still for longer than the database waits for a transaction.
    fn pause(&self, crowd: &Crowd) {
        self.service.signal("STOP");
        let (begun, mut passed) = (Instant::now(), 0);
        while begun.elapsed() < STANDSTILL {
            go_on(crowd);
            passed += 1;
        }
        assert!(passed > 0);
        self.service.signal("CONT");
    }

    /// Cut off from the database, and given back.
    fn cut_off(&self, crowd: &Crowd) {
        self.relay.cut();
        self.becomes(503);
        go_on(crowd);
        self.relay.mend();
        self.becomes(200);
    }

    fn becomes(&self, status: u16) {
        let deadline = Instant::now() + PATIENCE;
        while self.service.fetch("/readyz").status != status {
            assert!(Instant::now() < deadline, "never {status}: {}", self.service.log());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn url(relay: &Relay) -> String {
    format!("postgres://postgres@127.0.0.1:{}/records", relay.port())
}

fn started(hierarchy: &Hierarchy, number: usize, url: &str) -> Service {
    let mut command = hierarchy.serve_command(&[]);
    command.env("SETCA_STORE", url);
    Service::start(command, &hierarchy.beside(&format!("replica-{number}.log")))
}

fn reach(crowd: &Crowd, replicas: &[Replica]) {
    crowd.reach(&replicas.iter().map(|replica| replica.service.url()).collect::<Vec<_>>());
}

/// Waits until somebody was answered.
fn go_on(crowd: &Crowd) {
    let (before, deadline) = (crowd.answers(), Instant::now() + PATIENCE);
    while crowd.answers() < before + 5 {
        assert!(Instant::now() < deadline, "nobody is answered any more");
        thread::sleep(Duration::from_millis(5));
    }
}

const REPLICAS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);
/// The database ends what stands still in a transaction after 3 s.
const STANDSTILL: Duration = Duration::from_secs(4);
