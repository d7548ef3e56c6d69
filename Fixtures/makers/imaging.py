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
from PIL import Image, ImageOps

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
    yield "bmp-runs-missing", bmp(13, 7, 8, b"\5\1\0\1", b"\1\2\3\0" * 256, compression=1)


def base64_of(data):
    return base64.b64encode(data).decode()


def write(path, value):
    """One array element a line."""
    path.write_text("[\n" + ",\n".join(json.dumps(v, separators=(",", ":")) for v in value) + "\n]\n")


def make_pictures(folder):
    pictures = []
    for name, data in itertools.chain(jpegs(), pngs(), webps(), gifs(), bmps()):
        image = expected(data)
        pictures.append({
            "name": name, "file": base64_of(data), "width": image.width, "height": image.height,
            "crc32": zlib.crc32(image.tobytes()),
        })
    write(folder / "pictures.json", pictures)

    failures = []
    for name, data in broken():
        try:
            expected(data)
        except Exception as error:
            failures.append({"name": name, "file": base64_of(data), "pillow": f"{type(error).__name__}: {error}"[:80]})
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
