package dev.sluice.server.admin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Who has shown wrong tokens too often: from then on nobody from there is heard, also with the right one, or a guess would be
 * told from the rest. Thread-safe.
 */
final class FailedAttempts {
    /** More than people mistype, and 10,000 a year short of guessing anything. */
    static final int MOST = 20;

    static final Duration WINDOW = Duration.ofMinutes(1);

    /** Who comes from so many places is not kept out by counting places. */
    private static final int MOST_PLACES = 10_000;

    /** A single machine is given 64 bits of addresses: they count as one. */
    private static final Pattern NETWORK_OF_ADDRESS = Pattern.compile("((?:[0-9A-Fa-f]*:){4}).*");

    private final Cache<String, Window> windows;
    private final Ticker ticker;

    private record Window(long began, AtomicInteger failures) {}

    FailedAttempts(Ticker ticker) {
        this.ticker = ticker;
        this.windows = Caffeine.newBuilder()
                .maximumSize(MOST_PLACES)
                .expireAfterWrite(WINDOW)
                .ticker(ticker)
                .build();
    }

    /** How long an address is not heard; empty if it is. */
    Optional<Duration> closedFor(String address) {
        var window = windows.getIfPresent(place(address));
        if (window == null || window.failures().get() < MOST) {
            return Optional.empty();
        }
        return Optional.of(WINDOW.minusNanos(ticker.read() - window.began()));
    }

    /** Counts a wrong token. */
    void failed(String address) {
        windows.get(place(address), place -> new Window(ticker.read(), new AtomicInteger()))
                .failures()
                .incrementAndGet();
    }

    private static String place(String address) {
        var match = NETWORK_OF_ADDRESS.matcher(address);
        return match.matches() ? match.group(1) : address;
    }
}
