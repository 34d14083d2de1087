package dev.sluice.server.faults;

import dev.sluice.redis.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;

/**
 * A Redis whose machine loses power. Killing the process alone loses nothing that it has written, since the kernel keeps it; a
 * power cut takes what was not forced to disk. So after the kill its log is cut back to what it was a while before, which with
 * {@code appendfsync everysec} may be two seconds. Thread-safe.
 */
final class PowerCut implements AutoCloseable {
    private static final long NAP_NANOS = 5_000_000;
    private static final int SAMPLES = 4_000;

    /** How long the log was at that time. */
    private record Sample(long nanos, long atMicros, long length) {}

    private final RedisProcess redis;
    private final Path log;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private volatile boolean ended;

    PowerCut(RedisProcess redis) {
        this.redis = redis;
        this.log = logIn(redis.directory());
        sample();
        Thread.ofPlatform().daemon().name("log-watch").start(this::watch);
    }

    private static Path logIn(Path folder) {
        // Redis 7 keeps several files, and writes to the one that is named so.
        try (var files = Files.walk(folder, 2)) {
            return files.filter(file -> file.toString().endsWith("appendonly.aof")
                            || file.toString().endsWith(".incr.aof"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void watch() {
        while (!ended) {
            sample();
            LockSupport.parkNanos(NAP_NANOS);
        }
    }

    private synchronized void sample() {
        // The time first: whatever was answered by then is in the log.
        long nanos = System.nanoTime();
        long atMicros = Instant.now().toEpochMilli() * 1_000;
        samples.addLast(new Sample(nanos, atMicros, log.toFile().length()));
        if (samples.size() > SAMPLES) {
            samples.removeFirst();
        }
    }

    /** Whatever is written by now has reached the disk. */
    synchronized void settled() {
        samples.clear();
        sample();
    }

    /**
     * Cuts the power and starts again.
     *
     * @param unsynced the time before the cut whose writes are lost
     * @return what was answered before that time is kept, in microseconds since 1970
     */
    synchronized long cut(Duration unsynced) {
        redis.kill();
        long latest = System.nanoTime() - unsynced.toNanos();
        Sample kept = samples.getFirst();
        for (Sample sample : samples) {
            if (sample.nanos() <= latest) {
                kept = sample;
            }
        }
        try (var channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.truncate(kept.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        redis.restart();
        settled();
        return kept.atMicros();
    }

    @Override
    public void close() {
        ended = true;
    }
}
