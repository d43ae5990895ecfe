//! Lambda's Runtime API for one run: hands out one event, and says when what happened.

use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};

use super::exchange;

const PATIENCE: Duration = Duration::from_secs(20);

/// The stub, and what it tells.
pub struct RuntimeApi {
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub address: String,
    told: Receiver<Happened>,
    go: Sender<()>,
}

enum Happened {
    Polled(Instant),
    Answered(Instant, String),
}

impl RuntimeApi {
    /// Starts it for one run with one event.
    pub fn start(event: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let (tell, told) = channel();
        let (go, allowed) = channel();
        let allowed = Arc::new(Mutex::new(allowed));
        let event: Arc<str> = event.into();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (event, tell, allowed) =
                    (Arc::clone(&event), tell.clone(), Arc::clone(&allowed));
                thread::spawn(move || {
                    // A function that is killed resets its connections.
                    let _ended = serve(connection, &event, &tell, &allowed);
                });
            }
        });
        Ok(Self { address, told, go })
    }

    /// Waits for the first poll.
    pub fn first_poll(&self) -> Result<Instant> {
        match self.told.recv_timeout(PATIENCE) {
            Ok(Happened::Polled(at) | Happened::Answered(at, _)) => Ok(at),
            Err(_) => Err(anyhow::anyhow!("it never polled")),
        }
    }

    /// Hands out the event and waits for its answer.
    pub fn answer(&self) -> Result<(Instant, String)> {
        self.go.send(()).context("the stub is gone")?;
        loop {
            match self
                .told
                .recv_timeout(PATIENCE)
                .context("it never answered")?
            {
                Happened::Answered(at, answer) => return Ok((at, answer)),
                Happened::Polled(_) => {}
            }
        }
    }
}

fn serve(
    connection: TcpStream,
    event: &str,
    tell: &Sender<Happened>,
    allowed: &Mutex<Receiver<()>>,
) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut connection = BufReader::new(connection);
    while let Some(request) = exchange::read(&mut connection)? {
        let now = Instant::now();
        if request.line.starts_with("GET ") {
            tell.send(Happened::Polled(now))?;
            let go = allowed.lock().map_err(|_| anyhow::anyhow!("poisoned"))?;
            // Asked once; a second poll waits here until the function is killed.
            go.recv()?;
            exchange::write(connection.get_mut(), "200 OK", &headers()?, event)?;
        } else {
            let answer = String::from_utf8_lossy(&request.body).into_owned();
            exchange::write(connection.get_mut(), "202 Accepted", "", "{}")?;
            tell.send(Happened::Answered(now, answer))?;
        }
    }
    Ok(())
}

fn headers() -> Result<String> {
    let deadline = SystemTime::now() + Duration::from_secs(30);
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    Ok(format!(
        "content-type: application/json\r\n\
         lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
         lambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:sample\r\n"
    ))
}
