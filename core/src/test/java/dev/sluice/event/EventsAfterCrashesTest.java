package dev.sluice.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.RedisStore;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Redis is killed: what it acknowledged is known after its restart, and no key is ever without a TTL. */
class EventsAfterCrashesTest {
    private static final DedupeWindow WINDOW = new DedupeWindow(Duration.ofHours(1), 1_000);

    @Test
    void a_log_that_ends_anywhere_leaves_no_key_without_a_ttl_and_a_whole_one_forgets_nothing() throws Exception {
        try (var redis = RedisFixture.start(
                "appendonly yes", "appendfsync always", "auto-aof-rewrite-percentage 0", "aof-load-truncated yes")) {
            try (var store = connect(redis)) {
                var events = EventDeduplicator.onRedis(store, KeySpace.DEFAULT, WINDOW);
                for (int batch = 0; batch < 30; batch++) {
                    events.firstSeen("s" + batch % 2, ids(batch * 100, batch * 100 + 100));
                    events.forget("s" + batch % 2, ids(batch * 100, batch * 100 + 3));
                }
            }
            redis.kill();
            Path log = log(redis);
            byte[] whole = Files.readAllBytes(log);
            var random = new Random(17);
            long most = 0;
            for (int cut = 0; cut < 12; cut++) {
                Files.write(log, Arrays.copyOf(whole, random.nextInt(whole.length + 1)));
                redis.restart();
                most = Math.max(most, keysWithTtl(redis));
                redis.kill();
            }
            assertThat(most).as("or nothing was looked at").isPositive();

            Files.write(log, whole);
            redis.restart();
            assertThat(keysWithTtl(redis)).isEqualTo(6);
            try (var store = connect(redis)) {
                var events = EventDeduplicator.onRedis(store, KeySpace.DEFAULT, WINDOW);
                assertThat(events.firstSeen("s1", ids(2_900, 3_000)).cardinality())
                        .as("those that were forgotten on purpose")
                        .isEqualTo(3);
            }
        }
    }

    private static Path log(RedisProcess redis) throws Exception {
        try (var files = Files.walk(redis.directory())) {
            return files.filter(file -> file.toString().endsWith(".aof"))
                    .filter(file -> !file.toString().contains(".base."))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static RedisStore connect(RedisProcess redis) {
        return RedisStore.connect(RedisFixture.patient(redis.uri()), RedisEvents.NONE);
    }

    private static List<String> ids(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "id-" + i).toList();
    }

    private static long keysWithTtl(RedisProcess redis) {
        try (var client = RedisClient.create(RedisURI.create(redis.uri()));
                var connection = client.connect()) {
            List<String> keys = connection.sync().keys("*");
            assertThat(keys)
                    .allSatisfy(key ->
                            assertThat(connection.sync().pttl(key)).as(key).isPositive());
            return keys.size();
        }
    }
}
