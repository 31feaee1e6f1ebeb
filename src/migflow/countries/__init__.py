"""Country profiles: areas, names, identifier rules, provider layouts; data, no code but the loader."""
