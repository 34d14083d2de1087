package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Denied;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;

/** A limiter on a clock that the test sets, and what is asked of it. */
abstract class LimiterFixture {
    static final Duration SECOND = Duration.ofSeconds(1);
    private static final AtomicLong TAGS = new AtomicLong();

    final SettableMicros clock = new SettableMicros();
    final String tag = "contract-" + TAGS.incrementAndGet();
    final Bucket chat = bucket("chat");
    final Bucket bot = bucket("bot");
    RateLimiter limiter;

    /** A limiter whose time is the clock's. */
    abstract RateLimiter limiter(SettableMicros clock);

    @BeforeEach
    void open() {
        limiter = limiter(clock);
    }

    Bucket bucket(String scope) {
        return new Bucket(tag, scope, "1");
    }

    static List<Integer> remaining(Decision decision) {
        assertThat(decision).isInstanceOf(Allowed.class);
        return ((Allowed) decision).remaining();
    }

    Decision acquire(Charge charge) {
        return limiter.tryAcquire(Acquisition.of(charge));
    }

    Duration parkedFor(Bucket bucket) {
        return limiter.statistics(bucket, Limit.atMost(1, SECOND)).parkedFor();
    }

    static Denied denied(Decision decision) {
        assertThat(decision).isInstanceOf(Denied.class);
        return (Denied) decision;
    }
}
