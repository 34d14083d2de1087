package dev.sluice.server.assembly;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.region.RegionLists;
import dev.sluice.region.RegionLists.Difference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows every third of {@link RegionLists#SHOWN} by which list of regions this gateway runs, and looks at the others'. Says in one line when
 * they begin to differ and when they agree again.
 */
final class RegionWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("region");
    private static final Duration BEAT = RegionLists.SHOWN.dividedBy(3);

    private final RegionLists lists;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile List<Difference> differences = List.of();

    private RegionWatch(RegionLists lists) {
        this.lists = lists;
    }

    /** @throws StartException if a gateway runs by a list with which this one cannot be right */
    static RegionWatch start(RegionLists lists) {
        // Before anything is shown: who is refused must not be in the way of those who are right.
        requireRight(lists.differences());
        var watch = new RegionWatch(lists);
        watch.look();
        // Of two that start at once at least one sees the other now: each has shown its own before it looks.
        requireRight(watch.differences);
        Thread.ofVirtual().name("region-watch").start(watch::lookUntilStopped);
        return watch;
    }

    private static void requireRight(List<Difference> differences) {
        differences.stream().filter(Difference::isSerious).findFirst().ifPresent(serious -> {
            throw new StartException("SLUICE_REGIONS: " + serious
                    + "; the same regions must be set everywhere, and another list can be used "
                    + RegionLists.SHOWN.toSeconds() + " s after the last gateway with this one has ended");
        });
    }

    /** In what gateways differ; empty if nothing is known of that. */
    Optional<String> problem() {
        return differences.isEmpty()
                ? Optional.empty()
                : Optional.of(differences.stream().map(Difference::toString).collect(Collectors.joining("; ")));
    }

    private void look() {
        try {
            lists.show();
        } catch (RedisUnavailableException e) {
            // That its own Redis is away is told elsewhere.
        }
        List<Difference> before = differences;
        List<Difference> now = lists.differences();
        differences = now;
        if (!now.equals(before)) {
            if (now.isEmpty()) {
                log.info("all gateways run by one list of regions again");
            } else {
                log.warn(
                        "gateways run by different lists of regions: {}",
                        problem().orElse(""));
            }
        }
    }

    private void lookUntilStopped() {
        try {
            while (!stopped.await(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    look();
                } catch (RuntimeException e) {
                    // A defect, or somebody else wrote there; it must not end the looking.
                    log.error("the lists of regions could not be read", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopped.countDown();
    }
}
