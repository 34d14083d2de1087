package dev.sluice.broadcast;

import dev.sluice.queue.Change;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/** Broadcasts of one process. Every step holds the lock, and takes the queue's after it. */
final class InMemoryBroadcastStore implements BroadcastStore {
    private static final long MINUTE = 60_000_000;

    private final MessageQueue queue;
    private final LongSupplier microClock;
    private final BroadcastSettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<BroadcastId, Draft> drafts = new HashMap<>();
    private final Map<BotId, NavigableMap<Long, HeldBroadcast>> byBot = new HashMap<>();
    private final Map<Key, BroadcastId> byKey = new HashMap<>();

    /** Until when a chat is suppressed; looked through once a minute, since there may be many. */
    private final Map<Chat, Long> suppressed = new HashMap<>();

    private long lookedThrough;

    private record Draft(List<byte[]> chunks, long until) {}

    private record Key(BotId bot, String digest) {}

    private record Chat(BotId bot, String name) {}

    InMemoryBroadcastStore(MessageQueue queue, LongSupplier microClock, BroadcastSettings settings) {
        this.queue = queue;
        this.microClock = microClock;
        this.settings = settings;
    }

    private <T> T step(LongFunction<T> step) {
        lock.lock();
        try {
            long now = microClock.getAsLong();
            forget(now);
            return step.apply(now);
        } finally {
            lock.unlock();
        }
    }

    private void forget(long now) {
        long keep = micros(settings.keep());
        drafts.values().removeIf(draft -> draft.until() <= now);
        if (now - lookedThrough > MINUTE) {
            suppressed.values().removeIf(until -> until <= now);
            lookedThrough = now;
        }
        byBot.values()
                .forEach(all ->
                        all.values().removeIf(broadcast -> broadcast.isOver() && broadcast.ended + keep <= now));
        byBot.values().removeIf(Map::isEmpty);
        byKey.values().removeIf(id -> held(id).isEmpty());
    }

    private Optional<HeldBroadcast> held(BroadcastId id) {
        return Optional.ofNullable(byBot.get(id.bot())).map(all -> all.get(id.number()));
    }

    @Override
    public BroadcastId draft(BotId bot) {
        return step(now -> {
            var id = new BroadcastId(bot, now);
            while (drafts.containsKey(id) || held(id).isPresent()) {
                id = new BroadcastId(bot, id.number() + 1);
            }
            drafts.put(id, new Draft(new ArrayList<>(), now + micros(settings.draft())));
            return id;
        });
    }

    @Override
    public boolean add(BroadcastId id, int number, byte[] recipients) {
        return step(now -> {
            Draft draft = drafts.get(id);
            if (draft == null) {
                return false;
            }
            if (number == draft.chunks().size()) { // else a repetition
                draft.chunks().add(recipients.clone());
            }
            drafts.put(id, new Draft(draft.chunks(), now + micros(settings.draft())));
            return true;
        });
    }

    @Override
    public Started start(BroadcastId id, NewBroadcast broadcast) {
        return step(now -> {
            if (held(id).isPresent()) {
                return new Started.Running(id); // a repetition
            }
            Draft draft = drafts.remove(id);
            var key = broadcast.once().map(once -> new Key(id.bot(), once.digest()));
            var known = key.map(byKey::get).flatMap(this::held);
            if (known.isPresent()) {
                return known.get().terms.once().equals(broadcast.once())
                        ? new Started.Known(known.get().id)
                        : new Started.Mismatch(known.get().id);
            } else if (draft == null) {
                return new Started.Lost();
            } else if (running(id.bot()).size() >= settings.most()) {
                return new Started.TooMany(settings.most());
            }
            byBot.computeIfAbsent(id.bot(), bot -> new TreeMap<>())
                    .put(
                            id.number(),
                            new HeldBroadcast(id, broadcast, settings.windowOf(broadcast), draft.chunks(), now));
            key.ifPresent(it -> byKey.put(it, id));
            return new Started.Running(id);
        });
    }

