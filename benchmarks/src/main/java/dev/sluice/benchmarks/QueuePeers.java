package dev.sluice.benchmarks;

import dev.sluice.benchmarks.QueuePeer.Work;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Sluice's queue and BullMQ's prioritized jobs, in turns: what a message costs Redis and how long it takes while few and while
 * many wait, how much memory it takes, and how many pass through from one end to the other. The many wait in a Redis of their own
 * for each arm, and what a slice adds it also takes out, so that the backlog stays what it is.
 */
final class QueuePeers {
    private static final int FEW = 10_000;
    private static final int MANY = 1_000_000;
    private static final int BATCH = 50;

    /** Messages of a slice, in batches. */
    private static final int SLICE = 5_000;

    private static final int SLICE_OF_SINGLE = 500;

    /** Of BullMQ's workers, each; there is one for each bot. */
    private static final List<Integer> CONCURRENCIES = List.of(1, 2, 4, 8);

    private static final int WARM_UP = 3;

    private final Path root;
    private final int rounds;
    private final int many;

    /** @param rounds 7 for as many messages as the report names, fewer for fewer */
    QueuePeers(Path root, int rounds) {
        this.root = root;
        this.rounds = rounds;
        this.many = (int) ((long) MANY * rounds / 7);
    }

    /**
     * What is done in turns, and what each turn of it took.
     *
     * @param finishBatch 0 to add and finish at the same time
     */
    private record Arm(String name, QueuePeer peer, Task task, List<Cost> costs) {
        Arm(String name, QueuePeer peer, Task task) {
            this(name, peer, task, new ArrayList<>());
        }

        List<Double> each(ToDoubleFunction<Cost> part) {
            return costs.stream().mapToDouble(part).boxed().toList();
        }
    }

    private interface Task {
        Cost run(QueuePeer peer) throws Exception;
    }

    /**
     * Per message.
     *
     * @param store processor time of Redis, in microseconds
     * @param wall in microseconds
     */
    private record Cost(double store, double wall) {
        double perSecond() {
            return 1e6 / wall;
        }
    }

    Section measure() throws Exception {
        Optional<String> missing = BullMq.install(root);
        var peers = new ArrayList<QueuePeer>();
        try {
            peers.add(SluiceQueue.start());
            peers.add(SluiceQueue.start());
            if (missing.isEmpty()) {
                peers.add(BullMq.start(root));
                peers.add(BullMq.start(root));
            }
            return measure(peers, missing);
        } finally {
            for (QueuePeer peer : peers) {
                peer.close();
            }
        }
    }

    /** @param peers with few, with many, the same of BullMQ's if it is there */
    private Section measure(List<QueuePeer> peers, Optional<String> missing) throws Exception {
        var figures = new ArrayList<Figure>();
        List<Double> bytes = fill(peers);
        String chosen = "";
        if (missing.isEmpty()) {
            int best = bestConcurrency((BullMq) peers.get(2));
            ((BullMq) peers.get(3)).withConcurrency(best);
            chosen = "; BullMQ at its best concurrency, " + best * QueuePeer.BOTS + " jobs at once";
        }
        var batched = new ArrayList<Arm>();
        var single = new ArrayList<Arm>();
        var flowing = new ArrayList<Arm>();
        for (int i = 0; i < peers.size(); i++) {
            QueuePeer peer = peers.get(i);
            boolean few = i % 2 == 0;
            batched.add(new Arm(peer.name() + ", " + (few ? FEW : many) + " wait", peer, it -> turn(it, SLICE, BATCH)));
            if (few) {
                single.add(new Arm(peer.name() + ", one at a time", peer, it -> turn(it, SLICE_OF_SINGLE, 1)));
                flowing.add(new Arm(peer.name() + ", end to end", peer, QueuePeers::flow));
            }
        }
        var all = new ArrayList<Arm>(batched);
        all.addAll(single);
        all.addAll(flowing);
        run(all);

        memory(figures, peers, bytes);
        for (Arm arm : batched) {
            figures.add(Figure.of("Redis' CPU: " + arm.name(), "us", arm.each(Cost::store)));
        }
        for (int i = 0; i < batched.size(); i += 2) {
            Arm few = batched.get(i);
            Arm full = batched.get(i + 1);
            Figure growth = growth(few, full, Cost::store, "Redis' CPU");
            figures.add(i == 0 ? growth.atMost(1.6) : growth);
            growth = growth(few, full, Cost::wall, "time");
            figures.add(i == 0 ? growth.atMost(1.6) : growth);
        }
        if (missing.isEmpty()) {
            figures.add(ratio("Redis' CPU, few wait", batched.get(0), batched.get(2), Cost::store).atMost(0.65));
            figures.add(ratio("Redis' CPU, many wait", batched.get(1), batched.get(3), Cost::store).atMost(0.65));
        }
        for (Arm arm : batched) {
            figures.add(Figure.of("time: " + arm.name(), "us", arm.each(Cost::wall)));
        }
        for (Arm arm : single) {
            figures.add(Figure.of("Redis' CPU: " + arm.name(), "us", arm.each(Cost::store)));
        }
        for (Arm arm : flowing) {
            figures.add(Figure.of(arm.name(), "/s", arm.each(Cost::perSecond)));
        }
        if (missing.isEmpty()) {
            figures.add(ratio("Redis' CPU, one at a time", single.get(0), single.get(1), Cost::store));
            figures.add(ratio("end to end", flowing.get(0), flowing.get(1), Cost::perSecond).atLeast(1));
        }
        return new Section(
                "The queue" + (missing.isEmpty() ? " and BullMQ's prioritized jobs" : ""),
                missing.map(word -> "BullMQ skipped: " + word + "; ").orElse("")
                        + QueuePeer.BOTS + " bots of " + QueuePeer.CHATS + " chats, payloads of "
                        + QueuePeer.PAYLOAD_BYTES + " bytes; enqueued, claimed and settled " + BATCH + " at a time; "
                        + turns() + " rounds of " + SLICE + " messages" + chosen,
                figures);
    }

