package dev.sluice.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The program with none of this machine's settings: as a process of its own, or its commands in this one, which tells the same
 * of what a command does and starts no Java each time.
 */
final class Program {
    private Program() {}

    /** @param output all that was printed, for people and about errors */
    record Ran(int code, String output) {}

    /** Not started yet; what it prints goes to {@code output}. */
    static ProcessBuilder command(Path directory, Path output, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
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

    /** Runs a command as a process to its end. */
    static Ran process(Path directory, Map<String, String> environment, String input, String... arguments)
            throws IOException, InterruptedException {
        var output = Files.createTempFile(directory, "output", "");
        var given = Files.writeString(Files.createTempFile(directory, "input", ""), input);
        var builder = command(directory, output, arguments).redirectInput(given.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
            return new Ran(process.exitValue(), Files.readString(output, UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs a command in this process, with these variables only and nobody at a terminal. */
    static Ran here(Map<String, String> environment, String input, String... arguments) {
        var output = new ByteArrayOutputStream();
        var printed = new PrintWriter(output, true, UTF_8);
        var surroundings =
                new Surroundings(environment, new ByteArrayInputStream(input.getBytes(UTF_8)), output, false);
        int code =
                SluiceCommand.line(surroundings).setOut(printed).setErr(printed).execute(arguments);
        printed.flush();
        return new Ran(code, output.toString(UTF_8));
    }
}
