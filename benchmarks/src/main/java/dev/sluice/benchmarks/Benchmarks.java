package dev.sluice.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs all benchmarks, on loopback only, in about a quarter of an hour; prints tables and writes the same as JSON. */
public final class Benchmarks {
    private static final Duration LIMIT = Duration.ofMinutes(25);

    /** Short, so that the arms of a round meet the same machine; long enough for some thousand calls. */
    private static final Duration SLICE = Duration.ofMillis(250);

    /** Three seconds of each arm, until the compiler is done with what the arms share. */
    private static final int WARM_UP = 12;

    /** How many calls the compiler needs until it is done with a gateway, more or less. */
    private static final int GATEWAY_WARM_UP = 30_000;

    private static final PeerDecisions.Aims AIMS_16 = new PeerDecisions.Aims(0.38, 5, 4);
    private static final PeerDecisions.Aims AIMS_64 = new PeerDecisions.Aims(0.45, 20, 8);

    private Benchmarks() {}

    private interface Measurement {
        Section run() throws Exception;
    }

    /**
     * Measures.
     *
     * @param args the project's folder; how often to measure, 1 to 7 (7 unless given; 1 is enough to see that it runs); then the
     *     sections to run, all unless given
     */
    public static void main(String[] args) throws Exception {
        endAfter(LIMIT);
        Path root = Path.of(args[0]).toAbsolutePath().normalize();
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 7;
        if (rounds < 1 || rounds > 7) {
            throw new IllegalArgumentException("rounds must be 1 to 7, not " + rounds);
        }
        Instant began = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        double load = Machine.loadNow();
        var sections = new ArrayList<Section>();
        Machine machine;
        try (var redis = BenchmarkRedis.start()) {
            machine = Machine.describe(programs(root, redis), load);
            Map<String, Measurement> all = measurements(root, redis, rounds);
            List<String> chosen = args.length > 2 ? List.of(args).subList(2, args.length) : List.copyOf(all.keySet());
            if (!all.keySet().containsAll(chosen)) {
                throw new IllegalArgumentException("the sections are " + String.join(", ", all.keySet()));
            }
            for (Map.Entry<String, Measurement> one : all.entrySet()) {
                if (chosen.contains(one.getKey())) {
                    System.err.println(one.getKey() + " ...");
                    sections.add(run(one.getKey(), one.getValue()));
                }
            }
        }
        String command = String.join(" ", List.of(args).subList(1, args.length));
        var report = new Report("benchmarks/run " + command, began.toString(), machine, List.copyOf(sections));
        report.print(System.out);
        Path file = Files.createDirectories(root.resolve("benchmarks/target")).resolve("results.json");
        report.write(file);
        System.out.println("written to " + root.relativize(file));
    }

    /** What fails costs its own figures, not those of the others. */
    private static Section run(String name, Measurement measurement) throws InterruptedException {
        try {
            return measurement.run();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            e.printStackTrace();
            return new Section(name, "failed: " + e.getMessage(), List.of());
        }
    }

    /** By name, in the order in which they run. */
    private static Map<String, Measurement> measurements(Path root, BenchmarkRedis redis, int rounds) {
        var long16 = new Rounds(3 * rounds, SLICE, WARM_UP);
        var long64 = new Rounds(3 * rounds, SLICE, WARM_UP / 3);
        var all = new LinkedHashMap<String, Measurement>();
        all.put("decisions-16", () -> new RedisDecisions(redis).measure(long16, 16));
        all.put("decisions-64", () -> new RedisDecisions(redis).measure(long64, 64));
        all.put("budgets-16", () -> new BudgetChecks(redis).measure(long16, 16));
        all.put("budgets-64", () -> new BudgetChecks(redis).measure(long64, 64));
        all.put("outage", () -> new OutageDecisions().measure(Math.min(rounds, 3)));
        all.put("events", () -> new EventMarks(redis).measure(long16));
        all.put("cache", () -> new CacheHits(redis).measure(long16));
        all.put("locks", () -> new LockHandovers(redis).measure(3 * rounds));
        all.put("peers-16", () -> PeerDecisions.spread(redis).measure(long16, 16, AIMS_16));
        all.put("peers-64", () -> PeerDecisions.spread(redis).measure(long64, 64, AIMS_64));
        all.put("busy-16", () -> PeerDecisions.busy(redis).measure(long64, 16, AIMS_16));
        all.put("busy-64", () -> PeerDecisions.busy(redis).measure(long64, 64, AIMS_64));
        all.put("combined-16", () -> new CombinedDecisions(redis).measure(long64, 16));
        all.put("combined-256", () -> new CombinedDecisions(redis).measure(long64, 256));
        all.put("denied", () -> new LocalDenials(redis).measure(long64, 16));
        all.put("bytes", () -> new RedisBytes(redis).measure());
        all.put("memory-decisions", () -> MemoryDecisions.measure(new Rounds(2 * rounds, SLICE, WARM_UP)));
        all.put("start", () -> GatewayStart.measure(root, Math.min(rounds, 5)));
        all.put("lone-call", () -> new GatewayLatency(rounds, 100, 1_000).measure(root, redis));
        all.put("under-load", () -> new GatewayUnderLoad(2 * rounds, GATEWAY_WARM_UP).measure(root, redis));
        var proxied = new Rounds(2 * rounds, SLICE.multipliedBy(2), 2 * WARM_UP);
        all.put("pass-through", () -> PassThrough.measure(root, proxied));
        all.put("isolation", () -> new Isolation().measure(root, 2 * rounds, GATEWAY_WARM_UP));
        all.put("queue-shares", () -> new QueueShares(redis).measure());
        all.put("queue-isolation", () -> new QueueIsolation(redis).measure(rounds));
        all.put("queue-peers", () -> new QueuePeers(root, rounds).measure());
        all.put("memory", () -> GatewayMemory.measure(root, redis));
        return all;
    }

    private static List<String> programs(Path root, BenchmarkRedis redis) throws Exception {
        var programs = new ArrayList<String>();
        programs.add("Redis " + redis.version());
        programs.add("Bucket4j " + Bucket4jPeer.version());
        programs.add("Redisson " + RedissonPeer.version());
        programs.add("JetCache " + CacheHits.jetCacheVersion());
        programs.add("BullMQ " + BullMq.version(root));
        var nginx = Nginx.onPath();
        programs.add(nginx.isPresent() ? "nginx " + Nginx.version(nginx.get()) : "no nginx");
        return programs;
    }

    /** Ends the program, and through its exit hooks what it started, should something hang. */
    private static void endAfter(Duration limit) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(limit);
            } catch (InterruptedException e) {
                return;
            }
            System.err.println("not done after " + limit.toSeconds() + " s");
            System.exit(1);
        });
    }
}
