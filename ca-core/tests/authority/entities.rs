//! Any end entity by hand, with any of the fourteen request types, so that each field can be wrong.

use ca_core::envelope::{
    Attachments, Block, CERT_REQ_ENC, CERT_REQ_ENCX, Extra, SignerIdentity, encx_tbs, seal_enc,
    seal_encx, sign,
};
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SoftwareKeys};
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::{
    AcctInfo, AcquirerId, Bin, CardExpiry, Cert, CertReq, CertReqData, CertThumb, Challenge, Date,
    EnvelopedDataOctets, IdData, Language, LocalId, MeAqCInitReq, MeAqCInitResTbs,
    MerchantAcquirerId, Message, Nonce, NumericString, Pan, PanData0, RequestType, Rrpid, Secret,
    SetString, decode,
};
use ca_core::{Suite, UnixTime};
use der::Encode;

use crate::house::{House, encryption_keys, seeded_key};
use crate::messages::{
    EXPIRY, FormDraft, Heard, PAN, back_key, ca_certificate, items, key_in, keys, message_of, post,
    random, signed_content, wrapped,
};

/// A BIN of the sample acquirer that decides by itself.
pub(crate) const BIN: &str = "490000";

/// The CA of a role.
pub(crate) fn ca_of(role: Role) -> &'static str {
    match role {
        Role::Cardholder => "sample-cca",
        Role::Merchant => "sample-mca",
        _ => "sample-pca",
    }
}

/// IDData of the merchant or gateway named `id`.
pub(crate) fn id_data(role: Role, bin: &str, id: &str) -> IdData {
    let bin = Bin::new(bin).unwrap();
    if role == Role::Merchant {
        let merchant_id = SetString::new(id).unwrap();
        return IdData::Merchant(MerchantAcquirerId { merchant_bin: bin, merchant_id });
    }
    let acquirer_business_id = Some(NumericString::new(id).unwrap());
    IdData::Acquirer(AcquirerId { acquirer_bin: bin, acquirer_business_id })
}

/// An encryption key for an end entity: 0, 1 or 2.
pub(crate) fn encryption_key(suite: Suite, number: usize) -> PrivateKey {
    match suite {
        Suite::Modern => PrivateKey::from_pkcs8(&encryption_keys()[3 + number]).unwrap(),
        Suite::Set1997 => {
            seeded_key(KeyAlgorithm::Rsa(1024), b"entity", &format!("encryption {number}"))
        }
    }
}

/// Me-AqCInitReq of the sample merchant or gateway.
pub(crate) fn contact_req(request_type: RequestType, label: &str) -> MeAqCInitReq {
    let random = random(&format!("{label} contact"));
    MeAqCInitReq {
        rrpid: Rrpid::random(&random).unwrap(),
        lid_ee: LocalId::random(&random).unwrap(),
        chall_ee: Challenge::random(&random).unwrap(),
        request_type,
        id_data: id_data(request_type.role(), BIN, "4711"),
        brand_id: SetString::new("Sample").unwrap(),
        language: Language::new("en").unwrap(),
        thumbs: None,
    }
}

/// Posts it.
pub(crate) fn contact(house: &House, request: &MeAqCInitReq) -> (Vec<u8>, MeAqCInitResTbs) {
    let message = Message::MeAqCInitReq(request.clone());
    let octets = wrapped(&message, request.rrpid, house.authority.now());
    let answer = post(&house.authority, &octets);
    let Message::MeAqCInitRes(signed) = message_of(&answer) else { panic!("no Me-AqCInitRes") };
    let content = signed_content(&house.authority, signed.as_der());
    (answer, decode(&content, MAX_MESSAGE).unwrap())
}

/// What a CertReq is tied to by its form run.
#[derive(Clone)]
pub(crate) struct Tied {
    pub(crate) request_type: RequestType,
    pub(crate) lid_ee: LocalId,
    pub(crate) lid_ca: LocalId,
    pub(crate) chall_ca: Challenge,
    pub(crate) id_data: Option<IdData>,
}

impl Tied {
    /// A form run for this type.
    pub(crate) fn to_form(house: &House, request_type: RequestType, label: &str) -> Self {
        if request_type.role() != Role::Cardholder {
            return Self::by(house, &contact_req(request_type, label));
        }
        let mut form = FormDraft::new(label);
        form.data.request_type = request_type;
        let run = form.run(&house.authority);
        let (lid_ee, lid_ca, chall_ca) = (run.lid_ee, run.lid_ca, run.chall_ca);
        Self { request_type, lid_ee, lid_ca, chall_ca, id_data: None }
    }

