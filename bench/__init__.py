"""Speed and size as ratios against baselines measured in the same run: `python -m bench [P1 P3 …]`.

    direct   the same question straight to the FHIR server: the physical limit
    hello    Flask answering a constant
    naive    the same page, word for word, by Flask, fhirclient's models, Flask-Babel and Jinja: the obvious build
    bare     a table of the studies by the same means: what naive was while Sightline's page was little more
    floor    the same libraries as Sightline's, and nothing of what makes it safe: the least page

Machines are noisy and flip their speed within seconds, so two things are compared by turns, and the median of the
paired ratios counts. No figure here is an absolute time.
"""
