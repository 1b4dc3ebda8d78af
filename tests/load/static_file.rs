//! `load static`: the same octets again and again, on the HTTP stack the service uses.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Result;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use clap::Args;
use tokio::net::TcpListener;

use crate::report::tell;

/// Serve one file from memory, until killed.
#[derive(Debug, Args)]
pub(crate) struct Static {
    /// The file.
    #[arg(long)]
    file: PathBuf,
}

impl Static {
    pub(crate) fn run(self) -> Result<()> {
        let octets = Bytes::from(fs::read(&self.file)?);
        let answer = move || async move { ([(CONTENT_TYPE, "application/ocsp-response")], octets) };
        let routes = axum::Router::new().fallback(answer);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
            tell(format_args!("at http://{}", listener.local_addr()?));
            Ok(axum::serve(listener, routes).await?)
        })
    }
}
