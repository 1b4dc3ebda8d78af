//! The routes as one connection uses them: they know who is at its other end.

use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use tower::Service;

/// The routes, for requests from one address.
#[derive(Clone)]
pub(super) struct FromPeer {
    routes: Router,
    peer: SocketAddr,
}

impl FromPeer {
    pub(super) const fn new(routes: Router, peer: SocketAddr) -> Self {
        Self { routes, peer }
    }
}

impl<B> Service<Request<B>> for FromPeer
where
    Router: Service<Request<B>>,
{
    type Response = <Router as Service<Request<B>>>::Response;
    type Error = <Router as Service<Request<B>>>::Error;
    type Future = <Router as Service<Request<B>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.routes.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // Only who signs in is asked from where: status requests pay nothing for it.
        if request.headers().contains_key(AUTHORIZATION) {
            let _ = request.extensions_mut().insert(ConnectInfo(self.peer));
        }
        self.routes.call(request)
    }
}
