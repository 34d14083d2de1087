package dev.sluice.server;

import dev.sluice.server.cli.SluiceCommand;

/** The program. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code: 0 done, 1 failed, 2 wrongly asked or wrongly set up. */
    public static void main(String[] args) {
        System.exit(SluiceCommand.run(args));
    }
}
