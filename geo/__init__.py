"""From fixes to sprayed areas: pure functions, one file per stage; `service` is the process."""
