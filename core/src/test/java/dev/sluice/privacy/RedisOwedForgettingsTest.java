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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisOwedForgettingsTest extends OwedForgettingsContract {
    private static final long BOB = PrivacyContract.BOB;
    private static final String OWED = "sluice:privacy:{all}:owed";

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
    void when_memory_is_full_a_forgetting_is_owed() {
        redis.commands().configSet("maxmemory", "1");
        try {
            levels.tellToForget(BOB);
            elapse(Duration.ofMinutes(1));
            StoredLevels.Owed taken = levels.takePurge().orElseThrow();
            assertThat(taken.which()).isEqualTo(Debt.FORGETTING);
            assertThat(levels.renew(taken)).isPresent();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }

    @Test
    void what_is_owed_by_a_clock_that_was_ahead_is_done_once_it_is_set_right() {
        clock.advance(Duration.ofDays(1));
        levels.tellToForget(BOB);
        levels.set(PrivacyContract.ANN, PrivacyLevel.NONE);
        clock.set(clock.getAsLong() - Duration.ofDays(1).toNanos() / 1_000);
        elapse(Duration.ZERO);
        assertThat(levels.purgesDue()).isTrue();
        assertThat(Stream.generate(levels::takePurge)
                        .takeWhile(Optional::isPresent)
                        .map(owed -> owed.orElseThrow().which().name() + " "
                                + owed.orElseThrow().user()))
                .containsExactlyInAnyOrder("forget 43", "1 42", "2 42");
        elapse(Duration.ZERO);
        assertThat(levels.purgesDue()).isFalse();
    }

    @Test
    void what_is_owed_of_forgettings_is_nothing_that_a_replica_without_them_would_take_on() {
        levels.tellToForget(BOB);
        assertThat(redis.commands().exists(OWED)).isZero();
    }

    @Test
    void much_that_another_program_wrote_is_taken_out_bit_by_bit() {
        for (int i = 0; i < 1_500; i++) {
            redis.commands().zadd(OWED, i, ("secret" + i).getBytes(US_ASCII));
        }
        levels.tellToForget(BOB);
        elapse(Duration.ofMinutes(1));
        assertThat(levels.takePurge()).isEmpty();
        assertThat(redis.commands().zcard(OWED)).isEqualTo(500);
        assertThat(levels.takePurge().map(StoredLevels.Owed::user)).hasValue(BOB);
    }
}
