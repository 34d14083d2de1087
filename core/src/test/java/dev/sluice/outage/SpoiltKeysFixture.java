package dev.sluice.outage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.SluiceException;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What another program may write into the keys of one person. */
abstract class SpoiltKeysFixture {
    static final long ANN = 4_711;
    static final long BEN = 4_712;
    private static final List<String> RUBBISH = List.of("bytes", "nothing", "hash", "list", "cut", "spoilt");

    final SharedRedis redis = RedisFixture.shared();
    final RedisStore store = RedisStore.connect(
            RedisSettings.parse(redis.uri()).withCommandTimeout(Duration.ofSeconds(10)), RedisEvents.NONE);

    /** Something that is done for a person. */
    @FunctionalInterface
    interface Use {
        /** @return whether it was done */
        boolean of(long user) throws Exception;
    }

    @BeforeEach
    void flush() {
        redis.flush();
        await().atMost(Duration.ofSeconds(30)).until(store::isConnected);
    }

    @AfterEach
    void close() {
        store.close();
    }

    final void nobodyElseIsHeldUp(Use use) throws Exception {
        nobodyElseIsHeldUp(use, Long.toString(ANN));
    }

    /** @param hersHave what Ann's keys have in their names */
    final void nobodyElseIsHeldUp(Use use, String hersHave) throws Exception {
        assertThat(use.of(ANN)).isTrue();
        Set<String> hers = new TreeSet<>(redis.commands().keys("*"));
        hers.removeIf(key -> !key.contains(hersHave));
        assertThat(hers).isNotEmpty();
        assertThat(use.of(BEN)).isTrue();
        for (String key : hers) {
            for (String rubbish : RUBBISH) {
                spoil(key, rubbish);
                try {
                    use.of(ANN);
                } catch (SluiceException | IllegalStateException e) {
                    assertThat(e).as("her error, which shows nothing").hasMessageNotContaining("secret");
                }
                assertThat(use.of(BEN)).as("%s in %s", rubbish, key).isTrue();
                redis.commands().del(key);
                assertThat(use.of(ANN)).as("once it is gone").isTrue();
            }
        }
    }

    final void spoil(String key, String rubbish) {
        String type = redis.commands().type(key);
        if (rubbish.equals("cut") && type.equals("string")) {
            byte[] whole = redis.commands().get(key);
            redis.commands().set(key, Arrays.copyOf(whole, whole.length / 2));
        } else if (rubbish.equals("spoilt") && type.equals("hash")) {
            redis.commands().hkeys(key).forEach(field -> redis.commands().hset(key, field, "secret".getBytes(UTF_8)));
        } else {
            redis.commands().del(key);
            switch (rubbish) {
                case "hash" -> redis.commands().hset(key, "secret", new byte[] {1});
                case "list" -> redis.commands().lpush(key, "secret".getBytes(UTF_8));
                case "nothing" -> redis.commands().set(key, new byte[0]);
                default -> redis.commands().set(key, "secret \0 rubbish".getBytes(UTF_8));
            }
        }
    }
}
