"""The process that takes messages in: decode, check, write, acknowledge. Codecs and readers of flight logs."""
