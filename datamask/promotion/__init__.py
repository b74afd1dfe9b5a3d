"""What has to hold before a snapshot goes one stage further: gates, and plans that were approved."""
