package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many callers of many replicas at once, by Redis' own clock, while somebody changes the limit. */
class RedisNamedLimitsConcurrencyTest {
    private static final int REPLICAS = 4;
    private static final int CALLERS = 64;
    private static final int TRIES_AFTER = 10;
    private static final Use CALL = Use.of("api");
    private static final NamedLimit BEFORE = NamedLimit.atMost("api", 100, Duration.ofDays(1));
    private static final NamedLimit AFTER = NamedLimit.atMost("api", 250, Duration.ofDays(1));

    private final SharedRedis redis = RedisFixture.shared();
    private final List<RedisStore> replicas = new ArrayList<>();
    private final AtomicInteger passed = new AtomicInteger();
    private final AtomicBoolean set = new AtomicBoolean();

    @BeforeEach
    void connect() {
        redis.flush();
        RedisSettings settings = RedisFixture.patient(redis.uri());
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(RedisStore.connect(settings, RedisEvents.NONE));
        }
    }

    @AfterEach
    void close() {
        replicas.forEach(RedisStore::close);
    }

    @Test
    void exactly_as_many_of_64_callers_on_4_replicas_pass_and_a_new_definition_holds_for_all_who_ask_after_it()
            throws Exception {
        NamedLimits operator = NamedLimits.onRedis(replicas.getFirst(), KeySpace.DEFAULT);
        operator.define(BEFORE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var callers = new ArrayList<Future<Integer>>();
            for (int caller = 0; caller < CALLERS; caller++) {
                NamedLimits limits = NamedLimits.onRedis(replicas.get(caller % REPLICAS), KeySpace.DEFAULT);
                callers.add(threads.submit(() -> ask(limits)));
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> passed.get() == BEFORE.count());
            operator.define(AFTER);
            set.set(true);
            for (Future<Integer> caller : callers) {
                assertThat(caller.get(60, TimeUnit.SECONDS))
                        .as("decided by what no longer held")
                        .isZero();
            }
        }

        assertThat(passed).hasValue(AFTER.count());
        assertThat(operator.usage(CALL).used()).isEqualTo(AFTER.count());
        assertThat(redis.commands().pttl("sluice:rate_limit:{limits}:api:-")).isPositive();
    }

    /** @return how many answers were by the old definition though the question came after the new one */
    private int ask(NamedLimits limits) {
        int late = 0;
        for (int after = 0; after < TRIES_AFTER; ) {
            boolean isSet = set.get();
            Passage passage = limits.acquire(CALL);
            passed.addAndGet(passage.passes() ? 1 : 0);
            after += isSet ? 1 : 0;
            late += isSet && !passage.limit().equals(AFTER) ? 1 : 0;
        }
        return late;
    }
}
