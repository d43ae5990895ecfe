//! Works the lanes: first attempts of queued messages, every further attempt, look-ups of unknown
//! outcomes, failure mails, copies of inbound files.

mod files;
mod handler;

use std::process::ExitCode;

use ::files::S3Files;
use mail::SesMailer;
use providers::{Endpoints, Transport};
use queue::{DeadLetters, SqsLanes};
use runtime::{
    net::Net,
    time::{SystemClock, SystemPacer},
};
use store::Store;
use vault::KmsVault;

use crate::{files::ProviderFiles, handler::App};

fn main() -> ExitCode {
    runtime::start("retry", async |env| {
        let net = Net::from_env(env)?;
        let aws = runtime::aws::config(env, &net)?;
        let endpoints = Endpoints::parse(
            env.optional("WHAPI_BASE_URL").as_deref(),
            env.optional("META_BASE_URL").as_deref(),
            env.optional("MESSENGER360_BASE_URL").as_deref(),
        )?;
        let app = App {
            store: Store::new(
                aws_sdk_dynamodb::Client::new(&aws),
                env.required("TABLE_NAME")?,
            ),
            lanes: SqsLanes::new(&aws, env.required("LANES_QUEUE_URL")?),
            dead_letters: DeadLetters::new(&aws, env.required("DEAD_LETTERS_URL")?),
            vault: KmsVault::new(&aws, env.required("TOKEN_KEY_ID")?),
            provider_files: ProviderFiles::new(
                &net,
                endpoints.clone(),
                env.optional("DOCUMENT_ORIGIN").as_deref(),
            )?,
            files: S3Files::new(&aws, net.aws_client(), &env.required("BUCKET_NAME")?)?,
            gate: Transport::new(net.provider_client()?, endpoints),
            mailer: SesMailer::new(&aws, env.required("MAIL_SENDER")?),
            clock: SystemClock,
            pacer: SystemPacer::default(),
        };
        runtime::batch::serve_fifo(app).await
    })
}
