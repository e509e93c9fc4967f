"""Find the file of trusted certificates for fetch: libcurl reads none by itself when it comes in a wheel."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_STORES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine, BSD
)


def certificate_store() -> str:
    """Give SSL_CERT_FILE, else the system's file, else Python's own, else certifi's; "" where there is none."""
    named = os.environ.get("SSL_CERT_FILE")
    if named:
        return named
    for path in _STORES:
        if Path(path).is_file():
            return path
    import ssl  # not above: it loads OpenSSL, 4 ms of a start

    path = ssl.get_default_verify_paths().cafile
    if path and Path(path).is_file():
        return path
    with contextlib.suppress(ImportError):  # certifi is a dependency, but distributions drop it
        import certifi

        return certifi.where()
    return ""
