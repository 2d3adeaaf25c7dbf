"""The words of Sightline's pages in other languages: a gettext catalogue each, `<code>/LC_MESSAGES/messages.po`.

python -m translations            takes the phrases of code and templates into every catalogue
python -m translations compile    makes of each catalogue what Sightline reads, where that is older
"""
