package dev.sluice.bundle;

import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Bundles of one process. Each step holds one lock over all. */
final class InMemoryBundleStore implements BundleStore {
    static final int MOST_PEOPLE = 100_000;

    /** Of all that waits, and of the ids of what does not any more. */
    static final long MOST_BYTES = 64L << 20;

    /** What a message takes beside its text, and what its id takes once it is handled: many messages have no text. */
    static final int MESSAGE_BYTES = 256;

    private static final int ID_BYTES = 128;

    /** In each step so many are forgotten at most whose time is over. */
    private static final int FORGOTTEN_AT_ONCE = 4;

    /** @param at microseconds since 1970 */
    private record Moment(long at, Conversation conversation) {
        static final Comparator<Moment> ORDER = Comparator.comparingLong(Moment::at)
                .thenComparing(moment -> moment.conversation().name())
                .thenComparingLong(moment -> moment.conversation().bot().value());
    }

    private record Entry(HeldConversation held, Optional<Moment> look, Moment end, long bytes) {}

    private final LongSupplier microClock;
    private final BundleSettings settings;
    private final int mostPeople;
    private final long mostBytes;
    private final ReentrantLock step = new ReentrantLock();
    private final Map<Conversation, Entry> entries = new HashMap<>();
    private final Map<BotId, TreeSet<Moment>> looks = new HashMap<>();
    private final TreeSet<Moment> ends = new TreeSet<>(Moment.ORDER);
    private final List<Consumer<BotId>> listeners = new CopyOnWriteArrayList<>();
    private long bytes;
    private int people;

    InMemoryBundleStore(LongSupplier microClock, BundleSettings settings, int mostPeople) {
        this(microClock, settings, mostPeople, MOST_BYTES);
    }

    InMemoryBundleStore(LongSupplier microClock, BundleSettings settings, int mostPeople, long mostBytes) {
        this.microClock = microClock;
        this.settings = settings;
        this.mostPeople = mostPeople;
        this.mostBytes = mostBytes;
    }

