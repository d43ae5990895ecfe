//! A background program with its children: one process group that starts with a log and stops as one.
//!
//! The emulator starts every function as a child of its own; stopping the emulator alone would leave them running.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

const PATIENCE: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(20);

/// A running process group; dropping it stops it.
#[derive(Debug)]
pub struct Group {
    leader: Child,
    pid_file: PathBuf,
    log_file: PathBuf,
}

impl Group {
    /// Starts `command` with its output in `<folder>/<name>.log` and its id in `<folder>/<name>.pid`.
    pub fn start(command: &mut Command, folder: &Path, name: &str) -> Result<Self> {
        let log_file = folder.join(format!("{name}.log"));
        let pid_file = folder.join(format!("{name}.pid"));
        ensure!(
            !pid_file.exists(),
            "an earlier run left {}; `cargo xtask down` clears it",
            pid_file.display()
        );
        let log = File::create(&log_file)
            .with_context(|| format!("cannot write {}", log_file.display()))?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0);
        let leader = command
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let group = Self {
            leader,
            pid_file,
            log_file,
        };
        fs::write(&group.pid_file, group.leader.id().to_string())?;
        Ok(group)
    }

    /// Waits until `ready` says so; an early end or too long a wait is an error that names the log.
    pub fn wait_until(&mut self, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + limit;
        while !ready() {
            let log = self.log_file.display();
            if let Some(status) = self.leader.try_wait()? {
                anyhow::bail!("it ended at once ({status}); its log is {log}");
            }
            ensure!(
                Instant::now() < deadline,
                "it did not answer within {limit:?}; its log is {log}"
            );
            sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = self.leader.id();
        signal("TERM", group);
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.leader.try_wait(), Ok(None)) && Instant::now() < deadline {
            sleep(POLL);
        }
        // Children that outlived their leader, and a leader that would not listen.
        signal("KILL", group);
        // The process is gone by now; waiting only collects it, and a pid file already removed is as good.
        let _ = self.leader.wait();
        let _ = fs::remove_file(&self.pid_file);
    }
}

/// Stops the group an earlier command recorded in `pid_file`; false if there is none.
///
/// `program` must occur in the leader's command line: after a reboot the id may be someone else's.
pub fn stop_recorded(pid_file: &Path, program: &str) -> Result<bool> {
    let Ok(recorded) = fs::read_to_string(pid_file) else {
        return Ok(false);
    };
    let id: u32 = recorded
        .trim()
        .parse()
        .with_context(|| format!("{} holds no process id", pid_file.display()))?;
    let found = command_line(id).contains(program);
    if found {
        signal("TERM", id);
        let deadline = Instant::now() + PATIENCE;
        while !command_line(id).is_empty() && Instant::now() < deadline {
            sleep(POLL);
        }
        signal("KILL", id);
    }
    fs::remove_file(pid_file)?;
    Ok(found)
}

/// Signals a whole group. That it is already gone is what we want, so the answer does not matter.
fn signal(name: &str, group: u32) {
    let target = format!("-{group}");
    let _ = Command::new("kill")
        .args(["-s", name, "--", &target])
        .stderr(Stdio::null())
        .status();
}

fn command_line(id: u32) -> String {
    let answer = Command::new("ps")
        .args(["-o", "command=", "-p", &id.to_string()])
        .output();
    answer
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
