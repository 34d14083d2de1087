package dev.sluice.benchmarks;

import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.KeySpace;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What chats and priorities get of a queue that is asked for more than it gives, with few and with many messages in flight. No
 * time is measured: with limits beyond reach only the order of claims decides, and who ends next is drawn.
 */
final class QueueShares {
    private static final BotId BOT = new BotId(123_456_789);
    private static final List<Integer> IN_FLIGHT = List.of(1, 5, 16, 50);

    /** Of each chat, more or less. */
    private static final int TURNS = 100;

    private static final int HEAVY = 0;

    private static final List<Priority> PRIORITIES = List.of(Priority.values());

    /** The chats of the first priority have lesser numbers than this, those of the next begin with it. */
    private static final int CHATS_OF_A_PRIORITY = 1_000;

    private static final Ending SENT = new Ending.Sent(new byte[0]);

    private final BenchmarkRedis redis;
    private final Random random = new Random(1);
    private final List<Leased> flying = new ArrayList<>();
    private MessageQueue queue;

    QueueShares(BenchmarkRedis redis) {
        this.redis = redis;
        this.queue = queue();
    }

    Section measure() {
        var figures = new ArrayList<Figure>();
        IN_FLIGHT.forEach(inFlight ->
                figures.add(figure("one heavy chat", inFlight, heavy(inFlight)).atLeast(0.97)));
        IN_FLIGHT.forEach(inFlight -> figures.add(figure("one heavy, the others trickle", inFlight, trickling(inFlight))
                .atLeast(0.90)));
        IN_FLIGHT.forEach(inFlight -> figures.add(figure("low under high and normal, of 1/21", inFlight, low(inFlight))
                .atLeast(0.99)));
        redis.forgetEverything();
        return new Section(
                "Shares of a queue",
                "the chat with the least, of what would be fair; three chats for each message in flight, 20 at least; the heavy one has "
                        + "all its messages waiting, the others two, or one that comes when the last is settled",
                figures);
    }

    private static Figure figure(String what, int inFlight, double share) {
        return Figure.of(what + ", " + inFlight + " in flight", "", List.of(share));
    }

    private double heavy(int inFlight) {
        int chats = chats(inFlight);
        open();
        add(HEAVY, chats * TURNS);
        for (int chat = 1; chat < chats; chat++) {
            add(chat, 2);
        }
        return least(run(inFlight, chats * TURNS, true), chats);
    }

    private double trickling(int inFlight) {
        int chats = chats(inFlight);
        open();
        add(HEAVY, chats * TURNS);
        for (int chat = 1; chat < chats; chat++) {
            add(chat, 1);
        }
        return least(run(inFlight, chats * TURNS, false), chats);
    }

    private double low(int inFlight) {
        open();
        for (int priority = 0; priority < PRIORITIES.size(); priority++) {
            for (int chat = 1; chat <= chats(inFlight); chat++) {
                add(CHATS_OF_A_PRIORITY * priority + chat, 2);
            }
        }
        Map<Integer, Integer> claimed = run(inFlight, 21 * TURNS, true);
        double low = claimed.entrySet().stream()
                .filter(entry -> priority(entry.getKey()) == Priority.LOW)
                .mapToInt(Map.Entry::getValue)
                .sum();
        return low / TURNS;
    }

    /** So many that a chat waits for longer than it is in flight, or that would decide what it gets. */
    private static int chats(int inFlight) {
        return Math.max(20, 3 * inFlight);
    }

    private static double least(Map<Integer, Integer> claimed, int chats) {
        if (claimed.size() < chats) {
            return 0;
        }
        double all = claimed.values().stream().mapToInt(it -> it).sum();
        return Collections.min(claimed.values()) * chats / all;
    }

    private void open() {
        redis.forgetEverything();
        flying.clear();
        queue = queue();
    }

    private MessageQueue queue() {
        return MessageQueues.onRedis(
                redis.store(),
                redis.store(),
                KeySpace.DEFAULT,
                bot -> SluiceQueue.LIMITS,
                QueueSettings.DEFAULT.withLease(Duration.ofHours(1)).withKeep(Duration.ZERO),
                random);
    }

    /** @param onClaim whether a chat's next message comes when one is claimed; else when it is settled */
    private Map<Integer, Integer> run(int inFlight, int claims, boolean onClaim) {
        var claimed = new HashMap<Integer, Integer>();
        for (int left = claims; left > 0; ) {
            List<Leased> leased =
                    queue.claim(BOT, Math.min(left, inFlight - flying.size())).messages();
            left -= leased.size();
            leased.forEach(message -> claimed.merge(chat(message), 1, Integer::sum));
            flying.addAll(leased);
            Collections.shuffle(flying, random);
            List<Leased> ending = flying.subList(0, 1 + random.nextInt(flying.size()));
            var unused = queue.settle(
                    BOT, ending.stream().map(message -> message.ends(SENT)).toList());
            List<Leased> followed = onClaim ? leased : List.copyOf(ending);
            followed.stream()
                    .map(QueueShares::chat)
                    .filter(chat -> chat != HEAVY)
                    .forEach(chat -> add(chat, 1));
            ending.clear();
        }
        return claimed;
    }

    private void add(int chat, int messages) {
        NewMessage message = NewMessage.to(
                        ChatId.of(1 + chat), Integer.toString(chat).getBytes(StandardCharsets.US_ASCII))
                .withPriority(priority(chat));
        for (int left = messages; left > 0; left -= MessageQueue.MAX_BATCH) {
            var unused = queue.enqueueAll(BOT, Collections.nCopies(Math.min(left, MessageQueue.MAX_BATCH), message));
        }
    }

    private static int chat(Leased leased) {
        return Integer.parseInt(new String(leased.payload(), StandardCharsets.US_ASCII));
    }

    private static Priority priority(int chat) {
        return PRIORITIES.get(chat / CHATS_OF_A_PRIORITY);
    }
}
