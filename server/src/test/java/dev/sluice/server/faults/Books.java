package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.faults.Traffic.Story;
import dev.sluice.simulator.LedgerEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What callers were told, held against what Telegram received. */
final class Books {
    /** What a call may take beyond its wait: the issue of a decision that is not answered in time. */
    private static final Duration GRACE = Duration.ofMillis(500);

    private final List<Story> stories;
    private final FaultBench bench;

    Books(FaultBench bench, List<Story> stories) {
        this.bench = bench;
        this.stories = stories;
    }

    /** Sent is once, not sent is never, unknown is at most once. */
    void nothingIsDoubledOrLost() {
        Map<String, Long> arrived =
                bench.received().stream().collect(Collectors.groupingBy(LedgerEntry::text, Collectors.counting()));
        assertThat(arrived.values()).as("times that a text arrived").allMatch(times -> times == 1);
        for (Story story : stories) {
            boolean there = arrived.containsKey(story.message().text());
            if (story.last().isSent()) {
                assertThat(there).as("told sent: " + story).isTrue();
            } else if (story.answers().stream().allMatch(Answer::isNotSent)) {
                assertThat(there).as("told not sent: " + story).isFalse();
            } else {
                assertThat(story.last().status()).as(story.toString()).isIn(Answer.NONE, 429, 502, 503, 504);
            }
        }
        assertThat(stories).as("texts sent").anyMatch(story -> story.last().isSent());
    }

    /** What the machine itself took of its time, no call is blamed for. */
    void noCallOutlivesItsDeadline() {
        for (Story story : stories) {
            for (Answer answer : story.answers()) {
                Duration most = story.message().patience().plus(GRACE);
                if (answer.took().compareTo(most) >= 0) {
                    Duration stalled = bench.stalls.within(answer.asked(), answer.took());
                    assertThat(answer.took())
                            .as("stalled for %s: %s", stalled, story)
                            .isLessThan(most.plus(stalled));
                }
            }
        }
    }

    /** The texts whose callers were told so at least once, with all that they were told. */
    List<Story> told(int status) {
        return stories.stream()
                .filter(story -> story.answers().stream().anyMatch(answer -> answer.status() == status))
                .toList();
    }
}