    private int turns() {
        return 2 * rounds;
    }

    /** Fills all, the two sides' at the same time, and says what Redis' memory grew by for a message of each. */
    private List<Double> fill(List<QueuePeer> peers) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var fillings = new ArrayList<Future<Double>>();
            for (int i = 0; i < peers.size(); i++) {
                QueuePeer peer = peers.get(i);
                int messages = i % 2 == 0 ? FEW : many;
                fillings.add(threads.submit(() -> {
                    long before = peer.redis().usedMemory();
                    var unused = peer.add(messages, BATCH);
                    return (double) (peer.redis().usedMemory() - before) / messages;
                }));
            }
            var bytes = new ArrayList<Double>();
            for (Future<Double> filling : fillings) {
                bytes.add(filling.get());
            }
            return bytes;
        }
    }

    private int bestConcurrency(BullMq bullMq) throws Exception {
        int best = 0;
        double most = 0;
        for (int round = 0; round < 2; round++) { // the first warms it up
            most = 0;
            for (int each : CONCURRENCIES) {
                double perSecond = flow(bullMq.withConcurrency(each)).perSecond();
                if (perSecond > most) {
                    most = perSecond;
                    best = each;
                }
            }
        }
        bullMq.withConcurrency(best);
        return best;
    }

    private void run(List<Arm> arms) throws Exception {
        var order = new ArrayList<>(IntStream.range(0, arms.size()).boxed().toList());
        var shuffle = new Random(1);
        for (int round = -WARM_UP; round < turns(); round++) {
            Collections.shuffle(order, shuffle);
            for (int i : order) {
                Arm arm = arms.get(i);
                Cost cost = arm.task().run(arm.peer());
                if (round >= 0) {
                    arm.costs().add(cost);
                }
            }
        }
    }

    /** Takes out as many as it added, or some more that are added again: those are not counted. */
    private static Cost turn(QueuePeer peer, int messages, int batch) throws Exception {
        double before = peer.redis().cpuSeconds();
        Work added = peer.add(messages, batch);
        double between = peer.redis().cpuSeconds();
        Work done = peer.finish(messages, batch);
        double after = peer.redis().cpuSeconds();
        restore(peer, done, messages);
        return new Cost(
                1e6 * ((between - before) / added.messages() + (after - between) / done.messages()),
                1e6 * (added.seconds() / added.messages() + done.seconds() / done.messages()));
    }

    private static Cost flow(QueuePeer peer) throws Exception {
        double before = peer.redis().cpuSeconds();
        Work done = peer.flow(SLICE, BATCH);
        double store = peer.redis().cpuSeconds() - before;
        restore(peer, done, SLICE);
        return new Cost(1e6 * store / done.messages(), 1e6 * done.seconds() / done.messages());
    }

    private static void restore(QueuePeer peer, Work done, int messages) throws Exception {
        if (done.messages() > messages) {
            var unused = peer.add(done.messages() - messages, BATCH);
        }
    }

    private static void memory(List<Figure> figures, List<QueuePeer> peers, List<Double> bytes) {
        for (int i = 1; i < peers.size(); i += 2) {
            figures.add(Figure.of(
                    "memory of a waiting message: " + peers.get(i).name(), "bytes", List.of(bytes.get(i))));
        }
        if (peers.size() > 2) {
            figures.add(Figure.of("memory: Sluice's over BullMQ's", "x", List.of(bytes.get(1) / bytes.get(3)))
                    .atMost(0.5));
        }
    }

    private Figure growth(Arm few, Arm full, ToDoubleFunction<Cost> part, String what) {
        return Figure.of(
                what + " with " + many + " waiting over " + FEW + ": " + few.peer().name(),
                "x",
                Figure.ratios(full.each(part), few.each(part)));
    }

    private static Figure ratio(String what, Arm sluice, Arm peer, ToDoubleFunction<Cost> part) {
        return Figure.of(
                what + ": Sluice's over BullMQ's", "x", Figure.ratios(sluice.each(part), peer.each(part)));
    }
}
