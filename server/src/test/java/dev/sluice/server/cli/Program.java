package dev.sluice.server.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program as a process of its own, with none of this machine's settings. */
final class Program {
    private Program() {}

    /** Not started yet; what it prints goes to {@code output}. */
    static ProcessBuilder command(Path directory, Path output, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.server.Main"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.matches("(SLUICE|REDIS|TELEGRAM)_.*|JAVA_TOOL_OPTIONS"));
        return builder;
    }
}
