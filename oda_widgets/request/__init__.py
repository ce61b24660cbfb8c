"""What is asked: frozen values that touch neither disk nor network."""
