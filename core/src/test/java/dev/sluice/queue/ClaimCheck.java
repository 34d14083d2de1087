package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Charge;
import dev.sluice.limit.SendLane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether a claim's answer is one that {@link QueueModel} allows: each message was the first of its chat, nothing held it, no
 * VIP had to go before it, and nobody was left who might have gone as well. Keeps what was claimed.
 */
final class ClaimCheck {
    private final QueueModel model;
    private final List<Claimed> claimed = new ArrayList<>();

    /** What was charged, and when. */
    private record Claimed(long at, List<Charge> charges) {}

    ClaimCheck(QueueModel model) {
        this.model = model;
    }

    void check(Claims claims, int max) {
        model.timePassed();
        assertThat(claims.messages()).hasSizeLessThanOrEqualTo(max);
        for (Leased leased : claims.messages()) {
            ModelMessage message = model.get(leased.id()).orElseThrow();
            assertThat(firsts())
                    .as("the first of their chats, among which may be")
                    .contains(message);
            assertThat(model.hold(message)).as("what holds %s", message).isEqualTo(new Why.Hold.Nothing());
            if (!message.vip) {
                assertThat(passed().filter(it -> it.vip))
                        .as("VIPs passed over by %s", message)
                        .isEmpty();
            }
            lease(message);
            assertThat(leased).isEqualTo(message.leased(model.settings.lease(), model.now));
            assertThat(leased)
                    .hasToString(
                            message.leased(model.settings.lease(), model.now).toString());
            assertThat(leased.priority()).isEqualTo(message.priority);
            assertThat(leased.vip()).isEqualTo(message.vip);
        }
        boolean more = claims.wakeUp().filter(wakeUp -> wakeUp.isZero()).isPresent();
        if (more) {
            assertThat(claims.messages())
                    .as("in a claim that says there is more")
                    .hasSize(max);
        } else {
            assertThat(passed()).as("what might have gone, too").isEmpty();
            long wakeUp = claims.wakeUp()
                    .map(after -> model.now + ModelMessage.micros(after))
                    .orElse(Long.MAX_VALUE);
            assertThat(wakeUp).as("the wake-up").isLessThanOrEqualTo(nextChange());
        }
    }

    private void lease(ModelMessage message) {
        List<Charge> charges = model.charges(message);
        model.windows.charge(charges, model.now);
        claimed.add(new Claimed(model.now, charges));
        message.fence = model.tick();
        message.state = MessageState.LEASED;
        message.doubted |= message.lost;
        message.lost = false;
        message.until = model.now + ModelMessage.micros(model.settings.lease());
    }

    /** The first message of every chat. */
    private List<ModelMessage> firsts() {
        Map<String, ModelMessage> firsts = new HashMap<>();
        for (ModelMessage message : model.messages) {
            if (message.isInLane()) {
                firsts.merge(message.lane(), message, (a, b) -> a.isBefore(b) ? a : b);
            }
        }
        return List.copyOf(firsts.values());
    }

    /** Those that might go now: one that the limit over all chats holds holds all that are counted with it. */
    private Stream<ModelMessage> passed() {
        List<ModelMessage> firsts = firsts();
        return firsts.stream()
                .filter(it -> model.hold(it) instanceof Why.Hold.Nothing)
                .filter(it -> firsts.stream()
                        .noneMatch(other -> other.asked.send() == it.asked.send() && isHeldByAll(other)));
    }

    private boolean isHeldByAll(ModelMessage message) {
        return model.hold(message) instanceof Why.Hold.Limited limited && isShared(limited);
    }

    private static boolean isShared(Why.Hold.Limited limited) {
        return Set.of("bot", "paid", "replies").contains(limited.scope());
    }

    /** The latest time at which a claim must look again, if nobody stirs it. */
    private long nextChange() {
        var times = new ArrayList<Long>();
        for (ModelMessage message : model.messages) {
            if (message.state == MessageState.LEASED || message.state == MessageState.DELAYED) {
                times.add(message.until);
            }
            if (message.isWaiting() && message.deadline > 0) {
                times.add(message.deadline);
            }
        }
        var shared = new HashMap<SendLane, Long>();
        for (ModelMessage first : firsts()) {
            switch (model.hold(first)) {
                case Why.Hold.Backoff(var remaining) -> times.add(model.now + ModelMessage.micros(remaining));
                case Why.Hold.Limited limited -> {
                    long until = model.now + ModelMessage.micros(limited.remaining());
                    if (isShared(limited)) {
                        // Whoever met the limit first names the time for all.
                        shared.merge(first.asked.send(), until, Math::max);
                    } else if (!isHeldWithOthers(first)) {
                        times.add(until);
                    }
                }
                default -> {}
            }
        }
        times.addAll(shared.values());
        return times.stream().min(Long::compare).orElse(Long.MAX_VALUE);
    }

    private boolean isHeldWithOthers(ModelMessage first) {
        return firsts().stream().anyMatch(it -> it.asked.send() == first.asked.send() && isHeldByAll(it));
    }

    /** What limits promise, said without the model: a window slid over everything that was claimed. */
    void noWindowAdmittedTooMuch() {
        Map<String, List<Claimed>> byBucket = new HashMap<>();
        for (Claimed one : claimed) {
            for (Charge charge : one.charges()) {
                byBucket.computeIfAbsent(charge.bucket().toString(), bucket -> new ArrayList<>())
                        .add(new Claimed(one.at(), List.of(charge)));
            }
        }
        byBucket.forEach((bucket, charges) -> {
            for (Claimed end : charges) {
                var limit = end.charges().getFirst().limit();
                int inWindow = charges.stream()
                        .filter(it -> it.at() > end.at() - PlainWindows.window(limit) && it.at() <= end.at())
                        .mapToInt(it -> it.charges().getFirst().weight())
                        .sum();
                assertThat(inWindow).as("in a window of %s", bucket).isLessThanOrEqualTo(limit.capacity());
            }
        });
    }

    /** What is leased together with a message that is. */
    List<Leased> along(Lease lease, int behind) {
        Optional<ModelMessage> first = model.get(lease.id())
                .filter(it -> it.state == MessageState.LEASED && it.fence == lease.fence())
                .filter(it -> it.asked.joins().isPresent() && it.asked.policy() == DeliveryPolicy.AT_MOST_ONCE);
        List<ModelMessage> lane = first.map(model::lane).orElse(List.of());
        var leased = new ArrayList<Leased>();
        if (lane.size() > behind) {
            int length = first.get().asked.joins().orElseThrow().length();
            for (ModelMessage other : lane.subList(1, lane.size())) {
                length += 1 + other.asked.joins().map(Joint::length).orElse(0);
                if (length > Joint.LONGEST
                        || !other.isLike(first.get())
                        || other.deadline > 0 && other.deadline <= model.now) {
                    break;
                }
                other.fence = model.tick();
                leased.add(other.leased(model.settings.lease(), model.now));
                other.state = MessageState.LEASED;
                other.until = model.now + ModelMessage.micros(model.settings.lease());
                other.along = true;
            }
        }
        return leased;
    }
}
