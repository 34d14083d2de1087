package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.HeldMessage.Stage;
import dev.sluice.telegram.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;

/** Recounts a queue in memory by looking at all that it holds: counters, places and owners must agree. */
final class HeldQueueAudit {
    private static final Set<Stage> IN_LANE = Set.of(Stage.QUEUED, Stage.AGAIN, Stage.RETRYING, Stage.LEASED);

    private final HeldMessages messages;
    private final HeldLanes lanes;

    HeldQueueAudit(HeldQueue queue) {
        messages = queue.messages;
        lanes = queue.messages.lanes;
    }

    void check(QueueStatistics counted) {
        lanesHoldWhatIsPending();
        everyLaneHasOnePlace();
        setsHoldTheirMessages();
        countersAgree(counted);
    }

    private void lanesHoldWhatIsPending() {
        var inLanes = new ArrayList<HeldMessage>();
        lanes.byName.forEach((name, lane) -> {
            assertThat(lane.messages).as("messages of %s", name).isNotEmpty();
            assertThat(lane.messages)
                    .allSatisfy(message -> assertThat(message.lane).isEqualTo(name));
            assertThat(List.copyOf(lane.messages)).isSortedAccordingTo(HeldMessage.LANE_ORDER);
            inLanes.addAll(lane.messages);
        });
        assertThat(inLanes).containsExactlyInAnyOrderElementsOf(in(IN_LANE));
        assertThat(inLanes)
                .allSatisfy(message -> assertThat(message.atFront)
                        .isEqualTo(message.stage == Stage.LEASED || message.stage == Stage.RETRYING));
    }

    private void everyLaneHasOnePlace() {
        var placed = new ArrayList<HeldLane>();
        lanes.ready.forEach(placed::addAll);
        placed.addAll(lanes.waiting);
        placed.addAll(lanes.leased);
        assertThat(placed).doesNotHaveDuplicates();
        assertThat(lanes.byName.values()).containsAll(placed);
        lanes.byName.forEach((name, lane) -> {
            if (!placed.contains(lane)) {
                assertThat(lanes.paused).contains(name);
            }
            long leased = lane.messages.stream()
                    .filter(it -> it.stage == Stage.LEASED)
                    .count();
            assertThat(leased).as("in flight in %s", name).isEqualTo(lane.isIn(lanes.leased) ? 1 : 0);
            assertThat(lane.head().stage == Stage.LEASED).isEqualTo(leased == 1);
            for (int kind = 0; kind < lanes.ready.size(); kind++) {
                if (lane.isIn(lanes.ready.get(kind))) {
                    assertThat(HeldLanes.kind(lane.head().rank, lane.head().send))
                            .isEqualTo(kind);
                    assertThat(lanes.paused).doesNotContain(name);
                }
            }
        });
        everyoneIsFoundByOrder(lanes.waiting);
        everyoneIsFoundByOrder(lanes.leased);
    }

    /** A member whose time was changed where it stands would not be found any more. */
    private static <T> void everyoneIsFoundByOrder(NavigableSet<T> set) {
        for (T member : List.copyOf(set)) {
            assertThat(set.contains(member)).isTrue();
        }
    }

    private void setsHoldTheirMessages() {
        everyoneIsFoundByOrder(messages.delayed);
        everyoneIsFoundByOrder(messages.expiring);
        assertThat(messages.delayed).containsExactlyInAnyOrderElementsOf(in(Set.of(Stage.DELAYED)));
        assertThat(messages.dead.values()).containsExactlyInAnyOrderElementsOf(in(Set.of(Stage.DEAD)));
        assertThat(messages.unknown.values()).containsExactlyInAnyOrderElementsOf(in(Set.of(Stage.UNKNOWN)));
        assertThat(messages.expiring)
                .containsExactlyInAnyOrderElementsOf(messages.byNumber.values().stream()
                        .filter(message -> message.stage.isWaiting() && message.deadline > 0)
                        .toList());
    }

    private void countersAgree(QueueStatistics counted) {
        for (Priority priority : Priority.values()) {
            assertThat(counted.depth()).containsEntry(priority, inLane(HeldMessage.rank(priority)));
        }
        assertThat(counted.vip()).isEqualTo(inLane(HeldMessage.VIP_RANK));
        assertThat(counted.leased()).isEqualTo(in(Set.of(Stage.LEASED)).size());
        assertThat(counted.retryingInAll()).isEqualTo(in(Set.of(Stage.RETRYING)).size());
    }

    private long inLane(int rank) {
        return in(IN_LANE).stream().filter(message -> message.rank == rank).count();
    }

    private List<HeldMessage> in(Set<Stage> stages) {
        return messages.byNumber.values().stream()
                .filter(message -> stages.contains(message.stage))
                .toList();
    }
}
