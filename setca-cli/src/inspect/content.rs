//! Contents of SET messages that can be read: what stands in clear or inside a signature.

use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::{
    BciDistributionTbs, BrandCrlIdentifier, BrandCrlIdentifierOctets, CaMsg, CardCInitReq,
    CardCInitResTbs, CertInqReqTbs, CertResData, CertStatus, CertThumb, CrlNotificationResTbs,
    CrlNotificationTbs, Date, DecodeError, Digest, ErrorMsg, ErrorTbs, IdData, MeAqCInitReq,
    MeAqCInitResTbs, ReferralData, RegField, RegFormData, RegFormOrReferral, RegFormResTbs, Thumbs,
    decode, oids,
};
use der::asn1::ObjectIdentifier;

use super::der::dump;
use super::message::header;
use super::names::{name_der_text, oid_text};
use crate::tree::Tree;

/// The content of a SignedData by its content type.
pub(super) fn tree(kind: &ObjectIdentifier, octets: &[u8]) -> Tree {
    let known = match *kind {
        oids::CT_CARD_C_INIT_RES_TBS => decode(octets, MAX_MESSAGE).map(|c| card_c_init_res(&c)),
        oids::CT_ME_AQ_C_INIT_RES_TBS => decode(octets, MAX_MESSAGE).map(|c| me_aq_c_init_res(&c)),
        oids::CT_CERT_INQ_REQ_TBS => decode(octets, MAX_MESSAGE).map(|c| cert_inq_req(&c)),
        oids::CT_REG_FORM_RES_TBS => decode(octets, MAX_MESSAGE).map(|c| reg_form_res(&c)),
        oids::CT_CERT_RES_DATA => decode(octets, MAX_MESSAGE).map(|c| cert_res(&c)),
        oids::CT_CRL_NOTIFICATION_TBS => decode(octets, MAX_MESSAGE)
            .map(|c: CrlNotificationTbs| dated(&c.date, &c.crl_thumbprint)),
        oids::CT_CRL_NOTIFICATION_RES_TBS => decode(octets, MAX_MESSAGE)
            .map(|c: CrlNotificationResTbs| dated(&c.date, &c.crl_thumbprint)),
        oids::CT_BCI_DISTRIBUTION_TBS => decode(octets, MAX_MESSAGE).map(|c| bci_distribution(&c)),
        oids::CT_ERROR_TBS => decode(octets, MAX_MESSAGE).map(|c| error(&c)),
        _ => return unknown(octets),
    };
    known.unwrap_or_else(|problem: DecodeError| {
        Tree::new()
            .with("problem", format!("not such a content: {problem}"))
            .with("value", unknown(octets))
    })
}

fn unknown(octets: &[u8]) -> Tree {
    dump(octets).unwrap_or_else(|| Tree::from(octets))
}

/// CardCInitReq (spec `set-messages.md` §2.1).
pub(super) fn card_c_init_req(request: &CardCInitReq) -> Tree {
    Tree::new()
        .with("rrpid", octets(request.rrpid.as_bytes()))
        .with("lid-EE", octets(request.lid_ee.as_bytes()))
        .with("chall-EE", octets(request.chall_ee.as_bytes()))
        .with("brandID", request.brand_id.as_str())
        .with_some("thumbs", request.thumbs.as_ref().map(thumbs))
}

/// CardCInitResTBS (§2.2).
fn card_c_init_res(content: &CardCInitResTbs) -> Tree {
    Tree::new()
        .with("rrpid", octets(content.rrpid.as_bytes()))
        .with("lid-EE", octets(content.lid_ee.as_bytes()))
        .with("chall-EE", octets(content.chall_ee.as_bytes()))
        .with_some("lid-CA", content.lid_ca.as_ref().map(|id| octets(id.as_bytes())))
        .with("caeThumb", cert_thumb(&content.cae_thumb))
        .with_some("brandCRLIdentifier", content.brand_crl_identifier.as_ref().map(bci))
        .with_some("thumbs", content.thumbs.as_ref().map(thumbs))
}

/// Me-AqCInitReq (§2.3).
pub(super) fn me_aq_c_init_req(request: &MeAqCInitReq) -> Tree {
    Tree::new()
        .with("rrpid", octets(request.rrpid.as_bytes()))
        .with("lid-EE", octets(request.lid_ee.as_bytes()))
        .with("chall-EE", octets(request.chall_ee.as_bytes()))
        .with("requestType", request.request_type.name())
        .with("idData", id_data(&request.id_data))
        .with("brandID", request.brand_id.as_str())
        .with("language", request.language.as_str())
        .with_some("thumbs", request.thumbs.as_ref().map(thumbs))
}

