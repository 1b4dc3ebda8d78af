//! What the service is compared with.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use ca_core::hex;
use clap::Args;
use e2e::fill::{Filled, serial};

use crate::report::say;
use crate::server::{Server, free_address};

/// Install what `run` compares with: nginx and openssl, as Debian packages.
#[derive(Debug, Args)]
pub(crate) struct Install {}

impl Install {
    pub(crate) fn run(self) -> Result<()> {
        let missing: Vec<&str> =
            ["nginx", "openssl"].into_iter().filter(|name| !has(name)).collect();
        if missing.is_empty() {
            say(format_args!("nginx and openssl are installed"));
            return Ok(());
        }
        let install = format!(
            "apt-get update -qq && apt-get install -y -qq --no-install-recommends {}",
            missing.join(" ")
        );
        let installed = Command::new("sh").args(["-c", &install]).status()?;
        ensure!(installed.success(), "not installed (root may): {}", missing.join(" "));
        Ok(())
    }
}

/// The octets of a file, from a bare handler in another process of this program.
pub(crate) fn static_file(folder: &Path, octets: &[u8]) -> Result<Server> {
    let file = folder.join("static.der");
    fs::write(&file, octets)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("static").arg("--file").arg(file);
    Server::announced(&mut command, &folder.join("static.log"))
}

/// The same from nginx; none if it is not installed.
pub(crate) fn nginx(folder: &Path, octets: &[u8]) -> Result<Option<Server>> {
    if !has("nginx") {
        return Ok(None);
    }
    fs::write(folder.join("answer.der"), octets)?;
    let (address, place) = (free_address()?, folder.display());
    // Root's workers would be somebody who may not read this folder.
    let user = if is_root()? { "user root;" } else { "" };
    let settings = format!(
        "{user} worker_processes auto; pid {place}/nginx.pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    open_file_cache max=16;
    client_body_temp_path {place}/nginx; proxy_temp_path {place}/nginx;
    fastcgi_temp_path {place}/nginx; uwsgi_temp_path {place}/nginx; scgi_temp_path {place}/nginx;
    server {{ listen {address}; root {place}; default_type application/ocsp-response; }}
}}
"
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, settings)?;
    let mut command = Command::new("nginx");
    command.args(["-e", "stderr", "-g", "daemon off;", "-p"]).arg(folder).arg("-c").arg(file);
    Ok(Some(Server::at(&mut command, address, &folder.join("nginx.log"))?))
}

/// `openssl ocsp` about the same certificates, with a P-256 key; none if it is not installed.
pub(crate) fn openssl(folder: &Path, filled: &Filled) -> Result<Option<Server>> {
    if !has("openssl") {
        return Ok(None);
    }
    fs::write(folder.join("issuer.der"), filled.certificate.der())?;
    fs::write(folder.join("index.txt"), index(filled.certificates)?)?;
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-keyout", "key.pem", "-out", "responder.pem", "-subj", "/CN=responder"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status()?;
    ensure!(made.success(), "openssl makes no key");
    let address = free_address()?;
    let processes = std::thread::available_parallelism()?.to_string();
    let mut command = Command::new("openssl");
    command
        .args(["ocsp", "-index", "index.txt", "-CA", "issuer.der", "-rsigner", "responder.pem"])
        .args(["-rkey", "key.pem", "-ndays", "1", "-ignore_err", "-multi", &processes])
        .args(["-port", &address.port().to_string()])
        .current_dir(folder);
    Ok(Some(Server::at(&mut command, address, &folder.join("openssl.log"))?))
}

/// The data base of `openssl ca`: all valid, because the state does not change the work.
fn index(certificates: u64) -> Result<String> {
    let mut text = String::new();
    for number in 0..certificates {
        let serial = hex(serial(number)?.as_octets()).to_uppercase();
        writeln!(text, "V\t491231235959Z\t\t{serial}\tunknown\t/CN={number}")?;
    }
    Ok(text)
}

fn is_root() -> Result<bool> {
    let said = Command::new("id").arg("-u").output().context("id cannot be run")?;
    Ok(said.stdout.starts_with(b"0\n"))
}

/// True if the program can be run.
fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}
