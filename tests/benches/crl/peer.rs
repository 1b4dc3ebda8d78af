//! The same entries by `openssl ca -gencrl`, which keeps them in a text file.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use ca_core::hex;

use crate::house::serial;

/// Prints how long it takes; says so if there is no openssl.
pub(crate) fn measure(number: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut index = String::new();
    for one in 0..number {
        let serial = hex(serial(one).context("a serial number")?.as_octets()).to_uppercase();
        let (until, at) = ("271122130000Z", "261122130000Z");
        writeln!(index, "R\t{until}\t{at},keyCompromise\t{serial}\tunknown\t/CN={one}")?;
    }
    fs::write(folder.path().join("index.txt"), index)?;
    fs::write(folder.path().join("crlnumber"), "01\n")?;
    fs::write(folder.path().join("ca.cnf"), CONFIGURATION)?;
    let made = openssl(
        folder.path(),
        "req -x509 -newkey rsa:3072 -nodes -config ca.cnf \
                                       -keyout key.pem -out ca.pem -days 3650 -subj /O=Sample",
    );
    match made {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("  openssl is not there");
            return Ok(());
        }
        made => ensure!(made?.status.success(), "openssl req"),
    }
    let begin = Instant::now();
    let done = openssl(
        folder.path(),
        "ca -gencrl -config ca.cnf -keyfile key.pem -cert ca.pem \
                                       -crldays 30 -out list.pem",
    )?;
    let spent = begin.elapsed().as_secs_f64() * 1e3;
    ensure!(done.status.success(), "openssl ca: {}", String::from_utf8_lossy(&done.stderr));
    println!("  {:<22} {spent:>12.2} ms", "openssl ca -gencrl");
    Ok(())
}

fn openssl(folder: &Path, arguments: &str) -> std::io::Result<Output> {
    let arguments = arguments.split_whitespace();
    Command::new("openssl").current_dir(folder).args(arguments).stdin(Stdio::null()).output()
}

const CONFIGURATION: &str = "\
[ca]
default_ca = sample
[sample]
database = index.txt
crlnumber = crlnumber
default_md = sha256
[req]
distinguished_name = name
x509_extensions = extensions
[name]
[extensions]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
";
