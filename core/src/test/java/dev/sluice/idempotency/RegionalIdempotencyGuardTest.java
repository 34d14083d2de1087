package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.idempotency.RegionalIdempotencyGuard.Member;
import dev.sluice.region.Homes;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RegionalIdempotencyGuardTest extends IdempotencyGuardContract {
    private static final List<Share> SHARES = List.of(new Share("eu", 5_000), new Share("us", 5_000));

    private final AtomicLong microClock = new AtomicLong(1_767_225_600_000_000L);
    private final InMemoryIdempotencyGuard eu = new InMemoryIdempotencyGuard(microClock::get);
    private final InMemoryIdempotencyGuard us = new InMemoryIdempotencyGuard(microClock::get);
    private final RegionalIdempotencyGuard inEurope = in("eu");
    private final RegionalIdempotencyGuard inAmerica = in("us");

    private RegionalIdempotencyGuard in(String region) {
        return new RegionalIdempotencyGuard(
                new Homes<>(new Regions(region, SHARES), Map.of("eu", new Member(eu, eu), "us", new Member(us, us))));
    }

    @Override
    IdempotencyGuard guard() {
        return inEurope;
    }

    @Override
    TwinWait twins() {
        return inEurope;
    }

    @Override
    void advance(Duration duration) {
        microClock.addAndGet(Spans.micros(duration));
    }

    @Test
    void one_key_is_new_once_over_all_regions_and_each_is_the_home_of_some() {
        for (int i = 0; i < 200; i++) {
            var request = new ClaimRequest(newKey(), CONTENT, LEASE, TAKE_OVER);
            boolean europeFirst = i % 2 == 0;
            fenceOf((europeFirst ? inEurope : inAmerica).claim(request));
            assertThat((europeFirst ? inAmerica : inEurope).claim(request.byNewHolder()))
                    .isInstanceOf(Claim.Processing.class);
        }
        assertThat(eu.size()).isBetween(50, 150);
        assertThat(us.size()).isBetween(50, 150);
    }
}
