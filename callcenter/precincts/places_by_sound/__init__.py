"""Places named in Chinese or Korean: found by their signs and by how they sound."""
