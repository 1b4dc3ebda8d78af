//! Whose key signed a CRL or BCI: the issuer certificate of the path, or, after that CA got a new
//! key or certificate, another one of the same name (RFC 5280 §6.3.3 (f)).

use super::pool::{Id, Node, Pool};
use super::search;
use super::signatures::Work;
use super::{Purpose, Request, RevocationMode, Settings};
use crate::wire::extensions::AuthorityKeyIdentifier;

/// What is at hand while one path is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'s, 'a> {
    pub(super) request: &'s Request<'a>,
    pub(super) pool: &'s Pool<'a>,
    /// The top of the path.
    pub(super) top: Option<&'s Node<'a>>,
}

/// The certificate that `named` names, if it is `issuer` or a certificate of the same name that is
/// trusted as the path is: by a path of its own, its status included, to a root of the same name.
pub(super) fn find<'s, 'a>(
    context: &Context<'s, 'a>,
    issuer: &'s Node<'a>,
    named: &AuthorityKeyIdentifier,
    work: &mut Work,
) -> Option<&'s Node<'a>> {
    if named.names(issuer.certificate) {
        return Some(issuer);
    }
    let pool = context.pool;
    let others = pool.named_by(named).into_iter().filter_map(|id| Some((id, pool.node(id)?)));
    let mut others = others.filter(|(_, node)| node.subject() == issuer.subject());
    others.find(|(id, _)| is_trusted(context, *id, work)).map(|(_, node)| node)
}

/// Judged once for a request. While it is judged it vouches for nothing, so that two certificates
/// cannot vouch for each other.
fn is_trusted(context: &Context<'_, '_>, signer: Id, work: &mut Work) -> bool {
    let root = match work.list_signer(signer) {
        Some(known) => known,
        None => {
            work.note_list_signer(signer, None);
            let root = judge(context, signer, work);
            work.note_list_signer(signer, root);
            root
        }
    };
    let node = root.and_then(|root| context.pool.node(root));
    // A hierarchy has one root name; another root's CA of the same name is another CA.
    node.zip(context.top).is_some_and(|(root, top)| root.subject() == top.subject())
}

/// The root of a valid path from `signer`.
fn judge(context: &Context<'_, '_>, signer: Id, work: &mut Work) -> Option<Id> {
    let certificate = context.pool.node(signer)?.certificate;
    let settings = Settings {
        purpose: Some(Purpose::CrlSigning),
        extended_key_usages: Vec::new(),
        peer_names: Vec::new(),
        role: None,
        // The BCI may be what it signed.
        bci: RevocationMode::Off,
        trace: false,
        ..context.request.settings.clone()
    };
    let request = Request { certificate, settings: &settings, ..*context.request };
    search::root_of(&request, context.pool, signer, work)
}
