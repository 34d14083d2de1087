package dev.sluice.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.job.Job;
import dev.sluice.job.JobEnd;
import dev.sluice.job.JobFilter;
import dev.sluice.job.JobState;
import dev.sluice.job.JobTracker;
import dev.sluice.job.Jobs;
import dev.sluice.job.NewJob;
import dev.sluice.job.RunningJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/locks.md compile, do what they say, and are those that are shown there. */
class LockExamplesTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/lock/LockExamplesTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "locks.md");

    private final Leases leases = Leases.inMemory(LockEvents.NONE);
    private final Fences fences = Fences.inMemory(() -> System.nanoTime() / 1_000);
    private final Jobs jobs = Jobs.inMemory(Jobs.USUAL_KEEP);
    private final List<String> done = new CopyOnWriteArrayList<>();

    // lock:begin
    private final Locks locks = new Locks(leases, new SecureRandom());

    /** Of all replicas one makes the report; whoever comes meanwhile waits for 5 s, and gives up. */
    boolean makeReport(List<String> pages) throws InterruptedException {
        var request = LockRequest.of("nightly-report").onLost(() -> warn("the report's lock was lost"));
        return switch (locks.acquire(request, Duration.ofSeconds(5))) {
            case LockAnswer.Busy(Duration remaining, int ahead) -> false;
            case LockAnswer.Acquired(HeldLock lock) -> {
                try (lock) {
                    for (int page = 0; page < pages.size() && lock.isHeld(); page++) {
                        append(pages.get(page));
                    }
                    yield fences.write("report", lock.fence(), report(), Duration.ofDays(1));
                }
            }
        };
    }
    // lock:end

    // leader:begin
    /** Of all replicas one looks after what expires. */
    LeaderElection elect() {
        return LeaderElection.start(
                locks, LockRequest.of("expiry"), lock -> startExpiring(lock.fence()), () -> stopExpiring());
    }
    // leader:end

    // job:begin
    private final JobTracker tracker = new JobTracker(jobs);

    /** Shown by ./sluice jobs list; dead if this process dies. */
    void importUsers(List<String> users) {
        NewJob job = NewJob.of("import-users").withId("import-2027-01-15").withTotal(users.size());
        tracker.start(job).ifPresent(running -> {
            try (running) {
                for (int i = 0; i < users.size(); i++) {
                    running.add(importUser(users.get(i)) ? "imported" : "skipped", 1);
                    running.progress(i + 1, users.size());
                }
                running.end(JobEnd.succeeded());
            } catch (IllegalStateException e) {
                running.end(JobEnd.failed(e));
            }
        });
    }
    // job:end

    private void warn(String text) {
        done.add(text);
    }

    private void append(String page) {
        done.add(page);
    }

    private byte[] report() {
        return String.join(" ", done).getBytes(UTF_8);
    }

    private void startExpiring(long fence) {
        done.add("start");
    }

    private void stopExpiring() {
        done.add("stop");
    }

    private boolean importUser(String user) {
        if (user.isEmpty()) {
            throw new IllegalStateException("no user");
        }
        return !user.equals("known");
    }

    @AfterEach
    void close() {
        tracker.close();
        locks.close();
        leases.close();
    }

    @Test
    void a_report_is_made_by_one() throws Exception {
        assertThat(makeReport(List.of("a", "b"))).isTrue();
        assertThat(fences.read("report").orElseThrow().bytes()).isEqualTo("a b".getBytes(UTF_8));
        assertThat(leases.look(new LockName("nightly-report")).held()).isFalse();
    }

    @Test
    void one_leads() {
        try (LeaderElection election = elect()) {
            await().atMost(Duration.ofSeconds(30)).until(election::isLeader);
            await().atMost(Duration.ofSeconds(30)).until(() -> done.contains("start"));
        }
        assertThat(done).containsExactly("start", "stop");
    }

    @Test
    void an_import_is_seen() {
        importUsers(List.of("ann", "known", "bob"));
        Job ended = jobs.find("import-2027-01-15").orElseThrow();
        assertThat(ended.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(ended.counters()).containsEntry("imported", 2L).containsEntry("skipped", 1L);
        assertThat(ended.done()).hasValue(3);

        importUsers(List.of(""));
        assertThat(jobs.list(JobFilter.ALL, OptionalLong.empty(), 10).jobs())
                .singleElement()
                .satisfies(job -> assertThat(job.error()).contains("IllegalStateException"));
        try (RunningJob running = tracker.start(NewJob.of("import-users")).orElseThrow()) {
            assertThat(running.isCurrent()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lock", "leader", "job"})
    void each_is_the_one_that_the_documentation_shows(String name) throws Exception {
        List<String> lines = Files.readAllLines(SOURCE);
        String example = lines
                .subList(lines.indexOf("    // " + name + ":begin") + 1, lines.indexOf("    // " + name + ":end"))
                .stream()
                .map(line -> line.replaceFirst("^ {4}", ""))
                .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }
}
