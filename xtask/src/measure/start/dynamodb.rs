//! Stands for every AWS service behind TLS: answers `{}`, and counts what DynamoDB was asked.

use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{certificate, exchange};

/// The stub.
pub struct DynamoDb {
    /// Where it answers.
    pub endpoint: String,
    /// The authority to trust.
    pub bundle: PathBuf,
    calls: Arc<AtomicUsize>,
}

impl DynamoDb {
    /// Starts it; it ends with this process.
    pub fn start(bundle: &Path) -> Result<Self> {
        let config = certificate::server(bundle)?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let endpoint = format!("https://localhost:{}", listener.local_addr()?.port());
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (config, calls) = (Arc::clone(&config), Arc::clone(&counted));
                thread::spawn(move || {
                    // A function that is killed resets its connections.
                    let _ended = serve(connection, config, &calls);
                });
            }
        });
        Ok(Self {
            endpoint,
            bundle: bundle.to_owned(),
            calls,
        })
    }

    /// Calls to the table since this was asked last.
    pub fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }
}

fn serve(connection: TcpStream, config: Arc<ServerConfig>, calls: &AtomicUsize) -> Result<()> {
    connection.set_nodelay(true)?;
    let tls = StreamOwned::new(ServerConnection::new(config)?, connection);
    let mut tls = BufReader::new(tls);
    while let Some(request) = exchange::read(&mut tls)? {
        if request.target.starts_with("DynamoDB_") {
            calls.fetch_add(1, Ordering::SeqCst);
        }
        exchange::write(
            tls.get_mut(),
            "200 OK",
            "content-type: application/x-amz-json-1.0\r\n",
            "{}",
        )?;
    }
    Ok(())
}
