"""Find the file of trusted certificates for fetch: libcurl reads none by itself when it comes in a wheel."""

from __future__ import annotations

import contextlib
import os
import ssl
from pathlib import Path

_STORES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine, BSD
)


def certificate_store() -> str:
    """Give SSL_CERT_FILE, else the system's file, else certifi's; "" where there is none."""
    named = os.environ.get("SSL_CERT_FILE")
    if named:
        return named
    for path in (ssl.get_default_verify_paths().cafile, *_STORES):
        if path and Path(path).is_file():
            return path
    with contextlib.suppress(ImportError):  # certifi is a dependency, but distributions drop it
        import certifi

        return certifi.where()
    return ""
