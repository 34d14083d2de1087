package dev.sluice.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.redis.MovedClock;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.SentinelFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the table of {@code docs/faults.md} says of each guard, policy and fault is what is seen. */
@Timeout(120)
class GuardsInOutageTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "faults.md");

    /** Nothing leaves it while a test runs. */
    private static final Duration LONG = Duration.ofMinutes(5);

    /** Shorter than a jump, longer than a test takes on a busy machine. */
    private static final Duration LESS_THAN_A_JUMP = Duration.ofSeconds(9);

    private static final Duration PATIENT = Duration.ofSeconds(4);

    /** A few of these pass until all know that nothing answers. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static final String[] DURABLE = {"appendonly yes", "appendfsync always", "maxmemory-policy noeviction"};

    @Test
    void killed() throws Exception {
        gone("killed", PATIENT, RedisProcess::kill, RedisProcess::restart);
    }

    @Test
    void frozen() throws Exception {
        gone("frozen", SHORT, RedisProcess::freeze, RedisProcess::thaw);
    }

    @Test
    void its_memory_full() throws Exception {
        gone(
                "memory full",
                PATIENT,
                redis -> redis.tell("CONFIG SET maxmemory 1"),
                redis -> redis.tell("CONFIG SET maxmemory 0"));
    }

    private interface Fault {
        void happens(RedisProcess redis);
    }

    private static void gone(String fault, Duration timeout, Fault begins, Fault ends) throws Exception {
        try (var redis = RedisFixture.start(DURABLE);
                var guards = new Guards(redis.uri(), LONG, timeout)) {
            guards.begin();
            begins.happens(redis);
            eventually(() -> guards.allKnowOfOutages(1));
            assertThat(guards.seen()).isEqualTo(column(fault));
            assertThat(guards.returns).hasValue(0);
            ends.happens(redis);
            eventually(() -> guards.allKnowOfReturns(1));
            assertThat(guards.seen().values()).doesNotContain("503", "all");
        }
    }

    @Test
    void a_replica_promoted() throws Exception {
        try (var sentinel = new SentinelFixture(DURABLE);
                var guards = new Guards(sentinel.uri(), LONG, PATIENT)) {
            guards.begin();
            assertThat(sentinel.master().tell("EVAL \"redis.call('SET', 'last', 1)\" 0"))
                    .isNotNull();
            eventually(() -> sentinel.replica().tell("GET last").equals("$1"));
            sentinel.master().kill();
            eventually(() -> guards.allKnowOfReturns(1));
            assertThat(guards.seen()).isEqualTo(column("promoted"));
        }
    }

    @Test
    void wiped() throws Exception {
        unnoticed("wiped", "FLUSHALL");
    }

    @Test
    void its_scripts_flushed() throws Exception {
        unnoticed("scripts flushed", "SCRIPT FLUSH");
    }

    private static void unnoticed(String fault, String command) throws Exception {
        try (var redis = RedisFixture.start(DURABLE);
                var guards = new Guards(redis.uri(), LONG, PATIENT)) {
            guards.begin();
            redis.tell(command);
            assertThat(guards.seen()).isEqualTo(column(fault));
            assertThat(guards.outages).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"clock 10 s ahead", "clock 10 s back"})
    void its_clock(String fault) throws Exception {
        assumeTrue(MovedClock.isInstalled(), "the program faketime is not installed");
        try (var clock = new MovedClock();
                var redis = RedisFixture.start(clock, DURABLE);
                var guards = new Guards(redis.uri(), LESS_THAN_A_JUMP, PATIENT)) {
            guards.begin();
            clock.move(Duration.ofSeconds(fault.contains("ahead") ? 10 : -10));
            assertThat(guards.seen()).isEqualTo(column(fault));
            eventually(() -> guards.jumps.get() == 1);
            assertThat(guards.outages).hasValue(0);
        }
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }

    /** Of the table whose first heading is "guard": by guard, what it says under that heading. */
    private static Map<String, String> column(String fault) throws IOException {
        List<List<String>> table = Files.readAllLines(DOCUMENT).stream()
                .dropWhile(line -> !line.startsWith("| guard |"))
                .takeWhile(line -> line.startsWith("|"))
                .map(GuardsInOutageTest::cells)
                .toList();
        int at = table.getFirst().indexOf(fault);
        assertThat(at).as("the table's column %s", fault).isPositive();
        var column = new LinkedHashMap<String, String>();
        table.subList(2, table.size()).forEach(row -> column.put(row.getFirst().replace("`", ""), row.get(at)));
        return column;
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.substring(1).split("\\|", 0))
                .map(String::strip)
                .toList();
    }
}
