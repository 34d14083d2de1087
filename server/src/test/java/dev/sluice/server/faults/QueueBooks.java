package dev.sluice.server.faults;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import dev.sluice.simulator.LedgerEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What callers were told was queued, held against what the queue says became of it and against what Telegram received. Whatever
 * does not fit is a {@link Breach}; sound books have none.
 */
final class QueueBooks {
    /** What can be wrong with a message. */
    enum Wrong {
        /** It was accepted, Telegram does not have it, and nobody knows of it any more. */
        LOST,
        /** Telegram has it once, and the queue no longer knows of it. */
        FORGOTTEN,
        /** Telegram has it more often than somebody said that it may be sent again. */
        DOUBLED,
        /** What the queue says of it is not what Telegram has. */
        MISTOLD,
        /** A later one of its chat arrived before it. */
        OVERTAKEN
    }

    /** @param atMicros when it first arrived or, if it never did, was accepted; since 1970 */
    record Breach(Wrong wrong, String what, long atMicros) {}

    private final List<Fate> fates;
    private final Map<String, Optional<MessageSeen>> seen;
    private final Map<String, List<LedgerEntry>> arrived;
    private final List<Breach> breaches = new ArrayList<>();

    /**
     * @param seen what is known of each message, by its id
     * @param received what Telegram has, in order
     */
    private QueueBooks(List<Fate> fates, Map<String, Optional<MessageSeen>> seen, List<LedgerEntry> received) {
        this.fates = fates;
        this.seen = seen;
        this.arrived = received.stream().collect(groupingBy(LedgerEntry::text));
    }

    /** Asks what became of each message. To be called when all has ended. */
    static QueueBooks of(QueueClient client, List<Fate> fates, List<LedgerEntry> received) throws InterruptedException {
        var seen = new HashMap<String, Optional<MessageSeen>>();
        for (Fate fate : fates) {
            if (fate.id().isPresent()) {
                seen.put(fate.id().get(), client.message(fate.id().get()));
            }
        }
        return new QueueBooks(fates, seen, received);
    }

    /** All that is wrong. */
    List<Breach> breaches() {
        breaches.clear();
        fates.forEach(this::check);
        fates.stream().collect(groupingBy(fate -> fate.draft().chat())).values().forEach(this::checkOrder);
        var known = fates.stream().map(fate -> fate.draft().text()).collect(toSet());
        arrived.keySet().stream()
                .filter(text -> !known.contains(text))
                .forEach(text -> breaches.add(new Breach(Wrong.MISTOLD, text + " was never queued", 0)));
        return List.copyOf(breaches);
    }

    /** How many of those that are known to be queued are in this state. */
    long count(String state) {
        return seen.values().stream()
                .flatMap(Optional::stream)
                .filter(message -> message.state().equals(state))
                .count();
    }

    long told() {
        return seen.size();
    }

    long doubtful() {
        return fates.stream().filter(Fate::isDoubtful).count();
    }

    /** How many arrived more than once, as their senders had allowed. */
    long sentAgain() {
        return fates.stream()
                .filter(fate -> fate.draft().isSentAgain() && arrivals(fate).size() > 1)
                .count();
    }

    private void check(Fate fate) {
        int times = arrivals(fate).size();
        if (fate.isDoubtful()) {
            if (times > 1) {
                doubled(fate, times, "doubtful");
            }
            return;
        }
        Optional<MessageSeen> found = seen.getOrDefault(fate.id().get(), Optional.empty());
        if (found.isEmpty()) {
            if (times > 1) {
                doubled(fate, times, "forgotten");
            } else {
                breach(times == 0 ? Wrong.LOST : Wrong.FORGOTTEN, fate, fate.toString());
            }
            return;
        }
        MessageSeen message = found.get();
        // Each attempt after which nobody knew may have arrived, and the one that ended it.
        int most = fate.draft().isSentAgain() ? message.reasons().size() + 1 : 1;
        if (times > most) {
            doubled(fate, times, message.toString());
        }
        boolean fits = message.isUnknown()
                || (message.isSent() && times > 0)
                || (message.hasFailed() && (times == 0 || fate.draft().isSentAgain()));
        if (!fits) {
            breach(Wrong.MISTOLD, fate, fate + " is " + message + " and arrived " + times + " times");
        }
    }

    /** By first arrivals. What lost its lease may come late; what others were told of it no longer holds its place. */
    private void checkOrder(List<Fate> chat) {
        var arrivals = new TreeMap<Long, Integer>();
        for (int i = 0; i < chat.size(); i++) {
            Fate fate = chat.get(i);
            boolean bound = fate.id()
                    .flatMap(seen::get)
                    .filter(message -> !message.lostItsLease())
                    .isPresent();
            if (bound && !arrivals(fate).isEmpty()) {
                arrivals.put(arrivals(fate).getFirst().sequence(), i);
            }
        }
        int latest = -1;
        for (int place : arrivals.values()) {
            if (place < latest) {
                Fate late = chat.get(place);
                breach(Wrong.OVERTAKEN, late, late + " arrived after " + chat.get(latest));
            }
            latest = Math.max(latest, place);
        }
    }

    private List<LedgerEntry> arrivals(Fate fate) {
        return arrived.getOrDefault(fate.draft().text(), List.of());
    }

    private void doubled(Fate fate, int times, String state) {
        breach(Wrong.DOUBLED, fate, fate + " arrived " + times + " times and is " + state);
    }

    private void breach(Wrong wrong, Fate fate, String what) {
        List<LedgerEntry> arrivals = arrivals(fate);
        breaches.add(new Breach(
                wrong,
                what,
                arrivals.isEmpty() ? fate.atMicros() : arrivals.getFirst().wallMicros()));
    }
}
