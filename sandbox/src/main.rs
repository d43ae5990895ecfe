//! Runs the provider sandbox: `sandbox --port 8090` (or `PORT`; 0 or nothing lets the
//! system choose). Prints its URL as its one line of output.

use std::{env, error::Error, io};

use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = port(env::args().skip(1), env::var("PORT").ok())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    announce(&listener)?;
    sandbox::serve(listener).await?;
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the one line that tells a starter where the sandbox is"
)]
fn announce(listener: &TcpListener) -> io::Result<()> {
    println!("sandbox on http://{}", listener.local_addr()?);
    Ok(())
}

fn port(
    mut arguments: impl Iterator<Item = String>,
    variable: Option<String>,
) -> Result<u16, Box<dyn Error>> {
    let mut chosen = variable;
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix("--port") {
            Some("") => chosen = Some(arguments.next().ok_or("--port needs a number")?),
            Some(rest) if rest.starts_with('=') => chosen = Some(rest.trim_matches('=').into()),
            Some(_) | None => return Err(format!("unknown argument `{argument}`").into()),
        }
    }
    Ok(chosen.map(|text| text.parse()).transpose()?.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn the_argument_wins_over_the_variable() {
        let chosen = |arguments: &[&str], variable: Option<&str>| {
            port(
                arguments.iter().map(ToString::to_string),
                variable.map(ToString::to_string),
            )
        };
        assert_eq!(chosen(&[], None).unwrap(), 0);
        assert_eq!(chosen(&[], Some("81")).unwrap(), 81);
        assert_eq!(chosen(&["--port", "82"], Some("81")).unwrap(), 82);
        assert_eq!(chosen(&["--port=83"], None).unwrap(), 83);
        for bad in [&["--port"][..], &["--port", "x"], &["--verbose"]] {
            assert!(chosen(bad, None).is_err(), "{bad:?}");
        }
    }
}
