"""ISO 11783-10 task data in parts: container, task data, device descriptions, time logs, fields, columns."""
