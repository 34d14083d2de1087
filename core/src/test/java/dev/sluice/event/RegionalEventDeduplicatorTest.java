package dev.sluice.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.region.Homes;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegionalEventDeduplicatorTest extends EventDeduplicatorContract {
    private static final List<Share> SHARES = List.of(new Share("eu", 5_000), new Share("us", 5_000));

    @Override
    EventDeduplicator deduplicator(DedupeWindow window) {
        return regional("eu", held(window), held(window));
    }

    private InMemoryEventDeduplicator held(DedupeWindow window) {
        return new InMemoryEventDeduplicator(window, clock, 100_000);
    }

    private static EventDeduplicator regional(String self, EventDeduplicator eu, EventDeduplicator us) {
        return EventDeduplicator.acrossRegions(new Homes<>(new Regions(self, SHARES), Map.of("eu", eu, "us", us)));
    }

    @Test
    void an_event_is_new_in_one_region_only_and_streams_are_spread() {
        var window = new DedupeWindow(LENGTH, MOST);
        InMemoryEventDeduplicator eu = held(window);
        InMemoryEventDeduplicator us = held(window);
        for (int stream = 0; stream < 100; stream++) {
            assertThat(regional("eu", eu, us).firstSeen("s" + stream, "e")).isTrue();
            assertThat(regional("us", eu, us).firstSeen("s" + stream, "e")).isFalse();
        }
        assertThat(eu.size()).isBetween(20L, 80L);
    }
}
