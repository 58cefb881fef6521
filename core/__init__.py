"""What every other folder talks about: the model, the ports, the errors, the settings. No input or output here."""
