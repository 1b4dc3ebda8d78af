"""Writes envelope.txt: the structures of spec set-crypto.md 1 and 8, made without this library.

DER is put together by hand, RSA is integer pow, OAEP follows RFC 8017 7.1.1 step by step;
AES-GCM, the DigestInfo signature and the X.509 certificates come from Python's `cryptography`.
Usage: python3 envelope.py < section 9.9 of set-crypto.md > envelope.txt
"""
import datetime, hashlib, re, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding

from der import ct, num, octets, oid, seq, tlv, up, xor

SPEC = dict(re.findall(r"^([\w()-]+)[^=\n]* = ([0-9a-f]+)$", sys.stdin.read(), re.M))
N, P = int(SPEC["n"], 16), int(SPEC["p"], 16)
Q, E, K = N // P, 65537, 384
D = pow(E, -1, (P - 1) * (Q - 1))
KEY = rsa.RSAPrivateNumbers(
    P, Q, D, D % (P - 1), D % (Q - 1), pow(Q, -1, P), rsa.RSAPublicNumbers(E, N)
).private_key()


def sha(data):
    return hashlib.sha256(data).digest()


SHA256 = seq(oid("2.16.840.1.101.3.4.2.1"))


def certificate(serial):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Envelope Vectors")])
    day = datetime.datetime(2026, 1, 1)
    return (
        x509.CertificateBuilder(name, name, KEY.public_key(), serial)
        .not_valid_before(day)
        .not_valid_after(day.replace(year=2036))
        .sign(KEY, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def issuer_and_serial(serial):
    rdn = tlv(0x31, seq(oid("2.5.4.3"), tlv(0x0C, b"Envelope Vectors")))
    return seq(seq(rdn), num(serial))


def dd(n, t):
    return seq(num(0), SHA256, seq(ct(n)), octets(sha(t)))


def mgf(seed, n):
    out = b"".join(sha(seed + i.to_bytes(4, "big")) for i in range(n // 32 + 1))
    return out[:n]


def oaep(message, label, seed):
    db = sha(label) + bytes(K - len(message) - 66) + b"\x01" + message
    db = xor(db, mgf(seed, len(db)))
    return b"\x00" + xor(seed, mgf(db, 32)) + db


def rsa_public(em):
    return pow(int.from_bytes(em, "big"), E, N).to_bytes(K, "big")


def oaep_algorithm(label):
    mgf1 = seq(oid("1.2.840.113549.1.1.8"), SHA256)
    source = seq(oid("1.2.840.113549.1.1.9"), octets(label))
    parameters = seq(tlv(0xA0, SHA256), tlv(0xA1, mgf1), tlv(0xA2, source))
    return seq(oid("1.2.840.113549.1.1.7"), parameters)


def gcm(n, key, nonce, plaintext):
    algorithm = seq(oid("2.16.840.1.101.3.4.1.46"), seq(octets(nonce), num(16)))
    ciphertext = AESGCM(key).encrypt(nonce, plaintext, ct(n))
    return seq(ct(n), algorithm, tlv(0x80, ciphertext))


def envelope(n, bc, body, hd, x):
    key, nonce, seed = up(0x40, 32), up(0x90, 12), up(0x60, 32)
    label = f"set-modern-1:2.23.42.0.{n}".encode()
    encrypted_key = rsa_public(oaep(bytes([bc]) + key + hd + x, label, seed))
    recipient = seq(num(0), issuer_and_serial(5), oaep_algorithm(label), octets(encrypted_key))
    return seq(num(1), seq(recipient), gcm(n, key, nonce, body))


def signed(n, content, attached, certificates):
    attribute = lambda arc, value: seq(oid(f"1.2.840.113549.1.9.{arc}"), tlv(0x31, value))
    attributes = seq(attribute(3, ct(n)), attribute(4, octets(sha(content))))
    signature = KEY.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
    signer = seq(
        num(2), issuer_and_serial(5), SHA256, tlv(0xA2, attributes),
        seq(oid("1.2.840.113549.1.1.11"), tlv(5)), octets(signature),
    )
    info = seq(ct(n), tlv(0xA0, content)) if attached else seq(ct(n))
    sent = tlv(0xA2, *certificates) if certificates else b""
    return seq(num(2), seq(SHA256), info, sent, seq(signer))


t = seq(num(1), octets(up(0, 20)))
pan_only = seq(tlv(0x12, b"4111111111111111"), octets(up(0xC0, 20)))
pan_data0 = tlv(0xA0, seq(tlv(0x12, b"4111111111111111"), tlv(0x12, b"199912"),
                          octets(up(0xA0, 32)), octets(up(0xC0, 20))))
linked = seq(t, dd(2, pan_only))
cert = certificate(5)
out = {
    "certificate": cert,
    "other-certificate": certificate(6),
    "t": t,
    "pan-only": pan_only,
    "pan-data0": pan_data0,
    "exh": envelope(76, 0x41, linked, sha(linked), pan_only),
    "s": signed(45, t, True, [cert]),
    "so": signed(46, seq(t, pan_data0), False, []),
}
out["encx"] = envelope(78, 0x20, seq(t, out["so"]), b"", pan_data0)
out["enc"] = envelope(77, 0x00, out["s"], b"", b"")
result = signed(47, t, True, [])
out["s-result"] = result
out["enck"] = seq(num(0), gcm(79, up(0x40, 32), up(0x90, 12), result))
print("# Written by envelope.py from the spec alone.")
for name, value in out.items():
    print(f"{name} = {value.hex()}")
