"""Writes foreign.txt: signatures of every kind that foreign chains have, made by OpenSSL.

Each signature is over the message b"foreign chains" and named KEY SCHEME; its AlgorithmIdentifier
stands in front of it. The inherited-* certificates are those of NIST PKITS 4.1.5 (public domain);
the impostor is a SubjectPublicKeyInfo with other parameters than the DSA CA's under which the
CA's certificate for the inheriting CA verifies all the same.
Usage: python3 foreign.py conformance/pkits.json > foreign.txt
"""
import base64, hashlib, json, subprocess, sys, tempfile
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from der import oid, seq, tlv

MESSAGE = b"foreign chains"
WORK = tempfile.mkdtemp()
NULL = tlv(5)
HASH = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
PKCS1 = {"sha1": 5, "sha256": 11, "sha384": 12, "sha512": 13}
ECDSA = {
    "sha1": "1.2.840.10045.4.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
DSA = {"sha1": "1.2.840.10040.4.3", "sha256": "2.16.840.1.101.3.4.3.2"}


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, check=True, capture_output=True).stdout


def key(name, algorithm, *options, parameters=None):
    path = f"{WORK}/{name}"
    if parameters:
        openssl("genpkey", "-genparam", "-algorithm", algorithm, *parameters, "-out", path + "p")
        openssl("genpkey", "-paramfile", path + "p", "-out", path)
    else:
        words = [word for option in options for word in ("-pkeyopt", option)]
        openssl("genpkey", "-algorithm", algorithm, *words, "-out", path)
    spki = openssl("pkey", "-in", path, "-pubout", "-outform", "DER")
    print(f"{name} = {spki.hex()}")
    return path


def sign(name, scheme, identifier, *options):
    words = [word for option in options for word in ("-sigopt", option)]
    digest = scheme.split("-")[-1].split("/")[0]
    command = ["dgst", "-" + digest, *words, "-sign", f"{WORK}/{name}"]
    signature = openssl(*command, data=MESSAGE)
    print(f"{name} {scheme} = {identifier.hex()} {signature.hex()}")


def pss(name, digest, salt):
    one = seq(oid(HASH[digest]), NULL)
    mask = seq(oid("1.2.840.113549.1.1.8"), one)
    length = tlv(0xA2, tlv(2, bytes([salt])))
    parameters = seq(tlv(0xA0, one), tlv(0xA1, mask), *([] if salt == 20 else [length]))
    identifier = seq(oid("1.2.840.113549.1.1.10"), parameters)
    options = ["rsa_padding_mode:pss", f"rsa_pss_saltlen:{salt}", f"rsa_mgf1_md:{digest}"]
    sign(name, f"pss-{digest}/{salt}", identifier, *options)


def parts(der):
    """The elements inside a SEQUENCE, each with its header."""
    def header(at):
        size = der[at + 1] & 0x7F if der[at + 1] & 0x80 else 0
        length = int.from_bytes(der[at + 2 : at + 2 + size], "big") if size else der[at + 1]
        return at + 2 + size, length

    at, found = header(0)[0], []
    while at < len(der):
        start, length = header(at)
        found.append(der[at : start + length])
        at = start + length
    return found


def impostor(above, child):
    """Same p and q, g squared; y so that the one signature still verifies (FIPS 186-4 4.7)."""
    known = above.public_key().public_numbers()
    p, q, g = (getattr(known.parameter_numbers, n) for n in "pqg")
    tbs, _, signature = parts(child)
    r, s = decode_dss_signature(signature[3:])
    z = int.from_bytes(hashlib.sha1(tbs).digest(), "big")
    w = pow(s, -1, q)
    u1, u2 = z * w % q, r * w % q
    point = pow(g, u1, p) * pow(known.y, u2, p) % p
    assert point % q == r
    other = g * g % p
    y = pow(point * pow(other, -u1, p) % p, pow(u2, -1, q), p)
    number = lambda n: tlv(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))
    parameters = seq(number(p), number(q), number(other))
    return seq(seq(oid("1.2.840.10040.4.1"), parameters), tlv(3, b"\0" + number(y)))


print("# Written by foreign.py with OpenSSL.")
for bits in (1024, 2048):
    key(f"rsa-{bits}", "RSA", f"rsa_keygen_bits:{bits}")
    for digest, last in PKCS1.items():
        identifier = seq(oid(f"1.2.840.113549.1.1.{last}"), NULL)
        sign(f"rsa-{bits}", "pkcs1-" + digest, identifier)
for digest, salt in (("sha256", 32), ("sha384", 48), ("sha512", 64), ("sha256", 20)):
    pss("rsa-2048", digest, salt)
pss("rsa-1024", "sha256", 32)
key("pss-2048", "RSA-PSS", "rsa_keygen_bits:2048")
pss("pss-2048", "sha384", 48)
limits = ("rsa_pss_keygen_md:sha256", "rsa_pss_keygen_mgf1_md:sha256", "rsa_pss_keygen_saltlen:32")
key("pss-limited", "RSA-PSS", "rsa_keygen_bits:2048", *limits)
pss("pss-limited", "sha256", 32)
for curve in ("P-256", "P-384", "P-521"):
    key(curve, "EC", f"ec_paramgen_curve:{curve}")
    for digest, number in ECDSA.items():
        sign(curve, "ecdsa-" + digest, seq(oid(number)))
for p, q, digest in ((1024, 160, "sha1"), (2048, 256, "sha256"), (2048, 224, "sha256")):
    size = ["-pkeyopt", f"dsa_paramgen_bits:{p}", "-pkeyopt", f"dsa_paramgen_q_bits:{q}"]
    key(f"dsa-{p}-{q}", "DSA", parameters=size)
    sign(f"dsa-{p}-{q}", "dsa-" + digest, seq(oid(DSA[digest])))

data = json.load(open(sys.argv[1]))
case = next(case for case in data["cases"] if case["id"] == "pkits-4.1.5")
chain = [base64.b64decode(data["certs"][one]) for one in [case["trust_anchor"], *case["chain"]]]
for name, one in zip(("anchor", "ca", "below", "leaf"), chain):
    print(f"inherited-{name} = {one.hex()}")
ca = x509.load_der_x509_certificate(chain[1])
print(f"impostor = {impostor(ca, chain[2]).hex()}")
