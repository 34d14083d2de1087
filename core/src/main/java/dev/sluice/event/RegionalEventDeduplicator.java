package dev.sluice.event;

import dev.sluice.region.Homes;
import java.util.BitSet;
import java.util.List;

/** Each stream in its home region: a batch stays one step. */
final class RegionalEventDeduplicator implements EventDeduplicator {
    private final Homes<EventDeduplicator> regions;

    RegionalEventDeduplicator(Homes<EventDeduplicator> regions) {
        this.regions = regions;
    }

    @Override
    public BitSet firstSeen(String stream, List<String> eventIds) {
        return home(stream).firstSeen(stream, eventIds);
    }

    @Override
    public int forget(String stream, List<String> eventIds) {
        return home(stream).forget(stream, eventIds);
    }

    private EventDeduplicator home(String stream) {
        return regions.of("events/" + stream);
    }
}
