"""Speed and size as ratios against baselines measured in the same run: `python -m bench [P1 P3 …]`.

    direct   the same question straight to the FHIR server: the physical limit
    hello    Flask answering a constant
    naive    Flask, fhirclient's models and a Jinja template: the obvious build
    floor    the same libraries as Sightline's, and nothing of what makes it safe: the least page

Machines are noisy and flip their speed within seconds, so two things are compared by turns, and the median of the
paired ratios counts. No figure here is an absolute time.
"""
