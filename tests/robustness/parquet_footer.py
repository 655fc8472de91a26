"""Surgery on a Parquet file's footer: one number of its Thrift structure is replaced by another, so that the file lies and nothing else is wrong.

    lie(path, ROWS, 10)     # the footer now claims 10 rows

A place is a path of field ids and list positions, as in parquet.thrift: (4, 0, 3) is row_groups[0].num_rows.
"""
import struct

ROWS = (3,)
GROUP_ROWS = (4, 0, 3)
FIRST_COLUMN = (4, 0, 1, 0, 3)  # row_groups[0].columns[0].meta_data
CODEC, VALUES, UNPACKED_BYTES, PACKED_BYTES, DATA_OFFSET, DICTIONARY_OFFSET = (
    FIRST_COLUMN + (field,) for field in (4, 5, 6, 7, 9, 11))

_BOOLEANS, _NUMBERS, _DOUBLE, _BINARY, _LISTS, _STRUCT = (1, 2), (4, 5, 6), 7, 8, (9, 10), 12


class _Reader:
    """Walks over Thrift's compact protocol and notes where each number stands."""

    def __init__(self, data):
        self.data, self.at, self.numbers = data, 0, {}

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def value(self, kind, place):
        start = self.at
        if kind == 3:
            self.at += 1
        elif kind in _NUMBERS:
            number = self.varint()
            self.numbers[place] = (start, self.at, (number >> 1) ^ -(number & 1))
        elif kind == _DOUBLE:
            self.at += 8
        elif kind == _BINARY:
            length = self.varint()
            self.at += length
        elif kind in _LISTS:
            head = self.byte()
            size = self.varint() if head >> 4 == 15 else head >> 4
            for position in range(size):
                if head & 15 in _BOOLEANS:
                    self.at += 1
                else:
                    self.value(head & 15, place + (position,))
        elif kind == _STRUCT:
            self.structure(place)
        elif kind not in _BOOLEANS:
            raise ValueError(f"Thrift type {kind} is not in a Parquet footer")

    def structure(self, place):
        field = 0
        while head := self.byte():
            if head >> 4:
                field += head >> 4
            else:
                number = self.varint()
                field = (number >> 1) ^ -(number & 1)
            self.value(head & 15, place + (field,))


def _varint(number):
    number, encoded = (number << 1) ^ (number >> 63), b""
    while number >= 0x80:
        encoded, number = encoded + bytes([number & 0x7F | 0x80]), number >> 7
    return encoded + bytes([number])


def _split(path):
    data = path.read_bytes()
    (size,) = struct.unpack("<I", data[-8:-4])
    reader = _Reader(data[-8 - size:-8])
    reader.structure(())
    return data[:-8 - size], data[-8 - size:-8], reader.numbers


def places(path):
    """Where numbers stand in the footer."""
    return list(_split(path)[2])


def lie(path, place, claim):
    body, footer, numbers = _split(path)
    start, end, _ = numbers[place]
    footer = footer[:start] + _varint(claim) + footer[end:]
    path.write_bytes(body + footer + struct.pack("<I", len(footer)) + b"PAR1")


def lie_about_footer_size(path, claim):
    data = path.read_bytes()
    path.write_bytes(data[:-8] + struct.pack("<I", claim) + b"PAR1")


def damage_pages(path):
    """The footer stays true; the bytes that it points to are garbage."""
    body, footer, _ = _split(path)
    path.write_bytes(b"PAR1" + b"\xa5" * (len(body) - 4) + footer + struct.pack("<I", len(footer)) + b"PAR1")
