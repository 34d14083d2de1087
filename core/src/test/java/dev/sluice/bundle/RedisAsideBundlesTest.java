package dev.sluice.bundle;

import static dev.sluice.bundle.BundleStoreContract.incoming;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisAsideBundlesTest extends AsideBundlesContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final Map<BundleSettings, BundleStore> stores = new HashMap<>();

    @Override
    BundleStore store(BundleSettings rules) {
        return stores.computeIfAbsent(rules, any -> RedisBundleFixture.byClock(redis, clock, rules, 20));
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl_and_numbers_for_a_name() {
        for (String key : redis.commands().keys("*")) {
            assertThat(key)
                    .matches("sluice:talkbuf:\\{\\d+}:(due|alone|aside|(state|messages|ids):-?\\d+:-?\\d+"
                            + "|aside:-?\\d+:-?\\d+:\\d+)");
            assertThat(redis.commands().pttl(key))
                    .as(key)
                    .isBetween(1L, RULES.kept().toMillis());
        }
    }

    @Test
    void when_memory_is_full_a_bundle_that_kills_is_set_aside_and_handed_over_again_all_the_same() {
        commands(anna, 1);
        redis.commands().configSet("maxmemory", "1");
        try {
            for (int lease = 0; lease < MOST_LOST; lease++) {
                assertThat(claim()).hasSize(1);
                clock.advance(BundleStoreContract.LEASE);
            }
            assertThat(claimed().aside().bundles()).hasSize(1);
            assertThat(store().requeue(aside().getFirst().id()).answer()).isEqualTo(AsideBundles.Requeue.BACK);
            assertThat(claim()).hasSize(1);
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }

    @Test
    void repeats_of_what_is_handed_over_again_are_known_although_its_person_was_not_any_more() {
        BundleId id = setAside(anna, 1);
        redis.commands().del("sluice:talkbuf:{123456}:state:11:11", "sluice:talkbuf:{123456}:ids:11:11");
        assertThat(store().requeue(id).answer()).isEqualTo(AsideBundles.Requeue.BACK);
        assertThat(commands(anna, 1)).isInstanceOf(BundleStore.Answer.Duplicate.class);
    }

    @Test
    void a_version_that_does_not_count_goes_on_with_what_this_one_wrote() {
        commands(anna, 1);
        claim();
        clock.advance(BundleStoreContract.LEASE);
        claim();
        assertThat(state(anna)).as("words that are no numbers are passed over").matches("(\\d+ )+lost=1");
        store().add(incoming(ben, 1, 10, true));
        assertThat(state(ben)).matches("\\d+( \\d+)+");
    }

    private String state(Conversation who) {
        return new String(redis.commands().get("sluice:talkbuf:{123456}:state:" + who.name()), UTF_8);
    }
}
