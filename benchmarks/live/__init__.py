"""Live sessions, measured from outside: pace, latency, withdrawal, and what recordings of them verify as."""
