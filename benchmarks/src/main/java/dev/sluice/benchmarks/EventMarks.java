package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.benchmarks.Rounds.Measured;
import dev.sluice.event.DedupeWindow;
import dev.sluice.event.EventDeduplicator;
import dev.sluice.redis.KeySpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** What it costs to tell new events from repeats on Redis, one at a time and in batches, and how many bytes an event takes. */
final class EventMarks {
    private static final int BATCH = EventDeduplicator.LARGEST_BATCH;
    private static final int KEPT = 100_000;

    /** New ones replace the oldest, so that Redis holds as many at the end as after the first seconds. */
    private static final DedupeWindow WINDOW = new DedupeWindow(Duration.ofDays(1), KEPT);

    private final BenchmarkRedis redis;
    private final EventDeduplicator events;
    private final AtomicLong next = new AtomicLong();

    EventMarks(BenchmarkRedis redis) {
        this.redis = redis;
        this.events = EventDeduplicator.onRedis(redis.store(), KeySpace.DEFAULT, WINDOW);
    }

    Section measure(Rounds rounds) {
        redis.forgetEverything();
        var figures = new ArrayList<Figure>();
        List<String> known = ids(0, BATCH);
        List<Arm> arms = List.of(
                new Arm("one new event", random -> events.firstSeen("one", Long.toString(next.incrementAndGet()))),
                new Arm(
                        "a batch of " + BATCH + " new events",
                        random -> events.firstSeen("batch", ids(next.getAndAdd(BATCH), BATCH))),
                new Arm("a batch of " + BATCH + " repeats", random -> events.firstSeen("known", known)));
        for (Measured arm : rounds.run(arms, 1, redis::cpuSeconds)) {
            figures.add(Figure.of("Redis' CPU: " + arm.name(), "us", arm.each(Rounds.Slice::storeMicros)));
            figures.add(Figure.of("own CPU: " + arm.name(), "us", arm.each(Rounds.Slice::ownMicros)));
        }
        figures.add(Figure.of("an event of a generation of " + KEPT, "bytes", List.of(bytesOfAnEvent())));
        figures.add(Figure.of("an entry of a sorted set of " + KEPT, "bytes", List.of(bytesOfASortedEntry())));
        redis.forgetEverything();
        return new Section(
                "Events of a stream on Redis",
                "one caller, " + rounds.count() + " rounds of " + rounds.slice().toMillis()
                        + " ms an arm; bytes by MEMORY USAGE",
                figures);
    }

    private double bytesOfAnEvent() {
        redis.forgetEverything();
        for (int from = 0; from < KEPT; from += BATCH) {
            events.firstSeen("bytes", ids(from, BATCH));
        }
        return bytes("sluice:events:{bytes}:current");
    }

    private double bytesOfASortedEntry() {
        try (var bytes = redis.connectForBytes()) {
            var random = new Random(1);
            for (int from = 0; from < KEPT; from += BATCH) {
                var scoresAndValues = new ArrayList<Object>();
                for (int i = 0; i < BATCH; i++) {
                    byte[] digest = new byte[16];
                    random.nextBytes(digest);
                    scoresAndValues.add(1.8e15 + from + i);
                    scoresAndValues.add(digest);
                }
                bytes.sync().zadd("sorted", scoresAndValues.toArray());
            }
        }
        return bytes("sorted");
    }

    private double bytes(String key) {
        Long usage = redis.bare().sync().memoryUsage(key);
        if (usage == null) {
            throw new IllegalStateException("nothing was written to " + key);
        }
        return (double) usage / KEPT;
    }

    private static List<String> ids(long from, int count) {
        return LongStream.range(from, from + count).mapToObj(i -> "event-" + i).toList();
    }
}