/// IDData (§3.2).
fn id_data(id_data: &IdData) -> Tree {
    match id_data {
        IdData::Merchant(merchant) => Tree::new()
            .with("merchantBIN", merchant.merchant_bin.as_str())
            .with("merchantID", merchant.merchant_id.as_str()),
        IdData::Acquirer(acquirer) => {
            let business = acquirer.acquirer_business_id.as_ref();
            Tree::new()
                .with("acquirerBIN", acquirer.acquirer_bin.as_str())
                .with_some("acquirerBusinessID", business.map(|id| id.as_str()))
        }
    }
}

/// Me-AqCInitResTBS (§2.4).
fn me_aq_c_init_res(content: &MeAqCInitResTbs) -> Tree {
    Tree::new()
        .with("rrpid", octets(content.rrpid.as_bytes()))
        .with("lid-EE", octets(content.lid_ee.as_bytes()))
        .with("chall-EE", octets(content.chall_ee.as_bytes()))
        .with_some("lid-CA", content.lid_ca.as_ref().map(|id| octets(id.as_bytes())))
        .with("chall-CA", octets(content.chall_ca.as_bytes()))
        .with("requestType", content.request_type.name())
        .with("regFormOrReferral", form_or_referral(&content.reg_form_or_referral))
        .with_some("acctDataField", content.acct_data_field.as_ref().map(field))
        .with_some("caeThumb", content.cae_thumb.as_ref().map(cert_thumb))
        .with_some("brandCRLIdentifier", content.brand_crl_identifier.as_ref().map(bci))
        .with_some("thumbs", content.thumbs.as_ref().map(thumbs))
}

/// CertInqReqTBS (§2.12).
fn cert_inq_req(content: &CertInqReqTbs) -> Tree {
    Tree::new()
        .with("rrpid", octets(content.rrpid.as_bytes()))
        .with("lid-EE", octets(content.lid_ee.as_bytes()))
        .with("chall-EE3", octets(content.chall_ee3.as_bytes()))
        .with("lid-CA", octets(content.lid_ca.as_bytes()))
}

/// CRLNotificationTBS and CRLNotificationResTBS (spec `set-certificates.md` §6.4).
fn dated(date: &Date, crl_thumbprint: &CertThumb) -> Tree {
    Tree::new().with("date", date.as_str()).with("crlThumbprint", cert_thumb(crl_thumbprint))
}

/// BCIDistributionTBS (spec `set-certificates.md` §6.4).
fn bci_distribution(content: &BciDistributionTbs) -> Tree {
    Tree::new().with("date", content.date.as_str()).with_some("bci", content.bci.as_ref().map(bci))
}

/// RegFormResTBS (§2.6).
fn reg_form_res(content: &RegFormResTbs) -> Tree {
    Tree::new()
        .with("rrpid", octets(content.rrpid.as_bytes()))
        .with("lid-EE", octets(content.lid_ee.as_bytes()))
        .with("chall-EE2", octets(content.chall_ee2.as_bytes()))
        .with_some("lid-CA", content.lid_ca.as_ref().map(|id| octets(id.as_bytes())))
        .with("chall-CA", octets(content.chall_ca.as_bytes()))
        .with_some("caeThumb", content.cae_thumb.as_ref().map(cert_thumb))
        .with("requestType", content.request_type.name())
        .with("formOrReferral", form_or_referral(&content.form_or_referral))
        .with_some("brandCRLIdentifier", content.brand_crl_identifier.as_ref().map(bci))
        .with_some("thumbs", content.thumbs.as_ref().map(thumbs))
}

/// RegFormOrReferral (§2.7).
fn form_or_referral(either: &RegFormOrReferral) -> Tree {
    match either {
        RegFormOrReferral::Form(form) => Tree::new().with("regFormData", form_data(form)),
        RegFormOrReferral::Referral(referral) => {
            Tree::new().with("referralData", referral_data(referral))
        }
    }
}

fn form_data(form: &RegFormData) -> Tree {
    let template = form.reg_template.as_ref().map(|template| {
        let fields = template.reg_field_seq.as_ref();
        Tree::new()
            .with("regFormID", template.reg_form_id)
            .with_some("brandLogoURL", template.brand_logo_url.as_ref().map(|url| url.as_str()))
            .with_some("cardLogoURL", template.card_logo_url.as_ref().map(|url| url.as_str()))
            .with_some("regFieldSeq", fields.map(|all| Tree::list(all.iter().map(field))))
    });
    Tree::new().with_some("regTemplate", template).with("policy", form.policy.as_str())
}

fn field(field: &RegField) -> Tree {
    Tree::new()
        .with_some("fieldId", field.field_id.as_ref().map(oid_text))
        .with("fieldName", Tree::list(field.field_name.iter().map(|name| name.as_str())))
        .with_some("fieldDesc", field.field_desc.as_ref().map(|text| text.as_str()))
        .with("fieldLen", u32::from(field.field_len.value()))
        .with("fieldRequired", field.field_required)
        .with("fieldInvisible", field.field_invisible)
}

