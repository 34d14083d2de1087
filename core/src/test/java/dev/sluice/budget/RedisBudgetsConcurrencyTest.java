package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many callers of many replicas at once, by Redis' own clock. */
class RedisBudgetsConcurrencyTest {
    private static final int REPLICAS = 4;
    private static final int CALLERS = 200;
    private static final int USERS = 1_000;
    private static final int TRIES_PER_USER = 40;
    private static final int LIMIT = 30;
    private static final Budget BUDGET = Budget.of("messages", LIMIT, Duration.ofDays(1));

    private final SharedRedis redis = RedisFixture.shared();
    private final List<RedisStore> replicas = new ArrayList<>();
    private final AtomicIntegerArray passed = new AtomicIntegerArray(USERS + 1);
    private final AtomicIntegerArray rejected = new AtomicIntegerArray(USERS + 1);

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
    void of_200_callers_on_4_replicas_exactly_30_pass_for_each_of_1000_users_and_every_counter_has_a_ttl()
            throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var callers = new ArrayList<Future<?>>();
            for (int caller = 0; caller < CALLERS; caller++) {
                int number = caller;
                var budgets = Budgets.onRedis(replicas.get(caller % REPLICAS), KeySpace.DEFAULT);
                callers.add(threads.submit(() -> ask(budgets, number)));
            }
            for (Future<?> caller : callers) {
                caller.get(120, TimeUnit.SECONDS);
            }
        }

        for (int user = 1; user <= USERS; user++) {
            assertThat(passed.get(user)).as("passed for user %d", user).isEqualTo(LIMIT);
            assertThat(rejected.get(user)).isEqualTo(TRIES_PER_USER - LIMIT);
            assertThat(redis.commands().pttl("sluice:budget:{" + user + "}:messages"))
                    .as("TTL of user %d", user)
                    .isBetween(1L, Duration.ofDays(1).toMillis());
        }
        assertThat(redis.commands().dbsize()).isEqualTo(USERS);
    }

    @Test
    void of_200_callers_on_4_replicas_who_want_the_same_users_last_messages_at_the_same_time_exactly_30_pass()
            throws Exception {
        int tries = 5;
        for (int user = 1; user <= 5; user++) {
            int wanted = user;
            var start = new CountDownLatch(1);
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var callers = new ArrayList<Future<?>>();
                for (int caller = 0; caller < CALLERS; caller++) {
                    var budgets = Budgets.onRedis(replicas.get(caller % REPLICAS), KeySpace.DEFAULT);
                    callers.add(threads.submit(() -> {
                        start.await();
                        for (int i = 0; i < tries; i++) {
                            count(budgets, wanted);
                        }
                        return wanted;
                    }));
                }
                start.countDown();
                for (Future<?> caller : callers) {
                    caller.get(120, TimeUnit.SECONDS);
                }
            }
            assertThat(passed.get(user)).isEqualTo(LIMIT);
            assertThat(rejected.get(user)).isEqualTo(CALLERS * tries - LIMIT);
            Usage usage = Budgets.onRedis(replicas.getFirst(), KeySpace.DEFAULT).usage(BUDGET, user);
            assertThat(usage.count()).isEqualTo(LIMIT);
            assertThat(usage.rejected()).isEqualTo(CALLERS * tries - LIMIT);
        }
    }

    /** All callers go through all users, each beginning elsewhere, until everybody has been asked for as often as planned. */
    private void ask(Budgets budgets, int caller) {
        for (int i = 0; i < USERS * TRIES_PER_USER / CALLERS; i++) {
            int user = 1 + (caller * (USERS / CALLERS) + i) % USERS;
            count(budgets, user);
        }
    }

    private void count(Budgets budgets, int user) {
        boolean passes = budgets.consume(BUDGET, BudgetUser.of(user)).passes();
        (passes ? passed : rejected).incrementAndGet(user);
    }
}
