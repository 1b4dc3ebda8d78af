//! A SET message: header, how it is protected, and what can be read of it.

use ca_core::wire::pkcs7::{ContentInfo, MAX_PKCS7};
use ca_core::wire::tags::message_name;
use ca_core::wire::{
    CertReq, CertRes, DecodeError, ErrorMessage, Message, MessageHeader, MessageOctets,
    MessageWrapper, decode, oids,
};

use super::der::dump;
use super::{content, extensions, pkcs7};
use crate::tree::Tree;

/// The tree of a MessageWrapper, `None` if the octets are none.
///
/// A message that does not decode says so below its header.
pub(crate) fn tree(octets: &[u8]) -> Option<Tree> {
    let wrapper = MessageWrapper::from_der(octets).ok()?;
    let number = wrapper.message.alternative();
    let tree = Tree::new()
        .with("kind", "SET message")
        .with("message", message_name(number).unwrap_or("(none of SET's)"))
        .with("alternative", number)
        .with("header", header(&wrapper.header))
        .with_some(
            "mwExtensions",
            wrapper.extensions.as_ref().map(|all| Tree::list(all.iter().map(extensions::tree))),
        );
    let body = Message::from_wrapper(&wrapper).and_then(|message| body(&message));
    Some(match body {
        Ok((treatment, body)) => tree.with("treatment", treatment).with("body", body),
        Err(error) => tree
            .with("problem", format!("the message does not decode: {error}"))
            .with("body", raw(&wrapper.message)),
    })
}

/// The tree of a bare signed ContentInfo, as CAs send each other (spec `set-certificates.md`
/// §6.4), `None` if the octets are none.
pub(crate) fn ca_message(octets: &[u8]) -> Option<Tree> {
    let info: ContentInfo = decode(octets, MAX_PKCS7).ok()?;
    if info.content_type != oids::ID_SIGNED_DATA {
        return None;
    }
    let body = pkcs7::signed(info.content_octets()?).ok()?;
    Some(
        Tree::new()
            .with("kind", "PKCS#7 message between CAs")
            .with("treatment", "S: signed")
            .with("body", body),
    )
}

/// The clear-text header; also comes back inside an Error.
pub(super) fn header(header: &MessageHeader) -> Tree {
    let ids = header.message_ids.as_ref().map(|ids| {
        Tree::new()
            .with_some("lid-C", ids.lid_c.as_ref().map(|id| id.as_bytes()))
            .with_some("lid-M", ids.lid_m.as_ref().map(|id| id.as_bytes()))
            .with_some("xID", ids.xid.as_ref().map(|id| &id.as_bytes()[..]))
    });
    Tree::new()
        .with("version", format!("{}.{}", header.version, header.revision))
        .with("date", header.date.as_str())
        .with_some("messageIDs", ids)
        .with_some("rrpid", header.rrpid.as_ref().map(|id| &id.as_bytes()[..]))
        .with("swIdent", header.sw_ident.as_str())
}

