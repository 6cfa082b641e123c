"""Reads TensorBoard event files without TensorBoard or Protobuf, from the two formats' descriptions.

Prints what TensorBoard shows after reading a folder's files by name, as JSON: every tag with its [step, value] pairs; a picture's value is
[width, height, base64 of its file]. A START event takes back what was read before of its step and later ones, as in TensorBoard's
event_accumulator. Ends with an error at the first byte that is not as the formats say.
"""
import base64, json, math, os, struct, sys, time


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)  # Castagnoli's polynomial, reflected
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283  # the check value of the catalogues of CRCs


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        length, checksum = struct.unpack_from("<QI", data, at)
        if masked(data[at:at + 8]) != checksum:
            raise ValueError(f"the length at byte {at} does not match its checksum")
        content = data[at + 12:at + 12 + length]
        if masked(content) != struct.unpack_from("<I", data, at + 12 + length)[0]:
            raise ValueError(f"the record at byte {at} does not match its checksum")
        yield content
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """The fields of a Protobuf message; each of ours occurs once."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif key & 7 == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        elif key & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
            if len(value) != length:
                raise ValueError("a field is cut off")
        else:
            raise ValueError(f"wire type {key & 7}")
        if key >> 3 in found:
            raise ValueError(f"field {key >> 3} occurs twice")
        found[key >> 3] = value
    return found


def read(folder):
    shown = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            events = [fields(record) for record in records(file.read())]
        if "tfevents" not in name or events[0].get(3) != b"brain.Event:2":
            raise ValueError(f"{name} is not an event file of version 2")
        for event in events:
            step = event.get(2, 0)
            if not abs(time.time() - event[1]) < 3600:  # wall time, seconds since 1970
                raise ValueError(f"an event is of {event[1]}")
            if 7 in event and fields(event[7]).get(1) == 1:  # session_log, status START
                shown = {tag: [point for point in points if point[0] < step] for tag, points in shown.items()}
            if 5 in event:  # summary
                value = fields(fields(event[5])[1])
                shown.setdefault(value[1].decode(), []).append([step, show(value)])
    return shown


def show(value):
    if 4 in value:
        image = fields(value[4])
        return [image[2], image[1], base64.b64encode(image[4]).decode()]
    number = value.get(2, 0.0)
    return number if math.isfinite(number) else str(number)


print(json.dumps(read(sys.argv[1])))
