package dev.sluice.server.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The bundles of a running server. */
@Command(
        name = "bundles",
        description = "Looks after bundles of messages that are handed over no more.",
        subcommands = AsideCommand.class,
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class BundlesCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
