package dev.sluice.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.bundle.PlainBundles.Arrival;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three replicas that are killed wherever they are, and a Telegram that brings each message until it is taken: every message is in exactly one
 * bundle, bundles are those of the plain model and in order, and only what was under way at a kill is handled again.
 */
@Timeout(600)
class BundlingProcessesTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(120);
    private static final int REPLICAS = 3;

    private final SharedRedis redis = RedisFixture.shared();
    private final List<BundlingProcess> living = new CopyOnWriteArrayList<>();
    private final Set<Long> killed = ConcurrentHashMap.newKeySet();
    private final Map<Long, List<Arrival>> taken = new ConcurrentHashMap<>();

    /** By user, what of theirs was set aside. */
    private final Map<Long, List<Long>> spared = new ConcurrentHashMap<>();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void bursts_of_a_thousand_users_on_replicas_that_are_killed() throws Exception {
        bursts(1_000, 5, 2);
    }

    @Test
    @Tag("chaos")
    void long_bursts_of_a_thousand_users_on_replicas_that_are_killed_over_and_over() throws Exception {
        int again = bursts(1_000, 80, 20);
        assertThat(again).as("or nobody died with a bundle").isPositive();
    }

    @Test
    void a_bundle_that_kills_whoever_handles_it_is_set_aside_and_all_others_are_handled() throws Exception {
        int users = 60;
        int each = 20;
        long killer = 7;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < REPLICAS; i++) {
                living.add(BundlingProcess.start(redis.uri(), killer));
            }
            for (BundlingProcess process : living) {
                process.awaitReady();
            }
            var sending = new ArrayList<Future<?>>();
            for (long user = 1; user <= users; user++) {
                long self = user;
                sending.add(threads.submit(() -> sendBursts(self, each)));
            }
            String aside = "sluice:talkbuf:{" + BundlingProcess.BOT + "}:aside";
            await().atMost(NOT_HANGING).until(() -> {
                startAgain(killer);
                return redis.commands().zcard(aside) == 1;
            });
            for (Future<?> one : sending) {
                one.get();
            }
            String name = new String(redis.commands().zrange(aside, 0, 0).getFirst(), UTF_8);
            List<byte[]> kept = redis.commands().lrange(aside + ":" + name, 1, -1);
            spared.put(killer, ids(kept));
            assertThat(spared.getOrDefault(killer, List.of())).contains(1L);
            await().atMost(NOT_HANGING)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> check(false) == users * each - kept.size());
            check(true);
            assertThat(redis.commands().llen(BundlingProcess.DEATHS)).isEqualTo(BundlingProcess.MOST_LOST);
            assertThat(living).allMatch(BundlingProcess::isAlive);

            // Nothing is lost: whoever does not die of it handles it.
            living.forEach(BundlingProcess::close);
            BundlingProcess cured = BundlingProcess.start(redis.uri());
            living.add(cured);
            cured.awaitReady();
            try (RedisStore store = RedisBundlerTest.connect(redis.uri())) {
                Bundles bundles = Bundles.onRedis(store, store, KeySpace.DEFAULT, store)
                        .settings(BundlingProcess.RULES)
                        .build();
                await().until(store::isConnected);
                AsideBundle bundle = bundles.aside()
                        .list(BundlingProcess.BOT, Instant.EPOCH, 10)
                        .getFirst();
                assertThat(bundle.lost()).isEqualTo(BundlingProcess.MOST_LOST);
                assertThat(bundles.aside().requeue(bundle.id())).isEqualTo(AsideBundles.Requeue.BACK);
                String begin = killer + " " + bundle.id().number() + " ";
                String end =
                        " " + spared.getOrDefault(killer, List.of()).toString().replaceAll("[\\[\\] ]", "");
                await().atMost(NOT_HANGING)
                        .until(() -> redis.commands().lrange(BundlingProcess.BOOKS, 0, -1).stream()
                                        .map(entry -> new String(entry, UTF_8))
                                        .filter(entry -> entry.startsWith(begin) && entry.endsWith(end))
                                        .count()
                                == 1);
                bundles.close();
            }
        } finally {
            living.forEach(BundlingProcess::close);
        }
    }

    /** Those that died, as whatever looks after replicas does. */
    private void startAgain(long killer) throws Exception {
        for (int i = 0; i < living.size(); i++) {
            if (!living.get(i).isAlive()) {
                killed.add(living.get(i).pid());
                living.set(i, BundlingProcess.start(redis.uri(), killer));
            }
        }
    }

    private static List<Long> ids(List<byte[]> messages) {
        return messages.stream()
                .map(message -> Long.parseLong(new String(message, UTF_8).split(" ", -1)[2]))
                .sorted()
                .toList();
    }

    /** @return how often a bundle was handled once more */
    private int bursts(int users, int each, int kills) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < REPLICAS; i++) {
                living.add(BundlingProcess.start(redis.uri()));
            }
            // One for each that will be killed is there before, so that there are always three.
            var next = new ArrayList<BundlingProcess>();
            next.add(BundlingProcess.start(redis.uri()));
            for (BundlingProcess process : living) {
                process.awaitReady();
            }
            var sending = new ArrayList<Future<?>>();
            for (long user = 1; user <= users; user++) {
                long self = user;
                sending.add(threads.submit(() -> sendBursts(self, each)));
            }
            for (int kill = 1; kill <= kills; kill++) {
                awaitTaken(users * each * kill / (kills + 1));
                BundlingProcess heir = next.removeFirst();
                heir.awaitReady();
                living.add(heir);
                BundlingProcess victim = living.removeFirst();
                killed.add(victim.pid());
                victim.kill();
                if (kill < kills) {
                    next.add(BundlingProcess.start(redis.uri()));
                }
            }
            for (Future<?> one : sending) {
                one.get();
            }
            await().atMost(NOT_HANGING).pollInterval(Duration.ofMillis(500)).until(() -> check(false) == users * each);
            int bundles = redis.commands().llen(BundlingProcess.BOOKS).intValue();
            check(true);
            await().atMost(NOT_HANGING)
                    .until(() -> redis.commands().zcard("sluice:talkbuf:{" + BundlingProcess.BOT + "}:due") == 0);
            return bundles - distinct;
        } finally {
            living.forEach(BundlingProcess::close);
        }
    }

    private int distinct;

    private void awaitTaken(int count) {
        await().atMost(NOT_HANGING)
                .until(() -> taken.values().stream().mapToInt(List::size).sum() >= count);
    }

    /** As Telegram: the next when the one before was taken; some change places on their way. */
    private @Nullable Object sendBursts(long user, int each) throws Exception {
        var random = new Random(user);
        var ids = new ArrayList<Long>();
        for (long id = 1; id <= each; id++) {
            ids.add(ids.isEmpty() || random.nextInt(5) > 0 ? ids.size() : ids.size() - 1, id);
        }
        pause(random.nextInt(1_500));
        var mine = new CopyOnWriteArrayList<Arrival>();
        taken.put(user, mine);
        for (long id : ids) {
            mine.add(sent(user, id, random));
            pause(random.nextInt(4) > 0 ? random.nextInt(120) : 150 + random.nextInt(300));
        }
        return null;
    }

    private Arrival sent(long user, long id, Random random) throws InterruptedException {
        while (true) {
            try {
                return living.get(random.nextInt(living.size())).bring(user, id).get();
            } catch (ExecutionException | IndexOutOfBoundsException e) {
                pause(10); // it died, or refused: brought once more
            }
        }
    }

    /** As people do between two lines. */
    private static void pause(long millis) {
        LockSupport.parkNanos(millis * 1_000_000);
    }

    private record Handled(long number, long fence, long pid, List<Long> ids) {}

    /**
     * Checks the books against the plain model.
     *
     * @param complete whether all is handled; otherwise only counts
     * @return how many messages are in a bundle that was handled
     */
    private int check(boolean complete) {
        var books = new HashMap<Long, List<Handled>>();
        for (byte[] entry : redis.commands().lrange(BundlingProcess.BOOKS, 0, -1)) {
            String[] words = new String(entry, UTF_8).split(" ", -1);
            List<Long> ids =
                    Arrays.stream(words[4].split(",", -1)).map(Long::parseLong).toList();
            books.computeIfAbsent(Long.parseLong(words[0]), any -> new ArrayList<>())
                    .add(new Handled(
                            Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]), ids));
        }
        distinct = 0;
        int messages = 0;
        for (var entry : books.entrySet()) {
            var order = new ArrayList<List<Long>>();
            var numbers = new HashSet<Long>();
            Handled before = null;
            for (Handled handled : entry.getValue()) {
                if (numbers.add(handled.number())) {
                    order.add(handled.ids());
                    messages += handled.ids().size();
                }
                if (before != null) {
                    checkOrder(before, handled);
                }
                before = handled;
            }
            distinct += order.size();
            if (complete) {
                assertThat(order)
                        .as("bundles of user " + entry.getKey())
                        .isEqualTo(
                                PlainBundles.of(taken.getOrDefault(entry.getKey(), List.of()), BundlingProcess.RULES)
                                        .stream()
                                        .map(PlainBundles.PlainBundle::ids)
                                        .filter(ids -> !ids.equals(spared.get(entry.getKey())))
                                        .toList());
            }
        }
        return messages;
    }

    private void checkOrder(Handled before, Handled handled) {
        assertThat(handled.fence()).isGreaterThan(before.fence());
        assertThat(handled.number()).isGreaterThanOrEqualTo(before.number());
        if (handled.number() == before.number()) {
            assertThat(handled.ids()).isEqualTo(before.ids());
            // Fences are times: a busy machine may have stopped a process for longer than its lease.
            assertThat(killed.contains(before.pid())
                            || handled.fence() - before.fence() >= PlainBundles.micros(BundlingProcess.LEASE))
                    .as("handled again although nobody had died with it")
                    .isTrue();
        }
    }
}
