package dev.sluice.server.cli;

import java.io.Console;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command finds around it: that of the process, or what is given in its place, so that commands can be run without a
 * process each.
 *
 * @param out where bytes go that are no text for people; the rest goes to picocli's writers
 * @param interactive whether there may be somebody at a terminal
 */
record Surroundings(Map<String, String> environment, InputStream in, OutputStream out, boolean interactive) {
    Surroundings {
        environment = Map.copyOf(environment);
    }

    static Surroundings ofProcess() {
        return new Surroundings(System.getenv(), System.in, System.out, true);
    }

    /** That of the command line which a command is part of. */
    static Surroundings of(CommandSpec spec) {
        if (spec.root().userObject() instanceof SluiceCommand root) {
            return root.surroundings();
        }
        throw new IllegalStateException(spec.qualifiedName() + " is run by itself");
    }

    /** A variable's value, without what surrounds it; empty if it is not set or blank. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** From Java 22 on there may be a console without a terminal; what tells them apart is not in Java 21. */
    @SuppressWarnings("SystemConsoleNull") // it does in Java 21
    Optional<Console> terminal() {
        Console console = interactive ? System.console() : null;
        if (console == null) {
            return Optional.empty();
        }
        try {
            return Boolean.FALSE.equals(Console.class.getMethod("isTerminal").invoke(console))
                    ? Optional.empty()
                    : Optional.of(console);
        } catch (ReflectiveOperationException e) {
            return Optional.of(console);
        }
    }
}