    @Override
    public void discard(BroadcastId draft) {
        step(now -> drafts.remove(draft) != null);
    }

    @Override
    public Optional<Progress> find(BroadcastId id) {
        return step(now -> held(id).map(broadcast -> broadcast.progress(now)));
    }

    @Override
    public List<BroadcastId> list(BotId bot, OptionalLong before, int most) {
        return step(now -> byBot
                .getOrDefault(bot, new TreeMap<>())
                .headMap(before.orElse(Long.MAX_VALUE), false)
                .descendingMap()
                .values()
                .stream()
                .limit(most)
                .map(broadcast -> broadcast.id)
                .toList());
    }

    @Override
    public BroadcastChange pause(BroadcastId id) {
        return change(id, BroadcastStatus.PAUSED);
    }

    @Override
    public BroadcastChange resume(BroadcastId id) {
        return change(id, BroadcastStatus.RUNNING);
    }

    @Override
    public BroadcastChange cancel(BroadcastId id) {
        return change(id, BroadcastStatus.CANCELLED);
    }

    private BroadcastChange change(BroadcastId id, BroadcastStatus becomes) {
        return step(now -> held(id).map(broadcast -> switch (broadcast.status) {
                    case RUNNING, PAUSED -> {
                        if (broadcast.status != becomes) {
                            broadcast.become(becomes, now);
                        }
                        yield BroadcastChange.DONE;
                    }
                    case CANCELLED, DONE ->
                        broadcast.status == becomes ? BroadcastChange.DONE : BroadcastChange.NOT_POSSIBLE;
                })
                .orElse(BroadcastChange.ABSENT));
    }

    @Override
    public Set<BotId> bots() {
        return step(now -> new HashSet<>(byBot.keySet()));
    }

    @Override
    public List<BroadcastId> unfinished(BotId bot) {
        return step(now -> running(bot));
    }

    private List<BroadcastId> running(BotId bot) {
        return byBot.getOrDefault(bot, new TreeMap<>()).values().stream()
                .filter(broadcast -> !broadcast.isOver())
                .map(broadcast -> broadcast.id)
                .toList();
    }

    @Override
    public Optional<Tended> tend(BroadcastId id) {
        return step(now -> held(id).map(broadcast -> tend(broadcast, now)));
    }

    private Tended tend(HeldBroadcast broadcast, long now) {
        var ended = new EnumMap<RecipientOutcome, Integer>(RecipientOutcome.class);
        if (broadcast.isOver()) {
            return new Tended(broadcast.status, ended, false, false, 0, Optional.empty());
        }
        boolean refused = false;
        for (var queued : List.copyOf(broadcast.window.entrySet())) {
            Optional<RecipientOutcome> outcome = outcome(broadcast, queued.getKey(), now);
            if (outcome.isEmpty()) {
                continue;
            }
            broadcast.window.remove(queued.getKey());
            if (outcome.get() == RecipientOutcome.WAITING) {
                broadcast.putBack(queued.getValue());
            } else {
                broadcast.cameTo(queued.getValue(), outcome.get());
                ended.merge(outcome.get(), 1, Integer::sum);
                refused |= broadcast.refusals(outcome.get(), settings.refusals());
            }
        }
        broadcast.rate(ended.values().stream().mapToInt(Integer::intValue).sum(), now);
        broadcast.endIfNothingIsLeft(now);
        boolean pausesItself = refused && broadcast.status == BroadcastStatus.RUNNING;
        if (pausesItself) {
            broadcast.pauseItself(now);
        }
        return new Tended(broadcast.status, ended, pausesItself, pausesItself, broadcast.room(), broadcast.unfed());
    }

