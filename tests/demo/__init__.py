"""The demo: an attack on a small fleet, until the administrator has been told. Started by ./demo.sh."""
