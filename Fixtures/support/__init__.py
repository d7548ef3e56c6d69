"""What the makers share."""
