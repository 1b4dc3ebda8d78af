"""DER put together by hand, for envelope.py and envelope_1997.py."""


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def oid(text):
    a, b, *rest = map(int, text.split("."))
    out = b""
    for arc in [40 * a + b, *rest]:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, 0x80 | arc & 0x7F)
        out += bytes(septets)
    return tlv(6, out)


def ct(n):
    return oid(f"2.23.42.0.{n}")


def up(first, n):
    return bytes(range(first, first + n))


def seq(*parts):
    return tlv(0x30, *parts)


def num(n):
    return tlv(2, bytes([n]))


def octets(data):
    return tlv(4, data)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))
