//! `setca ca create`.

use ca_core::authority::{NewKey, PlannedCa, PlannedKey, establish, plan_addition};
use ca_core::profile::KeyUse;
use clap::Args;

use super::made;
use crate::cli::Global;
use crate::commands::init::country;
use crate::failure::Failure;
use crate::house::{self, authority_failure, data_failure, store_failure};
use crate::report::Report;
use crate::tree::Tree;

/// Add a brand, or CAs of an area to a brand, while the service runs.
///
/// A new brand gets a brand CA below the root, with --geo a geo-political CA below that, then
/// cardholder, merchant and gateway CA. A brand that is there already gets with --geo a
/// geo-political CA with CAs of its own. Keys are written before anything is signed; a run that was
/// interrupted is finished by the same command. What stands directly below the root needs the
/// root's keys in DIR/offline-root. A running service takes the new CAs up by itself.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca ca create --brand Other
  setca ca create --brand Sample --geo NZ")]
pub(crate) struct Create {
    /// The brand, NAME or NAME:PRODUCT.
    #[arg(long, value_name = "NAME[:PRODUCT]")]
    brand: String,
    /// The area of the CAs (ISO 3166 alpha-2).
    #[arg(long, value_name = "CC", value_parser = country)]
    geo: Option<String>,
}

impl Create {
    pub(super) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let needs_root = self.is_brand_lacking(global)?;
        let opened = house::opened(global, needs_root)?;
        let cas = opened.parts.store.cas().map_err(|e| store_failure(&e))?;
        let plan = plan_addition(&opened.parts.policies, &cas, &self.brand, self.geo.as_deref())
            .map_err(|e| authority_failure(&e))?;
        let wanted: Vec<(&PlannedCa, &PlannedKey)> = plan.keys().collect();
        let planned: Vec<PlannedKey> = wanted.iter().map(|(_, key)| **key).collect();
        let keys: Vec<NewKey> = opened
            .keys
            .make(&planned, |index| {
                if let Some((ca, key)) = wanted.get(index) {
                    made::say_key(&ca.id, Some(key));
                }
            })
            .map_err(|e| data_failure(&e))?;
        let authority = establish(opened.parts, &plan, &keys).map_err(|e| authority_failure(&e))?;
        let hierarchy = authority.hierarchy();
        let certificates = wanted.iter().filter_map(|(ca, key)| {
            let held = hierarchy.ca(&ca.id)?.held(key.key_use)?;
            Some(made::certificate(&ca.id, key.key_use, held.certificate))
        });
        let created: Vec<&str> = plan.cas.iter().map(|ca| ca.id.as_str()).collect();
        Report::tree(
            &Tree::new()
                .with("created", Tree::list(created))
                .with("inForce", certificates.collect::<Vec<_>>())
                .with("next", "nothing: a running service takes them up by itself"),
        )
    }

    /// True if the brand CA has keys to be certified by the root.
    fn is_brand_lacking(&self, global: &Global) -> Result<bool, Failure> {
        let cas = house::records(global)?.cas().map_err(|e| store_failure(&e))?;
        let root = cas.iter().find(|ca| ca.superior.is_none()).map(|root| &root.id);
        let uses = [KeyUse::CertificateSigning, KeyUse::MessageSignature];
        let complete = cas.iter().any(|ca| {
            ca.brand.as_ref() == Some(&self.brand)
                && ca.superior.as_ref() == root
                && uses.iter().all(|key_use| ca.in_force(*key_use).is_some())
        });
        Ok(!complete)
    }
}
