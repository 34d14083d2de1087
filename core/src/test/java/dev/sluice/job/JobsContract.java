package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.job.JobStart.Running;
import dev.sluice.job.JobStart.Started;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every registry promises, by a clock that stands still until it is set. */
@Timeout(60)
abstract class JobsContract {
    static final Duration KEEP = Jobs.USUAL_KEEP;
    static final NewJob IMPORT = NewJob.of("import");
    private static final Duration NOT_HANGING = Duration.ofSeconds(30);

    final SettableMicros clock = new SettableMicros();

    abstract Jobs jobs();

    static JobRun started(JobStart start) {
        assertThat(start).isInstanceOf(Started.class);
        return ((Started) start).run();
    }

    private JobRun start(NewJob job) {
        return started(jobs().start(job));
    }

    private Job job(JobRun run) {
        return jobs().find(run.id()).orElseThrow();
    }

    private Instant now() {
        return Instant.EPOCH.plus(clock.getAsLong(), ChronoUnit.MICROS);
    }

    @Test
    void a_job_runs_says_how_far_it_is_and_ends() {
        Instant begin = now();
        JobRun run = start(IMPORT.withTotal(10));
        assertThat(job(run))
                .isEqualTo(new Job(
                        run,
                        "import",
                        JobState.RUNNING,
                        begin,
                        begin,
                        Optional.empty(),
                        OptionalLong.of(0),
                        OptionalLong.of(10),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty()));

        clock.advance(Duration.ofSeconds(3));
        assertThat(jobs().update(run, JobUpdate.done(4))).isTrue();
        assertThat(jobs().update(
                                run,
                                new JobUpdate(
                                        OptionalLong.empty(), OptionalLong.of(12), Map.of("users", 3L, "errors", -1L))))
                .isTrue();
        assertThat(jobs().update(run, JobUpdate.adding("users", 2))).isTrue();
        Job half = job(run);
        assertThat(half.done()).hasValue(4);
        assertThat(half.total()).hasValue(12);
        assertThat(half.counters()).isEqualTo(Map.of("users", 5L, "errors", -1L));
        assertThat(half.updated()).isEqualTo(begin.plusSeconds(3));

        clock.advance(Duration.ofSeconds(1));
        assertThat(jobs().end(run, JobEnd.succeeded().withMessage("all users: ümläut")))
                .isTrue();
        Job ended = job(run);
        assertThat(ended.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(ended.ended()).contains(begin.plusSeconds(4));
        assertThat(ended.message()).contains("all users: ümläut");
        assertThat(ended.counters()).hasSize(2);
    }

    @Test
    void an_end_may_be_said_again_and_no_other_one_and_nothing_more_is_heard() {
        JobRun run = start(IMPORT);
        JobEnd failed = JobEnd.failed(new TimeoutException("a secret"));
        assertThat(jobs().end(run, failed)).isTrue();
        assertThat(jobs().end(run, failed)).isTrue();
        assertThat(jobs().end(run, JobEnd.cancelled())).isFalse();
        assertThat(jobs().update(run, JobUpdate.ALIVE)).isFalse();
        assertThat(job(run).state()).isEqualTo(JobState.FAILED);
        assertThat(job(run).error()).contains("TimeoutException");
        assertThat(job(run).message()).isEmpty();
    }

    @Test
    void a_job_that_is_silent_is_dead_until_it_is_heard_of() {
        JobRun run = start(IMPORT);
        clock.advance(NewJob.USUAL_SILENCE);
        assertThat(job(run).state()).isEqualTo(JobState.RUNNING);
        clock.advanceMicros(1);
        assertThat(job(run).state()).isEqualTo(JobState.DEAD);
        assertThat(job(run).ended()).isEmpty();
        assertThat(jobs().update(run, JobUpdate.ALIVE)).isTrue();
        assertThat(job(run).state()).isEqualTo(JobState.RUNNING);
        clock.advance(NewJob.USUAL_SILENCE.multipliedBy(2));
        assertThat(jobs().end(run, JobEnd.cancelled()))
                .as("late, and better than nothing")
                .isTrue();
        assertThat(job(run).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void of_one_id_one_runs_until_it_ends_or_is_dead() {
        NewJob nightly = IMPORT.withId("nightly-1").withSilence(Duration.ofSeconds(1));
        JobRun first = start(nightly);
        assertThat(jobs().start(nightly)).isEqualTo(new Running(job(first)));
        jobs().update(first, JobUpdate.adding("users", 1));
        clock.advance(Duration.ofSeconds(2));

        JobRun second = start(nightly);

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.number()).isGreaterThan(first.number());
        assertThat(job(second).counters()).as("begins anew").isEmpty();
        assertThat(jobs().update(first, JobUpdate.adding("users", 1))).isFalse();
        assertThat(jobs().end(first, JobEnd.succeeded())).isFalse();
        assertThat(job(second).state()).isEqualTo(JobState.RUNNING);
        assertThat(jobs().end(second, JobEnd.succeeded())).isTrue();
        assertThat(start(nightly).number()).isGreaterThan(second.number());
        assertThat(jobs().list(JobFilter.ALL, OptionalLong.empty(), 10).jobs()).hasSize(1);
    }

    @Test
    void a_job_is_forgotten_its_time_after_it_was_last_heard_of() {
        JobRun run = start(IMPORT);
        clock.advance(KEEP.minusSeconds(1));
        jobs().end(run, JobEnd.succeeded());
        clock.advance(KEEP.minusSeconds(1));
        assertThat(jobs().find(run.id())).isPresent();
        clock.advance(Duration.ofSeconds(1));
        assertThat(jobs().find(run.id())).isEmpty();
        assertThat(jobs().list(JobFilter.ALL, OptionalLong.empty(), 10).jobs()).isEmpty();
        assertThat(jobs().update(run, JobUpdate.ALIVE)).isFalse();
        assertThat(jobs().end(run, JobEnd.succeeded())).isFalse();
    }

    @Test
    void lists_go_from_the_last_that_began_by_name_and_state_page_by_page() {
        var runs = new ArrayList<JobRun>();
        for (int i = 0; i < 25; i++) {
            runs.add(start(i % 5 == 0 ? NewJob.of("report") : IMPORT));
        }
        jobs().end(runs.get(3), JobEnd.succeeded());
        jobs().end(runs.get(5), JobEnd.succeeded());

        assertThat(all(JobFilter.ALL, 10)).isEqualTo(runs.reversed());
        assertThat(all(JobFilter.ALL, 25)).hasSize(25);
        assertThat(all(new JobFilter(Optional.of("report"), Optional.empty()), 2))
                .containsExactly(runs.get(20), runs.get(15), runs.get(10), runs.get(5), runs.get(0));
        assertThat(all(new JobFilter(Optional.empty(), Optional.of(JobState.SUCCEEDED)), 1))
                .containsExactly(runs.get(5), runs.get(3));
        clock.advance(Duration.ofMinutes(1));
        assertThat(all(new JobFilter(Optional.of("report"), Optional.of(JobState.DEAD)), 3))
                .hasSize(4);
        assertThat(all(new JobFilter(Optional.of("nothing"), Optional.empty()), 3))
                .isEmpty();
    }

    private List<JobRun> all(JobFilter filter, int page) {
        var found = new ArrayList<JobRun>();
        OptionalLong at = OptionalLong.empty();
        do {
            JobPage part = jobs().list(filter, at, page);
            assertThat(part.jobs()).hasSizeLessThanOrEqualTo(page);
            part.jobs().forEach(job -> found.add(job.run()));
            at = part.next();
        } while (at.isPresent());
        return found;
    }

    @Test
    void counters_have_bounds_and_what_is_beyond_them_changes_nothing() {
        JobRun run = start(IMPORT);
        var many = new HashMap<String, Long>();
        for (int i = 0; i < JobUpdate.MOST_COUNTERS; i++) {
            many.put("c" + i, 1L);
        }
        jobs().update(run, new JobUpdate(OptionalLong.empty(), OptionalLong.empty(), many));
        assertThatThrownBy(() -> jobs().update(
                                run,
                                new JobUpdate(OptionalLong.of(1), OptionalLong.empty(), Map.of("c1", 1L, "more", 1L))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32 counters");
        assertThatThrownBy(() -> jobs().update(
                                run,
                                new JobUpdate(
                                        OptionalLong.of(1), OptionalLong.empty(), Map.of("c2", JobUpdate.GREATEST))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2^53");
        assertThat(job(run).counters()).isEqualTo(many);
        assertThat(job(run).done()).isEmpty();
    }

    @Test
    void additions_of_many_at_once_are_all_counted_and_one_of_many_starts_a_job() throws Exception {
        JobRun run = start(IMPORT);
        var starts = new HashSet<JobRun>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JobStart>> all = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                all.add(threads.submit(() -> {
                    jobs().update(run, JobUpdate.adding("users", 1));
                    return jobs().start(IMPORT.withId("one"));
                }));
            }
            for (Future<JobStart> start : all) {
                if (start.get() instanceof Started(JobRun one)) {
                    starts.add(one);
                }
            }
        }
        assertThat(job(run).counters()).isEqualTo(Map.of("users", 64L));
        assertThat(starts).hasSize(1);
    }

    /** Crash between steps: the store did it, and nobody was told. */
    @Test
    void a_start_whose_answer_was_lost_is_dead_after_its_silence_and_can_be_made_again() {
        NewJob nightly = IMPORT.withId("nightly");
        jobs().start(nightly); // whoever asked does not know
        assertThat(jobs().start(nightly)).isInstanceOf(Running.class);
        clock.advance(NewJob.USUAL_SILENCE.plusMillis(1));
        start(nightly);
    }

    @Test
    void a_job_of_this_process_is_kept_alive_until_it_is_closed() {
        try (var tracker = new JobTracker(jobs())) {
            JobRun run;
            try (RunningJob job =
                    tracker.start(IMPORT.withSilence(Duration.ofSeconds(1))).orElseThrow()) {
                run = job.run();
                Instant begun = job(run).updated();
                clock.advance(Duration.ofSeconds(2));
                await().atMost(NOT_HANGING).until(() -> job(run).updated().isAfter(begun));
                assertThat(job(run).state()).isEqualTo(JobState.RUNNING);
                assertThat(job.progress(1, 2)).isTrue();
                assertThat(job.add("users", 1)).isTrue();
            }
            assertThat(job(run).state()).isEqualTo(JobState.FAILED);
            assertThat(job(run).error()).contains(RunningJob.UNFINISHED);

            NewJob nightly = IMPORT.withId("nightly");
            try (RunningJob job = tracker.start(nightly).orElseThrow()) {
                assertThat(tracker.start(nightly)).isEmpty();
                assertThat(job.end(JobEnd.succeeded())).isTrue();
            }
            assertThat(jobs().find("nightly").orElseThrow().state()).isEqualTo(JobState.SUCCEEDED);
        }
    }

    @Test
    void a_job_whose_end_the_store_did_not_hear_is_closed_as_it_ended() {
        var failing = new AtomicInteger();
        Jobs troubled = new ForwardingJobs(jobs()) {
            @Override
            public boolean end(JobRun run, JobEnd end) {
                if (failing.incrementAndGet() == 1) {
                    throw new RedisUnavailableException("away", false, null);
                }
                return super.end(run, end);
            }
        };
        try (var tracker = new JobTracker(troubled)) {
            RunningJob job = tracker.start(IMPORT).orElseThrow();
            assertThatThrownBy(() -> job.end(JobEnd.succeeded())).isInstanceOf(RedisUnavailableException.class);
            job.close();
            assertThat(job(job.run()).state()).isEqualTo(JobState.SUCCEEDED);
        }
    }

    @Test
    void a_job_that_was_started_anew_elsewhere_learns_that_it_is_not_current() {
        try (var tracker = new JobTracker(jobs());
                RunningJob job = tracker.start(IMPORT.withId("n").withSilence(Duration.ofSeconds(1)))
                        .orElseThrow()) {
            clock.advance(Duration.ofHours(1));
            JobStart anew = jobs().start(IMPORT.withId("n").withSilence(Duration.ofHours(1)));
            if (!(anew instanceof Started(JobRun next))) {
                return; // its heartbeat came first: there is nothing to learn
            }
            await().atMost(NOT_HANGING).until(() -> !job.isCurrent());
            assertThat(job.end(JobEnd.succeeded())).isFalse();
            assertThat(job(next).state()).isEqualTo(JobState.RUNNING);
        }
    }

    @Test
    void a_heartbeat_that_fails_is_followed_by_the_next() {
        var failing = new AtomicInteger();
        Jobs real = jobs();
        Jobs troubled = new ForwardingJobs(real) {
            @Override
            public boolean update(JobRun run, JobUpdate update) {
                if (failing.incrementAndGet() == 1) {
                    throw new RedisUnavailableException("away", false, null);
                }
                return super.update(run, update);
            }
        };
        try (var tracker = new JobTracker(troubled);
                RunningJob job =
                        tracker.start(IMPORT.withSilence(Duration.ofSeconds(1))).orElseThrow()) {
            await().atMost(NOT_HANGING).until(() -> failing.get() >= 2);
            assertThat(job.isCurrent()).isTrue();
        }
    }

    @Test
    void what_is_no_job_is_refused() {
        assertThatThrownBy(() -> NewJob.of("Import users")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> IMPORT.withId("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> IMPORT.withSilence(Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 s to 1 h");
        assertThatThrownBy(() -> IMPORT.withTotal(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JobUpdate.adding("A", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new JobEnd(JobState.DEAD, Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JobEnd.failed("what the user said"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("user");
        assertThatThrownBy(() -> JobEnd.succeeded().withMessage("x".repeat(201)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 200");
        assertThatThrownBy(() -> jobs().list(JobFilter.ALL, OptionalLong.empty(), 201))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Jobs.inMemory(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
