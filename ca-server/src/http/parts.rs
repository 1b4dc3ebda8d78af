//! A body of shared parts: forty million octets are sent without a copy of them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use ca_core::Octets;
use http_body::{Frame, SizeHint};

/// The octets as a body of known length.
pub(super) fn body_of(octets: Octets) -> Body {
    Body::new(Parts { octets, next: 0, left: None })
}

struct Parts {
    octets: Octets,
    /// The part to be sent next.
    next: usize,
    /// Octets not sent yet; none before the first part.
    left: Option<usize>,
}

impl Parts {
    fn left(&self) -> usize {
        self.left.unwrap_or(self.octets.len())
    }
}

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(part) = self.octets.parts().get(self.next).cloned() else {
            return Poll::Ready(None);
        };
        self.left = Some(self.left().saturating_sub(part.octets().len()));
        self.next += 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(part)))))
    }

    fn is_end_stream(&self) -> bool {
        self.next >= self.octets.parts().len()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn body_is_all_parts_in_order_and_says_its_length() {
        let octets: Octets =
            [b"ab".to_vec(), b"cde".to_vec()].map(Into::into).into_iter().collect();
        let body = body_of(octets);
        assert_eq!(body.size_hint().exact(), Some(5));
        assert_eq!(axum::body::to_bytes(body, 10).await.unwrap(), "abcde");
        assert!(body_of(Octets::default()).is_end_stream());
    }
}
