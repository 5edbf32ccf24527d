"""Long work as leased rows: whoever holds the lease works, and what a killed worker left is picked up again."""
