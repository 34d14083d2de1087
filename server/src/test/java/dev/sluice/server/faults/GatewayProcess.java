package dev.sluice.server.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code serve} as a process of its own, on a port of the system's choice, with everything it says in a file. */
public final class GatewayProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(180);
    private static final String STALLS = ".stalls";
    private static final Pattern READY = Pattern.compile("ready in \\d+ ms.* gateway=\"?(http://[0-9.]+:[0-9]+)");

    /** Settings of whoever runs the tests are not the tests' settings. */
    private static final List<String> FOREIGN_SETTINGS =
            List.of("SLUICE_", "TELEGRAM_", "REDIS_", "RATE_LIMIT_", "IDEMPOTENCY_", "MESSAGE_", "DATABASE_URL");

    private final Process process;
    private final Thread killOnExit;
    private final Path log;
    private volatile boolean ready;

    private GatewayProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.killOnExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killOnExit);
    }

    /**
     * Starts one without waiting for it: {@link #awaitReady()}.
     *
     * @param folder where it runs and logs, without settings of its own
     * @param environment its settings
     * @param options of the command line
     */
    static GatewayProcess launch(Path folder, Map<String, String> environment, String... options) {
        return launch(folder, environment, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx192m"), options);
    }

    /** The same with options for its Java. */
    public static GatewayProcess launch(
            Path folder, Map<String, String> environment, List<String> javaOptions, String... options) {
        try {
            Path log = Files.createTempFile(folder, "gateway-", ".log");
            var command = new ArrayList<String>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(javaOptions);
            command.addAll(List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    WatchedMain.class.getName(),
                    log + STALLS,
                    "serve"));
            command.addAll(List.of(options));
            var builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment()
                    .keySet()
                    .removeIf(name -> FOREIGN_SETTINGS.stream().anyMatch(name::startsWith));
            builder.environment().putAll(environment);
            return new GatewayProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public GatewayProcess awaitReady() {
        await().atMost(START).until(() -> isReady() || !process.isAlive());
        if (!process.isAlive()) {
            throw new IllegalStateException("a gateway did not start:\n" + log());
        }
        return this;
    }

    boolean isReady() {
        ready = ready || READY.matcher(log()).find();
        return ready;
    }

    public URI url() {
        Matcher ready = READY.matcher(log());
        if (!ready.find()) {
            throw new IllegalStateException("not ready yet");
        }
        return URI.create(ready.group(1));
    }

    /** All that it said so far. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it writes when it stood still: for {@link Stalls#of}. */
    Path stalls() {
        return Path.of(log + STALLS);
    }

    /** How many of its lines hold this text. */
    long lines(String text) {
        return log().lines().filter(line -> line.contains(text)).count();
    }

    /** SIGKILL: no goodbye, nothing settled. */
    public void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a gateway survived SIGKILL for 60 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(killOnExit);
    }
}
