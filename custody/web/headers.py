"""What every response says to the browser: load nothing from elsewhere, frame nothing, remember nothing.

Only the worker that decodes the camera's pictures may compile WebAssembly, and only its own response says so.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

from custody.web.files import ENDPOINT

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
PRINTER: Final = "prints.done"
"""The one page that may ask for a printer on the person's own desk."""
WORKER: Final = "scan/worker.js"
_PAGE: Final = "; ".join(f"{name} {value}" for name, value in POLICY.items())
_WORKER: Final = _PAGE.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), usb=()",
}


def secure(response: Response) -> Response:
    """Add them; a person's pages are kept by no cache."""
    response.headers.update(ALWAYS)
    worker = request.endpoint == ENDPOINT and (request.view_args or {}).get("filename") == WORKER
    response.headers["Content-Security-Policy"] = _WORKER if worker else _PAGE
    if request.endpoint == PRINTER:
        response.headers["Permissions-Policy"] = ALWAYS["Permissions-Policy"].replace("usb=()", "usb=(self)")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def start(app: Flask) -> None:
    """Let every response carry them."""
    app.after_request(secure)
