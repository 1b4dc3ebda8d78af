//! How the service dies: by SIGKILL at a random moment, or by itself between two steps of the store
//! or of a key; and commands beside it likewise.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ca_core::signer::SecureRandom as _;
use ca_server::SystemRandom;

use super::Beside;
use super::crowd::Crowd;
use super::disk::Disk;
use crate::postgres::Postgres;
use crate::{Hierarchy, Service};

pub(super) struct Deaths<'a> {
    hierarchy: &'a Hierarchy,
    pub(super) kills: u64,
    pub(super) steps: u64,
    pub(super) commands: u64,
    pub(super) cuts: u64,
    pub(super) databases: u64,
    checkpoints: Vec<String>,
    disk: Option<Disk>,
    database: Option<&'a Postgres>,
}

impl<'a> Deaths<'a> {
    pub(super) fn new(hierarchy: &'a Hierarchy, beside: Beside<'a>) -> Self {
        let (disk, database) = match beside {
            Beside::Nothing => (None, None),
            Beside::Power => (Some(Disk::below(hierarchy)), None),
            Beside::Database(database) => (None, Some(database)),
        };
        let (kills, steps, commands, cuts, databases) = Default::default();
        let checkpoints = Vec::new();
        Self { hierarchy, kills, steps, commands, cuts, databases, checkpoints, disk, database }
    }

    /// A service that lives.
    pub(super) fn start(&self) -> Service {
        self.hierarchy.serve()
    }

    /// Files with checkpoints that were taken on the way.
    pub(super) fn checkpoints(&self) -> &[String] {
        &self.checkpoints
    }

    /// One life of the service and its end.
    pub(super) fn once(&mut self, crowd: &Crowd, number: u64) {
        if number.is_multiple_of(2) {
            self.between_steps(crowd);
        } else {
            self.at_a_moment(crowd);
        }
        if let Some(disk) = &self.disk {
            disk.cut();
            self.cuts += 1;
        }
        if let Some(database) = self.database.filter(|_| number.is_multiple_of(2)) {
            database.kill();
            database.resume();
            self.databases += 1;
        }
        if number.is_multiple_of(COMMAND_EVERY) {
            self.command(&["ca", "renew", "sample-cca"]);
            self.command(&["crl", "issue", "sample-cca"]);
        }
        if number.is_multiple_of(CHECKPOINT_EVERY) {
            let file = self.hierarchy.beside(&format!("{number}.checkpoint")).display().to_string();
            let _ = self.hierarchy.run(&["audit", "checkpoint", "--out", &file]);
            self.checkpoints.push(file);
        }
    }

    fn at_a_moment(&mut self, crowd: &Crowd) {
        let service = self.start();
        crowd.reach(&[service.url()]);
        let (before, deadline) = (crowd.answers(), Instant::now() + PATIENCE);
        while crowd.answers() < before + 2 {
            assert!(Instant::now() < deadline, "nobody is answered any more");
            thread::sleep(POLL);
        }
        thread::sleep(Duration::from_micros(u64::from(random()) * 5));
        service.kill();
        self.kills += 1;
    }

    fn between_steps(&mut self, crowd: &Crowd) {
        let command = self.hierarchy.serve_command(&[]);
        let at = 1 + u64::from(random()) % LAST_STEP;
        let started = Service::try_start(dying(command, at), &self.hierarchy.log());
        // None if it died before it could be reached.
        if let Some(mut service) = started {
            crowd.reach(&[service.url()]);
            let _ = service.ended_within(PATIENCE);
        }
        self.steps += 1;
    }

    /// Runs a command to a step somewhere in its middle, then to its end: what it left half done is
    /// no obstacle.
    fn command(&mut self, arguments: &[&str]) {
        let at = 1 + u64::from(random()) % COMMAND_STEPS;
        let mut command = dying(self.hierarchy.command(arguments), at);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !status.expect("setca starts").success() {
            self.commands += 1;
        }
        let _ = self.hierarchy.run(arguments);
    }
}

pub(super) fn dying(mut command: Command, at: u64) -> Command {
    command.env("SETCA_DIES_AT", at.to_string());
    command
}

fn random() -> u16 {
    u16::from_be_bytes(SystemRandom.array().expect("randomness"))
}

/// Steps of the store and of keys: some eighty are the start of a service, the rest is load.
const LAST_STEP: u64 = 600;
const COMMAND_STEPS: u64 = 120;
/// Deaths of the service between two commands beside it.
const COMMAND_EVERY: u64 = 10;
const CHECKPOINT_EVERY: u64 = 25;
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(1);
