package dev.sluice.queue;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.SendLane;
import dev.sluice.queue.UnknownMessages.Resolution;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** One thing that happens to a queue. {@code pick} counts back from the newest message or lease. */
sealed interface QueueStep {
    record Enqueuing(List<NewMessage> messages) implements QueueStep {}

    record Claiming(int max) implements QueueStep {}

    record GoingAlong(int pick, int behind) implements QueueStep {}

    record Settling(List<Integer> picks, Ending ending) implements QueueStep {}

    record Extending(int pick, Duration by) implements QueueStep {}

    record Cancelling(int pick) implements QueueStep {}

    record Reprioritising(int pick, Priority priority) implements QueueStep {}

    record Pausing(PauseScope scope, boolean on) implements QueueStep {}

    record Requeueing(int pick) implements QueueStep {}

    record Purging(int pick) implements QueueStep {}

    record Resolving(int pick, Resolution resolution) implements QueueStep {}

    /** All dead letters that match: requeued, or else purged. */
    record Sweeping(ListFilter filter, boolean requeue) implements QueueStep {}

    record ResolvingAll(ListFilter filter, Resolution resolution) implements QueueStep {}

    /** A chat is known by another id. */
    record Identifying(ChatId chat, ChatId id) implements QueueStep {}

    /** Somebody says that the limits have changed, which they have not. */
    record LimitsChanging() implements QueueStep {}

    record Passing(Duration time) implements QueueStep {}

    List<ChatId> CHATS = List.of(ChatId.of(1), ChatId.of(2), ChatId.of(3), ChatId.of(-4), ChatId.of(-5), ChatId.of(-6));
    List<ChatId> GROUPS = CHATS.stream().filter(ChatId::isGroup).toList();
    List<String> DIGESTS = List.of("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");

