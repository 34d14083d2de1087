package dev.sluice.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisBundleStoreTest extends BundleStoreContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final RedisStore connection = RedisStore.connect(RedisFixture.patient(redis.uri()), RedisEvents.NONE);
    private final BundleStore store = store(connection, 20);

    private BundleStore store(RedisStore announcements, int mostPeople) {
        TestClockRunner runner = redis.clockRunner();
        ScriptRunner byClock = (script, keys, args) -> {
            synchronized (runner) {
                runner.setNow(clock.getAsLong());
                return runner.run(script, keys, args);
            }
        };
        return new RedisBundleStore(byClock, byClock, KeySpace.DEFAULT, announcements, RULES, mostPeople);
    }

    @Override
    BundleStore store() {
        return store;
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl_and_numbers_for_a_name() {
        connection.close();
        for (String key : redis.commands().keys("*")) {
            assertThat(key).matches("sluice:talkbuf:\\{\\d+}:(due|(state|messages|ids):-?\\d+:-?\\d+)");
            assertThat(redis.commands().pttl(key))
                    .as(key)
                    .isBetween(1L, RULES.kept().toMillis());
        }
    }

    @Test
    void what_is_unhandled_is_kept_for_a_day_and_what_is_handled_for_as_long_as_repeats_come() {
        store.add(incoming(anna, 1, 10, true));
        for (String key : redis.commands().keys("*")) {
            assertThat(redis.commands().pttl(key))
                    .as(key)
                    .isGreaterThan(RULES.kept().toMillis() - 60_000);
        }
        claim().forEach(leased -> store.settle(anna, leased.fence()));
        assertThat(redis.commands().keys("*"))
                .containsExactlyInAnyOrder("sluice:talkbuf:{123456}:state:11:11", "sluice:talkbuf:{123456}:ids:11:11");
        for (String key : redis.commands().keys("*")) {
            assertThat(redis.commands().pttl(key))
                    .as(key)
                    .isLessThanOrEqualTo(RULES.remembered().toMillis());
        }
    }

    @Test
    void beyond_the_bound_a_newcomer_is_refused_until_somebody_s_are_handled() {
        BundleStore bounded = store(connection, 1);
        bounded.add(incoming(anna, 1, 10, true));
        assertThat(bounded.add(incoming(ben, 1, 10, true))).isEqualTo(new Answer.Full());
        assertThat(bounded.add(incoming(anna, 2, 10, true))).isInstanceOf(Answer.Added.class);
        for (int i = 0; i < 2; i++) {
            claim().forEach(leased -> store.settle(anna, leased.fence()));
        }
        assertThat(bounded.add(incoming(ben, 1, 10, true))).isInstanceOf(Answer.Added.class);
    }

    @Test
    void when_memory_is_full_nothing_is_taken_and_what_is_there_is_handed_over_renewed_and_settled() {
        store.add(incoming(anna, 1, 10, true));
        store.add(incoming(anna, 2, 10, true));
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> store.add(incoming(anna, 3, 10, true)))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            for (int id = 1; id <= 2; id++) {
                Leased leased = claim().getFirst();
                assertThat(ids(leased)).containsExactly((long) id);
                assertThat(store.renew(anna, leased.fence(), LEASE)).isTrue();
                assertThat(store.putBack(anna, leased.fence(), Duration.ZERO, false))
                        .isEqualTo(BundleStore.Return.BACK);
                Leased again = claim().getFirst();
                assertThat(store.settle(anna, again.fence())).isTrue();
            }
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(claim()).isEmpty();
    }

    @Test
    void what_redis_evicted_is_gone_what_it_left_is_set_aside_and_what_comes_then_is_handed_over() {
        store.add(incoming(anna, 1, 10, true));
        redis.commands().del("sluice:talkbuf:{123456}:messages:11:11");
        store.add(incoming(anna, 2, 10, true));
        Leased leased = claim().getFirst();
        assertThat(ids(leased)).containsExactly(2L);
        store.settle(anna, leased.fence());

        store.add(incoming(anna, 3, 10, true));
        redis.commands().del("sluice:talkbuf:{123456}:state:11:11");
        assertThat(claim()).isEmpty();
        store.add(incoming(anna, 4, 10, true));
        assertThat(ids(claim().getFirst())).containsExactly(4L);
        assertThat(redis.commands().zcard("sluice:talkbuf:{123456}:due")).isEqualTo(1);

        redis.commands().del("sluice:talkbuf:{123456}:state:11:11");
        store.add(incoming(anna, 5, 10, true));
        assertThat(ids(claim().getFirst())).containsExactly(5L);

        redis.commands().del("sluice:talkbuf:{123456}:messages:11:11");
        clock.advance(LEASE);
        assertThat(claim()).isEmpty();
        assertThat(store.aside(BOT, 0, 10))
                .as("3 and 4, of which only the state was evicted")
                .hasSize(2)
                .allMatch(bundle -> store.drop(bundle.id()));
        assertThat(redis.commands().keys("*")).as("nobody looks for it again").isEmpty();
    }

    @Test
    void content_is_any_bytes() {
        byte[] content = {0, ' ', -1, '\n', ' ', 7};
        store.add(new BundleStore.Incoming(anna, 1, 6, true, QUIET, content));
        assertThat(claim().getFirst().messages().getFirst().content()).isEqualTo(content);
        assertThat(redis.commands().lrange("sluice:talkbuf:{123456}:messages:11:11", 0, -1).stream()
                        .map(entry -> new String(entry, UTF_8)))
                .hasSize(1);
    }

    @Test
    void a_killed_process_leaves_no_step_half_done_since_each_is_one_script() {
        // After each step, as if all had been killed then: what is unhandled comes again, what is handled does not.
        store.add(incoming(anna, 1, 10, false));
        clock.advance(QUIET);
        Leased first = claim().getFirst();
        clock.advance(LEASE);
        Leased second = claim().getFirst();
        assertThat(List.of(ids(first), ids(second))).containsOnly(List.of(1L));
        store.renew(anna, second.fence(), LEASE);
        clock.advance(LEASE);
        Leased third = claim().getFirst();
        store.putBack(anna, third.fence(), QUIET, true);
        clock.advance(QUIET);
        Leased fourth = claim().getFirst();
        assertThat(fourth.id()).isEqualTo(first.id());
        store.settle(anna, fourth.fence());
        clock.advance(LEASE.multipliedBy(2));
        assertThat(claim()).isEmpty();
    }
}
