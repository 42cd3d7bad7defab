"""What turns documents into history: release, posting, ledgers, payments. One posting is one transaction."""
