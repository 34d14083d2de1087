package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.budget.Consumption.Exhausted;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisBudgetsTest extends SharedBudgetsContract {
    /** What Redis answers for a key that is there for good. */
    private static final long WITHOUT_TTL = -1;

    private static final String KEY = "sluice:budget:{42}:messages";

    private final SharedRedis redis = RedisFixture.shared();
    private final AtomicInteger scripts = new AtomicInteger();

    /** What these budgets take for the time is not what Redis goes by. */
    @Override
    Budgets budgets(SettableMicros itsClock) {
        return new RedisBudgets(runner(itsClock), KeySpace.DEFAULT, InstantSource.system());
    }

    private ScriptRunner runner(SettableMicros itsClock) {
        TestClockRunner runner = redis.clockRunner();
        return (script, keys, args) -> {
            scripts.incrementAndGet();
            runner.setNow(itsClock.getAsLong());
            return runner.run(script, keys, args);
        };
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl() {
        for (String key : redis.commands().keys("*")) {
            assertThat(redis.commands().pttl(key)).as(key).isNotEqualTo(WITHOUT_TTL);
        }
    }

    @Test
    void a_counter_lives_as_long_as_its_window() {
        long hour = Duration.ofHours(1).toMillis();
        Budget tenHours = Budget.of("messages", 3, Duration.ofHours(10));
        consume(tenHours);
        assertThat(redis.commands().pttl(KEY)).isBetween(9 * hour + 1, 10 * hour);

        clock.advance(Duration.ofHours(9));
        for (int i = 0; i < 4; i++) {
            consume(tenHours);
            assertThat(redis.commands().pttl(KEY)).isBetween(hour / 2, hour);
        }
        clock.advance(Duration.ofHours(1).minusNanos(1_000));
        consume(tenHours);
        assertThat(redis.commands().pttl(KEY)).as("a microsecond left").isIn(-2L, 0L, 1L);
    }

    @Test
    void a_counter_can_be_read_by_people() {
        for (int i = 0; i < 5; i++) {
            consume(THREE);
        }
        budgets.grant(THREE, ALICE, 7);

        assertThat(new String(redis.commands().get(KEY), StandardCharsets.US_ASCII))
                .isEqualTo("3 2 7 " + (clock.getAsLong() + 86_400_000_000L));
    }

    @Test
    void two_processes_share_a_budget() {
        Budgets other = budgets(clock);
        consume(THREE);
        other.consume(THREE, BudgetUser.of(ALICE));

        assertThat(consume(THREE).remaining()).isZero();
        assertThat(other.consume(THREE, BudgetUser.of(ALICE))).isInstanceOf(Exhausted.class);
    }

    @Test
    void one_script_is_enough_whose_days_are_known() {
        Budget daily = THREE.withWindow(new Window.CalendarDay(ZoneId.of("Asia/Tokyo")));
        var knowing = new RedisBudgets(
                runner(clock), KeySpace.DEFAULT, () -> Counters.instant(clock.getAsLong() + 3_600_000_000L));
        knowing.consume(daily, BudgetUser.of(ALICE));
        assertThat(scripts).hasValue(1);

        assertThat(consume(daily).remaining()).isEqualTo(1);
        assertThat(scripts).as("asked again with the days around Redis' time").hasValue(3);
    }

    @Test
    void a_reset_works_and_a_refusal_changes_nothing_when_memory_is_full() {
        consume(THREE);
        budgets.consume(THREE, BudgetUser.of(43));
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> consume(THREE)).isInstanceOf(RedisException.class);
            assertThat(budgets.usage(THREE, ALICE).count()).isEqualTo(1);
            assertThat(budgets.reset(THREE, 43)).isTrue();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(budgets.usage(THREE, ALICE).count()).isEqualTo(1);
    }

    @Test
    void what_somebody_else_wrote_under_a_budgets_name_is_an_error_and_no_budget() {
        set(KEY, "17");

        assertThatThrownBy(() -> consume(THREE)).isInstanceOf(RedisException.class);
        assertThat(new String(redis.commands().get(KEY), StandardCharsets.US_ASCII))
                .isEqualTo("17");
    }

    @Test
    void a_scan_passes_over_keys_that_only_look_alike() {
        var odd = new RedisBudgets(runner(clock), new KeySpace("s[ab]*?^:"), InstantSource.system());
        odd.consume(THREE, BudgetUser.of(1));
        consume(THREE);
        for (String key : new String[] {
            "sluice:budget:{x}:messages",
            "sluice:budget:{7}:messages:more",
            "sa:budget:{5}:messages",
            "sluice:budget:{}:messages"
        }) {
            set(key, "1 0 0 9000000000000000");
        }
        redis.commands().lpush("sluice:budget:{6}:messages", new byte[] {1});
        redis.commands().expire("sluice:budget:{6}:messages", 60);

        assertThat(scan(THREE, 100)).extracting(Usage::user).containsExactly(ALICE);
        assertThat(odd.scan(THREE, Budgets.START, 100).users())
                .extracting(Usage::user)
                .containsExactly(1L);
    }

    @Test
    void a_scan_of_many_users_among_more_of_others_keys_takes_steps_of_bounded_length() {
        LongStream.rangeClosed(1, 3_000).forEach(i -> set("other:" + i, "1"));
        LongStream.rangeClosed(1, 2_000).forEach(user -> budgets.consume(THREE, BudgetUser.of(user)));

        BudgetPage first = budgets.scan(THREE, Budgets.START, 200);
        assertThat(first.users().size()).isBetween(200, 600);
        assertThat(first.next()).isPresent();
        assertThat(scan(THREE, 200))
                .extracting(Usage::user)
                .doesNotHaveDuplicates()
                .hasSize(2_000);
    }

    private void set(String key, String value) {
        redis.commands().set(key, value.getBytes(StandardCharsets.US_ASCII), SetArgs.Builder.ex(60));
    }
}
