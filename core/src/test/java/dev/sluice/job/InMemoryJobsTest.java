package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class InMemoryJobsTest extends JobsContract {
    private final Jobs jobs = Jobs.inMemory(KEEP, clock);

    @Override
    Jobs jobs() {
        return jobs;
    }

    @Test
    void beyond_the_bound_a_job_is_refused_until_one_is_forgotten() {
        Jobs bounded = new InMemoryJobs(KEEP, clock, 2, new Random(1));
        started(bounded.start(IMPORT.withId("a")));
        started(bounded.start(IMPORT.withId("b")));
        assertThatThrownBy(() -> bounded.start(IMPORT)).isInstanceOf(TooManyJobsException.class);
        clock.advance(KEEP);
        started(bounded.start(IMPORT));
    }
}
