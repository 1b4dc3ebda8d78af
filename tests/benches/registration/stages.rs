//! Where the CA's time goes: the stages of its flow, for one registration at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use ca_core::Suite;
use ca_core::authority::{Stage, StageWatch};
use ca_core::profile::Role;

use crate::entity;
use crate::house::House;
use crate::keys::Keys;

/// Measures the thread that registers; there is one at a time.
#[derive(Default)]
pub(crate) struct Stopwatch(Mutex<State>);

#[derive(Default)]
struct State {
    /// The stages entered and not left, and when the last of them began or went on.
    entered: Vec<Stage>,
    since: Option<Instant>,
    spent: Spent,
}

/// Time by stage, in the order of [`Stage::ALL`].
type Spent = [Duration; Stage::ALL.len()];

impl Stopwatch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was spent since last asked.
    fn take(&self) -> Spent {
        std::mem::take(&mut self.state().spent)
    }
}

impl State {
    /// Counts the time until now for the stage entered last.
    fn count(&mut self) {
        let now = Instant::now();
        if let (Some(stage), Some(since)) = (self.entered.last(), self.since) {
            self.spent[place(*stage)] += now - since;
        }
        self.since = Some(now);
    }
}

impl StageWatch for Stopwatch {
    fn enter(&self, stage: Stage) {
        let mut state = self.state();
        state.count();
        state.entered.push(stage);
    }

    fn leave(&self, _: Stage) {
        let mut state = self.state();
        state.count();
        state.entered.pop();
    }
}

/// The median of each stage, and of the time that the end entity's side took, in microseconds.
pub(crate) struct Table {
    stages: [f64; Stage::ALL.len()],
    entity: f64,
}

/// Registers with all `keys`, one after the other.
pub(crate) fn measured(house: &House, role: Role, keys: Vec<Keys>) -> Result<Table> {
    let mut runs: Vec<(Spent, Duration)> = Vec::new();
    house.stopwatch.take();
    for keys in &keys {
        let begin = Instant::now();
        entity::register(house, &house.watched, role, keys)?;
        let whole = begin.elapsed();
        let spent = house.stopwatch.take();
        runs.push((spent, whole.saturating_sub(spent.iter().sum())));
    }
    let stages = std::array::from_fn(|place| median(runs.iter().map(|(spent, _)| spent[place])));
    Ok(Table { stages, entity: median(runs.iter().map(|(_, entity)| *entity)) })
}

impl Table {
    fn of(&self, stage: Stage) -> f64 {
        self.stages[place(stage)]
    }

    fn whole(&self) -> f64 {
        self.stages.iter().sum()
    }

    fn percent(&self, micros: f64) -> f64 {
        100.0 * micros / self.whole()
    }
}

/// Prints the tables of a suite side by side.
pub(crate) fn print(suite: Suite, tables: &[(Role, Table)]) {
    print!("{:<24}", "where the CA's time goes");
    tables.iter().for_each(|(role, _)| print!(" {:>12} µs     %", role.to_string()));
    println!();
    for stage in Stage::ALL {
        if tables.iter().all(|(_, table)| table.of(stage) == 0.0) {
            continue;
        }
        row(&format!("{stage:?}").to_lowercase(), tables, |table| table.of(stage));
    }
    row("all", tables, Table::whole);
    row("beside it the wallet", tables, |table| table.entity);
    for (role, table) in tables {
        let own = [Stage::Decode, Stage::Decide, Stage::Encode];
        let own: f64 = own.into_iter().map(|stage| table.of(stage)).sum();
        let percent = table.percent(own);
        let limit = match suite {
            Suite::Modern => " (limit 5 %)",
            Suite::Set1997 => "",
        };
        let computing = 100.0 * own / (table.whole() - table.of(Stage::Store));
        println!(
            "decode + decide + encode: {percent:.1} % of a {suite} registration of a \
             {role}{limit}; {computing:.1} % of it without the store"
        );
    }
}

fn row(name: &str, tables: &[(Role, Table)], micros: impl Fn(&Table) -> f64) {
    print!("{name:<24}");
    for (_, table) in tables {
        let micros = micros(table);
        print!(" {micros:>15.0} {:>5.1}", table.percent(micros));
    }
    println!();
}

fn place(stage: Stage) -> usize {
    Stage::ALL.iter().position(|known| *known == stage).unwrap_or_default()
}

fn median(times: impl Iterator<Item = Duration>) -> f64 {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}
