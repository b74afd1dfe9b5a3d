"""The transforms, one family a module; ``datamask.masking.registry`` lists them."""
