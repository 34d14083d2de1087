package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.SentinelFixture;
import dev.sluice.server.faults.QueueBooks.Breach;
import dev.sluice.simulator.BotAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The queue of real processes on a Redis under Sentinel and on a Cluster: a master dies amid traffic before its replica has all,
 * and slots move amid traffic. One round again: {@code -Dsluice.chaos.seed=<seed>}.
 */
class QueueFailoverTest {
    private static final int WORKERS = 2;

    /** Where nothing fails, a Redis that is slow to answer leaves no doubt. */
    private static final Map<String, String> PATIENT = Map.of("REDIS_TIMEOUT", "2s");

    @TempDir
    private Path folder;

    private final long seed =
            Long.getLong("sluice.chaos.seed", ThreadLocalRandom.current().nextInt(1_000_000));
    private int rounds;

    @Test
    @Timeout(400)
    void under_sentinel_a_master_lost_amid_traffic_costs_only_what_its_replica_had_not_heard() throws Exception {
        try (var redis = new SentinelFixture();
                var bench = new QueueBench(folder, redis.uri(), WORKERS, PATIENT)) {
            BotAccount bot = bench.newBot();
            exact(bench, bot);
            failOver(bench, bench.newBot(), redis.master(), redis.replica());
            exact(bench, bot);
        }
    }

    @Test
    @Timeout(400)
    void on_a_cluster_a_slot_moved_amid_traffic_costs_nothing_and_a_lost_master_what_its_replica_had_not_heard()
            throws Exception {
        onACluster(1);
    }

    @Test
    @Tag("chaos")
    @Timeout(1_200)
    void on_a_cluster_a_slot_moved_20_times_amid_traffic_costs_nothing() throws Exception {
        onACluster(20);
    }

    private void onACluster(int moves) throws Exception {
        try (var cluster = new ClusterFixture(3, 1);
                var bench = new QueueBench(folder, cluster.uri(), WORKERS, PATIENT)) {
            BotAccount bot = bench.newBot(id -> cluster.masterOf(tag(id)) == 1);
            exact(bench, bot);
            int owner = 1;
            for (int i = 0; i < moves; i++) {
                int from = owner;
                owner = 3 - owner; // the two masters that stay
                int to = owner;
                QueueRound moved = QueueRound.play(
                        bench,
                        bot,
                        plan(bot).once(),
                        (blow, callers) -> cluster.move(tag(bot.id()), from, to, QueueFailoverTest::linger));
                System.out.println("a slot moved, " + moved);
                assertThat(moved.books().breaches()).as(moved.toString()).isEmpty();
                assertThat(moved.grown().isBalanced()).as(moved.toString()).isTrue();
            }
            failOver(bench, bench.newBot(id -> cluster.masterOf(tag(id)) == 0), cluster.process(0), cluster.process(3));
            exact(bench, bot);
        }
    }

    /** Amid a round its replica stops hearing the master, and a little later the master dies. */
    private void failOver(QueueBench bench, BotAccount bot, RedisProcess master, RedisProcess replica)
            throws Exception {
        var heard = new AtomicLong();
        QueueRound round = QueueRound.play(bench, bot, plan(bot).once(), (blow, callers) -> {
            heard.set(Instant.now().toEpochMilli() * 1_000);
            master.awaitHeardBy(replica);
            replica.sever();
            int arrived = bench.received(bot).size();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> bench.received(bot).size() > arrived + 3
                            || bench.client.numbers(bot).pending() == 0);
            master.kill();
        });
        List<Breach> breaches = round.books().breaches();
        System.out.println("a master lost, " + round + ": "
                + breaches.stream().collect(Collectors.groupingBy(Breach::wrong, Collectors.counting())));
        assertThat(breaches).as(round.toString()).allMatch(breach -> breach.atMicros() >= heard.get());
        assertThat(round.grown().isBalanced()).as(round.toString()).isTrue();
        exact(bench, bot);
    }

    private void exact(QueueBench bench, BotAccount bot) throws Exception {
        QueueRound round = QueueRound.play(bench, bot, plan(bot).quiet(), (blow, callers) -> {});
        assertThat(round.books().breaches()).as(round.toString()).isEmpty();
        assertThat(round.grown().isBalanced()).as(round.toString()).isTrue();
        assertThat(round.books().doubtful()).as(round.toString()).isZero();
    }

    private RoundPlan plan(BotAccount bot) {
        int round = rounds++;
        return RoundPlan.of(seed + round, round, bot.id());
    }

    /** Long enough for callers and workers to meet a slot of which some keys have moved. */
    private static void linger() {
        await().pollDelay(Duration.ofMillis(300)).until(() -> true);
    }

    /** A key in the slot of the bot's queue. */
    private static String tag(long bot) {
        return "{" + bot + "}";
    }
}
