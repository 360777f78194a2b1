"""A city of ten thousand couriers: one breakdown costs the same, whatever the city's size."""
