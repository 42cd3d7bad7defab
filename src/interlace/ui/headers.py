"""Headers of pages that load nothing from elsewhere and are kept by nobody, with or without a script of our own."""

from __future__ import annotations

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

SCRIPTED_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For pages with scripts of our own files; none stands in the page."""

PAGE_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # Browsers name the origin of a form only where a referrer may be sent.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cache-Control", "no-store"),
)

SCRIPTED_PAGE_HEADERS: tuple[tuple[str, str], ...] = tuple(
    (name, SCRIPTED_CONTENT_SECURITY_POLICY if name == "Content-Security-Policy" else value)
    for name, value in PAGE_HEADERS
)

STYLESHEET_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Type", "text/css; charset=utf-8"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    # The address holds a digest of the content.
    ("Cache-Control", "public, max-age=31536000, immutable"),
)
