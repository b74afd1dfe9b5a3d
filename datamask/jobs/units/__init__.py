"""What makes other programs run a job: files for cron, systemd, Kubernetes, GitHub Actions and Airflow. Pure."""
