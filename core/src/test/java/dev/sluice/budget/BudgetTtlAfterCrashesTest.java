package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Redis and callers die wherever they can: no counter is ever without a TTL. */
class BudgetTtlAfterCrashesTest {
    /** What Redis answers for a key that is not there. */
    private static final long GONE = -2;

    private static final Budget BUDGET = Budget.of("messages", 3, Duration.ofDays(1));
    private static final Budget IDLE =
            Budget.of("idle", 3, Duration.ofDays(1)).withWindow(new Window.Idle(Duration.ofDays(1)));
    private static final String[] KEEPS_ALL = {
        "appendonly yes", "appendfsync always", "auto-aof-rewrite-percentage 0", "aof-load-truncated yes"
    };

    @Test
    void a_redis_whose_log_ends_anywhere_knows_no_counter_without_a_ttl() throws Exception {
        try (var redis = RedisFixture.start(KEEPS_ALL)) {
            try (var store = connect(redis)) {
                var budgets = Budgets.onRedis(store, KeySpace.DEFAULT);
                for (int i = 0; i < 40; i++) {
                    everything(budgets, 1 + i % 4, i);
                }
            }
            redis.kill();
            Path log = log(redis);
            byte[] whole = Files.readAllBytes(log);
            assertThat(new String(whole, StandardCharsets.ISO_8859_1))
                    .as("value and end are one command of the log, too")
                    .contains("PXAT")
                    .doesNotContainIgnoringCase("EXPIRE");
            var random = new Random(17);
            int most = 0;
            for (int cut = 0; cut < 12; cut++) {
                Files.write(log, Arrays.copyOf(whole, random.nextInt(whole.length + 1)));
                redis.restart();
                most = Math.max(most, countersWithTtl(redis));
                redis.kill();
            }
            assertThat(most).as("or nothing was looked at").isPositive();
        }
    }

    @Test
    void a_redis_that_is_killed_amid_traffic_knows_no_counter_without_a_ttl() throws Exception {
        try (var redis = RedisFixture.start(KEEPS_ALL);
                var store = connect(redis)) {
            var budgets = Budgets.onRedis(store, KeySpace.DEFAULT);
            var ended = new CountDownLatch(1);
            var answered = new AtomicLong();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var callers = new ArrayList<Future<?>>();
                for (int caller = 1; caller <= 20; caller++) {
                    int user = caller;
                    callers.add(threads.submit(() -> ask(budgets, user, answered, ended)));
                }
                try {
                    for (int kill = 0; kill < 4; kill++) {
                        long before = answered.get();
                        await().atMost(Duration.ofSeconds(30)).until(() -> answered.get() > before + 500);
                        redis.kill();
                        redis.restart();
                        countersWithTtl(redis);
                    }
                } finally {
                    ended.countDown();
                }
                for (Future<?> caller : callers) {
                    caller.get(30, TimeUnit.SECONDS);
                }
            }
            assertThat(countersWithTtl(redis)).isPositive();
        }
    }

    @Test
    void a_caller_that_dies_amid_its_request_leaves_no_counter_without_a_ttl() throws Exception {
        try (var redis = RedisFixture.start()) {
            byte[] request = consumption();
            for (int sent = 1; sent <= request.length; sent += sent > request.length - 60 ? 1 : 211) {
                try (var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
                    socket.setSoLinger(true, 0); // closed by a reset, as a killed process' are that has unread answers
                    socket.getOutputStream().write(request, 0, sent);
                    socket.getOutputStream().flush();
                }
                countersWithTtl(redis);
            }
            // Whole, and its caller is gone before the answer.
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
                socket.shutdownOutput();
                assertThat(socket.getInputStream().read()).isEqualTo('*');
            }
            assertThat(countersWithTtl(redis)).isEqualTo(1);
        }
    }

    private static byte[] consumption() throws Exception {
        var out = new ByteArrayOutputStream();
        var words = List.of(
                "EVAL",
                BudgetScripts.CONSUME.source(),
                "1",
                "sluice:budget:{1}:messages",
                "first 86400000000",
                "3",
                "");
        out.write(("*" + words.size() + "\r\n").getBytes(StandardCharsets.UTF_8));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            out.write(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.write(bytes);
            out.write("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static long ask(Budgets budgets, int user, AtomicLong answered, CountDownLatch ended)
            throws InterruptedException {
        for (int i = 0; ended.getCount() > 0; i++) {
            try {
                everything(budgets, user, i);
                answered.incrementAndGet();
            } catch (RedisUnavailableException e) {
                // It is dead just now, and whoever asks without a pause keeps it from coming back.
                ended.await(5, TimeUnit.MILLISECONDS);
            }
        }
        return answered.get();
    }

    private static void everything(Budgets budgets, int user, int step) {
        switch (step % 7) {
            case 0 -> budgets.grant(BUDGET, user, 1);
            case 1 -> budgets.consume(IDLE, BudgetUser.of(user));
            case 6 -> budgets.reset(BUDGET, user);
            default -> budgets.consume(BUDGET, BudgetUser.of(user));
        }
    }

    private static RedisStore connect(RedisProcess redis) {
        return RedisStore.connect(RedisFixture.patient(redis.uri()), RedisEvents.NONE);
    }

    /** In one file with Redis 6.2, in the one that grows with later ones. */
    private static Path log(RedisProcess redis) throws Exception {
        try (var files = Files.walk(redis.directory())) {
            return files.filter(file -> file.toString().endsWith(".aof"))
                    .filter(file -> !file.toString().contains(".base."))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /**
     * Those that somebody resets meanwhile are no more, which is no lack of a TTL.
     *
     * @return how many there are
     */
    private static int countersWithTtl(RedisProcess redis) {
        RedisURI uri = RedisURI.create(redis.uri());
        try (RedisClient client = RedisClient.create(uri);
                var connection = client.connect()) {
            List<String> keys = connection.sync().keys("*");
            for (String key : keys) {
                long ttl = connection.sync().pttl(key);
                if (ttl != GONE) {
                    assertThat(ttl).as(key).isBetween(0L, Duration.ofDays(1).toMillis());
                }
            }
            return keys.size();
        }
    }
}
