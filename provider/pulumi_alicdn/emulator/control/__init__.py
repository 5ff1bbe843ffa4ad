"""The admin calls under /_emulator/, with which tests control the emulator."""
