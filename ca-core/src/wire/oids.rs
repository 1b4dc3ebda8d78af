//! Object identifiers, in one place: SET arc 2.23.42 (spec `set-certificates.md` §7) and PKIX.

use const_oid::ObjectIdentifier;

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($text);)*
    };
}

oids! {
    /// setct-PANOnly.
    CT_PAN_ONLY = "2.23.42.0.2";
    /// setct-CardCInitResTBS.
    CT_CARD_C_INIT_RES_TBS = "2.23.42.0.42";
    /// setct-MeAqCInitResTBS.
    CT_ME_AQ_C_INIT_RES_TBS = "2.23.42.0.43";
    /// setct-RegFormResTBS.
    CT_REG_FORM_RES_TBS = "2.23.42.0.44";
    /// setct-CertReqData.
    CT_CERT_REQ_DATA = "2.23.42.0.45";
    /// setct-CertReqTBS.
    CT_CERT_REQ_TBS = "2.23.42.0.46";
    /// setct-CertResData.
    CT_CERT_RES_DATA = "2.23.42.0.47";
    /// setct-CertInqReqTBS.
    CT_CERT_INQ_REQ_TBS = "2.23.42.0.48";
    /// setct-ErrorTBS.
    CT_ERROR_TBS = "2.23.42.0.49";
    /// setct-RegFormReqTBE.
    CT_REG_FORM_REQ_TBE = "2.23.42.0.76";
    /// setct-CertReqTBE.
    CT_CERT_REQ_TBE = "2.23.42.0.77";
    /// setct-CertReqTBEX.
    CT_CERT_REQ_TBEX = "2.23.42.0.78";
    /// setct-CertResTBE.
    CT_CERT_RES_TBE = "2.23.42.0.79";
    /// setct-CRLNotificationTBS.
    CT_CRL_NOTIFICATION_TBS = "2.23.42.0.80";
    /// setct-CRLNotificationResTBS.
    CT_CRL_NOTIFICATION_RES_TBS = "2.23.42.0.81";
    /// setct-BCIDistributionTBS.
    CT_BCI_DISTRIBUTION_TBS = "2.23.42.0.82";

    /// Registration form field arc `.2`: fullName.
    FIELD_FULL_NAME = "2.23.42.2.0";
    /// Registration form field: placeName.
    FIELD_PLACE_NAME = "2.23.42.2.4";

    /// setAttr-rootKeyThumb, inner content type of hashedRootKey.
    ROOT_KEY_THUMB = "2.23.42.3.0.0";
    /// set-policy-root.
    POLICY_ROOT = "2.23.42.5.0";

    /// setCext-hashedRoot.
    HASHED_ROOT_KEY = "2.23.42.7.0";
    /// setCext-certType.
    CERTIFICATE_TYPE = "2.23.42.7.1";
    /// setCext-merchData.
    MERCHANT_DATA = "2.23.42.7.2";
    /// setCext-cCertRequired.
    CARD_CERT_REQUIRED = "2.23.42.7.3";
    /// setCext-tunneling.
    TUNNELING = "2.23.42.7.4";
    /// setCext-setExt.
    SET_EXTENSIONS = "2.23.42.7.5";
    /// setCext-setQualf: policy qualifier id.
    SET_QUALIFIER = "2.23.42.7.6";

    /// PKCS#7 id-data.
    ID_DATA = "1.2.840.113549.1.7.1";
    /// PKCS#7 id-signedData.
    ID_SIGNED_DATA = "1.2.840.113549.1.7.2";
    /// PKCS#9 contentType attribute.
    ATTR_CONTENT_TYPE = "1.2.840.113549.1.9.3";
    /// PKCS#9 messageDigest attribute.
    ATTR_MESSAGE_DIGEST = "1.2.840.113549.1.9.4";

    /// SHA-1.
    SHA_1 = "1.3.14.3.2.26";
    /// SHA-256.
    SHA_256 = "2.16.840.1.101.3.4.2.1";
    /// SHA-384.
    SHA_384 = "2.16.840.1.101.3.4.2.2";
    /// SHA-512.
    SHA_512 = "2.16.840.1.101.3.4.2.3";
    /// rsaEncryption.
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    /// sha1WithRSAEncryption.
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5";
    /// rsaOAEPEncryptionSET.
    RSA_OAEP_SET = "1.2.840.113549.1.1.6";
    /// id-RSAES-OAEP.
    RSAES_OAEP = "1.2.840.113549.1.1.7";
    /// id-mgf1.
    MGF1 = "1.2.840.113549.1.1.8";
    /// id-pSpecified.
    P_SPECIFIED = "1.2.840.113549.1.1.9";
    /// id-RSASSA-PSS.
    RSASSA_PSS = "1.2.840.113549.1.1.10";
    /// sha256WithRSAEncryption.
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    /// sha384WithRSAEncryption.
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12";
    /// sha512WithRSAEncryption.
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13";
    /// id-ecPublicKey.
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    /// secp256r1 / P-256.
    SECP_256_R1 = "1.2.840.10045.3.1.7";
    /// secp384r1 / P-384.
    SECP_384_R1 = "1.3.132.0.34";
    /// ecdsa-with-SHA256.
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    /// ecdsa-with-SHA384.
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
    /// secp521r1 / P-521.
    SECP_521_R1 = "1.3.132.0.35";
    /// ecdsa-with-SHA1.
    ECDSA_WITH_SHA1 = "1.2.840.10045.4.1";
    /// ecdsa-with-SHA512.
    ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4";
    /// id-dsa.
    DSA = "1.2.840.10040.4.1";
    /// id-dsa-with-sha1.
    DSA_WITH_SHA1 = "1.2.840.10040.4.3";
    /// id-dsa-with-sha256.
    DSA_WITH_SHA256 = "2.16.840.1.101.3.4.3.2";
    /// id-Ed25519.
    ED25519 = "1.3.101.112";
    /// AES-256-GCM.
    AES_256_GCM = "2.16.840.1.101.3.4.1.46";
    /// DES-CBC (suite `set-1997`).
    DES_CBC = "1.3.14.3.2.7";
    /// CDMF (suite `set-1997`).
    CDMF = "1.2.840.113549.3.10";

    /// subjectKeyIdentifier.
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    /// keyUsage.
    KEY_USAGE = "2.5.29.15";
    /// privateKeyUsagePeriod.
    PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16";
    /// subjectAltName.
    SUBJECT_ALT_NAME = "2.5.29.17";
    /// issuerAltName.
    ISSUER_ALT_NAME = "2.5.29.18";
    /// basicConstraints.
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// cRLNumber.
    CRL_NUMBER = "2.5.29.20";
    /// reasonCode.
    CRL_REASON = "2.5.29.21";
    /// holdInstructionCode (CRL entry).
    HOLD_INSTRUCTION_CODE = "2.5.29.23";
    /// invalidityDate.
    INVALIDITY_DATE = "2.5.29.24";
    /// deltaCRLIndicator.
    DELTA_CRL_INDICATOR = "2.5.29.27";
    /// issuingDistributionPoint.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// certificateIssuer (CRL entry).
    CERTIFICATE_ISSUER = "2.5.29.29";
    /// nameConstraints.
    NAME_CONSTRAINTS = "2.5.29.30";
    /// cRLDistributionPoints.
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// certificatePolicies.
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// anyPolicy.
    ANY_POLICY = "2.5.29.32.0";
    /// policyMappings.
    POLICY_MAPPINGS = "2.5.29.33";
    /// authorityKeyIdentifier.
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    /// policyConstraints.
    POLICY_CONSTRAINTS = "2.5.29.36";
    /// extKeyUsage.
    EXT_KEY_USAGE = "2.5.29.37";
    /// freshestCRL.
    FRESHEST_CRL = "2.5.29.46";
    /// inhibitAnyPolicy.
    INHIBIT_ANY_POLICY = "2.5.29.54";
    /// authorityInfoAccess.
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// anyExtendedKeyUsage.
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
    /// id-kp-serverAuth.
    KP_SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /// id-kp-clientAuth.
    KP_CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// id-kp-codeSigning.
    KP_CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    /// id-kp-emailProtection.
    KP_EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    /// id-kp-timeStamping.
    KP_TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    /// id-qt-cps.
    QT_CPS = "1.3.6.1.5.5.7.2.1";
    /// id-qt-unotice.
    QT_UNOTICE = "1.3.6.1.5.5.7.2.2";
    /// id-kp-OCSPSigning.
    KP_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    /// id-ad-ocsp.
    AD_OCSP = "1.3.6.1.5.5.7.48.1";
    /// id-pkix-ocsp-basic.
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    /// id-pkix-ocsp-nonce.
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    /// id-pkix-ocsp-nocheck.
    OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5";
    /// id-ad-caIssuers.
    AD_CA_ISSUERS = "1.3.6.1.5.5.7.48.2";

    /// PKCS#9 emailAddress.
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";
    /// countryName.
    COUNTRY_NAME = "2.5.4.6";
    /// organizationName.
    ORGANIZATION_NAME = "2.5.4.10";
    /// organizationalUnitName.
    ORGANIZATIONAL_UNIT_NAME = "2.5.4.11";
    /// commonName.
    COMMON_NAME = "2.5.4.3";
}
