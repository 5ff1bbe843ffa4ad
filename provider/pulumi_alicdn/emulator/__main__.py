"""Entry point of ``python -m pulumi_alicdn.emulator``, which `alicdn emulator` runs."""

from pulumi_alicdn.emulator.command import command

if __name__ == "__main__":
    command.main(prog_name="alicdn emulator")
