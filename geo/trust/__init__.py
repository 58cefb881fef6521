"""How sure the figures are: grades of what they came from, and net areas expected with their 95 % intervals."""
