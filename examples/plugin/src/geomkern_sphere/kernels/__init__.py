"""One module a device, with the same functions in each."""
