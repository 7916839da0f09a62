"""What is told of jobs: events, webhooks, figures."""