/// How a message is protected, by the operators of spec `set-crypto.md` §1.1, and what is in it.
fn body(message: &Message) -> Result<(&'static str, Tree), DecodeError> {
    let with = |treatment, tree: Tree| (treatment, tree);
    match message {
        Message::CardCInitReq(request) => Ok(with(CLEAR, content::card_c_init_req(request))),
        Message::MeAqCInitReq(request) => Ok(with(CLEAR, content::me_aq_c_init_req(request))),
        Message::CardCInitRes(data)
        | Message::MeAqCInitRes(data)
        | Message::RegFormRes(data)
        | Message::CertInqReq(data) => pkcs7::signed(data.as_der()).map(|tree| with(S, tree)),
        Message::RegFormReq(data) => pkcs7::enveloped(data.as_der()).map(|tree| with(EXH, tree)),
        Message::CertReq(CertReq::EncX(data)) => {
            pkcs7::enveloped(data.as_der()).map(|tree| with(ENC_X, tree))
        }
        Message::CertReq(CertReq::Enc(data)) => {
            pkcs7::enveloped(data.as_der()).map(|tree| with(ENC, tree))
        }
        Message::CertRes(CertRes::Signed(data)) | Message::CertInqRes(CertRes::Signed(data)) => {
            pkcs7::signed(data.as_der()).map(|tree| with(S, tree))
        }
        Message::CertRes(CertRes::Encrypted(data))
        | Message::CertInqRes(CertRes::Encrypted(data)) => {
            pkcs7::encrypted(data.as_der()).map(|tree| with(ENC_K, tree))
        }
        Message::Error(ErrorMessage::Signed(data)) => {
            pkcs7::signed(data.as_der()).map(|tree| with(S, tree))
        }
        Message::Error(ErrorMessage::Unsigned(error)) => Ok(with(CLEAR, content::error(error))),
        Message::Unserved(octets) | Message::Unknown(octets) => Ok(with(UNREAD, raw(octets))),
        _ => Ok(with(UNREAD, Tree::new())),
    }
}

fn raw(octets: &MessageOctets) -> Tree {
    dump(octets.content()).unwrap_or_else(|| Tree::from(octets.content()))
}

const CLEAR: &str = "none: in clear";
const S: &str = "S: signed, content in clear";
const EXH: &str = "EXH: encrypted for the CA; the account number is in the key block";
const ENC_X: &str = "EncX: signed and encrypted for the CA; account data is in the key block";
const ENC: &str = "Enc: signed and encrypted for the CA";
const ENC_K: &str = "EncK: signed and encrypted under the key the end entity sent";
const UNREAD: &str = "not read by this version";

#[cfg(test)]
mod tests {
    use super::*;

    /// Header of spec set-messages.md §1.1 with CardCInitReq (22): lid-EE 01, brand `B`.
    fn wrapper(alternative: u8) -> Vec<u8> {
        let header = [
            &[0x30, 0x2d, 0x02, 0x01, 0x01, 0x18, 0x0f][..],
            b"19990102030405Z",
            &[0x81, 0x14],
            &[0; 20],
            &[0x1a, 0x01, b'X'],
        ]
        .concat();
        let request = [
            &[0x30, 0x32, 0x04, 0x14][..],
            &[0; 20],
            &[0x04, 0x01, 0x01, 0x04, 0x14],
            &[7; 20],
            &[0x1a, 0x01, b'B'],
        ]
        .concat();
        let message = [&[0xa0, 0x36, 0xa0 | alternative, 0x34][..], &request].concat();
        [&[0x30, u8::try_from(header.len() + message.len()).unwrap()][..], &header, &message]
            .concat()
    }

    #[test]
    fn message_in_clear_is_shown_field_by_field() {
        let text = tree(&wrapper(22)).unwrap().to_text();
        assert!(text.contains("message: CardCInitReq\nalternative: 22\n"), "{text}");
        assert!(text.contains("  version: 1.0\n  date: 19990102030405Z\n"), "{text}");
        assert!(text.contains("treatment: none: in clear\n"), "{text}");
        assert!(
            text.ends_with(
                "  lid-EE: 01\n  chall-EE: 0707070707070707070707070707070707070707\n  brandID: B\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn message_that_does_not_decode_says_so_below_its_header() {
        // The same octets as RegFormReq: no EnvelopedData.
        let text = tree(&wrapper(26)).unwrap().to_text();
        assert!(text.contains("message: RegFormReq\n"), "{text}");
        assert!(text.contains("problem: the message does not decode: "), "{text}");
    }

    #[test]
    fn payment_message_is_named_though_it_is_not_read() {
        let text = tree(&wrapper(2)).unwrap().to_text();
        assert!(text.contains("message: PReq\n"), "{text}");
        assert!(text.contains("treatment: not read by this version\n"), "{text}");
    }
}
