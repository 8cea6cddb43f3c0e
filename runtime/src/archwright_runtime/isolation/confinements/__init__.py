"""What a Linux kernel offers to confine a process, one mechanism per module."""
