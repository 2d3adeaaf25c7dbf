"""How Sightline gets permission to ask a source. Today one mode: `smart`, SMART App Launch."""
