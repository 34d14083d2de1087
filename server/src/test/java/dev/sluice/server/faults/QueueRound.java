package dev.sluice.server.faults;

import static org.awaitility.Awaitility.await;

import dev.sluice.server.faults.RoundPlan.Blow;
import dev.sluice.simulator.BotAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One round on a bench: messages are queued, blows fall, and all comes to an end.
 *
 * @param fates of all that was queued
 * @param grown by how much the queue's numbers grew
 */
record QueueRound(RoundPlan plan, List<Fate> fates, QueueNumbers grown, QueueBooks books, Duration took) {
    private static final Duration ENDING = Duration.ofSeconds(90);

    /** Lets a blow fall. */
    @FunctionalInterface
    interface Falling {
        /** @param callers who queue; what is not done can still meet the blow */
        void fall(Blow blow, List<Future<List<Fate>>> callers);
    }

    /** Plays it until nothing is pending. */
    static QueueRound play(QueueBench bench, BotAccount bot, RoundPlan plan, Falling falling)
            throws InterruptedException, ExecutionException, TimeoutException {
        long start = System.nanoTime();
        QueueNumbers before = bench.client.numbers(bot);
        int arrivedBefore = bench.received(bot).size();
        plan.telegram().forEach(bench.telegram.faults()::add);
        List<Future<List<Fate>>> callers = bench.queueing(bot, plan.chats());
        for (Blow blow : plan.blows()) {
            await().pollInterval(Duration.ofMillis(5))
                    .atMost(ENDING)
                    .until(() -> bench.received(bot).size() >= arrivedBefore + blow.arrived()
                            || (areDone(callers) && bench.client.numbers(bot).pending() == 0));
            falling.fall(blow, callers);
        }
        var fates = new ArrayList<Fate>();
        for (Future<List<Fate>> caller : callers) {
            fates.addAll(caller.get(ENDING.toSeconds(), TimeUnit.SECONDS));
        }
        bench.awaitEnded(bot, ENDING);
        bench.telegram.faults().clear();
        // By text: what Telegram was slow to take, so that nobody knew, may arrive when its round is over.
        Set<String> texts = plan.texts();
        var received = bench.received(bot).stream()
                .filter(entry -> texts.contains(entry.text()))
                .toList();
        // A worker may settle late while we look: both are to be of one moment.
        QueueNumbers looked;
        QueueNumbers ended = bench.client.numbers(bot);
        QueueBooks books;
        do {
            looked = ended;
            books = QueueBooks.of(bench.client, fates, received);
            ended = bench.client.numbers(bot);
        } while (!ended.equals(looked));
        QueueNumbers grown = ended.since(before);
        return new QueueRound(plan, List.copyOf(fates), grown, books, Duration.ofNanos(System.nanoTime() - start));
    }

    static boolean areDone(List<Future<List<Fate>>> callers) {
        return callers.stream().allMatch(Future::isDone);
    }

    @Override
    public String toString() {
        return "seed " + plan.seed() + " "
                + plan.blows().stream().map(Blow::target).toList() + ": " + grown + ", doubtful " + books.doubtful()
                + ", sent again " + books.sentAgain() + ", " + took.toMillis() + " ms";
    }
}
