package dev.sluice.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code ./sluice} of our own, as a user would start it, in a folder without settings. */
final class SluiceProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(15);

    /** The line by which {@code serve} and {@code simulate} say that they are ready, and their first address. */
    private static final Pattern READY = Pattern.compile("(?m)^.*ready in (\\d+) ms.*$");

    private static final Pattern ADDRESS = Pattern.compile("http://[0-9.]+:[0-9]+");

    private static final List<String> FOREIGN_SETTINGS = List.of(
            "SLUICE_", "TELEGRAM_", "REDIS_", "RATE_LIMIT_", "IDEMPOTENCY_", "MESSAGE_", "DATABASE_URL", "JAVA_OPTS");

    private final ChildProcess process;
    private final Path log;
    private final Duration untilReady;
    private final String url;

    private SluiceProcess(ChildProcess process, Path log, Duration untilReady, String url) {
        this.process = process;
        this.log = log;
        this.untilReady = untilReady;
        this.url = url;
    }

    /**
     * Starts a command and waits until it is ready.
     *
     * @param root the project's folder
     * @param settings environment variables; all other settings are removed
     */
    static SluiceProcess start(Path root, Map<String, String> settings, String... command)
            throws IOException, InterruptedException {
        Path folder = Files.createDirectories(root.resolve("benchmarks/target/work"));
        Path log = Files.createTempFile(folder, command[0] + "-", ".log");
        var line = new ArrayList<>(List.of(root.resolve("sluice").toString()));
        line.addAll(List.of(command));
        var builder = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> FOREIGN_SETTINGS.stream().anyMatch(name::startsWith));
        builder.environment().putAll(settings);

        long began = System.nanoTime();
        var process = ChildProcess.start(builder);
        while (true) {
            Matcher ready = READY.matcher(Files.readString(log));
            if (ready.find()) {
                var untilReady = Duration.ofNanos(System.nanoTime() - began);
                Matcher address = ADDRESS.matcher(ready.group());
                if (!address.find()) {
                    throw new IllegalStateException("no address in: " + ready.group());
                }
                return new SluiceProcess(process, log, untilReady, address.group());
            }
            boolean tooLate = System.nanoTime() - began > START.toNanos();
            if (tooLate || process.hasEndedWithin(Duration.ofMillis(5))) {
                process.stop(STOP);
                throw new IllegalStateException("./sluice " + command[0] + " did not start: " + Files.readString(log));
            }
        }
    }

    /** Starts {@code serve} on a port of its own. */
    static SluiceProcess gateway(Path root, Map<String, String> settings) throws IOException, InterruptedException {
        return start(root, settings, "serve", "--port", "0");
    }

    ChildProcess process() {
        return process;
    }

    /** Processor time used so far. */
    double cpuSeconds() {
        return process.cpuSeconds();
    }

    String url() {
        return url;
    }

    /** From the start of the launcher to the line that says so, read within 5 ms. */
    Duration untilReady() {
        return untilReady;
    }

    /** Stops it as Ctrl-C would, or by force after a while. */
    @Override
    public void close() throws IOException {
        process.stop(STOP);
        Files.delete(log);
    }
}
