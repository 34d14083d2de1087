package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.server.faults.RoundPlan.Blow;
import dev.sluice.server.faults.RoundPlan.Target;
import dev.sluice.simulator.BotAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers and Redis are killed amid traffic, again and again, while Telegram fails in every way, and the books stay exact:
 * Redis writes each change to disk before it answers. One round again: {@code -Dsluice.chaos.seed=<seed>}.
 */
class KilledQueueTest {
    private static final int WORKERS = 3;
    /** Of the workers that live; where others use the same cores, the machine's own stalls come on top. */
    private static final Duration RECOVERY = Duration.ofSeconds(1);

    private static final Duration NOTICING = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private RedisProcess redis;
    private QueueBench bench;
    private BotAccount bot;
    private LeaseWatch leases;

    /** Of rounds that are over, as far as the queue's numbers have shown. */
    private long unknown;

    @BeforeEach
    void start() throws Exception {
        redis = RedisFixture.start("appendonly yes", "appendfsync always");
        bench = new QueueBench(folder, redis.uri(), WORKERS, Map.of());
        bot = bench.newBot();
        leases = new LeaseWatch(redis, bot.id());
    }

    @AfterEach
    void stop() {
        leases.close();
        bench.close();
        redis.close();
    }

    @Test
    @Timeout(400)
    void workers_and_redis_killed_in_3_rounds_cost_no_message_and_no_order_and_double_none() throws Exception {
        rounds(3);
    }

    @Test
    @Tag("chaos")
    @Timeout(3_600)
    void workers_and_redis_killed_in_200_rounds_cost_no_message_and_no_order_and_double_none() throws Exception {
        rounds(200);
    }

    private void rounds(int count) throws Exception {
        Long wanted = Long.getLong("sluice.chaos.seed");
        long first = wanted == null ? ThreadLocalRandom.current().nextInt(1_000_000) : wanted;
        int rounds = wanted == null ? Integer.getInteger("sluice.chaos.rounds", count) : 1;
        var sum = new QueueNumbers(0, 0, 0, 0, 0);
        var fates = new ArrayList<Fate>();
        QueueNumbers before = bench.client.numbers(bot);
        for (int round = 0; round < rounds; round++) {
            QueueRound played = round(RoundPlan.of(first + round, round, bot.id()));
            sum = sum.plus(played.grown());
            fates.addAll(played.fates());
        }
        // What came after its round's books were closed, too.
        var books = QueueBooks.of(bench.client, fates, bench.received(bot));
        assertThat(books.breaches()).isEmpty();
        exact(bench.client.numbers(bot).since(before), books, rounds + " rounds from seed " + first);
        System.out.println(rounds + " rounds: " + sum + "; a lease was overdue by "
                + leases.longest().toMillis() + " ms at most, the machine stalled for "
                + bench.stalls.longest().toMillis() + " ms at most");
        assertThat(leases.longest())
                .as("how long after its lease what a dead worker held moved")
                .isLessThan(RECOVERY.plus(bench.stalls.longest().multipliedBy(3)));
        assertThat(bench.workers())
                .allSatisfy(worker -> assertThat(worker.log()).doesNotContain("Exception", " ERROR "));
    }

    private QueueRound round(RoundPlan plan) throws Exception {
        QueueRound round = QueueRound.play(bench, bot, plan, this::fall);
        System.out.println(round);
        String seed = "seed " + plan.seed();
        assertThat(round.books().breaches()).as(seed).isEmpty();
        // A worker that settles late takes a message of an earlier round out of the unknown ones.
        long late = Math.max(0, round.books().count("unknown") - round.grown().unknown());
        assertThat(late).as(seed).isLessThanOrEqualTo(unknown);
        QueueNumbers own = round.grown().withoutLate(late, round.books().count("failed"));
        exact(own, round.books(), seed);
        unknown += own.unknown() - late;
        return round;
    }

    /** The queue's own numbers are those of what became of each message; of the doubtful nobody knows whether they were accepted. */
    private static void exact(QueueNumbers grown, QueueBooks books, String seed) {
        assertThat(grown.isBalanced()).as(seed).isTrue();
        long doubtful = books.doubtful();
        assertThat(grown.accepted()).as(seed).isBetween(books.told(), books.told() + doubtful);
        assertThat(grown.sent()).as(seed).isBetween(books.count("sent"), books.count("sent") + doubtful);
        assertThat(grown.failed()).as(seed).isBetween(books.count("failed"), books.count("failed") + doubtful);
        assertThat(grown.unknown()).as(seed).isBetween(books.count("unknown"), books.count("unknown") + doubtful);
    }

    private void fall(Blow blow, List<Future<List<Fate>>> callers) {
        int refusals = bench.client.refusals();
        if (blow.target() != Target.REDIS) {
            bench.killWorker(blow.which());
        }
        if (blow.target() == Target.WORKERS) {
            bench.killWorker(blow.which() + 1);
        }
        if (blow.hitsRedis()) {
            redis.kill();
            if (blow.noticed()) {
                await().pollInterval(Duration.ofMillis(5))
                        .atMost(NOTICING)
                        .until(() -> bench.client.refusals() > refusals || QueueRound.areDone(callers));
            }
            redis.restart();
        }
    }
}
