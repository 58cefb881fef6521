"""What readers of flight logs share: sorting out bad rows, GPS time, states between fixes, flight modes, framing."""
