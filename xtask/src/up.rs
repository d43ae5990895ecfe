//! `cargo xtask up`: all of Waypost on this machine, from the template that deploys to AWS.
//!
//! Prerequisites are Rust and Python. It builds, starts, deploys, signs a demo user in, prints how to call everything
//! and stays until Ctrl-C.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use domain::ids::TenantId;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};
use xtask::stack::{Group, Settings, SignedIn, Stack, User, build_programs};
use xtask::workspace::{local, step};
use xtask::{
    client::{self, Api},
    seed::{Wanted, Worlds},
};

use crate::demo;

/// Folder of this stack below `.local/`.
pub(crate) const INSTANCE: &str = "up";
/// Package, program and log of the provider sandbox.
pub(crate) const SANDBOX: &str = "sandbox";

/// The demo tenant's id, the same at every start so that a kept token still fits.
pub(crate) const DEMO_TENANT: &str = "0199a000-0000-7000-8000-000000000001";

const SANDBOX_LIMIT: Duration = Duration::from_secs(10);

/// What can be chosen.
#[derive(Args)]
pub(crate) struct Options {
    /// Port of every AWS endpoint
    #[arg(long, default_value_t = 4566)]
    port: u16,
    /// Port of the provider sandbox
    #[arg(long, default_value_t = 4580)]
    sandbox_port: u16,
    /// Filter of the functions' logs
    #[arg(long, default_value = "info")]
    log_level: String,
}

/// Brings everything up and waits for Ctrl-C.
pub(crate) fn run(options: &Options) -> Result<()> {
    let stop = listen_for_ctrl_c()?;
    let sandbox_url = format!("http://{}:{}", Ipv4Addr::LOCALHOST, options.sandbox_port);
    let sandbox = build_sandbox()?;
    let stack = Stack::start(&Settings {
        instance: INSTANCE.to_owned(),
        port: options.port,
        whapi_base_url: sandbox_url.clone(),
        meta_base_url: format!("{sandbox_url}/meta"),
        messenger360_base_url: format!("{sandbox_url}/m360"),
        paypal_base_url: format!("{sandbox_url}/paypal"),
        document_origin: format!("{sandbox_url}/"),
        log_level: options.log_level.clone(),
        environment: BTreeMap::new(),
    })?;
    crate::replay::note_place(&stack)?;
    let manager = sign_in(&stack)?;
    let _sandbox = start_sandbox(&sandbox, options.sandbox_port)?;
    main_job(&stack, &manager, &sandbox_url)?;
    print_guide(&stack, &manager, &sandbox_url);
    // An error means the listener is gone, which is as good a reason to stop.
    let _ = stop.recv();
    step("stopping");
    Ok(())
}

fn sign_in(stack: &Stack) -> Result<SignedIn> {
    step("signing the demo tenant's manager in");
    let manager = User {
        email: "manager@demo.example".to_owned(),
        password: "Demo-Password-1".to_owned(),
        tenant: DEMO_TENANT.to_owned(),
        role: "manager".to_owned(),
    };
    stack
        .sign_in(&[manager])?
        .pop()
        .context("no token for the demo manager")
}

/// Seeds the demo tenant and does the main job once.
fn main_job(stack: &Stack, manager: &SignedIn, sandbox_url: &str) -> Result<()> {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    executor.block_on(async {
        step("seeding the demo tenant");
        let http = client::http()?;
        let wanted = Wanted {
            tenant: TenantId::parse(DEMO_TENANT)?,
            name: "demo".to_owned(),
            daily_messages: 1_000,
            automatic: demo::automatic(),
        };
        Worlds::of(stack)?
            .seed(&http, stack, sandbox_url, &wanted)
            .await?;
        demo::run(&Api::new(http, stack, Some(manager.id_token.clone()))).await
    })
}

fn build_sandbox() -> Result<PathBuf> {
    step("building the provider sandbox");
    let mut programs = build_programs("dev", &[SANDBOX])?;
    programs
        .remove(SANDBOX)
        .context("package `sandbox` built no program `sandbox`")
}

fn start_sandbox(program: &Path, port: u16) -> Result<Group> {
    step(&format!("starting the provider sandbox on port {port}"));
    let mut command = Command::new(program);
    command.args(["--port", &port.to_string()]);
    let mut sandbox = Group::start(&mut command, &local(INSTANCE), SANDBOX)?;
    sandbox
        .wait_until(SANDBOX_LIMIT, || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        })
        .context("the provider sandbox did not start")?;
    Ok(sandbox)
}

fn print_guide(stack: &Stack, manager: &SignedIn, sandbox_url: &str) {
    let api = &stack.outputs().api_url;
    let folder = stack.emulator().folder().display();
    println!("API       {api}");
    println!("Webhooks  {}", stack.webhook_url());
    println!("Sandbox   {sandbox_url}");
    println!("Mails     {}", stack.emulator().inbox());
    println!(
        "AWS       {} (key and secret: test)",
        stack.emulator().endpoint()
    );
    println!("Logs      {folder}/emulator.log, {folder}/{SANDBOX}.log");
    println!();
    println!("API={api}");
    println!("TOKEN={}", manager.id_token);
    println!();
    println!("curl -s $API/v1/messages -H \"Authorization: Bearer $TOKEN\" \\");
    println!(
        "  -H 'Idempotency-Key: order-1001' -d '{}'",
        demo::message()
    );
    println!("curl -s $API/v1/jobs -H \"Authorization: Bearer $TOKEN\"");
    println!();
    println!("Ctrl-C stops everything.");
}

/// Hears Ctrl-C from now on, so that it ends a step and not this program before it has stopped what it started.
fn listen_for_ctrl_c() -> Result<Receiver<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let (pressed, receiver) = channel();
    std::thread::spawn(move || {
        let heard = runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                heard = ctrl_c() => heard,
                _ = terminate.recv() => Ok(()),
            }
        });
        // Without a way to listen there is nothing to stay up for; dropping the sender says so too.
        drop(heard.map(|()| pressed.send(())));
    });
    Ok(receiver)
}
