package dev.sluice.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The calendar clock of a child process, moved by libfaketime while it runs. Monotonic time goes on as it does. Needs the
 * program {@code faketime}: {@link #isInstalled()} says whether it is there.
 */
public final class MovedClock implements AutoCloseable {
    private static final String PRELOAD = "LD_PRELOAD=";
    private static final Optional<String> LIBRARY = library();

    private final Path offset;

    public MovedClock() {
        try {
            offset = Files.createTempFile("sluice-clock-", ".offset");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        move(Duration.ZERO);
    }

    public static boolean isInstalled() {
        return LIBRARY.isPresent();
    }

    /** What the child process must be started with. */
    public Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD",
                LIBRARY.orElseThrow(),
                "FAKETIME_TIMESTAMP_FILE",
                offset.toString(),
                "FAKETIME_NO_CACHE",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1");
    }

    /** Within a second the clock is so far ahead of the true one; behind it, if negative. */
    public void move(Duration ahead) {
        try {
            // Renamed into place: a reader must never see half a file.
            Path next = Files.createTempFile("sluice-clock-", ".next");
            Files.writeString(next, String.format("%+d%n", ahead.toSeconds()));
            Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(offset);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the library lies, as the program itself tells its children. */
    private static Optional<String> library() {
        try {
            Process told = new ProcessBuilder("faketime", "-f", "+0s", "env").start();
            String environment = new String(told.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return environment
                    .lines()
                    .filter(line -> line.startsWith(PRELOAD))
                    .map(line -> line.substring(PRELOAD.length()))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