fn referral_data(referral: &ReferralData) -> Tree {
    let urls = referral.referral_url_seq.as_ref();
    Tree::new()
        .with_some("reason", referral.reason.as_ref().map(|text| text.as_str()))
        .with_some("referralURLSeq", urls.map(|all| Tree::list(all.iter().map(|url| url.as_str()))))
}

/// CertResData (§2.10).
fn cert_res(content: &CertResData) -> Tree {
    Tree::new()
        .with("rrpid", octets(content.rrpid.as_bytes()))
        .with("lid-EE", octets(content.lid_ee.as_bytes()))
        .with("chall-EE3", octets(content.chall_ee3.as_bytes()))
        .with_some("lid-CA", content.lid_ca.as_ref().map(|id| octets(id.as_bytes())))
        .with("certStatus", cert_status(&content.cert_status))
        .with_some("certThumbs", content.cert_thumbs.as_ref().map(thumbs))
        .with_some("brandCRLIdentifier", content.brand_crl_identifier.as_ref().map(bci))
        .with_some("thumbs", content.thumbs.as_ref().map(thumbs))
}

/// CertStatus (§2.11).
fn cert_status(status: &CertStatus) -> Tree {
    let failed = status.failed_item_seq.as_ref().map(|items| {
        Tree::list(items.iter().map(|item| {
            Tree::new()
                .with("itemNumber", u32::from(item.item_number.value()))
                .with("itemReason", item.item_reason.as_str())
        }))
    });
    Tree::new()
        .with("certStatusCode", status.cert_status_code.name())
        // Half of PANSecret: whoever has both halves can try account numbers against the name.
        .with_some("nonceCCA", status.nonce_cca.as_ref().map(|_| "(present, not shown)"))
        .with_some("eeMessage", status.ee_message.as_ref().map(|text| text.as_str()))
        .with_some("caMsg", status.ca_msg.as_ref().map(ca_msg))
        .with_some("failedItemSeq", failed)
}

fn ca_msg(message: &CaMsg) -> Tree {
    Tree::new()
        .with_some("cardLogoURL", message.card_logo_url.as_ref().map(|url| url.as_str()))
        .with_some("brandLogoURL", message.brand_logo_url.as_ref().map(|url| url.as_str()))
        .with_some("cardCurrency", message.card_currency.map(|code| u32::from(code.value())))
        .with_some("cardholderMsg", message.cardholder_msg.as_ref().map(|text| text.as_str()))
}

/// ErrorTBS (§2.13).
pub(super) fn error(error: &ErrorTbs) -> Tree {
    let about = match &error.error_msg {
        ErrorMsg::MessageHeader(bad) => Tree::new().with("messageHeader", header(bad)),
        // It may hold anything a broken peer sent: its size is enough to recognise it.
        ErrorMsg::BadWrapper(bad) => {
            let size = bad.as_bytes().len();
            Tree::new().with("badWrapper", format!("({size} octets, not shown)"))
        }
    };
    Tree::new()
        .with("errorCode", error.error_code.name())
        .with("errorNonce", octets(error.error_nonce.as_bytes()))
        .with_some("errorOID", error.error_oid.as_ref().map(oid_text))
        .with_some("errorThumb", error.error_thumb.as_ref().map(cert_thumb))
        .with("errorMsg", about)
}

fn thumbs(thumbs: &Thumbs) -> Tree {
    let all = |digests: &Option<Vec<Digest>>| {
        digests.as_ref().map(|all| Tree::list(all.iter().map(|digest| octets(digest.as_bytes()))))
    };
    Tree::new()
        .with("digestAlgorithm", oid_text(&thumbs.digest_algorithm.oid))
        .with_some("certThumbs", all(&thumbs.cert_thumbs))
        .with_some("crlThumbs", all(&thumbs.crl_thumbs))
        .with_some("brandCRLIdThumbs", all(&thumbs.brand_crl_id_thumbs))
}

fn cert_thumb(thumb: &CertThumb) -> Tree {
    Tree::new()
        .with("digestAlgorithm", oid_text(&thumb.digest_algorithm.oid))
        .with("thumbprint", octets(thumb.thumbprint.as_bytes()))
}

/// A BCI inside a message: what names it, and the CRLs it lists.
fn bci(octets: &BrandCrlIdentifierOctets) -> Tree {
    match BrandCrlIdentifier::from_der(octets.as_der()) {
        Ok(found) => {
            let unsigned = found.unsigned();
            let crls = unsigned.crls.iter().map(|listed| {
                format!("{} number {}", name_der_text(&listed.issuer_der), listed.number)
            });
            Tree::new()
                .with("brandID", unsigned.brand_id.to_string())
                .with("sequenceNum", unsigned.sequence_num)
                .with("notAfter", unsigned.not_after)
                .with("crlIdentifierSeq", Tree::list(crls))
        }
        Err(problem) => Tree::from(format!("not a BCI: {problem}")),
    }
}

fn octets(octets: &[u8]) -> Tree {
    Tree::from(octets)
}
