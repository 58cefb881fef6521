"""Statements of sprayed area for people and programs: issued, signed, laid out as pages and papers."""