    /** What a message came to, {@code WAITING} if it was taken back; empty if it stays in the queue. */
    private Optional<RecipientOutcome> outcome(HeldBroadcast broadcast, MessageId message, long now) {
        Optional<MessageDetails> details = queue.find(message);
        RecipientOutcome outcome = details.map(RecipientOutcome::of).orElse(RecipientOutcome.UNKNOWN);
        details.ifPresent(known -> remember(broadcast, known.chat(), outcome, now));
        if (outcome.isFinal()) {
            return Optional.of(outcome);
        }
        if (broadcast.status == BroadcastStatus.RUNNING || queue.cancel(message) != Change.DONE) {
            return Optional.empty();
        }
        return Optional.of(
                broadcast.status == BroadcastStatus.PAUSED ? RecipientOutcome.WAITING : RecipientOutcome.CANCELLED);
    }

    private void remember(HeldBroadcast broadcast, String chat, RecipientOutcome outcome, long now) {
        if (outcome == RecipientOutcome.SUPPRESSED) {
            suppressed.put(new Chat(broadcast.id.bot(), chat), now + micros(settings.suppressed()));
        } else if (outcome == RecipientOutcome.SENT) {
            suppressed.remove(new Chat(broadcast.id.bot(), chat));
        }
    }

    @Override
    public Fed feed(BroadcastId id, List<Feeding> recipients) {
        FeedCheck.require(recipients);
        return step(now -> held(id).filter(broadcast -> broadcast.status == BroadcastStatus.RUNNING)
                .map(broadcast -> feed(broadcast, recipients, now))
                .orElseGet(() -> new Fed(0, 0, false)));
    }

    private Fed feed(HeldBroadcast broadcast, List<Feeding> recipients, long now) {
        int queued = 0;
        int passed = 0;
        for (Feeding feeding : recipients) {
            int recipient = feeding.recipient();
            if (broadcast.marks[recipient] != RecipientOutcome.WAITING) {
                continue;
            }
            Optional<RecipientOutcome> atOnce = atOnce(broadcast, feeding, now);
            if (atOnce.isPresent()) {
                broadcast.cameTo(recipient, atOnce.get());
                passed++;
            } else if (broadcast.room() == 0) {
                break;
            } else {
                Enqueued enqueued =
                        queue.enqueue(broadcast.id.bot(), feeding.message().orElseThrow());
                if (!(enqueued instanceof Enqueued.Added(MessageId message))) {
                    return new Fed(queued, passed, true);
                }
                broadcast.marks[recipient] = RecipientOutcome.QUEUED;
                broadcast.window.put(message, recipient);
                queued++;
            }
            broadcast.waiting--;
        }
        return new Fed(queued, passed, false);
    }

    private Optional<RecipientOutcome> atOnce(HeldBroadcast broadcast, Feeding feeding, long now) {
        if (feeding.message().isEmpty()) {
            return Optional.of(RecipientOutcome.REFUSED);
        }
        return feeding.message()
                .flatMap(message -> message.chat())
                .filter(chat -> !broadcast.terms.everybody() && isSuppressed(broadcast.id.bot(), chat, now))
                .map(chat -> RecipientOutcome.SKIPPED);
    }

    private boolean isSuppressed(BotId bot, ChatId chat, long now) {
        var known = new Chat(bot, MessageDetails.name(queue.identity(bot, chat)));
        return suppressed.getOrDefault(known, now) > now;
    }

    @Override
    public Optional<List<RecipientOutcome>> outcomes(BroadcastId id, int from, int most) {
        FeedCheck.requireRead(from, most);
        return step(now -> held(id).map(broadcast -> broadcast.outcomes(from, most)));
    }

    @Override
    public Optional<byte[]> chunk(BroadcastId id, int number) {
        return step(now -> held(id).filter(broadcast -> number >= 0 && number < broadcast.chunks.size())
                .map(broadcast -> broadcast.chunks.get(number).clone()));
    }

    private static long micros(Duration duration) {
        return Math.ceilDiv(duration.toNanos(), 1_000L);
    }
}
