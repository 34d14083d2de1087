package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class KeyScanTest {
    private static final Script SET = Script.ofSource("test/set", "redis.call('SET', KEYS[1], ARGV[1]) return {1}");

    private static void fill(ScriptRunner redis) {
        for (int user = 1; user <= 700; user++) {
            for (String key : List.of(
                    KeySpace.DEFAULT.key("session", Integer.toString(user), "77"),
                    KeySpace.DEFAULT.key("fsm", Integer.toString(user), "77:" + user + ":0:default"))) {
                redis.run(SET, List.of(key), List.of(new byte[] {1}));
            }
        }
    }

    private static Set<String> found(ScriptRunner redis, String family, String tag, String rest) {
        var found = new HashSet<String>();
        new KeyScan(redis, KeySpace.DEFAULT).each(family, tag, rest, found::addAll);
        return found;
    }

    private static void finds(ScriptRunner redis) {
        fill(redis);
        assertThat(found(redis, "session", "*", "*")).hasSize(700);
        assertThat(found(redis, "session", "42", "*")).containsExactly("sluice:session:{42}:77");
        assertThat(found(redis, "fsm", "*", "*:42:*:*")).containsExactly("sluice:fsm:{42}:77:42:0:default");
        assertThat(found(redis, "session", "4", "*")).hasSize(1);
        assertThat(found(redis, "session", "4*", "*")).hasSize(111);
        assertThat(found(redis, "sessio", "*", "*")).isEmpty();
        var scan = new KeyScan(redis, KeySpace.DEFAULT);
        assertThat(scan.removeAll("session", "42", "*")).isEqualTo(1);
        assertThat(scan.removeAll("session", "42", "*")).isZero();
        assertThat(scan.removeAll("session", "*", "*")).isEqualTo(699);
        assertThat(found(redis, "fsm", "*", "*")).hasSize(700);
    }

    @Test
    void keys_are_found_by_family_tag_and_rest_and_removed() {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        finds(redis.runner());
    }

    @Test
    void on_a_cluster_all_of_its_masters_are_looked_through() {
        try (var cluster = new ClusterFixture(3, 0);
                var store = RedisStore.connect(RedisFixture.patient(cluster.uri()), RedisEvents.NONE)) {
            await().atMost(Duration.ofSeconds(30)).until(store::isConnected);
            finds(store);
        }
    }
}