    static Arbitrary<QueueStep> any() {
        var picks = Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.integers().between(0, 2)),
                Tuple.of(2, Arbitraries.integers().between(0, 12)));
        var resolutions = Arbitraries.of(Resolution.class);
        return Arbitraries.frequencyOf(
                Tuple.of(8, messages().list().ofMinSize(1).ofMaxSize(4).map(Enqueuing::new)),
                Tuple.of(8, Arbitraries.of(1, 1, 2, 3, 10).map(Claiming::new)),
                Tuple.of(
                        10,
                        Combinators.combine(picks.list().ofMinSize(1).ofMaxSize(3), endings())
                                .as(Settling::new)),
                Tuple.of(
                        3,
                        Combinators.combine(picks, Arbitraries.integers().between(0, 2))
                                .as(GoingAlong::new)),
                Tuple.of(1, Combinators.combine(picks, leases()).as(Extending::new)),
                Tuple.of(1, picks.map(Cancelling::new)),
                Tuple.of(
                        2,
                        Combinators.combine(picks, Arbitraries.of(Priority.class))
                                .as(Reprioritising::new)),
                Tuple.of(
                        2,
                        Combinators.combine(scopes(), Arbitraries.of(true, false, false))
                                .as(Pausing::new)),
                Tuple.of(1, picks.map(Requeueing::new)),
                Tuple.of(1, picks.map(Purging::new)),
                Tuple.of(1, Combinators.combine(picks, resolutions).as(Resolving::new)),
                Tuple.of(
                        1,
                        Combinators.combine(filters(), Arbitraries.of(true, false))
                                .as(Sweeping::new)),
                Tuple.of(1, Combinators.combine(filters(), resolutions).as(ResolvingAll::new)),
                Tuple.of(
                        1,
                        Combinators.combine(Arbitraries.of(GROUPS), Arbitraries.of(GROUPS))
                                .as(Identifying::new)),
                Tuple.of(1, Arbitraries.just(new LimitsChanging())),
                Tuple.of(6, times().map(Passing::new)));
    }

    private static Arbitrary<NewMessage> messages() {
        Arbitrary<NewMessage> plain = Combinators.combine(
                        Arbitraries.of(CHATS).injectNull(0.1),
                        Arbitraries.of(Priority.class),
                        Arbitraries.of(1, 1, 1, 2),
                        Arbitraries.of(true, false),
                        Arbitraries.of(SendLane.BOT, SendLane.BOT, SendLane.PAID, SendLane.REPLIES),
                        Arbitraries.of(true, false, false, false, false))
                .as((chat, priority, cost, repeatable, send, vip) -> {
                    byte[] payload = "text".getBytes(StandardCharsets.UTF_8);
                    NewMessage message = chat == null ? NewMessage.withoutChat(payload) : NewMessage.to(chat, payload);
                    message = message.withPriority(priority).costing(cost);
                    message = repeatable ? message.atLeastOnce() : message;
                    message = message.in(send);
                    return vip ? message.asVip() : message;
                });
        return Combinators.combine(
                        plain,
                        Arbitraries.of(Duration.ofMillis(700), Duration.ofSeconds(3))
                                .optional(0.2),
                        Arbitraries.of(Duration.ofMillis(900), Duration.ofSeconds(4))
                                .optional(0.2),
                        Arbitraries.of(DIGESTS).optional(0.15),
                        Arbitraries.of("a", "a", "b"),
                        relations().optional(0.4))
                .as(QueueStep::message);
    }

    private static Arbitrary<Relation> relations() {
        Arbitrary<Relation> replacing = Combinators.combine(
                        Arbitraries.of(DIGESTS), Arbitraries.integers().between(1, 3))
                .as(Replacement::new);
        Arbitrary<Relation> joining =
                Arbitraries.of(1, 100, 2_000).map(length -> new Joint(DIGESTS.getFirst(), length));
        return Arbitraries.oneOf(replacing, joining);
    }

    private static NewMessage message(
            NewMessage plain,
            Optional<Duration> delay,
            Optional<Duration> lifetime,
            Optional<String> key,
            String content,
            Optional<Relation> relation) {
        NewMessage message = delay.map(plain::notBefore).orElse(plain);
        message = lifetime.map(message::dropAfter).orElse(message);
        if (key.isPresent()) {
            message = message.once(key.get(), Fingerprint.of(content.getBytes(StandardCharsets.UTF_8)));
        }
        if (relation.isEmpty()
                || relation.get() instanceof Joint && message.chat().isEmpty()) {
            return message;
        }
        return switch (relation.get()) {
            case Replacement replacement -> message.replacing(replacement);
            case Joint joint -> message.joining(joint);
        };
    }

    private static Arbitrary<Ending> endings() {
        return Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.just(new Ending.Sent(new byte[] {1, 2}))),
                Tuple.of(1, Arbitraries.just(new Ending.Refused("refused-403"))),
                Tuple.of(1, Arbitraries.just(new Ending.Suppressed("blocked"))),
                Tuple.of(
                        3,
                        Arbitraries.of(Duration.ofMillis(200), Duration.ofSeconds(7))
                                .optional(0.4)
                                .map(after -> new Ending.Retry("unreachable", after))),
                Tuple.of(1, Arbitraries.of(1, 3, 12).map(it -> new Ending.Flooded(Duration.ofSeconds(it)))),
                Tuple.of(1, Arbitraries.just(new Ending.NotSent())),
                Tuple.of(2, Arbitraries.just(new Ending.Unanswered("no-answer"))));
    }

    private static Arbitrary<PauseScope> scopes() {
        return Arbitraries.oneOf(
                Arbitraries.just(new PauseScope.WholeBot()),
                Arbitraries.of(CHATS).map(PauseScope.OneChat::new),
                Arbitraries.of(Priority.class).map(PauseScope.OnePriority::new));
    }

    private static Arbitrary<ListFilter> filters() {
        return Arbitraries.oneOf(
                Arbitraries.just(ListFilter.ALL),
                Arbitraries.of(CHATS).map(ListFilter.ALL::ofChat),
                Arbitraries.of("refused-403", "unreachable", "lease-lost").map(ListFilter.ALL::because));
    }

    private static Arbitrary<Duration> leases() {
        return Arbitraries.of(Duration.ofMillis(10), Duration.ofSeconds(5), Duration.ofSeconds(20));
    }

    private static Arbitrary<Duration> times() {
        return Arbitraries.of(
                Duration.ofNanos(1_000),
                Duration.ofMillis(300),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                Duration.ofSeconds(11));
    }
}