    @Override
    public Answer add(Incoming message) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            forgetOver(now);
            OptionalLong before = heldOrNew(message.conversation()).arrival(message.id());
            if (before.isPresent()) {
                return new Answer.Duplicate(before.getAsLong());
            }
            makeRoom(message.size());
            HeldConversation held = heldOrNew(message.conversation());
            boolean isNew = held.look().isEmpty();
            if (held.count() >= BundleSettings.ROOM
                    || held.bytes() > 0 && held.bytes() + message.size() > BundleSettings.ROOM_BYTES
                    || !hasRoom(message.size())
                    || isNew && people >= mostPeople) {
                return new Answer.Full();
            }
            change(held, now, () -> held.add(message, now, settings));
            return new Answer.Added(now);
        });
    }

    @Override
    public Claimed claim(BotId bot, int most, Duration lease) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            forgetOver(now);
            var claimed = new ArrayList<Leased>();
            OptionalLong next = next(bot);
            while (claimed.size() < most && next.isPresent() && next.getAsLong() <= now) {
                HeldConversation held = held(looks(bot).first().conversation());
                change(held, now, () -> claimed.add(held.claim(now, HeldConversation.micros(lease))));
                next = next(bot);
            }
            return new Claimed(
                    List.copyOf(claimed),
                    next.isPresent()
                            ? Optional.of(Duration.of(Math.max(0, next.getAsLong() - now), ChronoUnit.MICROS))
                            : Optional.empty());
        });
    }

    @Override
    public boolean renew(Conversation conversation, long fence, Duration lease) {
        return changed(conversation, (held, now) -> held.renew(fence, now, HeldConversation.micros(lease)), false);
    }

    @Override
    public boolean settle(Conversation conversation, long fence) {
        return changed(conversation, (held, now) -> held.settle(fence, now), false);
    }

    @Override
    public Return putBack(Conversation conversation, long fence, Duration after, boolean failed) {
        return changed(
                conversation,
                (held, now) ->
                        held.putBack(fence, now, HeldConversation.micros(after), failed ? settings.mostFailures() : 0),
                Return.LOST);
    }

    @Override
    public Standing standing(BotId bot) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            TreeSet<Moment> all = looks(bot);
            return new Standing(
                    all.size(), all.stream().takeWhile(look -> look.at() <= now).count());
        });
    }

    @Override
    public Set<Conversation> conversations(long user) {
        return atomically(() -> entries.keySet().stream()
                .filter(conversation -> conversation.user() == user || conversation.chat() == user)
                .collect(Collectors.toUnmodifiableSet()));
    }

    @Override
    public List<Conversation> conversations(BotId bot, long user) {
        return atomically(() -> looks(bot).stream()
                .map(Moment::conversation)
                .filter(conversation -> conversation.user() == user)
                .toList());
    }

    @Override
    public boolean forget(Conversation conversation) {
        return atomically(() -> {
            Entry known = entries.get(conversation);
            if (known != null) {
                remove(known);
            }
            return known != null;
        });
    }

    /** @return how many messages were unhandled */
    int forgetAll() {
        return atomically(() -> {
            int unhandled = messages();
            List.copyOf(entries.values()).forEach(this::remove);
            return unhandled;
        });
    }

    @Override
    public Subscription listen(Consumer<BotId> heard) {
        listeners.add(heard);
        return new Subscription() {
            @Override
            public boolean isLive() {
                return true;
            }

            @Override
            public void close() {
                listeners.remove(heard);
            }
        };
    }

    /** Whether this person has something unhandled here, or a message of this id has been here shortly before. */
    boolean goesOnHere(Conversation conversation, long id) {
        return atomically(() -> {
            Entry known = entries.get(conversation);
            return known != null
                    && known.end().at() > microClock.getAsLong()
                    && (known.look().isPresent() || known.held().arrival(id).isPresent());
        });
    }

    /** How many are known, be it of repeats only. */
    int known() {
        return atomically(entries::size);
    }

    private HeldConversation heldOrNew(Conversation conversation) {
        Entry known = entries.get(conversation);
        return known == null ? new HeldConversation(conversation) : known.held();
    }

    private boolean hasRoom(int size) {
        return bytes + size + MESSAGE_BYTES <= mostBytes;
    }

    /** Forgets repeats, those first that would be forgotten first, before anything new is refused. */
    private void makeRoom(int size) {
        while ((!hasRoom(size) || entries.size() >= 2 * mostPeople) && !ends.isEmpty()) {
            Entry first = entry(ends.first().conversation());
            if (first.look().isPresent()) {
                return;
            }
            remove(first);
        }
    }

    /** Lets all that is still collected become due. */
    void closeAll(BotId bot) {
        atomically(() -> {
            long now = microClock.getAsLong();
            for (Moment look : List.copyOf(looks(bot))) {
                HeldConversation held = held(look.conversation());
                change(held, now, () -> held.close(now));
            }
            return true;
        });
    }

    /** How many messages of the bot are here and unhandled. */
    int messages(BotId bot) {
        return atomically(() -> looks(bot).stream()
                .mapToInt(look -> held(look.conversation()).count())
                .sum());
    }

    /** How many messages are here and unhandled. */
    int messages() {
        return atomically(() -> entries.values().stream()
                .mapToInt(entry -> entry.held().count())
                .sum());
    }

    /** Something that is done with a conversation at a time. */
    @FunctionalInterface
    private interface Change<T> {
        T on(HeldConversation held, long now);
    }

    private <T> T changed(Conversation conversation, Change<T> change, T unknown) {
        return atomically(() -> {
            Entry known = entries.get(conversation);
            if (known == null) {
                return unknown;
            }
            long now = microClock.getAsLong();
            var answer = new ArrayList<T>(1);
            change(known.held(), now, () -> answer.add(change.on(known.held(), now)));
            return answer.getFirst();
        });
    }

    /** Of those who have something; not to be kept beyond a change. */
    private TreeSet<Moment> looks(BotId bot) {
        return looks.getOrDefault(bot, new TreeSet<>(Moment.ORDER));
    }

    private OptionalLong next(BotId bot) {
        TreeSet<Moment> all = looks(bot);
        return all.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(all.first().at());
    }

    private HeldConversation held(Conversation conversation) {
        return entry(conversation).held();
    }

    private Entry entry(Conversation conversation) {
        Entry known = entries.get(conversation);
        if (known == null) {
            throw new IllegalStateException("a bundle of nobody");
        }
        return known;
    }

    /** Does something with a conversation and puts it where it then belongs. */
    private void change(HeldConversation held, long now, Runnable change) {
        Conversation conversation = held.conversation();
        Entry known = entries.get(conversation);
        OptionalLong earliest = next(conversation.bot());
        if (known != null) {
            remove(known);
        }
        change.run();
        OptionalLong look = held.look();
        Optional<Moment> moment =
                look.isPresent() ? Optional.of(new Moment(look.getAsLong(), conversation)) : Optional.empty();
        Duration life = moment.isPresent() ? settings.kept() : settings.remembered();
        long weight = held.bytes()
                + (long) MESSAGE_BYTES * held.count()
                + (long) ID_BYTES * Math.max(0, held.ids() - held.count());
        var entry = new Entry(held, moment, new Moment(now + HeldConversation.micros(life), conversation), weight);
        entries.put(conversation, entry);
        ends.add(entry.end());
        bytes += weight;
        moment.ifPresent(then -> look(then, earliest));
    }

    /** @param before the earliest until now */
    private void look(Moment moment, OptionalLong before) {
        BotId bot = moment.conversation().bot();
        looks.computeIfAbsent(bot, any -> new TreeSet<>(Moment.ORDER)).add(moment);
        people++;
        if (before.isEmpty() || moment.at() < before.getAsLong()) {
            listeners.forEach(listener -> listener.accept(bot));
        }
    }

    private void remove(Entry entry) {
        Conversation conversation = entry.held().conversation();
        entries.remove(conversation);
        ends.remove(entry.end());
        bytes -= entry.bytes();
        entry.look().ifPresent(look -> {
            TreeSet<Moment> all = looks(conversation.bot());
            all.remove(look);
            people--;
            if (all.isEmpty()) {
                looks.remove(conversation.bot());
            }
        });
    }

    private void forgetOver(long now) {
        for (int i = 0; i < FORGOTTEN_AT_ONCE && !ends.isEmpty() && ends.first().at() <= now; i++) {
            remove(entry(ends.first().conversation()));
        }
    }

    private <T> T atomically(Supplier<T> what) {
        step.lock();
        try {
            return what.get();
        } finally {
            step.unlock();
        }
    }
}
