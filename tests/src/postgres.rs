//! A real PostgreSQL for one test: Debian's package, in a temporary folder, on a free port; gone
//! when dropped.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server and its data.
#[derive(Debug)]
pub struct Postgres {
    home: TempDir,
    port: u16,
}

impl Postgres {
    /// Makes a cluster and starts it.
    #[must_use]
    pub fn start() -> Self {
        let server = Self { home: home(), port: free_port() };
        let data = server.data();
        let made = server.program("initdb").args(MADE_WITH).arg("-D").arg(&data).output();
        expect(made.expect("initdb"), "initdb");
        server.configure(&format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\n\
             shared_buffers = 64MB\nmax_connections = 100\nlog_lock_waits = on\n",
            server.port,
            server.home.path().display()
        ));
        server.resume();
        server
    }

    /// A hot standby of this server, following it over the network as `name`.
    #[must_use]
    pub fn standby(&self, name: &str) -> Self {
        let standby = Self { home: home(), port: free_port() };
        let copied = standby
            .program("pg_basebackup")
            .args(["-h", "127.0.0.1", "-U", "postgres", "-R", "--checkpoint=fast", "-p"])
            .arg(self.port.to_string())
            .arg("-D")
            .arg(standby.data())
            .output();
        expect(copied.expect("pg_basebackup"), "pg_basebackup");
        standby.configure(&format!(
            "port = {}\nunix_socket_directories = '{}'\nprimary_conninfo = 'host=127.0.0.1 \
             port={} user=postgres application_name={name}'\n",
            standby.port,
            standby.home.path().display(),
            self.port
        ));
        standby.resume();
        standby
    }

    /// Makes a database, and says its URL.
    #[must_use]
    pub fn database(&self, name: &str) -> String {
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(name)
    }

    /// URL of a database.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// The port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL by `psql`; returns what it prints, without decoration.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let run = self
            .program("psql")
            .args(["-h", "127.0.0.1", "-U", "postgres", "-X", "-q", "-A", "-t"])
            .args(["-v", "ON_ERROR_STOP=1", "-p"])
            .arg(self.port.to_string())
            .args(["-d", database, "-c", sql])
            .output();
        expect(run.expect("psql"), sql)
    }

    /// Appends to the settings; they count from the next start, or [`Postgres::reload`].
    pub fn configure(&self, lines: &str) {
        let path = self.data().join("postgresql.conf");
        let text = fs::read_to_string(&path).expect("settings");
        fs::write(&path, text + lines).expect("settings");
    }

    /// Reads the settings again.
    pub fn reload(&self) {
        self.control(&["reload"]);
    }

    /// Starts it, and waits until it takes connections.
    pub fn resume(&self) {
        let log = self.home.path().join("log");
        self.control(&["start", "-w", "-t", "60", "-l", &log.display().to_string()]);
    }

    /// Ends it as a power cut does, as far as it can tell.
    pub fn crash(&self) {
        self.control(&["stop", "-m", "immediate"]);
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.control(&["promote", "-w"]);
    }

    /// Kills every process of the server at once.
    pub fn kill(&self) {
        self.signal("KILL");
        let deadline = Instant::now() + Duration::from_secs(10);
        while !self.processes().is_empty() {
            assert!(Instant::now() < deadline, "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        // Nobody may have reaped it yet: what it leaves would keep the next one from starting.
        let _ = fs::remove_file(self.data().join("postmaster.pid"));
        let lock = format!(".s.PGSQL.{}.lock", self.port);
        let _ = fs::remove_file(self.home.path().join(lock));
    }

    /// Stops every process of the server where it is.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets them go on.
    pub fn unpause(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        for process in self.processes() {
            let _ = Command::new("kill").arg(format!("-{signal}")).arg(process).output();
        }
    }

    /// The postmaster and its children.
    fn processes(&self) -> Vec<String> {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let Some(master) = pid.lines().next().map(str::to_owned) else { return Vec::new() };
        let children = fs::read_dir("/proc").expect("processes").flatten();
        let children = children.filter_map(|entry| entry.file_name().into_string().ok());
        let children = children.filter(|child| parent(child).as_ref() == Some(&master));
        let all: Vec<String> = std::iter::once(master.clone()).chain(children).collect();
        all.into_iter().filter(|process| parent(process).is_some()).collect()
    }

    fn control(&self, arguments: &[&str]) {
        let data = self.data();
        // Whatever the server inherits it would hold open.
        let run = self.program("pg_ctl").arg("-D").arg(&data).args(arguments).arg("-s").output();
        let run = run.expect("pg_ctl");
        let log = fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(10).collect();
        let what = format!("{}: {}", arguments.join(" "), last.join("\n"));
        let _ = expect(run, &what);
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// A program of the package, as the user that the server may run as.
    fn program(&self, name: &str) -> Command {
        let path = folder().join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.home.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.unpause();
        let _ = self.program("pg_ctl").arg("-D").arg(self.data()).args(STOP).output();
    }
}

fn home() -> TempDir {
    let home = TempDir::with_prefix("setca-postgres-").expect("a temporary folder");
    // The server runs as another user, if the tests run as root.
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o777)).expect("permissions");
    home
}

fn expect(output: Output, what: &str) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    user.and_then(|ids| ids.split_whitespace().nth(1)) == Some("0")
}

/// The parent of a process that is alive.
fn parent(process: &str) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may have anything in it: state, parent.
    let mut fields = stat.rsplit(") ").next()?.split(' ');
    let state = fields.next()?;
    fields.next().filter(|_| state != "Z").map(str::to_owned)
}

/// Where Debian puts the programs: of the newest version there is.
fn folder() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|version| version.path()).max_by_key(|path| number(path));
    newest.expect("PostgreSQL (Debian's package postgresql; tests/run installs it)").join("bin")
}

fn number(path: &Path) -> u32 {
    path.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

const MADE_WITH: [&str; 6] =
    ["-N", "--auth=trust", "--no-instructions", "--locale=C.UTF-8", "-E", "UTF8"];
const STOP: [&str; 5] = ["stop", "-m", "immediate", "-s", "-W"];
