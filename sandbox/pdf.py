"""A PDF of one page with some lines of text, written by hand: the smallest that every reader takes (ISO 32000-1)."""

from collections.abc import Sequence


def pdf(lines: Sequence[str], extra: bytes = b"") -> bytes:
    """The document. `extra` stands in its catalogue, for documents that try to do something."""
    text = b"BT /F1 12 Tf 56 780 Td 18 TL " + b"".join(b"(%b) Tj T* " % _escaped(line) for line in lines) + b"ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R %b>>" % extra,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def _escaped(line: str) -> bytes:
    plain = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return plain.encode("cp1252", "replace")
