package dev.sluice.delivery;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.queue.LanePlace;
import dev.sluice.queue.LocalMessageQueue;
import dev.sluice.queue.LocalMessageQueue.Ahead;
import java.time.Duration;
import java.util.Optional;

/** The limits of one process and its queue, asked in one step: as {@code admit.lua}, which explains it. */
final class LimitsBesideQueue implements PlacedLimits {
    /** When a lane goes on nobody tells. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final LocalRateLimiter limiter;
    private final LocalMessageQueue queue;

    LimitsBesideQueue(LocalRateLimiter limiter, LocalMessageQueue queue) {
        this.limiter = limiter;
        this.queue = queue;
    }

    @Override
    public Decision tryAcquire(Acquisition acquisition, Optional<LanePlace> place) {
        return place.isEmpty()
                ? limiter.tryAcquire(acquisition)
                : queue.beside(place.get(), ahead -> decide(acquisition, place.get(), ahead));
    }

    private Decision decide(Acquisition acquisition, LanePlace place, Ahead ahead) {
        if (ahead.messages() == 0 && !ahead.underWay()) {
            return limiter.tryAcquire(acquisition);
        }
        Optional<Denied> denial = limiter.denial(acquisition);
        if (ahead.messages() > 0) {
            // It stands in no line: there it would be in the way of those it waits for.
            Duration again = denial.map(Denied::retryAfter)
                    .filter(after -> after.compareTo(LOOK_AGAIN) > 0)
                    .orElse(LOOK_AGAIN);
            return new Denied(place.chat(), Cause.QUEUE, again, 0, ahead.messages());
        }
        if (denial.isPresent()) {
            return limiter.tryAcquire(acquisition); // denied again, and takes its place
        }
        limiter.standInLine(acquisition, place.chat(), LOOK_AGAIN);
        return new Denied(place.chat(), Cause.QUEUE, LOOK_AGAIN, 0);
    }
}
