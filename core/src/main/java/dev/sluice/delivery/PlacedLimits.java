package dev.sluice.delivery;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.queue.LanePlace;
import java.util.Optional;

/** Decides over the limits of a call that may have a place among the messages queued for its chat. */
@FunctionalInterface
interface PlacedLimits {
    Decision tryAcquire(Acquisition acquisition, Optional<LanePlace> place);
}
