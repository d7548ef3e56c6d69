"""A certificate of this machine's own address, signed by itself, its key, and a key that belongs to nothing."""
import subprocess


def make(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "36500",
         "-subj", "/CN=vignette tests", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / "other.pem"],
        check=True, capture_output=True)
    for name in ("key.pem", "other.pem"):
        (folder / name).chmod(0o644)