    /// The form run that begins with this message.
    pub(crate) fn by(house: &House, request: &MeAqCInitReq) -> Self {
        let (_, tbs) = contact(house, request);
        Self {
            request_type: request.request_type,
            lid_ee: tbs.lid_ee,
            lid_ca: tbs.lid_ca.unwrap(),
            chall_ca: tbs.chall_ca,
            id_data: Some(request.id_data.clone()),
        }
    }
}

/// What an end entity holds from an earlier registration.
pub(crate) struct Held {
    pub(crate) key: PrivateKey,
    pub(crate) signature: Cert,
    pub(crate) encryption: Option<Cert>,
}

impl Held {
    /// Registers for every certificate that the role can have, with encryption key 0.
    pub(crate) fn by_registering(house: &House, role: Role, label: &str) -> Self {
        let both = match role {
            Role::Cardholder => RequestType::CardInitialSig,
            Role::Merchant => RequestType::MerInitialBoth,
            _ => RequestType::PgwyInitialBoth,
        };
        let tied = Tied::to_form(house, both, label);
        let asking = Asking::new(house, &tied, label, None);
        let key = asking.new_key.copy();
        let answer = post(&house.authority, &asking.octets());
        let issued = Heard::of(&house.authority, &answer).issued_all();
        let mut issued = issued.into_iter();
        Self { key, signature: issued.next().unwrap(), encryption: issued.next() }
    }
}

pub(crate) trait Copied {
    fn copy(&self) -> PrivateKey;
}

impl Copied for PrivateKey {
    fn copy(&self) -> PrivateKey {
        PrivateKey::from_pkcs8(self.pkcs8_der()).unwrap()
    }
}

/// One SignerInfo: the certificate it names, and the key that signs.
pub(crate) struct Signing {
    pub(crate) certificate: Option<Cert>,
    pub(crate) key: PrivateKey,
}

/// A CertReq before it is signed and sealed.
pub(crate) struct Asking {
    pub(crate) suite: Suite,
    pub(crate) data: CertReqData,
    pub(crate) account: Option<AcctInfo>,
    pub(crate) signers: Vec<Signing>,
    /// The signature key to certify, if the type wants one.
    pub(crate) new_key: PrivateKey,
    /// The rrpid of the wrapper.
    pub(crate) rrpid: Rrpid,
    recipient: Cert,
    now: UnixTime,
    label: String,
}

