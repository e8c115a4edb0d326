"""Languages without spaces between words, or with spaces that recognisers set as they like."""
