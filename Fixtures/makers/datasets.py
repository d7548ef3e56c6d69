"""Zip files as different programs write them, and zip files that must not be unpacked."""
import io
import zipfile

TEXT = b"A child in a pink dress is climbing up a set of stairs in an entry way .\n" * 40
DATE = (2020, 1, 1, 0, 0, 0)


def info(name, mode=0o100644, method=zipfile.ZIP_DEFLATED):
    entry = zipfile.ZipInfo(name, DATE)
    entry.create_system = 3
    entry.external_attr = mode << 16
    entry.compress_type = method
    return entry


class Stream(io.BytesIO):
    """A target that can't be rewound: sizes and checksums then follow the contents."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation

    def tell(self):
        raise io.UnsupportedOperation


def good(target, force_zip64=False):
    with zipfile.ZipFile(target, "w") as file:
        file.writestr(info("pictures/", 0o40755), b"")
        for name, content, method in [
            ("pictures/long.txt", TEXT, zipfile.ZIP_DEFLATED),
            ("pictures/deep/stored.txt", b"stored", zipfile.ZIP_STORED),
            ("empty.txt", b"", zipfile.ZIP_DEFLATED),
            ("__MACOSX/._empty.txt", b"x", zipfile.ZIP_STORED),
            ("pictures/.DS_Store", b"x", zipfile.ZIP_STORED),
        ]:
            with file.open(info(name, method=method), "w", force_zip64=force_zip64) as entry:
                entry.write(content)


def bad(path, *entries):
    with zipfile.ZipFile(path, "w") as file:
        for entry in entries:
            file.writestr(entry, TEXT)


def make(folder):
    good(folder / "plain.zip")
    good(folder / "zip64.zip", force_zip64=True)
    stream = Stream()
    good(stream)
    (folder / "streamed.zip").write_bytes(stream.getvalue())

    # Counts and offsets that only the 64-bit end record has.
    limits = zipfile.ZIP_FILECOUNT_LIMIT, zipfile.ZIP64_LIMIT
    zipfile.ZIP_FILECOUNT_LIMIT, zipfile.ZIP64_LIMIT = 1, 10
    good(folder / "end64.zip", force_zip64=True)
    zipfile.ZIP_FILECOUNT_LIMIT, zipfile.ZIP64_LIMIT = limits

    bad(folder / "parent.zip", info("good.txt"), info("../evil.txt"))
    bad(folder / "absolute.zip", info("/evil.txt"))
    bad(folder / "inside.zip", info("a/../../evil.txt"))
    bad(folder / "backslash.zip", info("..\\evil.txt"))
    bad(folder / "link.zip", info("link", 0o120777))
    bad(folder / "method.zip", info("a.txt", method=zipfile.ZIP_BZIP2))
    bad(folder / "twice.zip", info("a.txt"), info("b.txt"))
    twice = (folder / "twice.zip").read_bytes().replace(b"b.txt", b"a.txt")
    (folder / "twice.zip").write_bytes(twice)