impl Asking {
    /// A good request: signature key `label`, encryption key 0, or 1 if there is something to
    /// build on, which is `held`.
    pub(crate) fn new(house: &House, tied: &Tied, label: &str, held: Option<&Held>) -> Self {
        let random = random(&format!("{label} asking"));
        let now = house.authority.now();
        let request_type = tied.request_type;
        let role = request_type.role();
        let suite = house.suite();
        let new_key = key_in(suite, label);
        let encryption = encryption_key(suite, usize::from(held.is_some()));
        let cardholder = role == Role::Cardholder;
        let renews_encryption = request_type.is_renewal() && request_type.wants_encryption();
        let renewed = held.and_then(|held| held.encryption.as_ref()).filter(|_| renews_encryption);
        let rrpid = Rrpid::random(&random).unwrap();
        let data = CertReqData {
            rrpid,
            lid_ee: tied.lid_ee.clone(),
            chall_ee3: Challenge::random(&random).unwrap(),
            lid_ca: Some(tied.lid_ca.clone()),
            chall_ca: Some(tied.chall_ca),
            request_type,
            request_date: Date::from(now),
            id_data: tied.id_data.clone(),
            reg_form_id: form_id(role),
            reg_form: good_answers(role),
            ca_back_key_data: cardholder.then(|| back_key(suite)),
            public_key_s_or_e: keys(
                request_type.wants_signature().then_some(&new_key),
                request_type.wants_encryption().then_some(&encryption),
            ),
            ee_thumb: renewed.map(thumb),
            thumbs: None,
        };
        let mut signers = Vec::new();
        if request_type.wants_signature() {
            signers.push(Signing { certificate: None, key: new_key.copy() });
        }
        if request_type.is_renewal() || !request_type.wants_signature() {
            let held = held.expect("something to build on");
            let certificate = Some(held.signature.clone());
            signers.push(Signing { certificate, key: held.key.copy() });
        }
        let account = cardholder.then(|| card(suite, PAN, label));
        let recipient = ca_certificate(&house.authority, ca_of(role), KeyUse::Encryption);
        let label = label.to_owned();
        Self { suite, data, account, signers, new_key, rrpid, recipient, now, label }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Another last month of the card.
    pub(crate) fn expires(&mut self, year: u16, month: u8) {
        if let Some(AcctInfo::PanData0(card)) = &mut self.account {
            card.card_expiry = CardExpiry::new(year, month).unwrap();
        }
    }

    fn signed(
        &self,
        content_type: const_oid::ObjectIdentifier,
        t: &[u8],
        attached: bool,
    ) -> Vec<u8> {
        let identities: Vec<SignerIdentity<'_>> = self
            .signers
            .iter()
            .map(|signing| SignerIdentity {
                certificate: signing.certificate.as_ref(),
                key: signing.key.id(),
                algorithm: signing.key.algorithm().default_signature(self.suite),
            })
            .collect();
        let all = SoftwareKeys::from_iter(self.signers.iter().map(|signing| signing.key.copy()));
        let nothing = Attachments::default();
        sign(self.suite, content_type, t, attached, &identities, nothing, &all).unwrap()
    }

    /// S(EE, CertReqData): what is in an Enc.
    pub(crate) fn signed_data(&self) -> Vec<u8> {
        self.signed(CERT_REQ_ENC.inner_type(), &self.data.to_der().unwrap(), true)
    }

    /// The same over something else.
    pub(crate) fn signed_data_of(&self, content: &[u8]) -> Vec<u8> {
        self.signed(CERT_REQ_ENC.inner_type(), content, true)
    }

    /// The same without what it signs.
    pub(crate) fn detached(&self) -> Vec<u8> {
        self.signed(CERT_REQ_ENC.inner_type(), &self.data.to_der().unwrap(), false)
    }

    /// The plaintext parts of an EncX: CertReqData, the signature over both, AcctInfo.
    pub(crate) fn parts(&self) -> [Vec<u8>; 3] {
        let data = self.data.to_der().unwrap();
        let account = self.account.to_der().unwrap();
        let tbs = encx_tbs(&data, &account).unwrap();
        let signature = self.signed(CERT_REQ_ENCX.inner_type(), &tbs, false);
        [data, signature, account]
    }

    /// CertReq as EncX if there is an account, else as Enc.
    pub(crate) fn message(&self) -> Message {
        let random = random(&format!("{} seal", self.label));
        let Some(account) = &self.account else {
            let (recipient, slot) = (&self.recipient, &CERT_REQ_ENC);
            let sealed =
                seal_enc(self.suite, recipient, slot, &self.signed_data(), &random).unwrap();
            return Message::CertReq(CertReq::Enc(EnvelopedDataOctets::new(sealed).unwrap()));
        };
        let block = match account {
            AcctInfo::PanData0(_) => Block::PanData0,
            AcctInfo::AcctData(_) => Block::AcctData,
        };
        let [data, signature, account] = self.parts();
        let extra = Extra { block, der: &account };
        let (recipient, slot) = (&self.recipient, &CERT_REQ_ENCX);
        let sealed =
            seal_encx(self.suite, recipient, slot, &data, &signature, extra, &random).unwrap();
        Message::CertReq(CertReq::EncX(EnvelopedDataOctets::new(sealed).unwrap()))
    }

    pub(crate) fn octets(&self) -> Vec<u8> {
        wrapped(&self.message(), self.rrpid, self.now)
    }
}

/// regFormID of the shipped form.
pub(crate) fn form_id(role: Role) -> u64 {
    match role {
        Role::Cardholder => 1,
        Role::Merchant => 2,
        _ => 3,
    }
}

fn good_answers(role: Role) -> crate::messages::Items {
    match role {
        Role::Cardholder => {
            items(&[(&["Full name", "Name on the card"], "Ada Lovelace"), (&["Town"], "London")])
        }
        Role::Merchant => items(&[
            (&["Name of the shop", "Name on the statement"], "Ada's & Sons"),
            (&["City"], "London"),
        ]),
        _ => {
            items(&[(&["Person in charge"], "Ada Lovelace"), (&["Telephone"], "+44 20 7946 0000")])
        }
    }
}

/// PANData0.
pub(crate) fn card(suite: Suite, pan: &str, label: &str) -> AcctInfo {
    let random = random(&format!("{label} card"));
    AcctInfo::PanData0(PanData0 {
        pan: Pan::new(pan).unwrap(),
        card_expiry: CardExpiry::new(EXPIRY.0, EXPIRY.1).unwrap(),
        card_secret: Secret::random(&random, suite).unwrap(),
        ex_nonce: Nonce::random(&random).unwrap(),
    })
}

/// eeThumb of a certificate.
pub(crate) fn thumb(certificate: &Cert) -> CertThumb {
    let suite = Suite::of_signature(certificate.inner().signature_algorithm());
    CertThumb::new(suite, &certificate.thumbprint(suite)).unwrap()
}
