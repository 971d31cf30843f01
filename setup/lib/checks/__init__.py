"""The checks that setup/test runs."""
