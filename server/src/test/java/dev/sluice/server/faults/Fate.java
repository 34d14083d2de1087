package dev.sluice.server.faults;

import java.util.Optional;

/**
 * What became of an attempt to queue something.
 *
 * @param id what it was queued as; empty if its caller gave up not knowing whether it was
 * @param atMicros when its caller was told, in microseconds since 1970
 */
record Fate(Draft draft, Optional<String> id, long atMicros) {
    boolean isDoubtful() {
        return id.isEmpty();
    }
}
