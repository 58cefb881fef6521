"""Alert rules and contact points: a rule is a query, a reduction and a limit."""
