"""Writes envelope_1997.txt: the structures of spec set-crypto.md 1 to 3 in suite set-1997, made
without this library.

DER is put together by hand, RSA is integer pow, SET OAEP follows section 2 step by step with H1
variant A; DES comes from Python's `cryptography` as DES-EDE3 under one key three times.
Usage: python3 envelope_1997.py < set-1997.txt > envelope_1997.txt
"""
import hashlib, re, sys
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from der import ct, num, octets, oid, seq, tlv, up, xor

SPEC = dict(re.findall(r"^(.+?) = ([0-9a-f]+)$", sys.stdin.read(), re.M))
N, D, E, K = int(SPEC["K1024.n"], 16), int(SPEC["K1024.d"], 16), 65537, 128
KEY, SALT, IV = (bytes.fromhex(SPEC[name]) for name in ("DES key", "E-Salt", "IV"))
NULL = tlv(5)


def sha(data):
    return hashlib.sha1(data).digest()


def rsa(exponent, data):
    return pow(int.from_bytes(data, "big"), exponent, N).to_bytes(K, "big")


def sign(data):
    info = bytes.fromhex("3021300906052B0E03021A05000414") + sha(data)
    return rsa(D, b"\x00\x01" + b"\xff" * (K - 3 - len(info)) + b"\x00" + info)


def set_oaep(bc, adb):
    db = bytes([3, bc]) + bytes(7) + adb.ljust(K - 26, b"\x00")
    mask = b"".join(sha(SALT + bytes([i])) for i in range(6))[: len(db)]
    a = xor(db, mask)
    return b"\x5a" + a + xor(SALT, sha(a)[4:])


def des(key, decrypt, mode, data):
    cipher = Cipher(TripleDES(key * 3), mode)
    run = cipher.decryptor() if decrypt else cipher.encryptor()
    return run.update(data) + run.finalize()


def cdmf(key):
    k0 = bytes(octet & 0xFE for octet in key)
    t = xor(des(bytes.fromhex("C408B0540BA1E0AE"), False, modes.ECB(), k0), k0)
    t = bytes(octet & (0x0E, 0xFE)[i % 2] for i, octet in enumerate(t))
    return des(bytes.fromhex("EF2C041CE6382FE6"), False, modes.ECB(), t)


def cbc(n, algorithm, key, plaintext):
    count = 8 - len(plaintext) % 8
    ciphertext = des(key, False, modes.CBC(IV), plaintext + bytes([count]) * count)
    return seq(ct(n), seq(oid(algorithm), octets(IV)), tlv(0x80, ciphertext))


DES_CBC, CDMF = "1.3.14.3.2.7", "1.2.840.113549.3.10"
SHA1 = seq(oid("1.3.14.3.2.26"), NULL)
TBS = bytes.fromhex(SPEC["TBSCertificate"])
SHA1_RSA = seq(oid("1.2.840.113549.1.1.5"), NULL)


def text(arc, value):
    return tlv(0x31, seq(oid(f"2.5.4.{arc}"), tlv(0x13, value)))


ISSUER = seq(text(6, b"US"), text(10, b"SET Test"), text(3, b"Root"))
NAMED = seq(ISSUER, num(1))


def certificate(tbs):
    return seq(tbs, SHA1_RSA, tlv(3, b"\x00", sign(tbs)))


def dd(n, t):
    return seq(num(0), SHA1, seq(ct(n)), octets(sha(t)))


def envelope(n, bc, body, hd, x):
    encrypted_key = rsa(E, set_oaep(bc, KEY + hd + x))
    transport = seq(oid("1.2.840.113549.1.1.6"), NULL)
    recipient = seq(num(0), NAMED, transport, octets(encrypted_key))
    return seq(num(1), seq(recipient), cbc(n, DES_CBC, KEY, body))


def signed(n, content, attached, certificates):
    attribute = lambda arc, value: seq(oid(f"1.2.840.113549.1.9.{arc}"), tlv(0x31, value))
    attributes = seq(attribute(3, ct(n)), attribute(4, octets(sha(content))))
    signer = seq(
        num(2), NAMED, SHA1, tlv(0xA2, attributes),
        seq(oid("1.2.840.113549.1.1.1"), NULL), octets(sign(attributes)),
    )
    info = seq(ct(n), tlv(0xA0, content)) if attached else seq(ct(n))
    sent = tlv(0xA2, *certificates) if certificates else b""
    return seq(num(2), seq(SHA1), info, sent, seq(signer))


t = seq(num(1), octets(up(0, 20)))
pan_only = seq(tlv(0x12, b"4111111111111111"), octets(up(0xC0, 20)))
pan_data0 = tlv(0xA0, seq(tlv(0x12, b"4111111111111111"), tlv(0x12, b"199912"),
                          octets(up(0xA0, 20)), octets(up(0xC0, 20))))
linked = seq(t, dd(2, pan_only))
cert = certificate(TBS)
out = {
    "certificate": cert,
    "other-certificate": certificate(TBS.replace(num(1), num(2), 1)),
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
out["enck"] = seq(num(0), cbc(79, DES_CBC, KEY, result))
out["enck-cdmf"] = seq(num(0), cbc(79, CDMF, cdmf(KEY), result))
print("# Written by envelope_1997.py from the spec alone.")
for name, value in out.items():
    print(f"{name} = {value.hex()}")
