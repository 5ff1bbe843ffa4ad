"""The calls under /_emulator/, with which tests steer the emulator."""
