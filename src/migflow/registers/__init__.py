"""Who is who and where: source records linked to persons, written addresses linked to dwellings."""
