//! Message slots: what the place of an envelope in the protocol fixes about it.

use const_oid::ObjectIdentifier;

use crate::wire::oids;

/// Block contents: what the key block holds beside the content key (spec `set-crypto.md` §2.4,
/// `[P]`).
///
/// The high nibble names the type of the extra data X, bit 0 says that HD is there. The values are
/// the same in both suites (decisions.md 29).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// E, Enc: the content key alone.
    Key,
    /// EncX: AcctInfo \[0\] PANData0.
    PanData0,
    /// EXH: PANOnly.
    PanOnly,
    /// EncX: AcctInfo \[1\] AcctData.
    AcctData,
}

impl Block {
    /// The octet BC.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Key => 0x00,
            Self::PanData0 => 0x20,
            Self::PanOnly => 0x41,
            Self::AcctData => 0x50,
        }
    }
}

/// The place of an envelope in the protocol (spec `set-messages.md` §3.4).
#[derive(Debug)]
pub struct Slot {
    /// Content type in clear: that of the plaintext.
    pub(super) content_type: ObjectIdentifier,
    /// Content type inside: of X under its DD (EXH), of the SignedData (EncX, Enc, EncK).
    pub(super) inner_type: ObjectIdentifier,
    /// Block contents that may stand here, all of one shape; none where there is no key block.
    pub(super) blocks: &'static [Block],
}

impl Slot {
    /// The content type that stands in clear in an envelope of this slot.
    #[must_use]
    pub const fn content_type(&self) -> ObjectIdentifier {
        self.content_type
    }

    /// The content type inside: of X under its DD (EXH), of the SignedData (EncX, Enc, EncK).
    #[must_use]
    pub const fn inner_type(&self) -> ObjectIdentifier {
        self.inner_type
    }

    /// True if the key block holds HD.
    pub(super) fn has_digest(&self) -> bool {
        self.blocks.iter().any(|block| block.code() & 0x01 != 0)
    }

    /// True if the key block holds X.
    pub(super) fn has_extra(&self) -> bool {
        self.blocks.iter().any(|block| block.code() & 0xf0 != 0)
    }
}

/// RegFormReq = EXH(CA, RegFormReqData, PANOnly).
pub const REG_FORM_REQ: Slot = Slot {
    content_type: oids::CT_REG_FORM_REQ_TBE,
    inner_type: oids::CT_PAN_ONLY,
    blocks: &[Block::PanOnly],
};

/// CertReq \[0\] = EncX(EE, CA, CertReqData, AcctInfo).
pub const CERT_REQ_ENCX: Slot = Slot {
    content_type: oids::CT_CERT_REQ_TBEX,
    inner_type: oids::CT_CERT_REQ_TBS,
    blocks: &[Block::PanData0, Block::AcctData],
};

/// CertReq \[1\] = Enc(EE, CA, CertReqData).
pub const CERT_REQ_ENC: Slot = Slot {
    content_type: oids::CT_CERT_REQ_TBE,
    inner_type: oids::CT_CERT_REQ_DATA,
    blocks: &[Block::Key],
};

/// CertRes \[1\] = EncK(caBackKeyData, CA, CertResData).
pub const CERT_RES_ENCK: Slot =
    Slot { content_type: oids::CT_CERT_RES_TBE, inner_type: oids::CT_CERT_RES_DATA, blocks: &[] };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_blocks_of_a_slot_have_one_shape() {
        for slot in [&REG_FORM_REQ, &CERT_REQ_ENCX, &CERT_REQ_ENC, &CERT_RES_ENCK] {
            for block in slot.blocks {
                assert_eq!(block.code() & 0x01 != 0, slot.has_digest(), "{slot:?}");
                assert_eq!(block.code() & 0xf0 != 0, slot.has_extra(), "{slot:?}");
            }
        }
    }
}
