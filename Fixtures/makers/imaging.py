"""Pictures of every variant with the pixels that Pillow gives, resizes, and image processors' results."""
import base64
import io
import itertools
import json
import random
import struct
import warnings
import zlib

import numpy as np
import pillow_heif
import pillow_jxl  # noqa: F401 (registers itself)
from PIL import Image, ImageOps

pillow_heif.register_heif_opener()

warnings.simplefilter("ignore")


def pattern(width, height, channels=3):
    """Samples that look random and that any language makes the same: a multiplicative hash of the index."""
    i = np.arange(width * height * channels, dtype=np.uint64)
    return (((i * 2654435761) & 0xFFFFFFFF) >> 24).astype(np.uint8).reshape(height, width, channels)


def picture(width=13, height=11):
    """A smooth picture with some noise, which codecs treat like a photograph."""
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x + y) * 9], -1)
    return Image.fromarray(((smooth + pattern(width, height) // 16) % 256).astype(np.uint8))


def saved(image, format, **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def expected(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    return image


def exif(orientation, endian="<"):
    """A TIFF directory with an orientation and a tag before it that lies out of line."""
    mark = b"II*\0" if endian == "<" else b"MM\0*"
    entries = struct.pack(endian + "HHII", 0x010F, 2, 6, 38) + struct.pack(endian + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(endian + "IH", 8, 2) + entries + struct.pack(endian + "I", 0) + b"maker\0"


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6"/></x:xmpmeta>'


# JPEG


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def after_start(jpeg, *segments):
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def jpegs():
    image = picture(23, 17)
    plain = saved(image, "JPEG", quality=85)
    cmyk = saved(image.convert("CMYK"), "JPEG", quality=90)
    adobe = cmyk.index(b"Adobe")
    yield "jpeg-420", plain
    yield "jpeg-444", saved(image, "JPEG", quality=95, subsampling=0)
    yield "jpeg-422", saved(image, "JPEG", subsampling=1)
    yield "jpeg-411", saved(image, "JPEG", subsampling="4:1:1")
    yield "jpeg-rgb", saved(image, "JPEG", keep_rgb=True)
    yield "jpeg-grey", saved(image.convert("L"), "JPEG")
    yield "jpeg-progressive", saved(image, "JPEG", progressive=True)
    yield "jpeg-progressive-grey", saved(image.convert("L"), "JPEG", progressive=True)
    yield "jpeg-restarts", saved(image, "JPEG", restart_marker_blocks=1)
    yield "jpeg-cmyk", cmyk
    yield "jpeg-ycck", cmyk[: adobe + 11] + b"\2" + cmyk[adobe + 12:]
    yield "jpeg-cmyk-progressive", saved(image.convert("CMYK"), "JPEG", progressive=True)
    yield "jpeg-1x1", saved(picture(1, 1), "JPEG")
    yield "jpeg-no-end-marker-but-trailing-bytes", plain[:-2] + b"\xff\xd9" + b"trailing"
    yield "jpeg-padded-markers", plain[:2] + b"\xff\xff\xff" + plain[2:]
    yield "jpeg-stray-bytes", plain[:20] + b"\0\0" + plain[20:]
    small = saved(picture(7, 5), "JPEG")
    for orientation in range(10):
        yield f"jpeg-exif-{orientation}", after_start(small, segment(0xE1, b"Exif\0\0" + exif(orientation)))
    yield "jpeg-exif-big-endian", after_start(small, segment(0xE1, b"Exif\0\0" + exif(6, ">")))
    yield "jpeg-exif-twice-prefixed", after_start(small, segment(0xE1, b"Exif\0\0Exif\0\0" + exif(6)))
    yield "jpeg-exif-garbage", after_start(small, segment(0xE1, b"Exif\0\0garbage!"))
    yield "jpeg-exif-cut", after_start(small, segment(0xE1, b"Exif\0\0" + exif(6)[:30]))
    lost = bytearray(exif(6))
    lost[18:22] = struct.pack("<I", 45)
    yield "jpeg-exif-value-past-the-end", after_start(small, segment(0xE1, b"Exif\0\0" + bytes(lost)))
    lost[14:18] = struct.pack("<I", 1000)
    yield "jpeg-exif-value-too-long", after_start(small, segment(0xE1, b"Exif\0\0" + bytes(lost)))
    kinds = {1: b"\6\0\0\0", 2: b"6\0\0\0", 4: struct.pack("<I", 6), 6: b"\6\0\0\0", 8: b"\6\0\0\0", 9: struct.pack("<I", 6)}
    for kind, value in kinds.items():
        data = bytearray(exif(1))
        data[24:26] = struct.pack("<H", kind)
        data[30:34] = value
        yield f"jpeg-exif-type-{kind}", after_start(small, segment(0xE1, b"Exif\0\0" + bytes(data)))
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    yield "jpeg-xmp", after_start(small, xmp)
    yield "jpeg-xmp-below-exif", after_start(small, xmp, segment(0xE1, b"Exif\0\0" + exif(3)))


# PNG


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, depth, colour, rows, before=b"", after=b"", interlace=0, splits=1):
    """`rows` are the filtered rows; or ready compressed data."""
    data = rows if isinstance(rows, bytes) else zlib.compress(b"".join(rows))
    step = -(-len(data) // splits)
    parts = b"".join(chunk(b"IDAT", data[i : i + step]) for i in range(0, len(data), step))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + parts + after + chunk(b"IEND", b"")


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png_rows(width, height, depth, colour, interlace, top=None):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    random.seed(width * 31 + depth)
    rows = []
    for x, y, column_step, row_step in ADAM7 if interlace else [(0, 0, 1, 1)]:
        columns = len(range(x, width, column_step))
        for row in range(y, height, row_step):
            if not columns:
                continue
            if depth == 16:
                samples = [random.choice([0, 1, 77, 255, 256, 4000, 65535]) for _ in range(columns * channels)]
                line = struct.pack(f">{len(samples)}H", *samples)
            else:
                limit = top if top is not None else (1 << depth) - 1
                bits = "".join(f"{random.randint(0, limit):0{depth}b}" for _ in range(columns * channels))
                bits += "0" * (-len(bits) % 8)
                line = int(bits, 2).to_bytes(len(bits) // 8, "big")
            rows.append(bytes([len(rows) % 5]) + line)
    return rows


PNG_TYPES = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)]


def pngs():
    palette = bytes(pattern(256, 1).tobytes())
    for (colour, depth), interlace in itertools.product(PNG_TYPES, (0, 1)):
        before = chunk(b"PLTE", palette[: 3 << min(depth, 8)]) if colour == 3 else b""
        rows = png_rows(11, 9, depth, colour, interlace)
        yield f"png-{colour}-{depth}{'-interlaced' * interlace}", png(11, 9, depth, colour, rows, before, interlace=interlace)
    for size in range(1, 10):
        yield f"png-interlaced-{size}", png(size, 10 - size, 8, 2, png_rows(size, 10 - size, 8, 2, 1), interlace=1)
    rgb = png_rows(9, 7, 8, 2, 0)
    grey16 = png_rows(9, 7, 16, 0, 0)
    indices = png_rows(9, 7, 8, 3, 0, top=20)
    yield "png-palette-short", png(9, 7, 8, 3, indices, chunk(b"PLTE", palette[:30]))
    yield "png-palette-missing", png(9, 7, 8, 3, indices)
    yield "png-palette-transparency", png(9, 7, 8, 3, indices, chunk(b"PLTE", palette) + chunk(b"tRNS", bytes(range(0, 200, 10))))
    yield "png-grey-transparency", png(9, 7, 8, 0, png_rows(9, 7, 8, 0, 0), chunk(b"tRNS", b"\0\7"))
    yield "png-grey16-transparency", png(9, 7, 16, 0, grey16, chunk(b"tRNS", b"\0\xff"))
    yield "png-rgb-transparency", png(9, 7, 8, 2, rgb, chunk(b"tRNS", b"\0\1\0\2\0\3"))
    gamma = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"cHRM", bytes(32))
    yield "png-gamma", png(9, 7, 8, 2, rgb, gamma)
    yield "png-gamma-16", png(9, 7, 16, 2, png_rows(9, 7, 16, 2, 0), gamma)
    yield "png-srgb", png(9, 7, 8, 2, rgb, chunk(b"sRGB", b"\0"))
    yield "png-split", png(9, 7, 8, 2, rgb, splits=40)
    yield "png-exif", png(9, 7, 8, 2, rgb, chunk(b"eXIf", exif(6)))
    yield "png-exif-behind", png(9, 7, 8, 2, rgb, after=chunk(b"eXIf", exif(8, ">")))
    yield "png-xmp", png(9, 7, 8, 2, rgb, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP))
    yield "png-xmp-compressed", png(9, 7, 8, 2, rgb, chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0key\0" + zlib.compress(XMP)))
    profile = b"Exif\0\0" + exif(5)
    text = b"\nexif\n%8d\n%s\n" % (len(profile), profile.hex().encode())
    yield "png-raw-profile", png(9, 7, 8, 2, rgb, chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text)))
    yield "png-raw-profile-plain", png(9, 7, 8, 2, rgb, chunk(b"tEXt", b"Raw profile type exif\0" + text))
    yield "png-rows-missing", png(9, 7, 8, 3, zlib.compress(b"".join(indices[:3])), chunk(b"PLTE", palette))
    whole = png(9, 7, 8, 2, rgb)
    yield "png-end-missing", whole[:-12]
    yield "png-end-cut", whole[:-5]
    yield "png-written-by-pillow", saved(picture(), "PNG")
    frames = [picture(9, 7), picture(9, 7).rotate(180)]
    yield "png-animated", saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    yield "png-animated-default", saved(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True)


# WebP


def webps():
    image = picture(17, 12)
    clear = image.copy()
    clear.putalpha(Image.fromarray(pattern(17, 12, 1)[..., 0]))
    yield "webp-lossy", saved(image, "WEBP", quality=80)
    yield "webp-lossless", saved(image, "WEBP", lossless=True)
    yield "webp-lossy-alpha", saved(clear, "WEBP", quality=80)
    yield "webp-lossless-alpha", saved(clear, "WEBP", lossless=True, exact=True)
    yield "webp-exif", saved(image, "WEBP", exif=b"Exif\0\0" + exif(6))
    yield "webp-exif-bare", saved(image, "WEBP", exif=exif(8, ">"))
    yield "webp-xmp", saved(image, "WEBP", xmp=XMP)
    yield "webp-animated", saved(clear, "WEBP", save_all=True, append_images=[image.rotate(90)], duration=50)


# GIF


def gifs():
    random.seed(3)
    colours = picture(13, 11).quantize(16)
    yield "gif-palette", saved(colours, "GIF", interlace=0)
    yield "gif-interlaced", saved(colours, "GIF", interlace=1)
    yield "gif-grey", saved(picture(13, 11).convert("L"), "GIF")
    yield "gif-bilevel", saved(picture(13, 11).convert("1"), "GIF")
    noise = Image.fromarray(np.random.default_rng(5).integers(0, 256, (70, 80), dtype=np.uint8)).convert("P")
    noise.putpalette(pattern(256, 1).tobytes())
    yield "gif-table-full", saved(noise, "GIF")
    yield "gif-transparent", saved(colours, "GIF", transparency=3)
    yield "gif-comment", saved(colours, "GIF", comment=b"a comment")
    yield "gif-animated", saved(colours, "GIF", save_all=True, append_images=[colours.rotate(180)], duration=50, loop=0)
    plain = saved(colours, "GIF", interlace=0)
    frame = plain.index(b",", 13 + 48)
    def moved(x, y, screen, control=b""):
        data = plain[:6] + struct.pack("<HH", *screen) + plain[10:frame] + control
        return data + b"," + struct.pack("<HH", x, y) + plain[frame + 5:]
    yield "gif-offset", moved(3, 2, (20, 15))
    yield "gif-offset-transparent", moved(3, 2, (20, 15), b"!\xf9\4\1\0\0\5\0")
    yield "gif-past-the-screen", moved(3, 2, (5, 5))
    yield "gif-87a", b"GIF87a" + plain[6:]
    yield "gif-no-trailer", plain[:-1]
    local = bytes(pattern(16, 1).tobytes())
    yield "gif-local-palette", plain[: frame + 9] + b"\x83" + local + plain[frame + 10:]
    yield "gif-no-palette", plain[:10] + b"\0" + plain[11:13] + plain[13 + 48:]
    yield "gif-small-palette", plain[:10] + b"\x81" + plain[11:13 + 12] + plain[13 + 48:]


# BMP


def bmp(width, height, bits, data, palette=b"", compression=0, colours=0, header=40, offset=None, masks=b""):
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(data), 2835, 2835, colours, 0)
        info += (masks if header > 40 else b"") + bytes(header - 40 - (len(masks) if header > 40 else 0))
        info += masks if header == 40 else b""
    start = 14 + len(info) + len(palette) if offset is None else offset
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + info + palette + data


def bmp_rows(width, height, bits):
    stride = (width * bits + 31) // 32 * 4
    return pattern(stride, height, 1).tobytes()


def bmps():
    palette = b"".join(bytes(c) + b"\0" for c in pattern(256, 1)[0])
    for bits in (1, 4, 8):
        count = 1 << bits
        rows = bmp_rows(13, 7, bits)
        yield f"bmp-{bits}", bmp(13, 7, bits, rows, palette[: 4 * count])
        yield f"bmp-{bits}-few-colours", bmp(13, 7, bits, rows, palette[: 4 * (count - 1)], colours=count - 1)
        os2 = b"".join(palette[4 * i : 4 * i + 3] for i in range(count))
        yield f"bmp-{bits}-os2", bmp(13, 7, bits, rows, os2, header=12)
        yield f"bmp-{bits}-offset-without-palette", bmp(13, 7, bits, rows, palette[: 4 * count], offset=54)
    greys = b"".join(bytes([i, i, i, 0]) for i in range(256))
    yield "bmp-8-greys", bmp(13, 7, 8, bmp_rows(13, 7, 8), greys)
    yield "bmp-8-few-greys", bmp(13, 7, 8, bmp_rows(13, 7, 8), greys[:400], colours=100)
    yield "bmp-1-black-white", bmp(13, 7, 1, bmp_rows(13, 7, 1), b"\0\0\0\0\xff\xff\xff\0")
    yield "bmp-1-white-black", bmp(13, 7, 1, bmp_rows(13, 7, 1), b"\xff\xff\xff\0\0\0\0\0")
    for bits in (16, 24, 32):
        yield f"bmp-{bits}", bmp(13, 7, bits, bmp_rows(13, 7, bits))
    yield "bmp-24-top-down", bmp(13, -7, 24, bmp_rows(13, 7, 24))
    yield "bmp-24-no-offset", bmp(13, 7, 24, bmp_rows(13, 7, 24), offset=0)
    yield "bmp-24-last-padding-missing", bmp(13, 7, 24, bmp_rows(13, 7, 24)[:-1])
    yield "bmp-24-os2", bmp(13, 7, 24, bmp_rows(13, 7, 24), header=12)
    yield "bmp-24-os2-v2", bmp(13, 7, 24, bmp_rows(13, 7, 24), header=64)
    fields = [
        (16, (0xF800, 0x7E0, 0x1F)), (16, (0x7C00, 0x3E0, 0x1F)), (24, (0xFF0000, 0xFF00, 0xFF)),
        (32, (0xFF0000, 0xFF00, 0xFF)), (32, (0xFF000000, 0xFF0000, 0xFF00)), (32, (0xFF000000, 0xFF00, 0xFF)), (32, (0, 0, 0)),
    ]
    for bits, masks in fields:
        for header in (40, 56, 124):
            yield f"bmp-{bits}-fields-{masks[0]:x}-{header}", bmp(
                13, 3, bits, bmp_rows(13, 3, bits), compression=3, header=header, masks=struct.pack("<3I", *masks))
    rgba = struct.pack("<4I", 0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    yield "bmp-32-fields-alpha", bmp(13, 3, 32, bmp_rows(13, 3, 32), compression=3, header=108, masks=rgba)
    runs = bytes([5, 9, 0, 3, 1, 2, 3, 0, 2, 7, 0, 0, 20, 4, 0, 0, 0, 2, 3, 1, 2, 250, 0, 4, 9, 8, 7, 6, 0, 0, 3, 200, 0, 1])
    ends = bytes([0, 2, 10, 6, 0, 1])
    yield "bmp-run-length-8", bmp(10, 4, 8, runs + bytes([10, 1] * 4), palette, 1)
    yield "bmp-run-length-8-skips", bmp(10, 7, 8, ends, palette, 1)
    yield "bmp-run-length-8-top-down", bmp(10, -4, 8, runs + bytes([10, 1] * 4), palette, 1)
    yield "bmp-run-length-4", bmp(10, 4, 4, runs + bytes([10, 0x12] * 4), palette[:64], 2)
    yield "bmp-run-length-4-odd", bmp(5, 3, 4, bytes([0, 5, 0x12, 0x34, 0x50, 0, 0, 0, 5, 0x6B, 3, 2, 0x9A, 0, 0, 5, 0xDE, 0, 1]), palette[:64], 2)


# TIFF


class Tiff:
    """Writes a page as it is told, whatever that is: Pillow writes but a few of the variants that it reads."""

    CODES = {1: "B", 2: "s", 3: "H", 4: "I", 7: "B", 16: "Q"}

    def __init__(self, endian="<", big=False):
        self.endian, self.big = endian, big

    def page(self, tags, blocks, tiled=False):
        """`tags` are {number: (type, values)}; offsets and sizes of `blocks` are added."""
        e, big = self.endian, self.big
        word, code = ("Q", 16) if big else ("I", 4)
        start = 16 if big else 8
        body = b""
        offsets = []
        for block in blocks:
            offsets.append(start + len(body))
            body += block + b"\0" * (len(block) % 2)
        tags = dict(tags)
        tags.setdefault(324 if tiled else 273, (code, offsets))
        tags.setdefault(325 if tiled else 279, (code, [len(b) for b in blocks]))
        entries = b""
        for tag, (kind, values) in sorted(tags.items()):
            value = b"".join(struct.pack(e + self.CODES[kind], v) for v in values)
            if len(value) > struct.calcsize(word):
                place = start + len(body)
                body += value + b"\0" * (len(value) % 2)
                value = struct.pack(e + word, place)
            entries += struct.pack(e + "HH" + word, tag, kind, len(values)) + value.ljust(struct.calcsize(word), b"\0")
        directory = struct.pack(e + ("Q" if big else "H"), len(tags)) + entries + bytes(struct.calcsize(word))
        mark = b"II" if e == "<" else b"MM"
        header = mark + struct.pack(e + "HHHQ", 43, 8, 0, start + len(body)) if big else mark + struct.pack(e + "HI", 42, start + len(body))
        return header + body + directory

    def image(self, samples, photometric, bits=8, kind=1, rows=None, tile=None, planar=False, deflate=False, extra=(), tags=None):
        """`samples` are [height, width, channels] of any type; blocks are strips of `rows`, or square tiles."""
        height, width, channels = samples.shape
        whole = {
            256: (3, [width]), 257: (3, [height]), 258: (3, [bits] * channels), 259: (3, [8 if deflate else 1]), 262: (3, [photometric]),
            277: (3, [channels]), 284: (3, [2 if planar else 1]), 339: (3, [kind] * channels),
        }
        if tile:
            whole |= {322: (3, [tile]), 323: (3, [tile])}
        else:
            whole[278] = (3, [rows or height])
        if extra:
            whole[338] = (3, list(extra))
        planes = [samples[..., i : i + 1] for i in range(channels)] if planar else [samples]
        blocks = []
        for plane in planes:
            if tile:
                plane = np.pad(plane, [(0, -height % tile), (0, -width % tile), (0, 0)])
                blocks += [plane[y : y + tile, x : x + tile] for y in range(0, plane.shape[0], tile) for x in range(0, plane.shape[1], tile)]
            else:
                blocks += [plane[y : y + (rows or height)] for y in range(0, height, rows or height)]
        packed = [self.packed(b, bits) for b in blocks]
        return self.page(whole | (tags or {}), [zlib.compress(b) for b in packed] if deflate else packed, tiled=bool(tile))

    def packed(self, block, bits):
        if bits in (8, 16, 32):
            return block.astype(block.dtype.newbyteorder(self.endian)).tobytes()
        lines = []
        for row in block.reshape(block.shape[0], -1):
            text = "".join(f"{int(v):0{bits}b}" for v in row)
            text += "0" * (-len(text) % 8)
            lines.append(int(text, 2).to_bytes(len(text) // 8, "big"))
        return b"".join(lines)


def levels(channels, bits, width=19, height=11):
    """Samples of so many bits, the smallest and the largest among them."""
    values = pattern(width, height, channels).astype(np.uint32) * (1 + pattern(width, height, channels)[::-1].astype(np.uint32))
    values = values % (1 << min(bits, 16)) if bits < 16 else values % 700 if channels == 1 else values % 65536
    values[0, 0], values[0, 1] = 0, (1 << min(bits, 16)) - 1
    return values.astype({8: np.uint8, 16: np.uint16, 32: np.uint32}.get(bits, np.uint16))


def tiffs():
    image = picture(23, 17)
    colours = {320: (3, [int(v) * 257 for v in pattern(256, 1).transpose(2, 0, 1).ravel()])}
    palette = lambda bits: {320: (3, colours[320][1][: 3 << bits])}
    for endian, name in (("<", "little"), (">", "big")):
        tiff = Tiff(endian)
        for bits in (1, 2, 4, 8):
            yield f"tiff-{name}-grey-{bits}", tiff.image(levels(1, bits), 1, bits, rows=4)
            yield f"tiff-{name}-white-is-0-{bits}", tiff.image(levels(1, bits), 0, bits)
            yield f"tiff-{name}-palette-{bits}", tiff.image(levels(1, bits), 3, bits, tags=palette(bits))
        yield f"tiff-{name}-grey-16", tiff.image(levels(1, 16), 1, 16)
        yield f"tiff-{name}-grey-16-signed", tiff.image((levels(1, 16).astype(int) - 300).astype(np.int16), 1, 16, kind=2)
        yield f"tiff-{name}-grey-32-signed", tiff.image((levels(1, 16).astype(np.int32) - 300), 1, 32, kind=2)
        floats = ((levels(1, 16).astype(np.float32) - 200) / np.float32(1.7))
        yield f"tiff-{name}-grey-32-float", tiff.image(floats, 1, 32, kind=3)
        # Of these, Pillow turns the bytes of big-endian files around that libtiff has turned already.
        if endian == "<":
            yield "tiff-grey-32-float-deflate", tiff.image(floats, 1, 32, kind=3, deflate=True)
        for bits in (8, 16):
            yield f"tiff-{name}-rgb-{bits}", tiff.image(levels(3, bits), 2, bits, rows=3)
            yield f"tiff-{name}-rgb-{bits}-deflate", tiff.image(levels(3, bits), 2, bits, rows=5, deflate=True)
            yield f"tiff-{name}-rgba-{bits}", tiff.image(levels(4, bits), 2, bits, extra=[2])
            yield f"tiff-{name}-rgba-{bits}-premultiplied", tiff.image(levels(4, bits), 2, bits, extra=[1])
            yield f"tiff-{name}-rgbx-{bits}", tiff.image(levels(4, bits), 2, bits, extra=[0])
            yield f"tiff-{name}-cmyk-{bits}", tiff.image(levels(4, bits), 5, bits)
        yield f"tiff-{name}-rgb-16-tiles", tiff.image(levels(3, 16, 37, 21), 2, 16, tile=16, deflate=True)
    tiff = Tiff()
    yield "tiff-big", Tiff(big=True).image(levels(3, 8), 2, rows=4)
    yield "tiff-grey-12", tiff.image(levels(1, 12), 1, 12)
    yield "tiff-grey-16-white-is-0", tiff.image(levels(1, 16), 0, 16)
    yield "tiff-grey-16-deflate", tiff.image(levels(1, 16), 1, 16, deflate=True)
    yield "tiff-grey-32", tiff.image(levels(1, 32), 1, 32)
    yield "tiff-grey-x", tiff.image(levels(2, 8), 1, extra=[0])
    yield "tiff-grey-alpha", tiff.image(levels(2, 8), 1, extra=[2])
    yield "tiff-rgb-8-extras", tiff.image(levels(6, 8), 2, extra=[2, 0, 0])
    yield "tiff-rgba-unsaid", tiff.image(levels(4, 8), 2)
    yield "tiff-cmyk-extra", tiff.image(levels(5, 8), 5, extra=[0])
    yield "tiff-tiles", tiff.image(levels(3, 8, 37, 21), 2, tile=16)
    yield "tiff-tiles-grey", tiff.image(levels(1, 8, 37, 21), 1, tile=16, deflate=True)
    yield "tiff-tile-larger-than-the-image", tiff.image(levels(3, 8), 2, tile=32, deflate=True)
    yield "tiff-tiles-bits", tiff.image(levels(1, 1, 37, 21), 0, 1, tile=16, deflate=True)
    yield "tiff-planes", tiff.image(levels(3, 8), 2, planar=True, rows=4)
    yield "tiff-planes-deflate", tiff.image(levels(3, 8), 2, planar=True, rows=4, deflate=True)
    yield "tiff-planes-16-deflate", tiff.image(levels(3, 16), 2, 16, planar=True, deflate=True)
    yield "tiff-planes-cmyk", tiff.image(levels(4, 8), 5, planar=True, deflate=True)
    yield "tiff-planes-alpha", tiff.image(levels(4, 8), 2, planar=True, deflate=True, extra=[2])
    yield "tiff-planes-tiles", tiff.image(levels(3, 8, 37, 21), 2, planar=True, tile=16, deflate=True)
    for bits in (1, 8):
        yield f"tiff-bits-reversed-{bits}", tiff.image(levels(1, bits), 1, bits, tags={266: (3, [2])})
    ycbcr = np.asarray(image.convert("YCbCr"))
    full = {530: (3, [1, 1])}
    yield "tiff-ycbcr-deflate", tiff.image(ycbcr, 6, deflate=True, tags=full)
    for orientation in range(1, 9):
        yield f"tiff-orientation-{orientation}", tiff.image(levels(3, 8), 2, tags={274: (3, [orientation])})
    yield "tiff-orientation-ycbcr", tiff.image(ycbcr, 6, deflate=True, tags=full | {274: (3, [6])})
    yield "tiff-xmp", tiff.image(levels(3, 8), 2, tags={700: (1, list(XMP))})
    yield "tiff-xmp-below-orientation", tiff.image(levels(3, 8), 2, tags={700: (1, list(XMP)), 274: (3, [3])})
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "lzma", "zstd"):
        yield f"tiff-{compression}", saved(image, "TIFF", compression=compression)
    yield "tiff-tiff_lzw-predictor", saved(image, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    for compression in ("group3", "group4", "tiff_ccitt", "packbits"):
        yield f"tiff-{compression}-bilevel", saved(image.convert("1"), "TIFF", compression=compression)
    yield "tiff-jpeg", saved(image, "TIFF", compression="jpeg")
    yield "tiff-jpeg-grey", saved(image.convert("L"), "TIFF", compression="jpeg")
    yield "tiff-jpeg-cmyk", saved(image.convert("CMYK"), "TIFF", compression="jpeg")
    yield "tiff-jpeg-strips", saved(picture(40, 40), "TIFF", compression="jpeg", tiffinfo={278: 16})
    yield "tiff-pages", saved(image, "TIFF", save_all=True, append_images=[picture(9, 7)])


# AVIF, HEIC and JPEG XL


def clear_picture(width=17, height=12):
    image = picture(width, height)
    image.putalpha(Image.fromarray(pattern(width, height, 1)[..., 0]))
    return image


def avifs():
    image, clear = picture(17, 12), clear_picture()
    whole = {"quality": 100, "subsampling": "4:4:4"}
    yield "avif-444", saved(image, "AVIF", **whole)
    yield "avif-alpha", saved(clear, "AVIF", **whole)
    yield "avif-premultiplied", saved(clear, "AVIF", alpha_premultiplied=True, **whole)
    yield "avif-grey", saved(image.convert("L"), "AVIF", quality=100)
    yield "avif-limited", saved(image, "AVIF", range="limited", **whole)
    for orientation in range(1, 9):
        yield f"avif-orientation-{orientation}", saved(image, "AVIF", exif=exif(orientation), **whole)
    yield "avif-xmp", saved(image, "AVIF", xmp=XMP, **whole)
    yield "avif-sequence", saved(image, "AVIF", save_all=True, append_images=[image.rotate(180)], **whole)
    yield "avif-420", saved(image, "AVIF", quality=80)
    yield "avif-422", saved(image, "AVIF", quality=80, subsampling="4:2:2")


def heics():
    image, clear = picture(17, 12), clear_picture()
    whole = {"quality": -1, "chroma": 444, "matrix_coefficients": 0}
    yield "heic-identity", saved(image, "HEIF", **whole)
    yield "heic-444", saved(image, "HEIF", quality=-1, chroma=444)
    yield "heic-alpha", saved(clear, "HEIF", **whole)
    yield "heic-grey", saved(image.convert("L"), "HEIF", quality=-1)
    for orientation in range(1, 9):
        yield f"heic-orientation-{orientation}", saved(image, "HEIF", exif=exif(orientation), **whole)
    yield "heic-xmp", saved(image, "HEIF", xmp=XMP, **whole)
    yield "heic-two", saved(image, "HEIF", save_all=True, append_images=[image.rotate(180)], **whole)
    deep = pillow_heif.from_bytes("RGB;16", (19, 11), (levels(3, 16)).tobytes())
    buffer = io.BytesIO()
    deep.save(buffer, quality=-1, chroma=444)
    yield "heic-10-bit", buffer.getvalue()
    yield "heic-422", saved(image, "HEIF", quality=80, chroma=422)


def jxls():
    image, clear = picture(17, 12), clear_picture()
    yield "jxl-lossless", saved(image, "JXL", lossless=True)
    yield "jxl-codestream", saved(image, "JXL", lossless=True, use_container=False)
    yield "jxl-alpha", saved(clear, "JXL", lossless=True)
    yield "jxl-grey", saved(image.convert("L"), "JXL", lossless=True)
    yield "jxl-grey-alpha", saved(image.convert("LA"), "JXL", lossless=True)
    yield "jxl-from-jpeg", from_jpeg(image)
    yield "jxl-exif", saved(image, "JXL", lossless=True, exif=exif(6))


def from_jpeg(image):
    """A JPEG in JPEG XL's clothes, which can be turned back into it."""
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        image.save(file.name, quality=90)
        return saved(Image.open(file.name), "JXL", lossless_jpeg=True)


def lossy():
    """What two versions of a library decode to pixels that differ a little."""
    image = picture(33, 26)
    yield "heic-420", saved(image, "HEIF", quality=80)
    yield "jxl-lossy", saved(image, "JXL", quality=85)


# Broken files


def broken():
    image = picture(9, 7)
    jpeg, png_file = saved(image, "JPEG"), saved(image, "PNG")
    sof = jpeg.index(b"\xff\xc0")
    yield "jpeg-12-bit", jpeg[: sof + 4] + b"\x0c" + jpeg[sof + 5 :]
    yield "jpeg-no-height", jpeg[: sof + 5] + b"\0\0" + jpeg[sof + 7 :]
    yield "jpeg-two-channels", jpeg[: sof + 9] + b"\2" + jpeg[sof + 10 :]
    yield "jpeg-half", jpeg[: len(jpeg) - 20]
    yield "jpeg-progressive-half", saved(picture(40, 40), "JPEG", progressive=True)[:-60]
    yield "jpeg-header-only", jpeg[:200]
    rows = png_rows(9, 7, 8, 2, 0)
    yield "png-no-width", png(0, 7, 8, 2, rows)
    yield "png-bad-checksum", png_file[:20] + b"\1" + png_file[21:]
    yield "png-bad-depth", png(9, 7, 3, 2, rows)
    yield "png-bad-filter", png(9, 7, 8, 2, [b"\7" + r[1:] for r in rows])
    yield "png-bad-stream", png(9, 7, 8, 2, b"not zlib at all")
    dictionary = zlib.compressobj(zdict=b"dictionary")
    yield "png-preset-dictionary", png(9, 7, 8, 2, dictionary.compress(b"".join(rows)) + dictionary.flush())
    yield "png-too-few-rows", png(9, 7, 8, 2, zlib.compress(b"".join(rows)[:100]))
    yield "png-no-data", b"\x89PNG\r\n\x1a\n" + png_file[8:33] + chunk(b"IEND", b"")
    yield "png-half", png_file[:-60]
    yield "png-text-cut", png(9, 7, 8, 2, rows, after=chunk(b"tEXt", b"key\0value" * 9)).removesuffix(chunk(b"IEND", b""))[:-30]
    webp = saved(image, "WEBP")
    yield "webp-half", webp[: len(webp) // 2]
    yield "webp-no-picture", b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0"
    gif = saved(image.quantize(8), "GIF", interlace=0)
    yield "gif-half", gif[: len(gif) // 2]
    yield "gif-no-frame", gif[:13] + b";"
    yield "gif-no-data", gif[:-20]
    frame = gif.index(b",", 13 + 24)
    yield "gif-empty-frame", gif[: frame + 5] + b"\0\0" + gif[frame + 7 :]
    yield "gif-bad-code", gif[: frame + 10] + b"\2\4\x04\xff\xff\xff\0;"
    yield "bmp-half", bmp(13, 7, 24, bmp_rows(13, 7, 24))[:-100]
    yield "bmp-no-width", bmp(0, 7, 24, b"")
    yield "bmp-bad-header", bmp(13, 7, 24, bytes(300)).replace(struct.pack("<I", 40), struct.pack("<I", 41), 1)
    yield "bmp-bad-depth", bmp(13, 7, 15, bytes(300))
    yield "bmp-bad-compression", bmp(13, 7, 24, bytes(300), compression=5)
    yield "bmp-bad-fields", bmp(13, 7, 16, bytes(300), compression=3, masks=struct.pack("<3I", 1, 2, 3))
    yield "bmp-runs-in-24", bmp(13, 7, 24, bytes(300), compression=1)
    yield from broken_formats()
    yield "bmp-runs-missing", bmp(13, 7, 8, b"\5\1\0\1", b"\1\2\3\0" * 256, compression=1)


def broken_formats():
    tiff, image = Tiff(), picture(9, 7)
    samples = levels(3, 8)
    whole, packed = tiff.image(samples, 2, rows=4), tiff.image(samples, 2, rows=4, deflate=True)
    yield "tiff-no-directory", whole[:8]
    yield "tiff-directory-cut", whole[:-90]
    yield "tiff-no-width", tiff.image(samples, 2, tags={256: (3, [0])})
    yield "tiff-too-many-channels", tiff.image(levels(9, 8), 2)
    yield "tiff-9-bits", tiff.image(samples, 2, tags={258: (3, [9] * 3)})
    yield "tiff-data-behind-the-end", tiff.image(samples, 2, tags={273: (4, [100000])})
    yield "tiff-unknown-compression", tiff.image(samples, 2, tags={259: (3, [33333])})
    yield "tiff-bad-stream", packed[:8] + b"\xff" * 40 + packed[48:]
    for name, options in ("avif", {}), ("heif", {"quality": 80}), ("jxl", {"lossless": True}):
        data = saved(image, name.upper(), **options)
        name = name.replace("heif", "heic")
        yield f"{name}-half", data[: len(data) // 2]
        yield f"{name}-start", data[:40]


def base64_of(data):
    return base64.b64encode(data).decode()


def write(path, value):
    """One array element a line."""
    path.write_text("[\n" + ",\n".join(json.dumps(v, separators=(",", ":")) for v in value) + "\n]\n")


def make_pictures(folder):
    pictures = []
    for name, data in itertools.chain(jpegs(), pngs(), webps(), gifs(), bmps(), tiffs(), avifs(), heics(), jxls()):
        image = expected(data)
        pictures.append({
            "name": name, "file": base64_of(data), "width": image.width, "height": image.height,
            "crc32": zlib.crc32(image.tobytes()),
        })
    write(folder / "pictures.json", pictures)
    write(folder / "lossy.json", [
        {"name": name, "file": base64_of(data), "width": image.width, "height": image.height, "pixels": base64_of(image.tobytes())}
        for name, data in lossy() for image in [expected(data)]
    ])

    failures = []
    for name, data in broken():
        try:
            expected(data)
        except Exception as error:
            failures.append({"name": name, "file": base64_of(data), "pillow": f"{type(error).__name__}: {error}".split(" <_io")[0][:80]})
        else:
            raise AssertionError(f"Pillow reads {name}")
    write(folder / "broken.json", failures)


# Resizing


def make_resizes(folder):
    random.seed(7)
    shapes = [
        (1, 1, 5, 3), (5, 3, 1, 1), (40, 30, 40, 30), (40, 30, 40, 11), (40, 30, 11, 30), (33, 50, 22, 22), (50, 33, 22, 22),
        (30, 31, 22, 22), (26, 30, 22, 22), (29, 30, 22, 22), (10, 20, 30, 21), (500, 40, 20, 30), (40, 500, 30, 20), (640, 427, 224, 224),
        (427, 640, 224, 224), (3, 900, 7, 5), (900, 3, 5, 7), (17, 17, 224, 224), (2, 2, 100, 1),
    ]
    shapes += [tuple(random.randint(1, 120) for _ in range(4)) for _ in range(40)]
    cases = []
    for width, height, new_width, new_height in shapes:
        image = Image.fromarray(pattern(width, height))
        digests = [zlib.crc32(image.resize((new_width, new_height), method).tobytes()) for method in range(6)]
        cases.append({"from": [width, height], "to": [new_width, new_height], "crc32": digests})
    write(folder / "resizes.json", cases)


# Image processors


PROCESSORS = [
    # google/vit-base-patch16-224-in21k and nlpconnect/vit-gpt2-image-captioning, as of old
    {"do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor", "image_mean": [0.5, 0.5, 0.5],
     "image_std": [0.5, 0.5, 0.5], "resample": 2, "size": 224},
    {"feature_extractor_type": "ViTFeatureExtractor"},
    {"feature_extractor_type": "DeiTFeatureExtractor"},
    {"feature_extractor_type": "DeiTFeatureExtractor", "size": 48, "crop_size": 32, "do_center_crop": True, "resample": 3,
     "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]},
    {"feature_extractor_type": "BeitFeatureExtractor", "size": 32, "do_center_crop": False, "crop_size": 24, "reduce_labels": False},
    {"image_processor_type": "BeitImageProcessor", "size": {"height": 20, "width": 30}, "do_center_crop": True,
     "crop_size": {"height": 33, "width": 16}, "do_reduce_labels": False},
    {"feature_extractor_type": "CLIPFeatureExtractor", "size": 30, "crop_size": 24},
    {"image_processor_type": "CLIPImageProcessor"},
    {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 25}, "crop_size": {"height": 21, "width": 21}},
    {"image_processor_type": "SiglipImageProcessor", "size": 18},
    {"image_processor_type": "BlipImageProcessor", "size": 18},
    {"image_processor_type": "PvtImageProcessor", "size": [18, 15]},
    # microsoft/git-base-vatex
    {"feature_extractor_type": "VideoMAEFeatureExtractor", "size": {"shortest_edge": 26}, "crop_size": {"height": 24, "width": 24},
     "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2},
    {"image_processor_type": "VideoMAEImageProcessor", "size": 30, "crop_size": 28},
    {"image_processor_type": "ViTImageProcessorFast", "size": {"height": 16, "width": 24}, "resample": 3, "do_convert_rgb": True,
     "data_format": "channels_first", "device": None, "return_tensors": None, "default_to_square": True, "crop_size": None},
    {"image_processor_type": "ViTImageProcessor", "size": 20, "default_to_square": False},
    {"image_processor_type": "ViTImageProcessor", "size": {"shortest_edge": 20, "longest_edge": 26}},
    {"image_processor_type": "ViTImageProcessor", "size": {"shortest_edge": 20, "longest_edge": 60}},
    {"image_processor_type": "ViTImageProcessor", "size": {"max_height": 20, "max_width": 16}},
    {"image_processor_type": "ViTImageProcessor", "do_resize": False, "do_center_crop": True, "crop_size": 31},
    {"image_processor_type": "ViTImageProcessor", "size": 12, "do_rescale": False},
    {"image_processor_type": "ViTImageProcessor", "size": 12, "do_normalize": False},
    {"image_processor_type": "ViTImageProcessor", "size": 12, "do_normalize": None, "do_rescale": None, "image_mean": None},
    {"image_processor_type": "ViTImageProcessor", "size": 12, "rescale_factor": 0.00784313725490196, "image_mean": 1.0, "image_std": 0.25},
    *({"image_processor_type": "ViTImageProcessor", "size": 12, "resample": resample} for resample in range(6)),
]

SIZES = [(40, 30), (30, 40), (23, 23), (61, 7)]


def make_processors(folder):
    import tempfile

    from transformers import AutoImageProcessor

    cases = []
    for configuration in PROCESSORS:
        with tempfile.TemporaryDirectory() as temporary:
            with open(f"{temporary}/preprocessor_config.json", "w") as file:
                json.dump(configuration, file)
            processor = AutoImageProcessor.from_pretrained(temporary, backend="pil")
        results = []
        for width, height in SIZES:
            image = Image.fromarray(pattern(width, height))
            pixels = processor(image, do_rescale=False, do_normalize=False, return_tensors="np")["pixel_values"][0]
            values = processor(image, return_tensors="np")["pixel_values"][0].astype(np.float32)
            if pixels.ndim == 4:  # a video of one frame
                pixels, values = pixels[0], values[0]
            assert pixels.dtype == np.uint8 and values.shape == pixels.shape
            results.append({
                "from": [width, height], "to": [pixels.shape[2], pixels.shape[1]],
                "pixels": zlib.crc32(np.ascontiguousarray(pixels.transpose(1, 2, 0)).tobytes()),
                "values": zlib.crc32(np.ascontiguousarray(values).tobytes()),
                "first": [float(v) for v in values[:, 0, 0]],
            })
        cases.append({"configuration": json.dumps(configuration), "written": json.dumps(processor.to_dict()), "results": results})
    write(folder / "processors.json", cases)


def make_dinov3(folder):
    """Pixel values as DINOv3's class computes them with torchvision, whose resizing is PyTorch's: samples are scaled,
    then resized, then normalised."""
    import torch

    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    results = []
    for width, height in SIZES:
        samples = torch.from_numpy(pattern(width, height)).permute(2, 0, 1)[None].float() / 255
        resized = torch.nn.functional.interpolate(samples, size=(8, 6), mode="bilinear", antialias=True)[0]
        values = (resized - mean[:, None, None]) / deviation[:, None, None]
        results.append({"from": [width, height], "values": [round(value, 5) for value in values.flatten().tolist()]})
    write(folder / "dinov3.json", results)


def make(folder):
    make_pictures(folder)
    make_resizes(folder)
    make_processors(folder)
    make_dinov3(folder)
