"""What operators see of a running service: which parts are there (`readiness`), who works (`heartbeats`), and
figures for Prometheus (`metrics`).
"""
