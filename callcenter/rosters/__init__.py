"""Who is on duty when, where they are, and who says so: officers, shifts, absences, positions."""
