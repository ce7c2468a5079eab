"""Benchmarks. Each module measures one thing beside the floor this machine allows: `bin/bench NAME`."""
