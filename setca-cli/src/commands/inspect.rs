//! `setca inspect`.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::input;
use crate::inspect;
use crate::report::Report;
use crate::tree::Tree;

/// Show what stands in a file: certificate, CRL, BCI, OCSP or SET message.
///
/// Reads PEM (bundles too) and DER. SET extensions are decoded by name, field by field; the signed
/// part of a SET message is opened, the encrypted part is shown as such. Private keys are named,
/// never shown. Nothing is verified: that is `setca verify`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca inspect certificate.pem
  setca inspect answer.der --format json
  curl -s http://127.0.0.1:8080/crl/sample-cca.crl | setca inspect -")]
pub(crate) struct Inspect {
    /// The file; `-` is standard input.
    file: PathBuf,
}

impl Inspect {
    /// Shows each object of the file.
    pub(crate) fn run(self) -> Result<Report, Failure> {
        let name = if self.file.as_os_str() == "-" {
            "standard input".to_owned()
        } else {
            self.file.display().to_string()
        };
        let objects = input::objects(&self.file, input::read(&self.file)?)?;
        let trees: Result<Vec<Tree>, String> = objects.iter().map(inspect::tree).collect();
        let mut trees = trees.map_err(|problem| Failure::refused(format!("{name}: {problem}")))?;
        match (trees.pop(), trees.is_empty()) {
            (Some(only), true) => Report::tree(&only),
            (last, _) => {
                trees.extend(last);
                let text: Vec<String> = trees.iter().map(Tree::to_text).collect();
                Report::views(text.join("\n"), &trees)
            }
        }
    }
}
