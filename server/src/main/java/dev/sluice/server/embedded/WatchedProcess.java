package dev.sluice.server.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A child that ends when it is told to, and when this process dies in whatever way. Thread-safe. */
final class WatchedProcess implements AutoCloseable {
    /** Longer than the watchdog's own patience with its child. */
    private static final int ENDING_SECONDS = 15;

    private final Process watchdog;

    private WatchedProcess(Process watchdog) {
        this.watchdog = watchdog;
    }

    /** Starts {@code command}, adding what it prints to {@code log}. */
    static WatchedProcess start(List<String> command, Path log) throws IOException {
        var line = new ArrayList<>(List.of("/bin/sh", "-c", script(), "sluice-watchdog"));
        line.addAll(command);
        return new WatchedProcess(new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start());
    }

    /** Waits until the child ends or the time is over; true if it ended. */
    boolean hasEndedWithin(Duration time) throws InterruptedException {
        return watchdog.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The watchdog's own children, the child among them. */
    Stream<ProcessHandle> descendants() {
        return watchdog.descendants();
    }

    boolean isAlive() {
        return watchdog.isAlive();
    }

    /** Runs {@code action} when the child ends for whatever reason. */
    void onEnd(Runnable action) {
        watchdog.onExit().thenRun(action);
    }

    /** Asks the child to end and waits until it has, at most some seconds; then it is killed. */
    @Override
    public void close() {
        // Before the pipe closes: afterwards the child may have no parent to be found by.
        var family = watchdog.descendants().toList();
        try {
            watchdog.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
        boolean interrupted = false;
        try {
            if (watchdog.waitFor(ENDING_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        family.forEach(ProcessHandle::destroyForcibly);
        watchdog.destroyForcibly();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static String script() {
        try (InputStream in = WatchedProcess.class.getResourceAsStream("watchdog.sh")) {
            if (in == null) {
                throw new IllegalStateException("watchdog.sh is missing beside " + WatchedProcess.class.getName());
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
