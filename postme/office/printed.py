"""HTML as a PDF that a screen reader can follow (PDF/UA-1): the only file that asks WeasyPrint, and only when a PDF is asked for."""

from __future__ import annotations

import logging

from postme.errors import Refused

# It tells each page it lays out; that is no news to whoever runs the site.
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)


def pdf(html: str) -> bytes:
    """A page of HTML, whole in itself, as a tagged PDF. Raises Refused where the libraries that draw letters are not installed.

    Nothing is fetched: what is not in the HTML, pictures written into it included, is not in the PDF.
    """
    try:
        from weasyprint import HTML, URLFetcher
    except OSError as error:
        raise Refused(
            "PDFs cannot be made on this machine: Pango is missing.", where=str(error).partition("\n")[0][:120], why="WeasyPrint draws letters with it.",
            do="Install it (Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0). Until then a packet is its ZIP file.",
        ) from error  # fmt: skip
    made = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf(pdf_variant="pdf/ua-1")
    return bytes(made)
