package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What is heard of keys, and that each loss of the link is told. */
class RedisKeyWatchTest {
    private static final List<String> PREFIXES = List.of("sluice:cache:", "sluice:access_state:");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Heard heard = new Heard();

    @Test
    void each_change_of_a_watched_key_is_told_and_no_other() {
        try (var redis = RedisFixture.start();
                var store = connect(redis.port());
                var watch = store.watch(PREFIXES, "news", heard)) {
            assertThat(watch).isNotNull();
            heard.awaits("attached true");

            redis.tell("SET sluice:cache:{1}:user a");
            heard.awaits("changed sluice:cache:{1}:user");
            redis.tell("SET other b");
            redis.tell("DEL sluice:cache:{1}:user");
            redis.tell("SET sluice:access_state:{2}:x c PX 1");
            redis.tell("PUBLISH news hello");
            heard.awaits("heard hello", "changed sluice:access_state:{2}:x");
            redis.tell("FLUSHALL");
            heard.awaits("flushed");
            assertThat(heard.lines).doesNotContain("changed other").noneMatch(line -> line.contains("probe"));
        }
    }

    @Test
    void a_link_that_breaks_is_told_and_made_anew() {
        try (var redis = RedisFixture.start();
                var proxy = TcpProxy.to(redis.port());
                var store = connect(proxy.port());
                var watch = store.watch(PREFIXES, "news", heard)) {
            assertThat(watch).isNotNull();
            heard.awaits("attached true");
            proxy.cut();
            heard.awaits("detached");
            await().atMost(PATIENCE).until(() -> heard.count("attached true") >= 2);

            redis.tell("SET sluice:cache:{1}:user a");
            redis.tell("PUBLISH news hello");
            heard.awaits("changed sluice:cache:{1}:user", "heard hello");
            assertThat(heard.count("changed sluice:cache:{1}:user")).isEqualTo(1);
        }
    }

    @Test
    void a_redis_that_falls_silent_is_told_although_its_connection_stands() {
        try (var redis = RedisFixture.start();
                var store = connect(redis.port());
                var watch = store.watch(PREFIXES, "news", heard)) {
            assertThat(watch).isNotNull();
            heard.awaits("attached true");
            redis.freeze();
            try {
                heard.awaits("detached");
            } finally {
                redis.thaw();
            }
            await().atMost(PATIENCE).until(() -> heard.count("attached true") >= 2);
        }
    }

    @Test
    void where_tracking_is_forbidden_the_channel_is_heard_all_the_same() {
        try (var redis = RedisFixture.start("rename-command CLIENT \"\"");
                var store = connect(redis.port());
                var watch = store.watch(PREFIXES, "news", heard)) {
            assertThat(watch).isNotNull();
            heard.awaits("attached false");
            redis.tell("PUBLISH news hello");
            heard.awaits("heard hello");
        }
    }

    @Test
    void in_a_cluster_the_channel_is_heard_through_any_node() {
        try (var cluster = new ClusterFixture(2, 0);
                var store = RedisStore.connect(RedisSettings.parse(cluster.uri()), RedisEvents.NONE);
                var watch = store.watch(PREFIXES, "news", heard)) {
            assertThat(watch).isNotNull();
            heard.awaits("attached false");
            cluster.node(0).publish("news", "zero");
            cluster.node(1).publish("news", "one");
            heard.awaits("heard zero", "heard one");
        }
    }

    private static RedisStore connect(int port) {
        return RedisStore.connect(RedisSettings.parse("redis://127.0.0.1:" + port), RedisEvents.NONE);
    }

    private static final class Heard implements KeyWatch.Watcher {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void attached(boolean tracked) {
            lines.add("attached " + tracked);
        }

        @Override
        public void detached() {
            lines.add("detached");
        }

        @Override
        public void changed(String key) {
            lines.add("changed " + key);
        }

        @Override
        public void flushed() {
            lines.add("flushed");
        }

        @Override
        public void heard(String message) {
            lines.add("heard " + message);
        }

        long count(String line) {
            return lines.stream().filter(line::equals).count();
        }

        void awaits(String... expected) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(lines).contains(expected));
        }
    }
}
