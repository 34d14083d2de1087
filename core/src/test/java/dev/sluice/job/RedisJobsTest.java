package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisJobsTest extends JobsContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final Jobs jobs = jobs(RedisJobs.MOST_JOBS);

    private Jobs jobs(int most) {
        TestClockRunner runner = redis.clockRunner();
        ScriptRunner byClock = (script, keys, args) -> {
            synchronized (runner) {
                runner.setNow(clock.getAsLong());
                return runner.run(script, keys, args);
            }
        };
        return new RedisJobs(byClock, KeySpace.DEFAULT, KEEP, most, new Random(1));
    }

    @Override
    Jobs jobs() {
        return jobs;
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl() {
        for (String key : redis.commands().keys("*")) {
            assertThat(key).matches("sluice:job:\\{jobs}:(begun|heard|of:[A-Za-z0-9_-]+)");
            assertThat(redis.commands().pttl(key)).as(key).isBetween(1L, KEEP.toMillis());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "type, ''",
        "updated, x",
        "number, 1e400",
        "state, nothing",
        "name, ",
        "total, nan",
        "c:rows, x",
        "silence, "
    })
    void what_another_program_wrote_of_one_job_keeps_no_other_from_being_found(String field, @Nullable String rubbish) {
        started(jobs.start(IMPORT.withId("rubbish")));
        started(jobs.start(IMPORT.withId("sound")));
        String key = "sluice:job:{jobs}:of:rubbish";
        if (field.equals("type")) {
            redis.commands().del(key);
            redis.commands().set(key, new byte[] {1});
        } else if (rubbish == null) {
            redis.commands().hdel(key, field);
        } else {
            redis.commands().hset(key, field, rubbish.getBytes(UTF_8));
        }
        assertThat(jobs.list(JobFilter.ALL, OptionalLong.empty(), 10).jobs())
                .extracting(job -> job.run().id())
                .containsExactly("sound");
        assertThat(jobs.find("rubbish")).isEmpty();
        assertThat(jobs.find("sound")).isPresent();
        assertThat(jobs.start(IMPORT.withId("rubbish"))).isInstanceOf(JobStart.Started.class);
        assertThat(jobs.find("rubbish")).isPresent();
    }

    @Test
    void beyond_the_bound_a_job_is_refused_until_one_is_forgotten_which_leaves_nothing() {
        Jobs bounded = jobs(2);
        started(bounded.start(IMPORT.withId("a")));
        started(bounded.start(IMPORT.withId("b")));
        assertThatThrownBy(() -> bounded.start(IMPORT)).isInstanceOf(TooManyJobsException.class);
        clock.advance(KEEP);
        started(bounded.start(IMPORT));
        assertThat(redis.commands().zcard("sluice:job:{jobs}:begun")).isEqualTo(1);
        assertThat(redis.commands().keys("*")).hasSize(3);
    }

    @Test
    void a_list_of_few_among_many_looks_at_so_many_at_a_time() {
        JobRun first = started(jobs.start(NewJob.of("rare")));
        for (int i = 0; i < 600; i++) {
            jobs.start(IMPORT);
        }
        var rare = new JobFilter(Optional.of("rare"), Optional.empty());
        JobPage page = jobs.list(rare, OptionalLong.empty(), 10);
        assertThat(page.jobs()).isEmpty();
        JobPage next = jobs.list(rare, page.next(), 10);
        assertThat(next.jobs())
                .singleElement()
                .satisfies(job -> assertThat(job.run()).isEqualTo(first));
        assertThat(next.next()).isEmpty();
    }

    @Test
    void when_memory_is_full_no_job_is_started_and_those_that_run_are_heard_of_and_end() {
        JobRun run = started(jobs.start(IMPORT));
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> jobs.start(IMPORT))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            assertThat(jobs.update(run, JobUpdate.ALIVE)).isTrue();
            assertThat(jobs.end(run, JobEnd.succeeded())).isTrue();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(jobs.find(run.id()).orElseThrow().state()).isEqualTo(JobState.SUCCEEDED);
    }
}
