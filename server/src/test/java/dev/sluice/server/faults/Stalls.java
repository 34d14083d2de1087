package dev.sluice.server.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * When the machine kept a thread waiting that had something to do, in this process and in those that write it down: what a
 * bound on time must allow for where others use the same cores. {@link System#nanoTime()} is one clock for all processes of a
 * machine, as HotSpot has it on Linux and macOS. Thread-safe.
 */
public final class Stalls implements AutoCloseable {
    private static final long NAP_NANOS = 5_000_000;

    /** What is shorter is the same on every machine. */
    private static final long NOTABLE_NANOS = 10_000_000;

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** From when until when nothing ran, in nanoseconds. */
    private record Stall(long from, long until) {
        static Stall read(String line) {
            int space = line.indexOf(' ');
            return new Stall(Long.parseLong(line.substring(0, space)), Long.parseLong(line.substring(space + 1)));
        }

        String written() {
            return from + " " + until + "\n";
        }
    }

    @FunctionalInterface
    private interface Notes {
        void take(Stall stall);
    }

    private final Queue<Stall> here = new ConcurrentLinkedQueue<>();
    private final List<Path> elsewhere = new CopyOnWriteArrayList<>();
    private volatile boolean ended;

    public Stalls() {
        watch(here::add);
    }

    /** Watches this process to its end and writes what it sees to that file: {@link #of} reads it in another process. */
    static void write(Path file) {
        new Stalls(file);
    }

    private Stalls(Path file) {
        watch(stall -> {
            try {
                // The line as a whole, or nothing: whoever is killed leaves no half of one.
                Files.writeString(
                        file, stall.written(), US_ASCII, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Those of that process count, too. */
    public void of(GatewayProcess process) {
        elsewhere.add(process.stalls());
    }

    private void watch(Notes notes) {
        Thread.ofPlatform().daemon().name("stalls").start(() -> {
            while (!ended) {
                long start = System.nanoTime();
                LockSupport.parkNanos(NAP_NANOS);
                long end = System.nanoTime();
                if (end - start - NAP_NANOS >= NOTABLE_NANOS) {
                    notes.take(new Stall(start + NAP_NANOS, end));
                }
            }
        });
    }

    public Duration longest() {
        return Duration.ofNanos(all().stream()
                .mapToLong(stall -> stall.until - stall.from)
                .max()
                .orElse(0));
    }

    /**
     * For how long of that time at least one process stood still.
     *
     * @param from on the clock of {@link System#nanoTime()}
     */
    Duration within(long from, Duration time) {
        return Duration.ofNanos(within(all(), from, from + time.toNanos()));
    }

    /**
     * The window that limits are held to: what left a whole one apart arrives closer together when whoever sends it or receives it
     * stalled, be it more than once.
     */
    public Duration takenFrom(Duration window) {
        Duration left = window.minus(mostWithin(SECOND));
        return left.isPositive() ? left : Duration.ofNanos(1_000);
    }

    /** For how long at least one process stood still within any time so long, or at one go. */
    Duration mostWithin(Duration time) {
        List<Stall> all = all();
        return Duration.ofNanos(all.stream()
                .mapToLong(stall -> within(all, stall.from, Math.max(stall.until, stall.from + time.toNanos())))
                .max()
                .orElse(0));
    }

    private static long within(List<Stall> all, long from, long until) {
        long sum = 0;
        for (Stall stall : all) {
            sum += Math.max(0, Math.min(stall.until, until) - Math.max(stall.from, from));
        }
        return sum;
    }

    /** In their order; those that overlap are one. */
    private List<Stall> all() {
        var all = new ArrayList<>(here);
        for (Path file : elsewhere) {
            all.addAll(read(file));
        }
        all.sort(Comparator.comparingLong(Stall::from));
        var merged = new ArrayList<Stall>();
        for (Stall stall : all) {
            if (!merged.isEmpty() && stall.from <= merged.getLast().until) {
                Stall last = merged.removeLast();
                merged.add(new Stall(last.from, Math.max(last.until, stall.until)));
            } else {
                merged.add(stall);
            }
        }
        return merged;
    }

    private static List<Stall> read(Path file) {
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file, US_ASCII).stream()
                            .map(Stall::read)
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        ended = true;
    }
}
