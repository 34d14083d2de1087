package dev.sluice.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Runs all benchmarks, on loopback only, in less than four minutes; prints a table and writes it as JSON. */
public final class Benchmarks {
    private static final Duration LIMIT = Duration.ofMinutes(4);

    /** Short, so that the arms of a round meet the same machine; long enough for some thousand calls. */
    private static final Duration SLICE = Duration.ofMillis(250);

    /** Three seconds of each arm, until the compiler is done with what the arms share. */
    private static final int WARM_UP = 12;

    private Benchmarks() {}

    /** @param args the project's folder, and how often to measure, 1 to 7 (7 unless given; 1 is enough to see that it runs) */
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
            machine = Machine.describe(redis.version(), load);
            progress("decisions on Redis, 16 callers");
            sections.add(new RedisDecisions(redis).measure(new Rounds(3 * rounds, SLICE, WARM_UP), 16));
            progress("decisions on Redis, 64 callers");
            sections.add(new RedisDecisions(redis).measure(new Rounds(3 * rounds, SLICE, WARM_UP / 3), 64));
            progress("bytes in Redis");
            sections.add(new RedisBytes(redis).measure());
            progress("decisions in memory");
            sections.add(MemoryDecisions.measure(new Rounds(2 * rounds, SLICE, WARM_UP)));
            progress("start of the gateway");
            sections.add(GatewayStart.measure(root, Math.min(rounds, 5)));
            progress("latency through the gateway");
            sections.add(new GatewayLatency(rounds, 100, 1_000).measure(root, redis));
        }
        var report = new Report("benchmarks/run " + rounds, began.toString(), machine, List.copyOf(sections));
        report.print(System.out);
        Path file = Files.createDirectories(root.resolve("benchmarks/target")).resolve("results.json");
        report.write(file);
        System.out.println("written to " + root.relativize(file));
    }

    private static void progress(String what) {
        System.err.println(what + " ...");
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
