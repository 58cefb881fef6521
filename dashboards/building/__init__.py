"""Makers of panels: each says in a few words what a kind of panel always is here."""
