package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.simulator.WindowPeak;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Redis goes away in every way while three gateways send: limits hold, nobody is kept waiting, nothing is doubled, and each
 * gateway says so once. Its data survive being killed ({@code appendfsync always}), so that all limits can be held to the
 * letter until it is wiped.
 */
class RedisUnderTrafficTest {
    private static final int REPLICAS = 3;
    private static final long GROUP = -100;
    private static final String GONE = "Redis cannot be asked";
    private static final String BACK = "Redis answers again";

    /** Windows so long that what passes unevenly through a busy machine is small beside them. */
    private static final int BOT_CAPACITY = 30;

    private static final Duration BOT_WINDOW = Duration.ofSeconds(3);
    private static final int GROUP_CAPACITY = 20;
    private static final Duration GROUP_WINDOW = Duration.ofSeconds(60);
    private static final Duration JITTER = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    @TempDir
    private Path folder;

    private FaultBench bench;

    @BeforeEach
    void start() {
        bench = new FaultBench(
                folder,
                RedisFixture.start("appendonly yes", "appendfsync always"),
                REPLICAS,
                Map.of(
                        "RATE_LIMIT_GLOBAL_CAPACITY",
                        Integer.toString(BOT_CAPACITY),
                        "RATE_LIMIT_GLOBAL_REFILL_RATE",
                        "10",
                        // Far less than a call may take beyond its wait.
                        "REDIS_TIMEOUT",
                        "200ms"));
        // Each knows of the others, or its share would be too large.
        eventually().until(() -> bench.gateways().allMatch(gateway -> gateway.lines("now=\"3\"") > 0));
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    @Test
    @Timeout(120)
    void redis_frozen_killed_unheard_and_wiped_amid_traffic_costs_no_limit_no_deadline_and_no_message()
            throws Exception {
        everyFault(Duration.ofSeconds(4), Duration.ofSeconds(2));
    }

    @Test
    @Tag("chaos")
    @Timeout(400)
    void
            redis_frozen_for_20_s_killed_for_20_s_unheard_and_wiped_amid_traffic_costs_no_limit_no_deadline_and_no_message()
                    throws Exception {
        everyFault(Duration.ofSeconds(20), Duration.ofSeconds(20));
    }

    private void everyFault(Duration frozen, Duration dead) throws Exception {
        var traffic = Traffic.over(bench, 12, GROUP, PATIENCE);

        outage(traffic, frozen, bench.redis::freeze, bench.redis::thaw);
        outage(traffic, dead, bench.redis::kill, bench.redis::restart);
        for (int replica = 0; replica < REPLICAS; replica++) {
            bench.network(replica).dropNextReply();
            keepsSending(traffic);
        }
        bench.redis.tell("SCRIPT FLUSH");
        keepsSending(traffic);
        everyReplicaDecidesAgain();
        limitsHold(1);

        bench.redis.tell("FLUSHALL");
        keepsSending(traffic);
        everyReplicaDecidesAgain();
        // What had been spent is forgotten with all else: each limit may be spent once more.
        limitsHold(2);

        var books = new Books(bench, traffic.stop());
        books.nothingIsDoubledOrLost();
        books.noCallOutlivesItsDeadline();
        // A claim that a dying Redis made and told nobody of: its repeat may come before it is taken back.
        assertThat(books.told(504)).as("told that it is unknown").allSatisfy(story -> {
            assertThat(story.message().key()).isPresent();
            assertThat(story.answers().getFirst().status()).isEqualTo(503);
        });
        assertThat(bench.gateways())
                .allSatisfy(gateway -> assertThat(gateway.log()).doesNotContain("Exception", "ERROR"));
    }

    /**
     * One state, one line: when it goes and when it comes back, on each replica. Before it goes, it may seem gone to one that is slow
     * to hear it.
     */
    private void outage(Traffic traffic, Duration lasting, Runnable begin, Runnable end) {
        everyReplicaDecidesAgain();
        begin.run();
        eventually().untilAsserted(() -> assertThat(lines(GONE)).isEqualTo(more(lines(BACK))));
        List<Long> gone = lines(GONE);
        List<Long> back = lines(BACK);
        int told = traffic.told();
        await().pollDelay(lasting).atMost(lasting.plusSeconds(30)).until(() -> traffic.told() > told);
        assertThat(lines(GONE)).as("lines that say it is gone").isEqualTo(gone);
        assertThat(lines(BACK)).as("lines that say it is back").isEqualTo(back);
        end.run();
        everyReplicaDecidesAgain();
    }

    /**
     * Only Redis can say whether a key was used: a keyed call that is answered means that it decides, also if it decides that there
     * is no room now; what would have to wait behind the traffic says no more.
     */
    private void everyReplicaDecidesAgain() {
        for (int replica = 0; replica < REPLICAS; replica++) {
            int asked = replica;
            eventually().until(() -> {
                String text = "probe " + System.nanoTime();
                Answer answer = bench.send(
                        asked, Message.of(System.nanoTime(), text).keyed(text).waiting(Duration.ZERO));
                return answer.isSent() || answer.status() == 429;
            });
        }
        eventually().untilAsserted(() -> assertThat(lines(BACK)).isEqualTo(lines(GONE)));
    }

    private void keepsSending(Traffic traffic) {
        int told = traffic.told();
        eventually().until(() -> traffic.told() >= told + 10);
    }

    private void limitsHold(int times) {
        WindowPeak bot = bench.telegram.ledger().peak(bench.bot.id(), bench.stalls.takenFrom(BOT_WINDOW.minus(JITTER)));
        WindowPeak group =
                bench.telegram.ledger().peak(bench.bot.id(), GROUP, bench.stalls.takenFrom(GROUP_WINDOW.minus(JITTER)));
        assertThat(bot.weight()).as("messages within " + BOT_WINDOW).isLessThanOrEqualTo((long) times * BOT_CAPACITY);
        assertThat(group.weight())
                .as("messages to the group within " + GROUP_WINDOW)
                .isLessThanOrEqualTo((long) times * GROUP_CAPACITY);
    }

    private List<Long> lines(String text) {
        return bench.gateways().map(gateway -> gateway.lines(text)).toList();
    }

    private static List<Long> more(List<Long> counts) {
        return counts.stream().map(count -> count + 1).toList();
    }

    private static ConditionFactory eventually() {
        return await().atMost(30, TimeUnit.SECONDS).pollInterval(100, TimeUnit.MILLISECONDS);
    }
}
