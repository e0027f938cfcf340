"""The conversation with a driver: what is sent, and how answers are parsed."""
