"""What one person asks for and another one allows: signed requests and approvals."""
