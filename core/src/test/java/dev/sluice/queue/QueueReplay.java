package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SettableMicros;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongFunction;

/** Does steps to several queues and to the model, and compares every answer. */
final class QueueReplay {
    private final BotId bot;
    private final QueueModel model;
    private final ModelEndings endings;
    private final ClaimCheck claims;
    private final SettableMicros clock;
    private final Map<String, MessageQueue> queues;
    private final List<MessageId> ids = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();

    QueueReplay(BotId bot, QueueModel model, SettableMicros clock, Map<String, MessageQueue> queues) {
        this.bot = bot;
        this.model = model;
        this.endings = new ModelEndings(model);
        this.claims = new ClaimCheck(model);
        this.clock = clock;
        this.queues = queues;
    }

    void step(QueueStep step) {
        switch (step) {
            case QueueStep.Enqueuing(var messages) -> {
                List<Enqueued> expected = messages.stream().map(model::enqueue).toList();
                all(expected, queue -> queue.enqueueAll(bot, messages));
                for (Enqueued enqueued : expected) {
                    if (enqueued instanceof Enqueued.Added(MessageId id)) {
                        assertThat(ids).allSatisfy(earlier -> assertThat(id).isGreaterThan(earlier));
                        ids.add(id);
                    }
                }
            }
            case QueueStep.Claiming(int max) -> claim(max);
            case QueueStep.GoingAlong(int pick, int behind) ->
                picked(leases, pick).ifPresent(lease -> {
                    List<Leased> along = claims.along(lease, behind);
                    all(along, queue -> queue.claimAlong(lease, behind));
                    along.forEach(leased -> leases.add(leased.lease()));
                });
            case QueueStep.Settling(var picks, Ending ending) -> settle(picks, ending);
            case QueueStep.Extending(int pick, var by) ->
                picked(leases, pick)
                        .ifPresent(lease -> all(
                                List.of(endings.extend(lease, by)), queue -> queue.extend(bot, List.of(lease), by)));
            case QueueStep.Cancelling(int pick) ->
                picked(ids, pick).ifPresent(id -> all(model.cancel(id), queue -> queue.cancel(id)));
            case QueueStep.Reprioritising(int pick, var priority) ->
                picked(ids, pick)
                        .ifPresent(
                                id -> all(model.reprioritise(id, priority), queue -> queue.reprioritise(id, priority)));
            case QueueStep.Pausing(PauseScope scope, boolean on) -> {
                model.pause(scope, on);
                queues.values().forEach(queue -> pause(queue, scope, on));
            }
            case QueueStep.Requeueing(int pick) ->
                picked(ids, pick)
                        .ifPresent(id -> all(
                                model.requeue(id), queue -> queue.deadLetters().requeue(id)));
            case QueueStep.Purging(int pick) ->
                picked(ids, pick)
                        .ifPresent(id -> all(
                                model.purge(id), queue -> queue.deadLetters().purge(id)));
            case QueueStep.Resolving(int pick, var resolution) ->
                picked(ids, pick)
                        .ifPresent(id -> all(
                                model.resolve(id, resolution),
                                queue -> queue.unknowns().resolve(id, resolution)));
            case QueueStep.Sweeping(ListFilter filter, boolean requeue) -> sweep(filter, requeue);
            case QueueStep.ResolvingAll(ListFilter filter, var resolution) -> {
                List<ModelMessage> matching = model.list(false, filter);
                matching.forEach(it -> model.resolve(it.id, resolution));
                all(
                        (long) matching.size(),
                        queue -> swept(cursor -> queue.unknowns().resolveAll(bot, filter, cursor, resolution)));
            }
            case QueueStep.Identifying(ChatId chat, ChatId id) -> {
                model.identify(chat, id);
                queues.values().forEach(queue -> queue.identify(bot, chat, id));
            }
            case QueueStep.LimitsChanging() -> queues.values().forEach(queue -> queue.limitsChanged(bot));
            case QueueStep.Passing(var time) -> {
                clock.advance(time);
                model.advance(time);
            }
        }
    }

    private void claim(int max) {
        Optional<Claims> first = Optional.empty();
        for (var queue : queues.entrySet()) {
            Claims claimed = queue.getValue().claim(bot, max);
            if (first.isEmpty()) {
                claims.check(claimed, max);
                first = Optional.of(claimed);
            }
            assertThat(claimed).as(queue.getKey()).isEqualTo(first.get());
        }
        for (Leased leased : first.orElseThrow().messages()) {
            assertThat(leases)
                    .allSatisfy(earlier -> assertThat(leased.lease().fence()).isGreaterThan(earlier.fence()));
            leases.add(leased.lease());
        }
    }

    private void settle(List<Integer> picks, Ending ending) {
        List<Settlement> settlements = picks.stream()
                .flatMap(pick -> picked(leases, pick).stream())
                .map(lease -> new Settlement(lease, ending))
                .toList();
        List<Optional<MessageState>> expected =
                settlements.stream().map(endings::settle).toList();
        all(expected, queue -> queue.settle(bot, settlements));
    }

    private void pause(MessageQueue queue, PauseScope scope, boolean on) {
        if (on) {
            queue.pause(bot, scope);
        } else {
            queue.resume(bot, scope);
        }
    }

    private void sweep(ListFilter filter, boolean requeue) {
        List<ModelMessage> matching = model.list(true, filter);
        List<MessageDetails> before =
                matching.stream().map(ModelMessage::details).toList();
        all(before, queue -> listed(cursor -> queue.deadLetters().page(bot, filter, cursor, 2)));
        matching.forEach(it -> {
            if (requeue) {
                model.requeue(it.id);
            } else {
                model.purge(it.id);
            }
        });
        all(
                (long) matching.size(),
                queue -> swept(cursor -> requeue
                        ? queue.deadLetters().requeueAll(bot, filter, cursor)
                        : queue.deadLetters().purgeAll(bot, filter, cursor)));
    }

    private static List<MessageDetails> listed(LongFunction<Page> pages) {
        var found = new ArrayList<MessageDetails>();
        OptionalLong next = OptionalLong.of(DeadLetters.START);
        while (next.isPresent()) {
            Page page = pages.apply(next.getAsLong());
            found.addAll(page.items());
            next = page.next();
        }
        return found;
    }

    private static long swept(LongFunction<Swept> sweeps) {
        long changed = 0;
        OptionalLong next = OptionalLong.of(DeadLetters.START);
        while (next.isPresent()) {
            Swept swept = sweeps.apply(next.getAsLong());
            changed += swept.changed();
            next = swept.next();
        }
        return changed;
    }

    void compareStatistics() {
        all(model.statistics(), queue -> queue.statistics(bot));
    }

    /** Everything that is known of every message, and what holds it. */
    void compareMessages() {
        assertThat(new HashSet<>(ids)).hasSameSizeAs(ids);
        for (MessageId id : ids) {
            all(model.get(id).map(ModelMessage::details), queue -> queue.find(id));
            all(model.get(id).map(model::why), queue -> queue.why(id));
        }
    }

    void conforms() {
        claims.noWindowAdmittedTooMuch();
    }

    private <T> void all(T expected, Function<MessageQueue, T> step) {
        queues.forEach((name, queue) -> assertThat(step.apply(queue)).as(name).isEqualTo(expected));
    }

    private static <T> Optional<T> picked(List<T> list, int pick) {
        return list.isEmpty() ? Optional.empty() : Optional.of(list.get(list.size() - 1 - pick % list.size()));
    }
}
