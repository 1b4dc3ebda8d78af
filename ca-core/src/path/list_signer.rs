//! Whose key signed a CRL or BCI: the issuer certificate of the path, or, after that CA got a new
//! key or certificate, another one of the same name (RFC 5280 §6.3.3 (f)).

use super::pool::{Id, Node, Pool};
use super::search;
use super::signatures::Work;
use super::{PolicyInputs, Purpose, Request, RevocationMode, Rules, Settings};
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
pub(super) fn is_trusted(context: &Context<'_, '_>, signer: Id, work: &mut Work) -> bool {
    let root = match work.list_signer(signer) {
        Some(known) => known,
        None if work.begin_list_signer(signer) => {
            let root = judge(context, signer, work);
            work.end_list_signer(signer, root);
            root
        }
        None => None,
    };
    let node = root.and_then(|root| context.pool.node(root));
    node.zip(context.top).is_some_and(|(root, top)| match context.request.settings.rules {
        // RFC 5280 §6.3.3 (f): the same anchor, which is a name and a key.
        Rules::Rfc5280 => root.entity == top.entity,
        // A hierarchy has one root name; another root's CA of the same name is another CA.
        Rules::Set => root.subject() == top.subject(),
    })
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
        // What is asked of the judged certificate is not asked of who signs lists.
        policies: PolicyInputs::ANY,
        max_intermediates: None,
        trace: false,
        ..context.request.settings.clone()
    };
    let request = Request { certificate, settings: &settings, ..*context.request };
    search::root_of(&request, context.pool, signer, work)
}
