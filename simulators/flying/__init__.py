"""A drone in the air: routes flown, tanks emptied, receivers that err, and what really fell on the ground."""
