package dev.sluice.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.bundle.PlainBundles.Arrival;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.redis.ChildJvm;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A process of its own that bundles on the Redis of its first argument and handles what is due, and the test's end of it. It dies of the first
 * message of the user in its second.
 */
final class BundlingProcess implements AutoCloseable {
    static final BotId BOT = new BotId(31_337);
    static final Duration LEASE = Duration.ofSeconds(2);
    static final BundleSettings RULES = BundleSettings.DEFAULT
            .withQuiet(Duration.ofMillis(200), Duration.ofMillis(200))
            .withLongest(Duration.ofMillis(700))
            .withMost(7, 400);

    /** What handlers did, in the order in which Redis heard of it. */
    static final String BOOKS = "books";

    /** Each time that a handler killed its process. */
    static final String DEATHS = "deaths";

    /** Of leases, if somebody's bundle kills: some 10 s until it is set aside. */
    static final int MOST_LOST = 3;

    static final long NOBODY = 0;

    private static final Instant SENT = Instant.parse("2027-01-15T12:00:00Z");

    private final Process process;
    private final Map<String, CompletableFuture<Long>> asked = new ConcurrentHashMap<>();
    private final CountDownLatch ready = new CountDownLatch(1);

    private BundlingProcess(Process process) {
        this.process = process;
        Thread.startVirtualThread(this::read);
    }

    static BundlingProcess start(String uri) throws IOException {
        return start(uri, NOBODY);
    }

    /** @param killer whose first message kills whoever handles it */
    static BundlingProcess start(String uri, long killer) throws IOException {
        return new BundlingProcess(ChildJvm.start(BundlingProcess.class, uri, Long.toString(killer)));
    }

    static TalkMessage message(long id) {
        return TalkMessage.of(id, SENT, id % 9 == 0 ? "/command " + id : "x".repeat((int) (id * 37 % 120)));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    void awaitReady() throws InterruptedException {
        if (!ready.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process did not begin");
        }
    }

    /** Brings a message as Telegram would; fails if the process dies first, or does not reach Redis in time. */
    CompletableFuture<Arrival> bring(long user, long id) {
        TalkMessage message = message(id);
        var answer = new CompletableFuture<Long>();
        asked.put(user + " " + id, answer);
        try {
            synchronized (process) {
                process.getOutputStream().write((user + " " + id + "\n").getBytes(UTF_8));
                process.getOutputStream().flush();
            }
        } catch (IOException e) {
            answer.completeExceptionally(e);
        }
        if (!process.isAlive()) {
            answer.completeExceptionally(new IllegalStateException("it is dead"));
        }
        long quiet = PlainBundles.micros(RULES.quietMost());
        return answer.thenApply(at -> new Arrival(at, id, message.size(), message.command(), quiet));
    }

    private void read() {
        try (var said = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("ready")) {
                    ready.countDown();
                } else if (words[0].equals("added")) {
                    CompletableFuture<Long> answer = asked.remove(words[1] + " " + words[2]);
                    if (answer != null) {
                        answer.complete(Long.parseLong(words[3]));
                    }
                } else if (words[0].equals("refused")) {
                    CompletableFuture<Long> answer = asked.remove(words[1] + " " + words[2]);
                    if (answer != null) {
                        answer.completeExceptionally(new IllegalStateException("it refused"));
                    }
                }
            }
        } catch (IOException e) {
            // It was killed.
        }
        asked.values().forEach(answer -> answer.completeExceptionally(new IllegalStateException("it died")));
    }

    @Override
    public void close() {
        kill();
    }

    /** With SIGKILL, and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a process survived SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws Exception {
        RedisStore store = RedisBundlerTest.connect(args[0]);
        RedisCommands<String, String> books =
                RedisClient.create(args[0]).connect().sync();
        long killer = Long.parseLong(args[1]);
        Bundles bundles = Bundles.onRedis(store, store, KeySpace.DEFAULT, store)
                .settings(killer == NOBODY ? RULES : RULES.withMostLost(MOST_LOST))
                .onStoreFailure(OnStoreFailure.CLOSED)
                .build();
        long self = ProcessHandle.current().pid();
        Bundler bundler = Bundler.start(bundles, BOT, new HandlerSettings(32, LEASE, Duration.ZERO), bundle -> {
            if (bundle.conversation().user() == killer
                    && bundle.messages().getFirst().id() == 1) {
                books.rpush(DEATHS, bundle.id() + " " + self);
                Runtime.getRuntime().halt(137); // as the kernel would, if memory is short
            }
            books.rpush(
                    BOOKS,
                    bundle.conversation().user() + " " + bundle.id().number() + " " + bundle.fence() + " "
                            + self + " "
                            + bundle.messages().stream()
                                    .map(message -> Long.toString(message.id()))
                                    .collect(Collectors.joining(",")));
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(10_000_000));
        });
        System.out.println("ready");
        try (var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                Thread.startVirtualThread(() -> add(bundler, words[0], Long.parseLong(words[1])));
            }
        }
    }

    private static void add(Bundler bundler, String user, long id) {
        String answer;
        try {
            Instant arrival = switch (bundler.add(Long.parseLong(user), message(id))) {
                case Addition.Added(Instant at, boolean shared) -> at;
                case Addition.Duplicate(Instant at) -> at;
                case Addition.Full() -> throw new IllegalStateException("no room");
            };
            answer = "added " + user + " " + id + " " + ChronoUnit.MICROS.between(Instant.EPOCH, arrival);
        } catch (RedisUnavailableException e) {
            answer = "refused " + user + " " + id;
        }
        synchronized (System.out) {
            System.out.println(answer);
        }
    }
}
