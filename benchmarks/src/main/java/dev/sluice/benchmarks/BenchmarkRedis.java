package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import redis.embedded.RedisServer;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis of our own on loopback that keeps nothing on disk, with two ways in: Sluice's, and Lettuce bare, set up as Sluice
 * sets it up (one connection, two I/O threads, no latency recorder).
 */
final class BenchmarkRedis implements AutoCloseable {
    /** Nothing is decided late here: a machine under load must slow a figure down, not end it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final RedisServer server;
    private final String url;
    private final RedisStore store;
    private final ClientResources resources;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> bare;

    private BenchmarkRedis(RedisServer server, String url) {
        this.server = server;
        this.url = url;
        this.store = RedisStore.connect(
                RedisSettings.parse(url).withCommandTimeout(PATIENCE).withSettleTimeout(PATIENCE), RedisEvents.NONE);
        awaitConnection(store);
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .build();
        this.client = RedisClient.create(resources, url);
        client.setOptions(ClientOptions.builder().autoReconnect(false).build());
        this.bare = client.connect();
    }

    /** The {@code redis-server} on the path, or the one that comes with the embedded-redis library. */
    static BenchmarkRedis start() throws IOException {
        int port = freePort();
        var server = RedisServer.newRedisServer()
                .executableProvider(BenchmarkRedis::executable)
                .bind("127.0.0.1")
                .port(port)
                .onShutdownForceStop(true)
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        server.start();
        try {
            return new BenchmarkRedis(server, "redis://127.0.0.1:" + port);
        } catch (RuntimeException e) {
            server.stop();
            throw e;
        }
    }

    String url() {
        return url;
    }

    RedisStore store() {
        return store;
    }

    StatefulRedisConnection<String, String> bare() {
        return bare;
    }

    /** Another connection like the bare one, for values that are bytes. */
    StatefulRedisConnection<String, byte[]> connectForBytes() {
        return client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
    }

    /** What the decisions are compared with: a script that does nothing, asked for on the bare way in. */
    Arm floor() {
        var commands = bare.async();
        String sha = bare.sync().scriptLoad("return 0");
        return new Arm(
                "raw EVALSHA of 'return 0', bare Lettuce",
                random -> commands.evalsha(sha, ScriptOutputType.INTEGER).get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    String version() {
        return store.info().version();
    }

    void forgetEverything() {
        bare.sync().flushall();
    }

    long usedMemory() {
        return (long) info("memory", "used_memory");
    }

    /** What the server has used of its processor since it started. */
    double cpuSeconds() {
        return info("cpu", "used_cpu_user") + info("cpu", "used_cpu_sys");
    }

    private double info(String section, String field) {
        return bare.sync()
                .info(section)
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .mapToDouble(line -> Double.parseDouble(line.substring(field.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Redis' INFO " + section + " has no " + field));
    }

    @Override
    public void close() throws IOException {
        store.close();
        client.shutdown(Duration.ZERO, PATIENCE);
        resources.shutdown(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        server.stop();
    }

    /** On a busy machine the first connection may fail; the store makes another. */
    private static void awaitConnection(RedisStore store) {
        long began = System.nanoTime();
        while (true) {
            try {
                var unused = store.info();
                return;
            } catch (RedisUnavailableException notYet) {
                if (System.nanoTime() - began > PATIENCE.toNanos()) {
                    throw notYet;
                }
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
        }
    }

    static File executable() {
        return onPath().orElseGet(BenchmarkRedis::bundled);
    }

    private static Optional<File> onPath() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(folder -> new File(folder, "redis-server"))
                .filter(File::canExecute)
                .findFirst();
    }

    private static File bundled() {
        try {
            return ExecutableProvider.newJarResourceProvider().get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
