"""What an environment may see: the policy file, its packs, and the compiler."""
