"""Flight records that spraying services hold: what their readers share, from columns with units to fixes."""
