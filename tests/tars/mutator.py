# SPDX-License-Identifier: Apache-2.0
"""Changes tars where readers disagree: in the fields of headers, in extended headers, and in what stands where."""
BLOCK = 512
NUMBERS = [(100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (329, 8), (337, 8)]
SIZE = (124, 12)
MAGICS = [b"ustar\0" b"00", b"ustar  \0", bytes(8), b"ustar\0" b"01", b"ustar\0\0\0", b"ustar   ", b"ustar00\0", b"tar\0\0\0\0\0"]
KEYS = ["path", "linkpath", "size", "comment", "mtime", "uid", "gname", "hdrcharset", "charset", "SCHILY.realsize",
        "SCHILY.filetype", "SCHILY.dev", "SCHILY.xattr.user.a", "SCHILY.acl.access", "SUN.holesdata", "GNU.sparse.major",
        "GNU.sparse.name", "GNU.sparse.realsize", "GNU.sparse.size", "GNU.sparse.map", "GNU.volume.label",
        "LIBARCHIVE.xattr.a", "LIBARCHIVE.creationtime", "VENDOR.key", "LIBARCHIVE.symlinktype", "SCHILY.offset"]
VALUES = ["1", "0", "7", "512", "012", "+3", "-1", " 4", "1.5", "", "BINARY", "index.json", "manifest.json", "./x", "x/",
          "x//y", "a\0b", "a\n9 path=z\n", "/x", "..", "u\u00e9", "n" * 120, "d/" + "m" * 100, "0,1", "x y"]
NAMES = [b"index.json", b"./index.json", b"manifest.json", b"x/", b"x", b"./", b".", b"a//b", b"a/./b", b"x\0y", b"n" * 100,
         b"n" * 99 + b"/", b"\xff", b"caf\xc3\xa9", b" x", b"x "]
TYPES = b"0\x0051234567gxLKSMVNDAXI"


def is_header(block):
    return len(block) == BLOCK and any(block) and any(
        block[257:262] == magic for magic in (b"ustar", bytes(5))) and block[148:156].strip(b" \0").isdigit()


def number(block, at, size):
    digits = bytes(block[at:at + size]).strip(b" \0")
    return int(digits, 8) if digits and not digits.strip(b"01234567") else 0


def sign(block, form=0):
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    if form == 1:  # as old writers added
        total = sum(byte - 256 * (byte > 127) for i, byte in enumerate(block) if not 148 <= i < 156) + 8 * 32
    forms = [b"%06o\0 ", b"%06o\0 ", b"%06o \0", b"%07o\0", b"%6o\0 ", b"%o\0", b"%08o"]
    text = b"\x80" + total.to_bytes(7, "big") if form == 7 else forms[form] % max(total, 0)
    block[148:156] = text.ljust(8, b"\0")[:8]


def headers_of(tar):
    """Where each header stands, extended ones too."""
    at = 0
    while at + BLOCK <= len(tar):
        block = tar[at:at + BLOCK]
        if not is_header(block):
            return
        yield at
        at += BLOCK + -(-number(block, *SIZE) // BLOCK) * BLOCK


def put(block, at, data):
    block[at:at + len(data)] = data
    del block[BLOCK:]


def number_forms(chance, value, size):
    digits = b"%o" % value
    return chance.choice([
        digits.rjust(size - 1, b"0") + b"\0", digits.rjust(size - 1, b"0") + b" ", digits.rjust(size - 1) + b"\0",
        digits.rjust(size - 2) + b" \0", digits.rjust(size, b"0"), digits.ljust(size, b"\0"), digits.ljust(size),
        (digits + b"\0").ljust(size, b"7"), b"\0" + digits.rjust(size - 1, b"0"), bytes(size), b" " * size,
        b"\x80" + value.to_bytes(size - 1, "big"), b"\xff" + value.to_bytes(size - 1, "big"), b"\xff" * size,
        (b"+" + digits).rjust(size - 1) + b"\0", (b"-" + digits).ljust(size, b"\0"), (b"0x" + digits).ljust(size, b"\0"),
        (b"\t" + digits).ljust(size, b"\0"), (digits + b"8").rjust(size - 1, b"0") + b"\0"])[:size].ljust(size, b"\0")


def change_number(chance, block):
    at, size = chance.choice(NUMBERS + [SIZE] * 4)
    value = number(block, at, size)
    if chance.random() < .2:
        value = max(0, value + chance.choice([-1, 1, 512, -512, 1024]))
    put(block, at, number_forms(chance, value & 8 ** (size - 1) - 1, size))


def change_magic(chance, block):
    put(block, 257, chance.choice(MAGICS))


def change_type(chance, block):
    block[156] = chance.choice(TYPES)


def change_name(chance, block):
    at = chance.choice([0, 0, 0, 157, 345])
    name = chance.choice(NAMES)
    put(block, at, name.ljust(100, b"\0") if chance.random() < .7 else name)


def change_prefix(chance, block):
    put(block, 345, chance.choice([b"p", b".", b"./", b"p/q", b"p/", b"s" * 131, b"s" * 155, b"14000000000\0" b"14000000000\0",
                                   b"s\0t", b"\x80" + bytes(11)]))


def change_tail(chance, block):
    """What other kinds of header have there: times, parts of a sparse file, the size of a whole one, a mark."""
    at, data = chance.choice([(345, b"%011o\0" % 7), (357, b"%011o\0" % 7), (369, b"%011o\0" % 512), (381, b"name"),
                              (385, b"\1"), (386, b"%011o\0%011o\0" % (0, 3)), (482, b"\1"), (483, b"%011o\0" % 2000),
                              (476, b"%011o %011o " % (1, 1)), (508, b"tar\0"), (500, b"x"), (495, b"\1")])
    put(block, at, data)
    if chance.random() < .3:
        put(block, 508, b"tar\0")


def change_byte(chance, block):
    block[chance.choice([chance.randrange(BLOCK), chance.randrange(257, 265), chance.randrange(345, 512)])] = chance.choice(
        [0, 32, 47, 48, 55, 128, 255, chance.randrange(256)])


CHANGES = [change_number, change_number, change_magic, change_type, change_name, change_prefix, change_tail, change_byte]


def new_header(chance, name, kind, size, magic):
    block = bytearray(BLOCK)
    put(block, 0, name[:100])
    for at, width in NUMBERS[:5]:
        put(block, at, b"%0*o\0" % (width - 1, 0o644 if at == 100 else 0))
    put(block, 124, b"%011o\0" % size)
    block[156:157] = kind
    put(block, 257, magic)
    sign(block)
    return block


def record(chance, key, value):
    rest = f" {key}={value}\n".encode("utf-8")
    size = len(rest) + 1
    while len(str(size)) + len(rest) != size:
        size = len(str(size)) + len(rest)
    text = str(size)
    if chance.random() < .08:
        text = chance.choice(["0" + str(size + 1), "+" + str(size + 1), " " + str(size + 1), str(size - 1), str(size + 1)])
    return text.encode() + rest


def new_extended(chance, size):
    """A header that says something of the entry after it."""
    posix = chance.random() < .8
    if chance.random() < .6:
        body = b"".join(record(chance, chance.choice(KEYS), chance.choice(VALUES + [str(size)] * 6))
                        for _ in range(chance.choice([1, 1, 1, 2, 3])))
        kind, magic = chance.choice([b"x"] * 6 + [b"g"]), MAGICS[0 if posix else 1]
    else:
        body = chance.choice(NAMES + [b"long/" + b"l" * 120]) + chance.choice([b"\0"] * 6 + [b"", b"\0\0", b"\0x\0"])
        kind, magic = chance.choice(b"LLLK").to_bytes(1, "big"), MAGICS[1 if posix else 0]
    return bytes(new_header(chance, b"././@LongLink", kind, len(body), magic)) + body + bytes(-len(body) % BLOCK)


def change_order(chance, tar, starts, other):
    """Entries moved, doubled, taken from another tar, zeros and extended headers put between them."""
    at = chance.choice(starts)
    size = BLOCK + -(-number(tar[at:at + BLOCK], *SIZE) // BLOCK) * BLOCK
    piece = tar[at:at + size]
    what = chance.randrange(8)
    if what < 3:
        return tar[:at] + new_extended(chance, number(tar[at:at + BLOCK], *SIZE)) + tar[at:]
    if what == 3:
        return tar[:at] + tar[at + size:]
    if what == 4:
        return tar[:at] + piece + tar[at:]
    if what == 5:
        return tar[:at] + bytes(BLOCK * chance.choice([1, 2])) + tar[at:]
    if what == 6:
        from_there = list(headers_of(other))
        return tar[:at] + other[chance.choice(from_there):] if from_there else tar
    return tar[:chance.randrange(at, at + size)] + (bytes(1024) if chance.random() < .5 else b"")


def change_body(chance, tar, at):
    """A few bytes of what an extended header says."""
    size = number(tar[at:at + BLOCK], *SIZE)
    if tar[at + 156:at + 157] not in (b"x", b"g", b"L", b"K") or size == 0 or at + BLOCK + size > len(tar):
        return
    tar[at + BLOCK + chance.randrange(size)] = chance.choice([0, 10, 32, 46, 47, 48, 57, 61, chance.randrange(256)])


def change_end(chance, tar):
    content = len(tar.rstrip(b"\0"))
    content += -content % BLOCK
    return tar[:content] + chance.choice([b"", bytes(512), bytes(1024), bytes(1024), bytes(700), bytes(1024) + b"x",
                                          bytes(10240), bytes(512) + tar[:BLOCK], bytes(1024) + tar[:1024]])


def mutated(chance, tar, other):
    tar = bytearray(tar)
    for _ in range(chance.choice([1, 1, 1, 1, 1, 2, 3])):
        starts = list(headers_of(tar))
        if not starts:
            break
        what = chance.random()
        if what < .62:
            at = chance.choice(starts)
            block = tar[at:at + BLOCK]
            chance.choice(CHANGES)(chance, block)
            if chance.random() < .97:
                sign(block, chance.choice([0] * 20 + list(range(8))))
            tar[at:at + BLOCK] = block
        elif what < .72:
            change_body(chance, tar, chance.choice(starts))
        elif what < .94:
            tar = bytearray(change_order(chance, tar, starts, other))
        else:
            tar = bytearray(change_end(chance, tar))
    return bytes(tar)
