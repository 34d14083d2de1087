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
import java.util.stream.Stream;

/**
 * Sluice's queue and BullMQ's prioritized jobs, in turns: what a message costs Redis and how long it takes while few and while
 * many wait, how much memory it takes, and how many pass through from one end to the other. Each backlog is in a Redis of its
 * own, and what a slice adds it also takes out, so that the backlog stays what it is.
 */
final class QueuePeers {
    private static final int FEW = 10_000;
    private static final int MANY = 1_000_000;

    /** Of each bot. */
    private static final int CHATS = 2_000;

    private static final int BATCH = 50;

    /** Messages of a slice, in batches. */
    private static final int SLICE = 5_000;

    private static final int SLICE_OF_SINGLE = 500;

    /** Of BullMQ's workers, each; there is one for each bot. */
    private static final List<Integer> CONCURRENCIES = List.of(1, 2, 4, 8);

    private static final int WARM_UP = 3;
    private static final double GROWTH = 1.6;

    private final Path root;
    private final int rounds;

    /** A million, or fewer over fewer chats. */
    private final int many;

    /** @param rounds 7 for the messages that are meant, fewer for as much less of them */
    QueuePeers(Path root, int rounds) {
        this.root = root;
        this.rounds = rounds;
        this.many = (int) ((long) MANY * rounds / 7);
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

    private interface Task {
        Cost run(QueuePeer peer) throws Exception;
    }

    /** What is done in turns, and what each turn of it took. */
    private record Arm(String name, QueuePeer peer, Task task, List<Cost> costs) {
        Arm(String name, QueuePeer peer, Task task) {
            this(peer.name() + ", " + name, peer, task, new ArrayList<>());
        }

        List<Double> each(ToDoubleFunction<Cost> part) {
            return costs.stream().mapToDouble(part).boxed().toList();
        }

        Figure figure(String what, String unit, ToDoubleFunction<Cost> part) {
            return Figure.of(what + name, unit, each(part));
        }

        Figure over(Arm other, String what, ToDoubleFunction<Cost> part) {
            return Figure.of(what + name + " / " + other.name, "x", Figure.ratios(each(part), other.each(part)));
        }
    }

    /** All that one library is asked. */
    private record Side(QueuePeer few, QueuePeer many, Arm batched, Arm backlog, Arm single, Arm flow) {
        static Side of(QueuePeer few, QueuePeer many) {
            return new Side(
                    few,
                    many,
                    new Arm("few wait", few, peer -> turn(peer, SLICE, BATCH)),
                    new Arm("many wait", many, peer -> turn(peer, SLICE, BATCH)),
                    new Arm("one at a time", few, peer -> turn(peer, SLICE_OF_SINGLE, 1)),
                    new Arm("end to end", few, QueuePeers::flow));
        }

        List<Arm> arms() {
            return List.of(batched, backlog, single, flow);
        }
    }

    Section measure() throws Exception {
        Optional<String> missing = BullMq.install(root);
        int chats = (int) ((long) CHATS * many / MANY);
        var started = new ArrayList<QueuePeer>();
        try {
            started.add(SluiceQueue.start(CHATS));
            started.add(SluiceQueue.start(chats));
            if (missing.isEmpty()) {
                started.add(BullMq.start(root, CHATS));
                started.add(BullMq.start(root, chats));
            }
            List<Double> bytes = fill(started);
            var sluice = Side.of(started.get(0), started.get(1));
            if (missing.isPresent()) {
                run(sluice.arms());
                return section("The queue", "BullMQ skipped: " + missing.get(), alone(sluice, bytes.get(1)));
            }
            int concurrency = chooseConcurrency((BullMq) started.get(2), (BullMq) started.get(3));
            var bullMq = Side.of(started.get(2), started.get(3));
            run(Stream.concat(sluice.arms().stream(), bullMq.arms().stream()).toList());
            return section(
                    "The queue and BullMQ's prioritized jobs",
                    "BullMQ adds in one process and works in another, at its best concurrency, "
                            + concurrency * QueuePeer.BOTS + " jobs at once",
                    compared(sluice, bullMq, bytes));
        } finally {
            for (QueuePeer peer : started) {
                peer.close();
            }
        }
    }

    private Section section(String title, String word, List<Figure> figures) {
        return new Section(
                title,
                "few: " + FEW + " messages over " + QueuePeer.BOTS * CHATS + " chats of " + QueuePeer.BOTS
                        + " bots wait; many: " + many + "; payloads of " + QueuePeer.PAYLOAD_BYTES
                        + " bytes; enqueued, claimed and settled " + BATCH + " at a time; " + turns() + " rounds of "
                        + SLICE + " messages; " + word,
                figures);
    }

    private static List<Figure> alone(Side sluice, double bytes) {
        var figures = new ArrayList<Figure>();
        figures.add(Figure.of("memory: Sluice", "bytes", List.of(bytes)));
        figures.add(sluice.batched.figure("Redis' CPU: ", "us", Cost::store));
        figures.add(sluice.backlog.figure("Redis' CPU: ", "us", Cost::store));
        figures.add(sluice.single.figure("Redis' CPU: ", "us", Cost::store));
        figures.add(
                sluice.backlog.over(sluice.batched, "Redis' CPU: ", Cost::store).atMost(GROWTH));
        figures.add(sluice.batched.figure("time: ", "us", Cost::wall));
        figures.add(sluice.backlog.figure("time: ", "us", Cost::wall));
        figures.add(sluice.backlog.over(sluice.batched, "time: ", Cost::wall).atMost(GROWTH));
        figures.add(sluice.flow.figure("", "/s", Cost::perSecond));
        return figures;
    }

    /** @param bytes a message's: Sluice's with few and many, BullMQ's with few and many */
    private static List<Figure> compared(Side sluice, Side bullMq, List<Double> bytes) {
        var figures = new ArrayList<>(alone(sluice, bytes.get(1)));
        figures.add(Figure.of("memory: BullMQ", "bytes", List.of(bytes.get(3))));
        figures.add(Figure.of("memory: Sluice / BullMQ", "x", List.of(bytes.get(1) / bytes.get(3)))
                .atMost(0.5));
        for (Arm arm : List.of(bullMq.batched, bullMq.backlog, bullMq.single)) {
            figures.add(arm.figure("Redis' CPU: ", "us", Cost::store));
        }
        figures.add(bullMq.backlog.over(bullMq.batched, "Redis' CPU: ", Cost::store));
        figures.add(bullMq.backlog.over(bullMq.batched, "time: ", Cost::wall));
        figures.add(
                sluice.batched.over(bullMq.batched, "Redis' CPU: ", Cost::store).atMost(0.65));
        figures.add(
                sluice.backlog.over(bullMq.backlog, "Redis' CPU: ", Cost::store).atMost(0.65));
        figures.add(sluice.single.over(bullMq.single, "Redis' CPU: ", Cost::store));
        figures.add(bullMq.flow.figure("", "/s", Cost::perSecond));
        figures.add(sluice.flow.over(bullMq.flow, "", Cost::perSecond).atLeast(1));
        return figures;
    }

    private int turns() {
        return 2 * rounds;
    }

    /** Fills all at the same time, and says what Redis' memory grew by for a message of each. */
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

    /** The one at which most messages pass in a second. */
    private static int chooseConcurrency(BullMq few, BullMq many) throws Exception {
        int best = 0;
        for (int round = 0; round < 2; round++) { // the first warms it up
            double most = 0;
            for (int each : CONCURRENCIES) {
                few.useConcurrency(each);
                double perSecond = flow(few).perSecond();
                if (perSecond > most) {
                    most = perSecond;
                    best = each;
                }
            }
        }
        few.useConcurrency(best);
        many.useConcurrency(best);
        return best;
    }

    private void run(List<Arm> arms) throws Exception {
        var order = new ArrayList<>(arms);
        var shuffle = new Random(1);
        for (int round = -WARM_UP; round < turns(); round++) {
            Collections.shuffle(order, shuffle);
            for (Arm arm : order) {
                Cost cost = arm.task().run(arm.peer());
                if (round >= 0) {
                    arm.costs().add(cost);
                }
            }
        }
    }

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

    /** What was in hand when enough were done is done, too: as many are added again, and not counted. */
    private static void restore(QueuePeer peer, Work done, int messages) throws Exception {
        if (done.messages() > messages) {
            var unused = peer.add(done.messages() - messages, BATCH);
        }
    }
}
