package dev.sluice.privacy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisOwedForgettingsTest extends OwedForgettingsContract {
    private static final long BOB = PrivacyContract.BOB;
    private static final String OWED = "sluice:privacy:{all}:owed";
    private static final String FAILING = "sluice:privacy:{all}:failing";

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner runner = redis.clockRunner();
    private final SettableMicros clock = new SettableMicros();
    private final RedisPrivacyLevels levels = levels(StoredLevels.MOST_OWED);

    @Override
    RedisPrivacyLevels levels(int mostOwed) {
        return new RedisPrivacyLevels(
                (script, keys, args) -> {
                    synchronized (runner) {
                        runner.setNow(clock.getAsLong());
                        return runner.run(script, keys, args);
                    }
                },
                KeySpace.DEFAULT,
                1_000,
                3,
                mostOwed,
                System::nanoTime,
                new PersonalDataRegistry(),
                MendListener.NONE);
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Override
    StoredLevels levels() {
        return levels;
    }

    @Override
    void elapse(Duration time) {
        clock.advance(time);
        levels.look();
    }

    @Test
    void when_memory_is_full_a_forgetting_is_owed_and_what_failed_of_it() {
        redis.commands().configSet("maxmemory", "1");
        try {
            StoredLevels.Owed taken = levels.tellToForget(BOB, Set.of("things")).orElseThrow();
            levels.failed(taken, Set.of("things"), StoredLevels.MOST_SELDOM);
            elapse(Duration.ofMinutes(1));
            assertThat(levels.takePurge().map(StoredLevels.Owed::which)).hasValue(Debt.AGAIN);
            StoredLevels.Owed family = levels.takePurge().orElseThrow();
            assertThat(family.which()).isEqualTo(Debt.FORGETTING.ofFamily("things"));
            assertThat(levels.renew(family)).isPresent();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }

    @Test
    void what_is_owed_by_a_clock_that_was_ahead_is_done_once_it_is_set_right() {
        clock.advance(Duration.ofDays(1));
        levels.tellToForget(BOB, Set.of());
        levels.set(PrivacyContract.ANN, PrivacyLevel.NONE);
        clock.set(clock.getAsLong() - Duration.ofDays(1).toNanos() / 1_000);
        elapse(Duration.ZERO);
        assertThat(levels.purgesDue()).isTrue();
        assertThat(Stream.generate(levels::takePurge)
                        .takeWhile(Optional::isPresent)
                        .map(owed -> owed.orElseThrow().which().name() + " "
                                + owed.orElseThrow().user()))
                .containsExactlyInAnyOrder("forget 43", "again 43", "1 42", "2 42");
        elapse(Duration.ZERO);
        assertThat(levels.purgesDue()).isFalse();
    }

    @Test
    void what_is_owed_of_forgettings_is_nothing_that_a_replica_without_them_would_take_on() {
        levels.tellToForget(BOB, Set.of());
        assertThat(redis.commands().exists(OWED)).isZero();
        // As the first replicas that owed forgettings did.
        redis.commands().zadd(OWED, clock.getAsLong(), "forget-things:43".getBytes(US_ASCII));
        elapse(Duration.ZERO);
        StoredLevels.Owed taken = levels.takePurge().orElseThrow();
        assertThat(taken.which()).isEqualTo(Debt.FORGETTING.ofFamily("things"));
        StoredLevels.Owed renewed = levels.renew(taken).orElseThrow();
        levels.failed(renewed, Set.of("things"), StoredLevels.MOST_SELDOM);
        assertThat(redis.commands().exists(OWED)).isZero();
    }

    @Test
    void since_when_something_fails_goes_with_it_and_else_by_itself() {
        StoredLevels.Owed taken = levels.tellToForget(BOB, Set.of()).orElseThrow();
        levels.failed(taken, Set.of("things", "others"), StoredLevels.MOST_SELDOM);
        assertThat(redis.commands().pttl(FAILING))
                .isBetween(1L, Duration.ofDays(8).toMillis());
        elapse(Duration.ofMinutes(1));
        levels.purged(levels.takePurge().orElseThrow());
        StoredLevels.Owed one = levels.takePurge().orElseThrow();
        levels.purged(one);
        assertThat(redis.commands().zcard(FAILING)).isOne();
        StoredLevels.Owed two = levels.takePurge().orElseThrow();
        levels.failed(two, Set.of("privacy"), StoredLevels.MOST_SELDOM);
        assertThat(redis.commands().zcard(FAILING)).isOne();
        levels.tellToForget(BOB, Set.of("privacy"));
        assertThat(redis.commands().exists(FAILING)).isZero();
    }

    @Test
    void much_that_another_program_wrote_is_taken_out_bit_by_bit() {
        for (int i = 0; i < 1_500; i++) {
            redis.commands().zadd(OWED, i, ("secret" + i).getBytes(US_ASCII));
        }
        levels.tellToForget(BOB, Set.of());
        elapse(Duration.ofMinutes(1));
        assertThat(levels.takePurge()).isEmpty();
        assertThat(redis.commands().zcard(OWED)).isEqualTo(500);
        assertThat(levels.takePurge().map(StoredLevels.Owed::user)).hasValue(BOB);
    }
}
