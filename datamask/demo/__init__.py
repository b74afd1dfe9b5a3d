"""The story that `datamask demo` tells, and its database."""
