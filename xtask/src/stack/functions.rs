//! Builds the functions the template names and puts each where its `CodeUri` looks: `target/lambda/<name>/bootstrap`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::workspace::{capture, root, step};

const CODE_URI: &str = "CodeUri: ../target/lambda/";

/// Builds every function of the template with the `local` profile; answers with the folder that holds them all.
pub fn build_functions() -> Result<PathBuf> {
    let template = fs::read_to_string(root().join("infra/template.yaml"))
        .context("cannot read the template")?;
    let names: Vec<&str> = template.lines().filter_map(code_uri).collect();
    ensure!(
        !names.is_empty(),
        "infra/template.yaml names no function below target/lambda/"
    );
    step(&format!("building {}", names.join(", ")));
    let built = build_programs("local", &names)?;
    let folder = root().join("target/lambda");
    for name in names {
        let binary = built
            .get(name)
            .with_context(|| format!("package `{name}` built no program `{name}`"))?;
        place(binary, &folder.join(name))?;
    }
    Ok(folder)
}

fn code_uri(line: &str) -> Option<&str> {
    line.trim()
        .strip_prefix(CODE_URI)
        .map(|name| name.trim_end_matches('/'))
}

/// One line of `cargo build --message-format=json`, as far as it concerns us.
#[derive(Deserialize)]
struct CargoLine {
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Builds packages that are one program of the same name; answers with the programs, wherever cargo puts them.
pub fn build_programs(profile: &str, names: &[&str]) -> Result<BTreeMap<String, PathBuf>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args([
        "build",
        "--profile",
        profile,
        "--message-format=json-render-diagnostics",
    ]);
    for name in names {
        cargo.args(["--package", name, "--bin", name]);
    }
    let mut programs = BTreeMap::new();
    for line in capture(&mut cargo)?.lines() {
        let line: CargoLine = serde_json::from_str(line)?;
        if let (Some(executable), Some(target)) = (line.executable, line.target) {
            programs.insert(target.name, executable);
        }
    }
    Ok(programs)
}

/// Untouched if it is already there. A hard link costs nothing; a copy is for target folders on another disk.
/// Moved into place whole, because another stack may be reading the old one.
fn place(binary: &Path, folder: &Path) -> Result<()> {
    let bootstrap = folder.join("bootstrap");
    let wanted = fs::metadata(binary)?;
    let present = fs::metadata(&bootstrap).ok();
    if present.is_some_and(|present| (present.dev(), present.ino()) == (wanted.dev(), wanted.ino()))
    {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let arriving = folder.join(format!(
        "arriving-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    if fs::hard_link(binary, &arriving).is_err() {
        fs::copy(binary, &arriving)
            .with_context(|| format!("cannot write {}", arriving.display()))?;
    }
    fs::rename(&arriving, &bootstrap)?;
    // Renaming one link of a file onto another of the same file leaves both.
    let _ = fs::remove_file(&arriving);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_read_from_the_template() {
        assert_eq!(
            code_uri("      CodeUri: ../target/lambda/outbox-query/"),
            Some("outbox-query")
        );
        assert_eq!(code_uri("      # CodeUri of a function"), None);
    }

    #[test]
    fn a_placed_binary_is_replaced_when_it_changed() {
        let folder = std::env::temp_dir().join(format!("waypost-place-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (old, new) = (folder.join("old"), folder.join("new"));
        fs::write(&old, "old").unwrap();
        fs::write(&new, "new").unwrap();
        for binary in [&old, &old, &new] {
            place(binary, &folder.join("send")).unwrap();
        }
        assert_eq!(
            fs::read_to_string(folder.join("send/bootstrap")).unwrap(),
            "new"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
