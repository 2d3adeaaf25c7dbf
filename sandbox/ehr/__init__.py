"""Fjordview EHR: the record system's own pages, which launch Sightline in a frame of the chart."""
