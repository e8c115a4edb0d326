"""New York: precincts, crossings and places from open data; see SOURCES.md."""
