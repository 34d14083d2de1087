package dev.sluice.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redis.embedded.core.ExecutableProvider;

/**
 * Where tests get a Redis from: one shared by the whole test JVM, or one of their own that they may freeze and kill.
 *
 * <p>The binary is embedded-redis' 6.2. With the system property {@code sluice.test.redis} or the variable
 * {@code SLUICE_TEST_REDIS} set to {@code path} it is {@code redis-server} from PATH; any other value is the binary's path.
 */
public final class RedisFixture {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private RedisFixture() {}

    /** The Redis of this test JVM; whoever uses it starts with {@link SharedRedis#flush()}. */
    public static SharedRedis shared() {
        return Shared.INSTANCE;
    }

    /**
     * A Redis of one's own, without persistence unless told otherwise; the caller closes it.
     *
     * @param directives lines of redis.conf, for example {@code appendonly yes} or {@code maxmemory 2mb}
     */
    public static RedisProcess start(String... directives) {
        return RedisProcess.start(Binary.PATH, RedisProcess.Kind.SERVER, List.of(directives), Map.of());
    }

    /** As {@link #start(String...)}, under a clock that the test moves. */
    public static RedisProcess start(MovedClock clock, String... directives) {
        return RedisProcess.start(Binary.PATH, RedisProcess.Kind.SERVER, List.of(directives), clock.environment());
    }

    /** As {@link #start(String...)}, of another kind. */
    public static RedisProcess start(RedisProcess.Kind kind, String... directives) {
        return RedisProcess.start(Binary.PATH, kind, List.of(directives), Map.of());
    }

    /**
     * How to reach {@code url}, with deadlines that no stall of a busy machine meets: for tests of anything but deadlines.
     * The usual 50 ms for a command and 2 s for a connection are production's.
     */
    public static RedisSettings patient(String url) {
        return RedisSettings.parse(url)
                .withConnectTimeout(PATIENCE)
                .withCommandTimeout(PATIENCE)
                .withSettleTimeout(PATIENCE)
                .withStartWait(PATIENCE);
    }

    private static final class Shared {
        static final SharedRedis INSTANCE = new SharedRedis(start());
    }

    private static final class Binary {
        static final Path PATH = locate();

        private static Path locate() {
            String environment = System.getenv().getOrDefault("SLUICE_TEST_REDIS", "embedded");
            String wanted = System.getProperty("sluice.test.redis", environment);
            return switch (wanted.toLowerCase(Locale.ROOT)) {
                case "embedded" -> embedded();
                case "path" -> fromPath();
                default -> Path.of(wanted);
            };
        }

        private static Path embedded() {
            try {
                Path folder = Files.createTempDirectory("sluice-redis-binary-");
                Path binary = ExecutableProvider.newJarResourceProvider(folder.toFile())
                        .get()
                        .toPath();
                // In reverse order: the file first.
                folder.toFile().deleteOnExit();
                binary.toFile().deleteOnExit();
                return binary;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Path fromPath() {
            for (String folder : System.getenv("PATH").split(":", -1)) {
                Path candidate = Path.of(folder, "redis-server");
                if (Files.isExecutable(candidate)) {
                    return candidate;
                }
            }
            throw new IllegalStateException("no redis-server on PATH");
        }
    }
}
