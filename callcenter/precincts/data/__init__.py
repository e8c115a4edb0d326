"""Cities that come with the product."""
