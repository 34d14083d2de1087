package dev.sluice.bundle;

import static dev.sluice.bundle.BundleStoreContract.BOT;
import static dev.sluice.bundle.BundleStoreContract.LEASE;
import static dev.sluice.bundle.BundleStoreContract.incoming;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
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
                clock.advance(LEASE);
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
    void what_tells_repeats_of_what_is_set_aside_lives_as_long_as_that() {
        setAside(anna, 1);
        commands(ben, 1);
        claim().forEach(leased -> store().settle(leased.conversation(), leased.fence()));
        for (String kind : new String[] {"state", "ids"}) {
            assertThat(redis.commands().pttl("sluice:talkbuf:{123456}:" + kind + ":11:11"))
                    .isGreaterThan(RULES.kept().toMillis() - 60_000);
            assertThat(redis.commands().pttl("sluice:talkbuf:{123456}:" + kind + ":12:12"))
                    .isLessThanOrEqualTo(RULES.remembered().toMillis());
        }
    }

    @Test
    void a_version_that_does_not_count_goes_on_with_what_this_one_wrote() {
        commands(anna, 1);
        claim();
        clock.advance(LEASE);
        claim();
        assertThat(state(anna)).as("words that are no numbers are passed over").matches("(\\d+ )+lost=1");
        store().add(incoming(ben, 1, 10, true));
        assertThat(state(ben)).matches("\\d+( \\d+)+");
    }

    @Test
    void bundles_that_wait_for_another_s_last_lease_are_not_read_each_time_that_somebody_looks() {
        for (int person = 1; person <= 15; person++) {
            commands(Conversation.of(BOT, person), 1);
        }
        for (int lease = 1; lease < MOST_LOST; lease++) {
            claim();
            clock.advance(LEASE);
        }
        assertThat(claim()).hasSize(1);
        redis.commands().configResetstat();
        for (int look = 0; look < 3; look++) {
            clock.advance(Duration.ofSeconds(1));
            assertThat(claim()).isEmpty();
        }
        assertThat(redis.commands().info("commandstats")).doesNotContain("cmdstat_lrange");
    }

    @Test
    void what_is_set_aside_while_somebody_looks_for_what_is_to_be_forgotten_is_found() {
        int chats = 2_500;
        int lost = 640;
        Duration lease = BundleStoreContract.QUIET.dividedBy(2);
        var asked = new AtomicBoolean();
        TestClockRunner runner = redis.clockRunner();
        BundleSettings rules = RULES.withMostLost(1);
        BundleStore other = RedisBundleFixture.byClock(redis, clock, rules, chats);
        ScriptRunner interrupted = (script, keys, args) -> {
            runner.setNow(clock.getAsLong());
            ScriptReply reply = runner.run(script, keys, args);
            if (script.name().equals("bundle/chats") && asked.compareAndSet(false, true)) {
                clock.advance(lease);
                assertThat(other.claim(BOT, 1, LEASE).aside().bundles()).hasSize(lost);
            }
            return reply;
        };
        for (long chat = 1; chat <= chats; chat++) {
            other.add(incoming(new Conversation(BOT, -chat, 11), 1, 10, chat <= lost));
        }
        for (int taken = 0; taken < lost; taken += 32) {
            assertThat(other.claim(BOT, 32, lease).bundles()).hasSize(32);
        }
        var store = new RedisBundleStore(
                interrupted,
                interrupted,
                KeySpace.DEFAULT,
                (channel, heard) -> {
                    throw new IllegalStateException("nobody listens");
                },
                rules,
                chats);
        assertThat(store.conversations(BOT, 11)).hasSize(chats);
        assertThat(other.asideCount(BOT)).isEqualTo(lost);
    }

    private String state(Conversation who) {
        return new String(redis.commands().get("sluice:talkbuf:{123456}:state:" + who.name()), UTF_8);
    }
}
