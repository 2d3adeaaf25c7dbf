"""The simulated hospital's Image Display (IHE Invoke Image Display, RAD-106).

`rad106` reads the request, `selection` finds its studies in the archive, `web` answers with a viewer page or a refusal.
"""
