package dev.sluice.server.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.server.settings.StoreSettings.AppendFsync;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis of our own: a child process with an append-only log, on a free loopback port, with a new password at each start.
 * Later starts find the data of former ones. Should it end by itself, it is started again in the same place. Thread-safe.
 */
public final class EmbeddedRedis implements AutoCloseable {
    private static final Duration LOADING = Duration.ofSeconds(60);
    private static final Duration BETWEEN_PINGS = Duration.ofMillis(10);
    private static final int PING_MILLIS = 1000;
    private static final int PASSWORD_BYTES = 24;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final String CONFIGURATION = "redis.conf";

    /** Between choosing a free port and listening on it another program may take it. */
    private static final int TRIES = 3;

    private static final Logger log = LoggerFactory.getLogger(EmbeddedRedis.class);

    private final DataFolder folder;
    private final Launch launch;
    private final CountDownLatch closing = new CountDownLatch(1);
    private WatchedProcess process;

    private EmbeddedRedis(DataFolder folder, Launch launch, WatchedProcess process) {
        this.folder = folder;
        this.launch = launch;
        this.process = process;
        reviveWhenEnded(process);
    }

    /**
     * Starts Redis and returns once it answers.
     *
     * @param dataDirectory where {@code redis/} and the unpacked program live
     * @throws EmbeddedServerException if it cannot, with the reason
     */
    public static EmbeddedRedis start(Path dataDirectory, AppendFsync fsync) {
        var folder = DataFolder.open(dataDirectory.resolve("redis"));
        try {
            var path = System.getenv("PATH");
            var binary = RedisBinary.find(path == null ? "" : path, dataDirectory.resolve("bin"));
            folder.claimFor(binary.version());
            folder.endOrphan();
            return launch(folder, binary, fsync);
        } catch (IOException e) {
            folder.close();
            throw new EmbeddedServerException("cannot start Redis in " + folder.path() + ": " + e, e);
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    /** How to reach it, password included. */
    public String url() {
        return "redis://:" + launch.password + "@127.0.0.1:" + launch.port;
    }

    /** Its version, such as 6.2.6. */
    public String version() {
        return launch.binary.version().toString();
    }

    /** Where its data and its log are. */
    public Path folder() {
        return folder.path();
    }

    /** Stops it, its log written out, and waits until it has ended. */
    @Override
    public void close() {
        closing.countDown();
        synchronized (this) {
            process.close();
        }
        folder.close();
    }

    private static EmbeddedRedis launch(DataFolder folder, RedisBinary binary, AppendFsync fsync) throws IOException {
        for (int attempt = 1; ; attempt++) {
            var launch = new Launch(binary, freePort(), newPassword());
            folder.writeSecret(CONFIGURATION, configuration(folder, launch, fsync));
            var output = folder.log();
            long outputBefore = Files.exists(output) ? Files.size(output) : 0;
            var process = launch.start(folder);
            if (answersInTime(process, launch)) {
                return new EmbeddedRedis(folder, launch, process);
            }
            boolean alive = process.isAlive();
            process.close();
            if (Thread.currentThread().isInterrupted()) {
                throw new EmbeddedServerException("interrupted while Redis was starting");
            }
            if (alive || attempt == TRIES) {
                throw new EmbeddedServerException("Redis " + binary.version()
                        + (alive ? " did not load its data within " + LOADING.toSeconds() + " s" : " ended at once")
                        + lastLine(output, outputBefore) + "; see " + output);
            }
        }
    }

    private void reviveWhenEnded(WatchedProcess ended) {
        ended.onEnd(() -> Thread.ofVirtual().name("embedded-redis").start(this::revive));
    }

    /** Starts it again where it was, so that those connected find it again, until it runs or is closed. */
    private void revive() {
        try {
            for (var pause = FIRST_PAUSE;
                    !closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
                    pause = longer(pause)) {
                log.warn("the embedded Redis has ended by itself and is started again; its log is {}", folder.log());
                if (isRevived()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.error("the embedded Redis cannot be started again", e);
        }
    }

    private synchronized boolean isRevived() throws IOException {
        if (closing.getCount() == 0) {
            return true;
        }
        process = launch.start(folder);
        if (!answersInTime(process, launch)) {
            process.close();
            return false;
        }
        reviveWhenEnded(process);
        return true;
    }

    private static Duration longer(Duration pause) {
        var doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    /** What is run, where it listens, and what it asks for. */
    private record Launch(RedisBinary binary, int port, String password) {
        WatchedProcess start(DataFolder folder) throws IOException {
            return WatchedProcess.start(
                    List.of(
                            binary.executable().toString(),
                            folder.path().resolve(CONFIGURATION).toString()),
                    folder.log());
        }
    }

    private static String configuration(DataFolder folder, Launch launch, AppendFsync fsync) {
        return """
                # Written at each start.
                bind 127.0.0.1
                port %d
                protected-mode yes
                requirepass %s
                daemonize no
                pidfile %s
                dir %s
                appendonly yes
                appendfsync %s
                save ""
                maxmemory-policy noeviction
                """.formatted(
                        launch.port,
                        launch.password,
                        quoted(folder.pidFile()),
                        quoted(folder.path()),
                        fsync.name().toLowerCase(Locale.ROOT));
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** Whether it answers before it ends, the time is over or the thread is interrupted. */
    private static boolean answersInTime(WatchedProcess process, Launch launch) {
        long deadline = System.nanoTime() + LOADING.toNanos();
        try {
            while (System.nanoTime() - deadline < 0) {
                if (process.hasEndedWithin(BETWEEN_PINGS)) {
                    return false;
                }
                if (answers(launch.port, launch.password)) {
                    return true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /** Whether it takes the password and has loaded its data; the password also tells it from a stranger on the port. */
    private static boolean answers(int port, String password) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PING_MILLIS);
            socket.setSoTimeout(PING_MILLIS);
            socket.getOutputStream().write(("AUTH " + password + "\r\nPING\r\n").getBytes(US_ASCII));
            var expected = "+OK\r\n+PONG\r\n".getBytes(US_ASCII);
            var answer = socket.getInputStream().readNBytes(expected.length);
            return Arrays.equals(answer, expected);
        } catch (IOException e) {
            return false;
        }
    }

    private static String lastLine(Path log, long from) throws IOException {
        try (var channel = Files.newByteChannel(log)) {
            channel.position(from);
            var text = new String(Channels.newInputStream(channel).readAllBytes(), US_ASCII);
            return text.lines()
                    .filter(line -> !line.isBlank())
                    .reduce((first, second) -> second)
                    .map(line -> ": " + line)
                    .orElse("");
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String newPassword() {
        var bytes = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
