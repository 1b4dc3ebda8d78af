//! `setca register collect`: the answer to a request that is out.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use ca_core::ee::{Outcome, Pending, Saved};
use ca_server::SystemRandom;
use clap::Args;
use indicatif::ProgressBar;

use super::folder::Folder;
use super::job::{Desk, fault};
use super::notes::Notes;
use super::order::{beside, now};
use super::outcome::USUAL_WAIT;
use super::service::{Reply, Service};
use crate::cli::Global;
use crate::failure::Failure;
use crate::passphrase;
use crate::report::{Report, say};

/// Collect the answer to a registration or renewal that waits.
///
/// A request whose answer was lost, or whose program died, is sent again unchanged: the CA answers
/// as it did, or would have done. A request that the CA had not decided is asked after. Once the
/// certificates are there, they are checked and installed in the folder; exit 0 then, 1 if the CA
/// has refused or not decided yet.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca register collect --out shop
  setca register collect --out shop --wait")]
pub(crate) struct Collect {
    /// The folder with pending.p8.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Ask again and again, as often as the CA wants to be asked, until it has decided.
    #[arg(long)]
    wait: bool,
}

impl Collect {
    /// Collects.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let folder = Folder::at(&self.out);
        if !folder.is_waiting() {
            return Err(Failure::refused(format!(
                "{} holds no request that waits for an answer",
                self.out.display()
            )));
        }
        let passphrase = passphrase::existing(&beside(global, self.out.clone()))?;
        let waiting = folder.waiting(&passphrase)?;
        let service = Service::at(&waiting.notes.registration.url)?;
        let held = folder.held(&passphrase)?;
        let (folder, service, held) = (&folder, &service, Some(&held));
        let desk = Desk { folder, service, passphrase: &passphrase, held };
        let (mut outcome, mut reply) = match waiting.restore()? {
            Saved::Requesting(requesting) => {
                say("sending the request again, octet for octet");
                desk.ask(&requesting)?
            }
            Saved::Pending(pending) => inquire(&desk, &pending)?,
        };
        while let (Outcome::Pending(pending), true) = (&outcome, self.wait) {
            let notes: Notes = waiting.notes.clone();
            desk.keep(pending, notes)?;
            pause(pending, reply.retry_after);
            (outcome, reply) = inquire(&desk, pending)?;
        }
        desk.settle(outcome, waiting.notes, &reply)
    }
}

fn inquire(desk: &Desk<'_>, pending: &Pending) -> Result<(Outcome, Reply), Failure> {
    say("asking after the request: CertInqReq");
    let (_, requesting) =
        pending.inquire(now(), &SystemRandom).map_err(|e| fault("inquiry", &e))?;
    desk.ask(&requesting)
}

/// Waits as long as the CA wants (decisions.md 30), within reason.
fn pause(pending: &Pending, retry_after: Option<u64>) {
    let seconds = retry_after.unwrap_or(USUAL_WAIT).clamp(1, LONGEST_WAIT);
    let status = pending.status();
    let bar = ProgressBar::new_spinner();
    bar.set_message(format!("{status}; asking again in {seconds} seconds"));
    bar.enable_steady_tick(Duration::from_millis(500));
    sleep(Duration::from_secs(seconds));
    bar.finish_and_clear();
}

/// A CA that says "next year" is asked within the hour.
const LONGEST_WAIT: u64 = 3600;
