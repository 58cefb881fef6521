"""Who asks: passwords, second factors, sessions, tokens and keys of machines."""
