"""The structured record of a call: fields, each with the evidence it came from."""
