//! The project's own Python environments: `.local/venv` for the emulator, `.local/venv-lint` for the template linters.
//!
//! An environment is built once from its pinned requirements file and again only when that file or the Python changes.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::{local, root, run, step};

/// Which environment: its folder under `.local/` and the requirements it is made from.
#[derive(Debug)]
pub struct Recipe {
    folder: &'static str,
    requirements: &'static str,
}

/// The emulator and the client that deploys to it.
pub const STACK: Recipe = Recipe {
    folder: "venv",
    requirements: "infra/requirements.txt",
};

/// The template linters.
pub const LINT: Recipe = Recipe {
    folder: "venv-lint",
    requirements: "infra/requirements-lint.txt",
};

/// A Python environment that is ready to use.
#[derive(Clone, Debug)]
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The environment of a recipe, built first if needed.
    pub fn ensure(recipe: &Recipe) -> Result<Self> {
        let folder = local(recipe.folder);
        let requirements = root().join(recipe.requirements);
        let pins = fs::read_to_string(&requirements)
            .with_context(|| format!("cannot read {}", requirements.display()))?;
        let python = find_python()?;
        let wanted = format!("{}\n{pins}", python.version);
        let stamp = folder.join("made-from.txt");
        let environment = Self { folder };
        if fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == wanted) {
            return Ok(environment);
        }
        step(&format!(
            "installing {} into .local/{} (once)",
            recipe.requirements, recipe.folder
        ));
        run(Command::new(python.program).args(["-m", "venv", "--clear"]).arg(&environment.folder)).context(
            "Python cannot make virtual environments; install its venv module (Debian, Ubuntu: `apt install python3-venv`)",
        )?;
        run(environment
            .python()
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(&requirements))?;
        fs::write(&stamp, wanted)?;
        Ok(environment)
    }

    /// Its interpreter.
    pub fn python(&self) -> Command {
        self.program("python")
    }

    /// One of the programs installed in it.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join("bin").join(name))
    }
}

struct Python {
    program: &'static str,
    version: String,
}

fn find_python() -> Result<Python> {
    const ASK: &str = "import sys; print('%d.%d.%d' % sys.version_info[:3]); sys.exit(sys.version_info < (3, 10))";
    for program in ["python3", "python"] {
        let answer = Command::new(program)
            .args(["-c", ASK])
            .stderr(Stdio::null())
            .output();
        let Ok(answer) = answer else { continue };
        if answer.status.success() {
            let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            return Ok(Python { program, version });
        }
    }
    bail!(
        "the local stack needs Python 3.10 or newer as `python3`; install it (https://www.python.org/downloads/) and run this again"
    )
}
