"""One function a panel, a module a board."""
