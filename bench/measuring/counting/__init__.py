"""Counts that repeat: instructions, system calls and memory."""
