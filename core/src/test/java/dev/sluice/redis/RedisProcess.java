package dev.sluice.redis;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A real Redis (server or sentinel) as a child process: can be frozen, killed and started again on its port and data.
 * The port is never another's.
 * Thread-safe for reading; start, kill and close belong to one thread.
 */
public final class RedisProcess implements AutoCloseable {

    /** What a child process is and which port directive it listens with. */
    public enum Kind {
        SERVER("Ready to accept connections"),
        TLS_SERVER("Ready to accept connections"),
        SENTINEL("+monitor master");

        private final String readyLine;

        Kind(String readyLine) {
            this.readyLine = readyLine;
        }
    }

    private static final int ATTEMPTS_TO_BIND = 5;
    private static final int LOG_LINES_KEPT = 200;
    private static final long START_SECONDS = 60;

    private final Path binary;
    private final Kind kind;
    private final List<String> directives;
    private final Map<String, String> environment;
    private final Path directory;
    private final Deque<String> log = new ConcurrentLinkedDeque<>();
    private int port;
    private volatile Process process;

    private RedisProcess(Path binary, Kind kind, List<String> directives, Map<String, String> environment) {
        this.binary = binary;
        this.kind = kind;
        this.directives = List.copyOf(directives);
        this.environment = Map.copyOf(environment);
        try {
            this.directory = Files.createTempDirectory("sluice-redis-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.process = launchOnFreePort();
    }

    /**
     * Starts a process and waits until it accepts connections.
     *
     * @param directives lines of redis.conf, for example {@code maxmemory 2mb}
     * @param environment variables beside those of this process
     */
    static RedisProcess start(Path binary, Kind kind, List<String> directives, Map<String, String> environment) {
        var started = new RedisProcess(binary, kind, directives, environment);
        Runtime.getRuntime().addShutdownHook(new Thread(started::close, "stop-redis-" + started.port));
        return started;
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    public String uri() {
        return (kind == Kind.TLS_SERVER ? "rediss" : "redis") + "://127.0.0.1:" + port;
    }

    public Path directory() {
        return directory;
    }

    /** The last lines that Redis logged, oldest first. */
    public List<String> log() {
        return List.copyOf(log);
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /** Stops the process without ending it: connections stay open, nothing answers. */
    public void freeze() {
        signal("-STOP");
    }

    public void thaw() {
        signal("-CONT");
    }

    /**
     * Gives it one command over a connection of its own.
     *
     * @param command in one line, such as {@code CONFIG SET maxmemory 1}
     * @return the first line of the reply
     */
    public String tell(String command) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            String reply = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (reply == null || reply.startsWith("-")) {
                throw new IllegalStateException(command + " was answered " + reply);
            }
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a replica of this master has all that was written so far. */
    public void awaitHeardBy(RedisProcess replica) {
        long written = offset("master_repl_offset");
        await().atMost(Duration.ofSeconds(30)).until(() -> replica.offset("slave_repl_offset") >= written);
    }

    private long offset(String name) {
        String reply =
                tell("EVAL \"return tonumber(string.match(redis.call('INFO', 'replication'), ARGV[1] .. ':(%d+)'))\" 0 "
                        + name);
        return Long.parseLong(reply.substring(1));
    }

    /** Lets a replica hear nothing more of its master, and never again; it can still be promoted. */
    public void sever() {
        tell("CONFIG SET masterauth severed");
        tell("CLIENT KILL TYPE master");
    }

    /** Kills with SIGKILL and waits until the process is gone. */
    public void kill() {
        Process victim = process;
        victim.destroyForcibly();
        try {
            if (!victim.waitFor(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Redis " + victim.pid() + " survived SIGKILL for 30 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Redis " + victim.pid() + " was dying", e);
        }
    }

    /** Starts again on the same port with the same data and configuration; kills first if need be. */
    public void restart() {
        kill();
        process = launch();
    }

    @Override
    public void close() {
        kill();
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // A leftover in the temporary folder harms no test.
        }
    }

    private Process launchOnFreePort() {
        for (int attempt = 1; ; attempt++) {
            port = ReservedPorts.reserve();
            writeConfiguration();
            try {
                return launch();
            } catch (IllegalStateException e) {
                // Whoever reserves no ports may take it between our look and Redis' bind.
                boolean taken = log().stream().anyMatch(line -> line.contains("Address already in use"));
                if (!taken || attempt == ATTEMPTS_TO_BIND) {
                    throw e;
                }
                log.clear();
            }
        }
    }

    private void writeConfiguration() {
        var lines = new ArrayList<String>();
        lines.add("bind 127.0.0.1");
        if (kind == Kind.TLS_SERVER) {
            lines.add("port 0");
            lines.add("tls-port " + port);
        } else {
            lines.add("port " + port);
        }
        lines.add("dir " + directory);
        if (kind != Kind.SENTINEL) {
            lines.add("save \"\"");
            // Redis 7 waits 5 s for more replicas before it feeds the first.
            lines.add("repl-diskless-sync-delay 0");
        }
        lines.addAll(directives);
        try {
            Files.write(directory.resolve("redis.conf"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process launch() {
        var command = new ArrayList<String>();
        command.add(binary.toString());
        command.add(directory.resolve("redis.conf").toString());
        if (kind == Kind.SENTINEL) {
            command.add("--sentinel");
        }
        var ready = new CompletableFuture<Void>();
        Process started;
        try {
            var builder =
                    new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
            builder.environment().putAll(environment);
            started = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().name("redis-log-" + port).start(() -> readLog(started, ready));
        try {
            ready.get(START_SECONDS, TimeUnit.SECONDS);
            return started;
        } catch (ExecutionException | TimeoutException e) {
            started.destroyForcibly();
            throw new IllegalStateException("Redis did not start:\n" + String.join("\n", log), e);
        } catch (InterruptedException e) {
            started.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Redis started", e);
        }
    }

    private void readLog(Process started, CompletableFuture<Void> ready) {
        try (var lines = new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.addLast(line);
                if (log.size() > LOG_LINES_KEPT) {
                    log.pollFirst();
                }
                if (line.contains(kind.readyLine)) {
                    ready.complete(null);
                }
            }
            ready.completeExceptionally(new IOException("Redis ended"));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    private void signal(String signal) {
        try {
            Process sent = new ProcessBuilder("kill", signal, Long.toString(pid())).start();
            if (!sent.waitFor(30, TimeUnit.SECONDS) || sent.exitValue() != 0) {
                throw new IllegalStateException("kill " + signal + " " + pid() + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while signalling Redis", e);
        }
    }
}
