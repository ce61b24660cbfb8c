"""Who answers: one protocol, jobs, and the site that users talk to."""
